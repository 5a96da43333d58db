import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_match.domain import RegionRef, Role
from csr_match.portray.passages import MAX_CHARS, MAX_WORDS, organisation_of_text, passages, sentences
from tests.conftest import organisation


def test_sentences_end_where_they_end() -> None:
    text = "We test ICS, e.g. PLCs. Founded in 2001 by Dr. Smith.\n- first item\n2) second item"
    assert list(sentences(text)) == [
        "We test ICS, e.g. PLCs.",
        "Founded in 2001 by Dr. Smith.",
        "first item",
        "second item",
    ]


@given(st.text(max_size=3000))
def test_no_word_is_lost_and_every_sentence_fits(text: str) -> None:
    parts = list(sentences(text))
    assert all(len(p) <= MAX_CHARS and len(p.split(" ")) <= MAX_WORDS for p in parts)
    whole = "".join("".join(parts).split())
    assert all(c in text for c in whole)


@given(st.lists(st.from_regex(r"[a-z]{1,12}", fullmatch=True), min_size=1, max_size=400))
def test_a_long_text_is_split_and_not_cut(words: list[str]) -> None:
    text = " ".join(words)
    if sum(c.isalpha() for c in text) >= 2:
        assert " ".join(sentences(text)).split() == words


def test_passages_know_their_role_and_field() -> None:
    o = organisation("a", description="One. Two.", offers=["Offer one."], needs=["Need one. Need two."])
    assert [(p.role, p.field) for p in passages(o)] == [
        (Role.ABOUT, "description"),
        (Role.ABOUT, "description"),
        (Role.OFFER, "offers[0]"),
        (Role.NEED, "needs[0]"),
        (Role.NEED, "needs[0]"),
    ]


@pytest.mark.parametrize(
    ("text", "offers", "needs"),
    [
        ("We offer pentests. We look for a SOC.", 1, 1),
        ("Nous proposons des audits et nous recherchons un laboratoire.", 1, 1),
        ("Wir suchen ein Testlabor.", 0, 1),
        ("Buscamos socios para un proyecto.", 0, 1),
        ("Cerchiamo un laboratorio.", 0, 1),
        ("Etsimme kumppania.", 0, 1),
        ("Otsime partnerit.", 0, 1),
        ("We develop honeypots and look for hospitals that try them.", 1, 1),
        ("Wir entwickeln Sensoren und suchen Partner mit einem Labor.", 1, 1),
        ("Intrusion detection for trains.", 0, 0),
    ],
)
def test_own_words_become_offers_and_needs(text: str, offers: int, needs: int) -> None:
    o = organisation_of_text(text, RegionRef(code="FRH0"))
    assert (len(o.offers or ()), len(o.needs or ())) == (offers, needs)
    assert o.place == "FRH0"


def test_what_is_not_announced_stays_unknown() -> None:
    o = organisation_of_text("Intrusion detection for trains.")
    assert o.offers is None
    assert o.needs is None
