import json
import re

import pytest

from csr_match.errors import UnknownNameError
from csr_match.taxonomy import capabilities, cues, label_of, s3_areas, stages
from csr_match.taxonomy.scheme import LANGUAGES
from tests.conftest import SHARED

SCHEMES = [capabilities(), stages(), s3_areas()]


def test_the_jrc_taxonomy_is_whole() -> None:
    scheme = capabilities()
    assert [len(scheme.of_kind(k)) for k in ("domain", "subdomain", "sector", "technology")] == [15, 150, 15, 23]
    assert all(scheme.get(c.parent).kind == "domain" for c in scheme.of_kind("subdomain") if c.parent)
    assert all(c.parent for c in scheme.of_kind("subdomain"))


def test_labels_are_those_of_the_source() -> None:
    file = SHARED / "taxonomies" / "jrc_cybersecurity_taxonomy.json"
    if not file.is_file():
        pytest.skip(f"{file} is not here")
    source = json.loads(file.read_text("utf-8"))
    named = {s["id"]: s["name"] for d in source["domains"] for s in [d, *d["subdomains"]]}
    named |= {s["id"]: s["name"] for s in [*source["sectors"], *source["technologies_and_use_cases"]]}
    assert named == {c.id: c.label["en"] for c in capabilities()}


def test_the_value_chain_has_its_ten_stages() -> None:
    assert set(stages().ids) == {
        "govern", "identify", "protect", "detect", "respond", "recover",
        "research", "training", "certification", "integration",
    }  # fmt: skip


def test_the_shared_areas_of_the_partnership_come_first() -> None:
    assert s3_areas().ids[:3] == ("digitalisation", "cybersecurity", "artificial-intelligence")


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda s: s.name)
def test_every_concept_speaks_every_language(scheme) -> None:
    for concept in scheme:
        for language in LANGUAGES:
            assert concept.label[language].strip(), (concept.id, language)
            assert 6 <= len(concept.gloss[language].split()) <= 30, (concept.id, language)
            assert concept.aliases[language], (concept.id, language)
            assert all(re.search(r"\w", a) for a in concept.aliases[language])


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda s: s.name)
def test_glosses_tell_concepts_apart(scheme) -> None:
    for language in LANGUAGES:
        glosses = [c.gloss[language] for c in scheme]
        assert len(set(glosses)) == len(glosses)


def test_an_unknown_id_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"D12\.20"):
        capabilities().get("d12.20")


def test_label_of_any_scheme() -> None:
    assert label_of("detect", "fr") == stages().get("detect").label["fr"]
    assert label_of("no-such-concept") == "no-such-concept"


def test_no_cue_announces_both_a_need_and_an_offer() -> None:
    need = {p for several in cues()["need"].values() for p in several}
    offer = {p for several in cues()["offer"].values() for p in several}
    assert need
    assert offer
    assert not need & offer
