"""Profiles: every fault at once, with file, line, field and remedy."""

from __future__ import annotations

import pytest

from csr_match.domain import Organisation, OrganisationType, Status
from csr_match.ingest.check import check_paths
from csr_match.ingest.yaml_reader import MAX_BYTES, read_documents

GOOD = """\
kind: organisation
id: example
name: Example Labs
country: GR
region: GR30
type: Research Organisation
ids: {pic: 012345678}
capabilities: [D12.20]
offers:
  - text: Penetration tests.
    source: https://example.org
    seen: 2026-11-24
    status: verified
needs: unknown
provenance:
  default: {source: "https://example.org", seen: 2026-11-24, status: unverified}
"""


def check(profiles, **files):
    return check_paths([profiles(**files)])


def test_a_sound_profile_is_read_whole(profiles) -> None:
    checked = check(profiles, example=GOOD)
    assert not checked.faults
    (o,) = checked.records
    assert isinstance(o, Organisation)
    assert (o.country, o.region.code, o.region.version) == ("EL", "EL30", "2024")
    assert o.type is OrganisationType.RESEARCH_ORGANISATION
    assert o.ids.pic == "012345678"
    assert o.needs is None
    assert o.offers[0].status is Status.VERIFIED
    assert o.source_of("description").status is Status.UNVERIFIED


def test_norway_is_no_boolean(profiles) -> None:
    checked = check(profiles, n="id: n\nname: N\ncountry: NO\n")
    assert checked.records[0].country == "NO"


def test_no_needs_and_unknown_needs_differ(profiles) -> None:
    checked = check(profiles, a="id: a\nname: A\nneeds: []\n", b="id: b\nname: B\nneeds: unknown\n")
    assert [r.needs for r in checked.records] == [(), None]


def test_all_faults_at_once_with_their_lines(profiles) -> None:
    text = """\
kind: organisation
id: bad id
nmae: X
country: Elbonia
region: FRH9
type: startup
capabilities: [D99, D12.20]
offers:
  - text: Fine.
    stages: [detekt]
  - capabilities: [D01]
ids: {pic: 12}
website: example.org
needs: maybe
"""
    checked = check(profiles, bad=text)
    found = {(f.line, f.field) for f in checked.faults}
    assert found == {
        (2, "id"), (3, "nmae"), (1, "name"), (4, "country"), (5, "region"), (6, "type"), (7, "capabilities[0]"),
        (10, "offers[0].stages[0]"), (11, "offers[1].text"), (12, "ids.pic"), (13, "website"), (14, "needs"),
    }  # fmt: skip
    assert all(f.file.endswith("bad.yaml") and f.problem and f.remedy for f in checked.faults)
    remedies = {f.field: f.remedy for f in checked.faults}
    assert "name" in remedies["nmae"]
    assert "detect" in remedies["offers[0].stages[0]"]
    assert "sme" in remedies["type"]
    assert "nine digits" in remedies["ids.pic"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "holds no record"),
        ("just words", "is no record"),
        ("- a\n- b\n", "is no record"),
        ("kind: company\nid: a\n", "unknown kind"),
        ("kind: [x]\nid: a\n", "unknown kind"),
        ("id: a\nname: A\nname: B\n", "stands twice"),
        ("id: a\nname: [unclosed\n", "not YAML"),
        ("id: a\nname: !!python/object:os.system x\n", None),
        ("id: a\n? [x, y]\n: 1\nname: A\n", "no plain text"),
        ("id: a\nname: A\ncountry: DE\nregion: FRH0\n", "does not lie in country"),
        ("id: a\nname: A\nprovenance: {colour: {status: verified}}\n", "no such field"),
        ("id: a\nname: A\noffers:\n  - text: X\n    seen: yesterday\n", "date"),
        ("[" * 5000, "not YAML"),
        ("id: a\nname: " + "x" * 600, "at most 500"),
        ("id: a\nname: 'a\x00b'\n", "not YAML"),
    ],
)
def test_malformed_profiles_are_explained(profiles, text, problem) -> None:
    checked = check(profiles, bad=text)
    if problem is None:
        assert not checked.faults
        assert checked.records[0].name == "x"
    else:
        assert any(problem in f.problem for f in checked.faults), checked.faults
        assert not checked.records


def test_an_alias_bomb_is_refused(profiles) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(8)
    )
    (fault, *_) = check(profiles, bomb=bomb).faults
    assert "more than 100,000 values" in fault.problem


def test_too_large_and_not_text() -> None:
    (large,) = read_documents("big.yaml", b"x" * (MAX_BYTES + 1))
    (binary,) = read_documents("binary.yaml", b"id: a\n\xff\xfe\x00")
    assert "at most" in large.faults[0].remedy
    assert (binary.faults[0].line, binary.faults[0].problem) == (2, "not UTF-8 text")


def test_ids_that_stand_twice_and_references_to_nobody(profiles) -> None:
    checked = check(
        profiles,
        a="id: same\nname: A\nprojects: [cordis:101, nosuch]\n",
        b="id: same\nname: B\n",
        c="kind: partnership\nid: p\nname: P\nregions: [bretagne]\n"
        "organisations:\n  - {listed_as: X, organisation: samee}\n",
    )
    assert {f.field for f in checked.faults} == {"id", "projects[1]", "regions[0]", "organisations[0].organisation"}
    assert any("same" in f.remedy for f in checked.faults if f.field.startswith("organisations"))


def test_a_path_that_is_not_there(tmp_path) -> None:
    checked = check_paths([tmp_path / "nowhere", tmp_path])
    assert len(checked.faults) == 2


def test_json_is_read_too(tmp_path) -> None:
    (tmp_path / "a.json").write_text('{"id": "a", "name": "A", "country": "NO"}', "utf-8")
    assert check_paths([tmp_path]).records[0].country == "NO"
