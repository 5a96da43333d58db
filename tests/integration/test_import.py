"""CORDIS downloads in all their shapes, on tables of our own; and the real ones where they are here."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from csr_match.domain import Organisation, Project
from csr_match.errors import InvalidInputError
from csr_match.ingest import tables as tables_module
from csr_match.ingest.cordis import read_cordis
from tests.conftest import SHARED, invoke
from tests.integration.test_command_line import matches

PROJECTS = (
    '\ufeff"id";"acronym";"title";"startDate";"endDate";"objective";"frameworkProgramme";"keywords"\r\n'
    '"901";"GRIDSAFE";"Intrusion detection for power grids";"2023-01-01";"2025-12-31";"We build sensors.\nThey watch '
    'substations; ""quietly"".";"HORIZON";"grids, sensors"\r\n'
    '"902";"TRAIN";"Cyber ranges for hospitals";"2024-09-01";"";"Exercises for hospital staff.";"HORIZON"\r\n'
    '"";"NOID";"Nothing";"2024-09-01";"";"";"";""\r\n'
)
ORGANISATIONS = (
    "projectID;organisationID;name;shortName;SME;activityType;country;nutsCode;role;organizationURL\n"
    "901;111111111;GRID SENSORS SL;GRIDS;true;PRC;ES;ES213;coordinator;https://grid.example\n"
    "901;222222222;ELLADA UNIVERSITY;;false;HES;EL;EL303;participant;no address\n"
    "902;222222222;ELLADA UNIVERSITY;;false;HES;GR;EL303;coordinator;\n"
    "902;333333333;OLD CODES OY;;;REC;FI;FI193;thirdParty\n"
    "902;444444444;NOWHERE INC;;false;PRC;US;;associatedPartner;\n"
    "902;12;BAD PIC;;false;PRC;FR;;participant;\n"
    "999;555555555;OTHER PROJECT;;false;PRC;FR;;participant;\n"
)
SCIENCE = 'projectID;euroSciVocCode;euroSciVocPath\n901;/x;"/engineering/energy"\n'
TOPICS = "projectID;topic;title\n902;HORIZON-CL3-2023-CS-01;Security\n"


@pytest.fixture
def download(tmp_path: Path) -> Path:
    folder = tmp_path / "cordis"
    folder.mkdir()
    for name, text in {
        "project": PROJECTS, "organization": ORGANISATIONS, "euroSciVoc": SCIENCE, "topics": TOPICS,
    }.items():  # fmt: skip
        (folder / f"{name}.csv").write_text(text, "utf-8", newline="")
    (folder / "webLink.csv").write_text("not;ours\n1;2\n")
    return folder


def by_id(read) -> dict[str, Organisation | Project]:
    return {r.id: r for r, _ in read.records}


def test_csv_with_bom_quoted_newlines_and_short_rows(download) -> None:
    read = read_cordis(download)
    found = by_id(read)
    assert set(found) == {"cordis:901", "cordis:902", "111111111", "222222222", "333333333", "444444444"}
    grid, university = found["111111111"], found["222222222"]
    assert (grid.type, grid.region.code, grid.website) == ("sme", "ES21", "https://grid.example")
    assert (university.country, university.region.code, university.website) == ("EL", "EL30", None)
    assert university.projects == ("cordis:901", "cordis:902")
    assert found["333333333"].region.code == "FI19"
    assert (found["333333333"].type, found["444444444"].type) == ("research-organisation", "large-company")
    assert found["444444444"].region is None
    project = found["cordis:901"]
    assert project.euroscivoc == ("/engineering/energy",)
    assert project.keywords == ("grids", "sensors")
    assert 'substations; "quietly".' in project.description
    assert found["cordis:902"].topics == ("HORIZON-CL3-2023-CS-01",)
    assert [(p.organisation, p.role) for p in found["cordis:902"].participants] == [
        ("222222222", "coordinator"), ("333333333", "third-party"), ("444444444", "associated-partner"),
    ]  # fmt: skip
    assert {(f.field, f.line) for f in read.faults} == {("id", 5), ("organisationID", 7)}


def test_json_zip_and_parquet_tell_the_same(download, tmp_path) -> None:
    import csv
    import io

    import polars

    expected = by_id(read_cordis(download))
    tables = {
        name: list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=";", restval=""))
        for name, text in (
            ("project", PROJECTS),
            ("organization", ORGANISATIONS),
            ("euroSciVoc", SCIENCE),
            ("topics", TOPICS),
        )
    }
    as_json, as_zip, as_parquet = tmp_path / "json", tmp_path / "cordis.zip", tmp_path / "parquet"
    as_json.mkdir()
    as_parquet.mkdir()
    with zipfile.ZipFile(as_zip, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in tables.items():
            (as_json / f"{name}.json").write_text(json.dumps(rows), "utf-8")
            archive.write(download / f"{name}.csv", f"csv/{name}.csv")
            polars.DataFrame(rows).write_parquet(as_parquet / f"{name}.parquet")
    for path in (as_json, as_zip, as_parquet):
        assert by_id(read_cordis(path)) == expected, path


def test_an_organisation_without_a_name_goes_by_its_pic(download) -> None:
    text = (download / "organization.csv").read_text().replace("GRID SENSORS SL;GRIDS", ";")
    (download / "organization.csv").write_text(text)
    assert by_id(read_cordis(download))["111111111"].name == "PIC 111111111"


def test_the_newest_row_that_names_it_tells_of_an_organisation(download) -> None:
    with (download / "organization.csv").open("a") as rows:
        rows.write("902; 111111111;;;;;;;participant;\n")
    grid = by_id(read_cordis(download))["111111111"]
    assert (grid.name, grid.type) == ("GRID SENSORS SL", "sme")
    assert grid.projects == ("cordis:901", "cordis:902")


def test_dates(download) -> None:
    from datetime import date

    read = read_cordis(download, since=date(2024, 1, 1))
    assert read.outside == 2 - 1
    assert set(by_id(read)) == {"cordis:902", "222222222", "333333333", "444444444"}


def test_import_match_and_import_again(download, tmp_path) -> None:
    workspace = str(tmp_path / "w")
    dry = json.loads(invoke("--workspace", workspace, "import", "cordis", str(download), "--dry-run", "--json").stdout)
    assert (dry["added"], dry["dry_run"], len(dry["faults"])) == (6, True, 2)
    assert invoke("--workspace", workspace, "match", "111111111").exit_code == 2
    first = json.loads(invoke("--workspace", workspace, "import", "cordis", str(download), "--json").stdout)
    assert (first["added"], first["can_be_matched"]) == (6, 4)
    found = matches(Path(workspace), "match", "111111111")
    assert {m["organisation"] for m in found["matches"]} == {"222222222", "333333333", "444444444"}
    quote = found["matches"][0]["quotes"][0]["theirs"]
    assert quote["field"].startswith("projects[cordis:")
    again = json.loads(invoke("--workspace", workspace, "import", "cordis", str(download), "--json").stdout)
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 6)
    assert "took part with you in" in found["matches"][0]["reason"]
    new = matches(Path(workspace), "match", "111111111", "--new-only")
    assert {m["organisation"] for m in new["matches"]} == {"333333333", "444444444"}
    assert new["left_out"]["partners already"] == 1
    shown = matches(Path(workspace), "show", "222222222")["record"]
    assert shown["description"] is None
    changed = (
        (download / "project.csv")
        .read_text("utf-8-sig")
        .replace("Cyber ranges for hospitals", "Cyber ranges for ports")
    )
    (download / "project.csv").write_text(changed, "utf-8")
    third = json.loads(invoke("--workspace", workspace, "import", "cordis", str(download), "--json").stdout)
    assert (third["changed"], third["unchanged"]) == (4, 2)  # the project and its three organisations


def test_strict_loads_nothing(download, tmp_path) -> None:
    workspace = tmp_path / "w"
    result = invoke("--workspace", str(workspace), "import", "cordis", str(download), "--strict")
    assert result.exit_code == 2
    assert "nothing was imported: 2 fault(s)" in result.stderr
    assert "organization.csv:7: organisationID" in result.stderr
    assert invoke("--workspace", str(workspace), "show", "111111111").exit_code == 2


def test_who_is_here_by_its_pic_is_not_added_twice(download, tmp_path, profiles) -> None:
    workspace = str(tmp_path / "w")
    folder = profiles(grid='id: grid\nname: Grid\nregion: ES21\nids: {pic: "111111111"}\ndescription: Sensors.\n')
    invoke("--workspace", workspace, "load", str(folder))
    report = json.loads(invoke("--workspace", workspace, "import", "cordis", str(download), "--json").stdout)
    assert report["already_here_by_pic"] == 1
    assert invoke("--workspace", workspace, "show", "111111111").exit_code == 2
    participants = matches(Path(workspace), "show", "cordis:901")["record"]["participants"]
    assert participants[0]["organisation"] == "grid"


def zipped(path: Path, content: bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.csv", content)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("project.csv", b"\x00\x01\x02\xff" * 50, "is no"),
        ("project.csv", b"", "is no text table"),
        ("project.csv", b"id;title\n1;" + b"x" * 1_000_002, "characters"),
        ("project.csv", b"id;id;title\n1;2;3\n", "stand twice: id"),
        ("project.csv", ";".join(f"c{i}" for i in range(16_384)).encode(), "16,384 columns"),
        ("project.csv", b"id;title\n1;caf\xe9\n", "not UTF-8"),
        ("project.csv", b"name;country\nx;FR\n", "has no column project_id or id"),
        ("project.json", b"{not json", "is no JSON"),
        ("project.json", b"[1, 2]", "no list of objects"),
        ("project.json", b"[" * 100_000, "is no JSON"),
        ("projects.parquet", b"PAR1 rubbish", "is no Parquet file"),
        ("cordis.zip", b"PK rubbish", "is no zip archive"),
        ("webLink.csv", b"a;b\n1;2\n", "holds no table of projects"),
    ],
)
def test_what_is_no_download_is_explained(tmp_path, name, content, said) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInputError, match=said):
        read_cordis(tmp_path)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch) -> None:
    zipped(tmp_path / "cordis.zip", b"id;title\n" + b"0" * 20_000_000)
    monkeypatch.setattr(tables_module, "_member", None)
    with pytest.raises(InvalidInputError, match="times its size"):
        read_cordis(tmp_path / "cordis.zip")


def test_nothing_there(tmp_path) -> None:
    for path in (tmp_path, tmp_path / "x.csv"):
        with pytest.raises(InvalidInputError):
            read_cordis(path)


def test_the_real_projects_of_a_month(tmp_path) -> None:
    if not (SHARED / "cordis").is_dir():
        pytest.skip(f"{SHARED / 'cordis'} is not here")
    workspace = str(tmp_path / "w")
    arguments = ["--since", "2025-06-01", "--json"]
    report = json.loads(invoke("--workspace", workspace, "import", "cordis", str(SHARED / "cordis"), *arguments).stdout)
    assert report["added"] > 100
    assert not report["faults"]
