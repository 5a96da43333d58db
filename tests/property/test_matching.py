"""What must hold for any directory: sums, ties, order, removal of a passage, missing information."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csr_match.domain import Organisation, Role
from csr_match.index import Directory
from csr_match.match.components import Scorer
from csr_match.match.config import COMPONENTS, MatchConfig, neutral
from csr_match.match.explain import Explainer
from csr_match.portray.portrait import Correction, Portrait, Portrayer, concept_rows
from tests.conftest import organisation

WORDS = (
    "penetration testing of industrial control systems",
    "a cyber range for hospitals",
    "threat intelligence",
    "post-quantum cryptography",
    "honeypots",
    "training of municipal staff",
    "digital forensics of phones",
    "risk analysis",
)
SENTENCE = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(lambda w: " and ".join(w).capitalize() + ".")
CAPABILITIES = st.lists(st.sampled_from(["D12.20", "D04.01", "D02.10", "D07.09", "D10.12"]), max_size=3, unique=True)


@st.composite
def organisations(draw: st.DrawFn, identity: str) -> Organisation:
    maybe = st.none() | st.lists(SENTENCE, min_size=1, max_size=3)
    return organisation(
        identity,
        draw(st.sampled_from(["FRH0", "ES21", "DEA", "EE", None])),
        description=draw(st.none() | SENTENCE),
        capabilities=draw(CAPABILITIES),
        stages=draw(st.lists(st.sampled_from(["detect", "identify", "training"]), max_size=2, unique=True)),
        s3_areas=draw(st.lists(st.sampled_from(["cybersecurity", "energy"]), max_size=2, unique=True)),
        type=draw(st.sampled_from(["sme", "university", None])),
        **{k: v for k in ("offers", "needs") if (v := draw(maybe)) is not None},
    )


def arrays(portraits: list[Portrait], records: list[Organisation]) -> Directory:
    return Directory.of(portraits, [o.type.value if o.type else None for o in records], dimension=512)


@pytest.fixture(scope="module")
def portrayer(hashing_portrayer: Portrayer) -> Portrayer:
    return hashing_portrayer


@pytest.fixture(scope="module")
def scorer(portrayer: Portrayer) -> Scorer:
    return Scorer(portrayer.space.calibration)


PAIRS = st.tuples(organisations("a"), organisations("b"))
CROWD = st.integers(2, 6).flatmap(lambda n: st.tuples(*[organisations(f"o{i}") for i in range(n)]))


@settings(max_examples=60)
@given(crowd=CROWD)
def test_contributions_add_up_and_stay_in_range(crowd, portrayer, scorer) -> None:
    portraits = portrayer.portray_own(crowd)
    query, candidates = arrays(portraits[:1], crowd[:1]), arrays(portraits[1:], crowd[1:])
    values = scorer.components(query, candidates)
    scores, contributions = scorer.score(values)
    assert set(values) == set(COMPONENTS)
    for value in values.values():
        known = value[~np.isnan(value)]
        assert ((known >= -1e-6) & (known <= 1 + 1e-6)).all()
    np.testing.assert_allclose(sum(contributions.values()), scores, atol=1e-12)
    assert ((scores >= 0) & (scores <= 1)).all()


@settings(max_examples=60)
@given(crowd=CROWD)
def test_a_candidate_scores_the_same_alone_as_in_a_crowd(crowd, portrayer, scorer) -> None:
    portraits = portrayer.portray_own(crowd)
    query, candidates = arrays(portraits[:1], crowd[:1]), arrays(portraits[1:], crowd[1:])
    together, _ = scorer.score(scorer.components(query, candidates))
    alone = [scorer.score(scorer.components(query, candidates.one(i)))[0][0] for i in range(len(candidates))]
    np.testing.assert_allclose(together, alone, atol=1e-6)


@settings(max_examples=80)
@given(pair=PAIRS)
def test_without_a_quoted_passage_the_score_falls_by_what_was_stated(pair, portrayer, scorer) -> None:
    """The passage is taken out of the record itself and everything is made anew."""
    ours, theirs = portrayer.portray_own(pair)
    query, candidate = arrays([ours], [pair[0]]), arrays([theirs], [pair[1]])
    score = float(scorer.score(scorer.components(query, candidate))[0][0])
    for quote in Explainer(scorer, ours, query).quotes(theirs, candidate, score):
        assert quote.theirs.contribution > 0
        poorer_record = _without(pair[1], quote.theirs.field)
        poorer = portrayer.portray_own([poorer_record])
        now = float(scorer.score(scorer.components(query, arrays(poorer, [poorer_record])))[0][0])
        assert score - now == pytest.approx(quote.theirs.contribution, abs=1e-6)
        asked = _without(pair[0], quote.ours.field)
        other = portrayer.portray_own([asked])
        then = float(scorer.score(scorer.components(arrays(other, [asked]), candidate))[0][0])
        assert score - then == pytest.approx(quote.ours.contribution, abs=1e-6)


def _without(record: Organisation, field: str) -> Organisation:
    """The record without the offer, need or description of this name; each holds one sentence here."""
    if field == "description":
        return record.model_copy(update={"description": None})
    name, _, index = field.rstrip("]").partition("[")
    kept = tuple(x for i, x in enumerate(getattr(record, name)) if i != int(index))
    return record.model_copy(update={name: kept or None})


@settings(max_examples=40)
@given(pair=PAIRS)
def test_the_two_directions_change_places_with_the_two_sides(pair, portrayer, scorer) -> None:
    a, b = (arrays([p], [o]) for p, o in zip(portrayer.portray_own(pair), pair, strict=True))
    there, back = scorer.components(a, b), scorer.components(b, a)
    np.testing.assert_allclose(there["they_meet_our_needs"], back["we_meet_their_needs"], atol=1e-6)
    for name in ("reciprocity", "capability_overlap", "capability_complementarity", "s3_area"):
        np.testing.assert_allclose(there[name], back[name], atol=1e-6)


def test_missing_needs_are_neither_zero_nor_praise(portrayer, scorer) -> None:
    query = organisation("q", "FRH0", offers=["Penetration testing of industrial control systems."])
    silent = organisation("silent", "ES21", offers=["A cyber range for hospitals."])
    records = [
        silent.model_copy(update={"id": "met", **_needs("Penetration testing of industrial control systems.")}),
        silent,
        silent.model_copy(update={"id": "unmet", **_needs("Sourdough.")}),
    ]
    q, *candidates = portrayer.portray_own([query, *records])
    values = scorer.components(arrays([q], [query]), arrays(candidates, records))["we_meet_their_needs"]
    assert np.isnan(values[1])
    assert values[0] > neutral("we_meet_their_needs") > values[2]


def _needs(text: str) -> dict[str, object]:
    return {"needs": organisation("x", needs=[text]).needs}


def test_one_sided_interest_does_not_win(portrayer, scorer) -> None:
    pentest, cyber_range = "Penetration testing of industrial control systems.", "A cyber range for hospitals."
    query = organisation("q", "FRH0", offers=[pentest], needs=[cyber_range])
    mutual = organisation("mutual", "ES21", offers=[cyber_range], needs=[pentest])
    one_sided = organisation("one-sided", "ES21", offers=[cyber_range], needs=["Honeypots."])
    q, *candidates = portrayer.portray_own([query, mutual, one_sided])
    values = scorer.components(arrays([q], [query]), arrays(candidates, [mutual, one_sided]))
    assert values["they_meet_our_needs"][0] == pytest.approx(values["they_meet_our_needs"][1])
    assert values["reciprocity"][0] > values["reciprocity"][1] + 0.2


def test_a_seeker_of_the_same_thing_is_no_offer(portrayer, scorer) -> None:
    query = organisation("q", "FRH0", needs=["A cyber range for hospitals."])
    offers = organisation("offers", "ES21", offers=["A cyber range for hospitals."])
    seeks = organisation("seeks", "ES21", needs=["A cyber range for hospitals."], description="Honeypots.")
    q, *candidates = portrayer.portray_own([query, offers, seeks])
    met = scorer.components(arrays([q], [query]), arrays(candidates, [offers, seeks]))["they_meet_our_needs"]
    assert met[0] > met[1]


def test_two_sellers_of_the_same_thing_are_told_from_partners(portrayer, scorer) -> None:
    from csr_match.match.wording import relation

    fields = {"type": "sme", "stages": ["identify"], "capabilities": ["D12.20"]}
    query = organisation("q", "FRH0", offers=["Penetration testing of industrial control systems."], **fields)
    rival = organisation("rival", "ES21", offers=["Penetration testing of industrial control systems."], **fields)
    partner = organisation(
        "partner", "ES21", type="sme", stages=["training"], capabilities=["D12.18"], offers=["Honeypots."],
        needs=["Penetration testing of industrial control systems."],
    )  # fmt: skip
    q, *candidates = portrayer.portray_own([query, rival, partner])
    values = scorer.components(arrays([q], [query]), arrays(candidates, [rival, partner]))
    told = [relation({n: float(v[i]) for n, v in values.items()}) for i in range(2)]
    assert told == ["competing", "complementary"]
    assert values["no_rivalry"][0] < values["no_rivalry"][1]


def test_a_correction_wins_over_texts_and_profile(portrayer) -> None:
    record = organisation("a", "FRH0", capabilities=["D12.20"], description="We do penetration testing.")
    plain = portrayer.portray_own([record])[0]
    corrected = portrayer.portray_own([record], {"a": [Correction("D12.20", False), Correction("D02.10", True)]})[0]
    row = concept_rows()
    assert plain.holds()[row["D12.20"]] == 1
    assert corrected.holds()[row["D12.20"]] == 0
    assert corrected.holds()[row["D02.10"]] == corrected.holds()[row["D02"]] == 1


def test_what_is_needed_is_not_held(portrayer) -> None:
    portrait = portrayer.portray_own([organisation("a", needs=["Penetration testing."])])[0]
    assert portrait.holds()[concept_rows()["D12.20"]] == 0
    assert portrait.lacks()[concept_rows()["D12.20"]] > 0.5
    assert portrait.strengths((Role.NEED,))[concept_rows()["D12"]] > 0.5


@pytest.mark.parametrize("wrong", [{"topic": 1.0}, dict.fromkeys(COMPONENTS, 0.5)])
def test_weights_must_name_every_component_and_sum_to_one(wrong) -> None:
    from types import MappingProxyType

    with pytest.raises(ValueError, match="weights must"):
        MatchConfig(weights=MappingProxyType(wrong))
