"""The commands as a user runs them, on the shipped directory with the default encoder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from csr_match import regions
from csr_match.cli import _COMMANDS, main
from csr_match.match import COMPONENTS
from tests.conftest import ROOT, invoke

CSR_MATCH = Path(sys.executable).parent / "csr-match"


def matches(workspace: Path, *arguments: str) -> dict:
    result = invoke("--workspace", str(workspace), *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_every_command_explains_itself() -> None:
    listing = invoke("--help").output
    for name in _COMMANDS:
        assert f"  {name} " in listing
        assert invoke(name, "--help").exit_code == 0


def test_partners_are_from_other_regions_and_explained(shipped_workspace) -> None:
    found = matches(shipped_workspace, "match", "bretagne-developpement-innovation", "--top", "10")
    assert len(found["matches"]) == 10
    assert found["left_out"]["same region"] > 0
    scores = [m["score"] for m in found["matches"]]
    assert scores == sorted(scores, reverse=True)
    for match in found["matches"]:
        assert set(match) >= {"organisation", "name", "country", "region", "score", "components"}
        assert regions.is_interregional("FRH0", match["region"])
        assert [c["name"] for c in match["components"]] == list(COMPONENTS)
        assert all(set(c) == {"name", "value", "weight", "contribution", "evidence"} for c in match["components"])
        assert sum(c["contribution"] for c in match["components"]) == pytest.approx(match["score"], abs=1e-6)
        assert match["quotes"]
        assert match["quotes"][0]["theirs"]["text"][:20] in match["reason"]


def test_a_quoted_sentence_stands_in_the_profile(shipped_workspace) -> None:
    found = matches(shipped_workspace, "match", "cetic", "--top", "3")
    for match in found["matches"]:
        record = matches(shipped_workspace, "show", match["organisation"])["record"]
        texts = [record["description"] or "", *(o["text"] for n in ("offers", "needs") for o in _listed(record[n]))]
        for quote in match["quotes"]:
            assert any(quote["theirs"]["text"] in t for t in texts)


def _listed(value):
    return value if isinstance(value, list) else []


def test_a_quoted_passage_taken_out_of_the_file_lowers_the_score_as_stated(tmp_path) -> None:
    """The whole way: edit the YAML, load, match again."""
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "us.yaml").write_text(
        "id: us\nname: Us\nregion: FRH0\noffers:\n- text: We test the security of industrial control systems.\n"
        "needs:\n- text: A cyber range for exercises with hospitals.\n"
    )
    offers = ["A cyber range where hospitals train for attacks.", "Honeypots for power grids.", "Courses for pupils."]
    them = "id: them\nname: Them\nregion: ES21\ndescription: A laboratory in Bilbao.\noffers:\n"
    (folder / "them.yaml").write_text(them + "".join(f"- text: {o}\n" for o in offers))
    workspace = tmp_path / "w"
    assert invoke("--workspace", str(workspace), "load", str(folder)).exit_code == 0
    (before,) = matches(workspace, "match", "us")["matches"]
    quote = before["quotes"][0]
    assert quote["theirs"]["text"] == offers[0]
    (folder / "them.yaml").write_text(them + "".join(f"- text: {o}\n" for o in offers if o != quote["theirs"]["text"]))
    assert invoke("--workspace", str(workspace), "load", str(folder)).exit_code == 0
    (after,) = matches(workspace, "match", "us")["matches"]
    assert before["score"] - after["score"] == pytest.approx(quote["theirs"]["contribution"], abs=1e-6)
    assert quote["theirs"]["contribution"] > 0.01


@pytest.mark.parametrize(
    ("arguments", "holds"),
    [
        (["--country", "GR", "--country", "EE"], lambda m: m["country"] in ("EL", "EE")),
        (["--region", "DEA"], lambda m: m["region"].startswith("DEA")),
        (["--type", "SME"], lambda m: m["type"] == "sme"),
        (["--most-per-region", "1"], None),
    ],
)
def test_filters(shipped_workspace, arguments, holds) -> None:
    found = matches(shipped_workspace, "match", "tecnalia", "--top", "8", *arguments)["matches"]
    assert found
    if holds:
        assert all(holds(m) for m in found)
    else:
        assert len({m["region"] for m in found}) == len(found)


def test_filters_by_concept(shipped_workspace) -> None:
    for option, concept in (("--capability", "D04"), ("--stage", "detect"), ("--s3-area", "artificial-intelligence")):
        found = matches(shipped_workspace, "match", "tecnalia", "--top", "5", option, concept)["matches"]
        assert found
        everything = {
            x
            for m in found[:1]
            for r in [matches(shipped_workspace, "show", m["organisation"])]
            for x in [*(t["concept"] for t in r["tags"]), *r["record"]["capabilities"], *r["record"]["stages"],
                      *r["record"]["s3_areas"]]
        }  # fmt: skip
        assert any(x.startswith(concept) for x in everything)


def test_the_own_region_on_request(shipped_workspace) -> None:
    inside = matches(shipped_workspace, "match", "bcsc", "--same-region", "--region", "ES21")["matches"]
    outside = matches(shipped_workspace, "match", "bcsc", "--region", "ES21")
    assert inside
    assert not outside["matches"]
    assert outside["no_good_partner"]


def test_two_places_of_one_registered_region_are_no_interregional_pair(tmp_path) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    for name, place in (("a", "DEA51"), ("b", "DEA23"), ("c", "FRH0")):
        (folder / f"{name}.yaml").write_text(f"id: {name}\nname: {name}\nregion: {place}\ndescription: Honeypots.\n")
    workspace = tmp_path / "w"
    invoke("--workspace", str(workspace), "load", str(folder))
    assert {m["organisation"] for m in matches(workspace, "match", "a")["matches"]} == {"b", "c"}
    (folder / "nrw.yaml").write_text("kind: region\nid: nrw\nname: NRW\ncountry: DE\nregion: DEA\n")
    invoke("--workspace", str(workspace), "load", str(folder))
    assert {m["organisation"] for m in matches(workspace, "match", "a")["matches"]} == {"c"}


def test_search_without_a_profile(shipped_workspace) -> None:
    text = "Nous proposons des tests d'intrusion. Nous cherchons un cyber range pour entraîner nos équipes."
    found = matches(shipped_workspace, "search", "--text", text, "--home", "FRH0")
    assert found["home"] == "FRH0"
    assert all(not m["region"].startswith("FRH") for m in found["matches"])
    assert any(q["component"] == "they_meet_our_needs" for m in found["matches"] for q in m["quotes"])


def test_nobody_fits_a_bakery(shipped_workspace) -> None:
    found = matches(shipped_workspace, "search", "--text", "We mill flour and bake sourdough bread for local shops.")
    assert found["no_good_partner"]
    spoken = invoke(
        "--workspace", str(shipped_workspace), "search", "--text", "We mill flour and bake sourdough bread."
    )
    assert "No good partner here" in spoken.output


def test_rank_gives_what_match_and_search_give(shipped_workspace, tmp_path) -> None:
    queries, out = tmp_path / "q.jsonl", tmp_path / "r.jsonl"
    text = "We run a security operations centre for hospitals."
    lines = [
        {"id": "1", "organisation": "cetic"},
        {"id": "2", "text": text, "filters": {"country": ["ES", "FI"]}, "exclude": ["tecnalia"]},
        {"id": "3", "text": text, "home": "FRH0"},
    ]
    queries.write_text("".join(json.dumps(x) + "\n" for x in lines))
    result = invoke(
        "--workspace", str(shipped_workspace), "rank", "--queries", str(queries), "--top", "7", "--out", str(out)
    )
    assert result.exit_code == 0, result.output
    ranked = [json.loads(line) for line in out.read_text().splitlines()]
    assert [r["id"] for r in ranked] == ["1", "2", "3"]
    asked = [
        matches(shipped_workspace, "match", "cetic", "--top", "7"),
        matches(
            shipped_workspace,
            "search",
            "--text",
            text,
            "--country",
            "ES",
            "--country",
            "FI",
            "--exclude",
            "tecnalia",
            "--top",
            "7",
        ),
        matches(shipped_workspace, "search", "--text", text, "--home", "FRH0", "--top", "7"),
    ]
    for batch, single in zip(ranked, asked, strict=True):
        assert [r["organisation"] for r in batch["results"]] == [m["organisation"] for m in single["matches"]]
        for r, m in zip(batch["results"], single["matches"], strict=True):
            assert r["score"] == pytest.approx(m["score"], abs=1e-5)


def test_rank_names_every_bad_line_and_writes_nothing(shipped_workspace, tmp_path) -> None:
    queries, out = tmp_path / "q.jsonl", tmp_path / "r.jsonl"
    queries.write_bytes(
        b'{"id": "1", "organisation": "cetik"}\nnot json\n{"id": "3"}\n'
        b'{"id": "4", "text": "x y", "filters": {"colour": "red"}}\n'
        b'{"id": "5", "text": "fine", "filters": {"country": ["Elbonia"]}}\n'
        b'{"id": "6", "text": "ok", "top": 3}\n\xff\n[1]\n'
    )
    result = invoke("--workspace", str(shipped_workspace), "rank", "--queries", str(queries), "--out", str(out))
    assert result.exit_code == 2
    assert not out.exists()
    for line in range(1, 9):
        assert f"{queries}:{line}:" in result.stderr, line
    assert "cetic" in result.stderr


def test_tags_quote_the_words_and_can_be_corrected(shipped_workspace) -> None:
    found = matches(shipped_workspace, "tag", "--text", "We do penetration testing of SCADA systems.")["tags"]
    by_concept = {t["concept"]: t for t in found}
    assert by_concept["D12.20"]["quote"] == "penetration testing"
    assert by_concept["T14"]["quote"] == "SCADA"
    assert by_concept["D12.20"]["score"] >= 0.8
    assert matches(shipped_workspace, "correct", "cetic", "--has", "D02.10", "--lacks", "D12.20")["corrections"] == {
        "D02.10": True, "D12.20": False,
    }  # fmt: skip
    filtered = ["match", "tecnalia", "--top", "300", "--country", "BE", "--capability"]
    names = [m["organisation"] for m in matches(shipped_workspace, *filtered, "D02.10")["matches"]]
    assert "cetic" in names
    undone = matches(shipped_workspace, "correct", "cetic", "--forget", "D02.10", "--forget", "D12.20")
    assert undone["corrections"] == {}
    names = [m["organisation"] for m in matches(shipped_workspace, *filtered, "D02.10")["matches"]]
    assert "cetic" not in names


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["match", "cetik"], "did you mean cetic"),
        (["match", "cetic", "--country", "Elbonia"], "unknown country"),
        (["match", "cetic", "--type", "startup"], "valid: cluster"),
        (["match", "cetic", "--capability", "D99"], "unknown capability"),
        (["match", "cetic", "--region", "FRH9"], "did you mean"),
        (["search", "--text", " "], "holds no word"),
        (["search"], "give --text or --text-file"),
        (["search", "--text", "x", "--text-file", "y"], "give --text or --text-file"),
        (["search", "--text-file", "/nowhere"], "cannot be read"),
        (["search", "--text", "A SOC.", "--home", "XX"], "unknown region"),
        (["correct", "cetic", "--has", "D99"], "unknown concept"),
        (["correct", "cetic", "--has", "D01", "--lacks", "D01"], "stands twice"),
        (["show", "nobody-of-this-name"], "unknown organisation"),
        (["load", "/nowhere"], "cannot be read"),
        (["load", "--encoder", "no/such"], "no encoder 'no/such'"),
        (["rank", "--queries", "/nowhere", "--out", "x.jsonl"], "cannot be read"),
    ],
)
def test_bad_input_ends_with_2_and_a_clear_sentence(shipped_workspace, arguments, said) -> None:
    result = invoke("--workspace", str(shipped_workspace), *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_without_a_workspace_the_first_step_is_named(tmp_path) -> None:
    result = invoke("--workspace", str(tmp_path / "none"), "match", "cetic")
    assert result.exit_code == 2
    assert "load profiles first" in result.stderr
    assert not (tmp_path / "none").exists()


def test_show_tells_where_each_fact_comes_from(shipped_workspace) -> None:
    shown = matches(shipped_workspace, "show", "eurobits")
    assert shown["record"]["needs"] == "unknown"
    assert shown["record"]["doubts"]
    assert shown["provenance"]["name"]["source"].startswith("https://")
    text = invoke("--workspace", str(shipped_workspace), "show", "Tecnalia").output
    assert "verified" in text
    assert invoke("--workspace", str(shipped_workspace), "show", "bretagne").exit_code == 0
    assert invoke("--workspace", str(shipped_workspace), "show", "cybersecurity-smart-regions").exit_code == 0


def test_a_workspace_can_be_named_by_the_environment(shipped_workspace, monkeypatch) -> None:
    monkeypatch.setenv("CSR_MATCH_WORKSPACE", str(shipped_workspace))
    assert invoke("match", "cetic", "--top", "1").exit_code == 0


def test_stats_count_every_organisation_and_say_what_is_thin(shipped_workspace) -> None:
    found = matches(shipped_workspace, "stats")
    assert found["organisations"] >= 150
    for kind in ("region", "country", "type"):
        assert sum(found["by"][kind].values()) == found["organisations"]
    assert found["by"]["type"]["sme"] >= 60
    assert 0 < found["completeness"]["needs"] < 1
    ten = ["FRH0", "ES21", "ES41", "FI198", "EE", "LU", "DEA", "ITI1", "UKL", "BE3"]
    assert all(found["by"]["region"][code] >= 3 for code in ten)
    assert "thin" in invoke("--workspace", str(shipped_workspace), "stats").output


def test_an_empty_directory_is_thin_everywhere(tmp_path, profiles) -> None:
    workspace = tmp_path / "w"
    folder = profiles(r="kind: region\nid: r\nname: Bretagne\ncountry: FR\nregion: FRH0\n")
    invoke("--workspace", str(workspace), "load", str(folder))
    found = matches(workspace, "stats")
    assert found["organisations"] == 0
    assert found["thin"]["region"] == ["FRH0"]
    assert len(found["thin"]["stage"]) == 10


def test_evaluations_print_their_intervals(shipped_workspace) -> None:
    figures = matches(shipped_workspace, "evaluate", "needs")["figures"]
    assert figures["all"]["items"] == 60
    assert figures["all"]["low"] <= figures["all"]["mean"] <= figures["all"]["high"]


def test_taxonomy_lists_and_finds() -> None:
    listed = invoke("taxonomy", "capabilities", "--find", "pentest")
    assert "D12.20" in listed.output
    french = json.loads(invoke("taxonomy", "stages", "--lang", "fr", "--json").output)
    assert len(french["concepts"]) == 10


def run(*arguments: str, code: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code] if code else [str(CSR_MATCH), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from csr_match.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'numpy','pydantic','sqlalchemy','torch','openvino','rich','sklearn'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    assert run(code=code).stderr.strip() == "[]"


def test_match_loads_neither_torch_nor_any_encoder(shipped_workspace) -> None:
    code = (
        "import sys; from csr_match.cli import main\n"
        f"try: main(['--workspace', {str(shipped_workspace)!r}, 'match', 'cetic', '--json'])\nexcept SystemExit: pass\n"
        "heavy = {'torch','openvino','transformers','sentence_transformers','sklearn'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = run(code=code)
    assert json.loads(done.stdout)["matches"]
    assert done.stderr.strip() == "[]"


def test_unchanged_records_are_not_encoded_again(tmp_path, profiles) -> None:
    folder = profiles(
        a="id: a\nname: A\nregion: FRH0\ndescription: Honeypots.\n", b="id: b\nname: B\ndescription: SOC.\n"
    )
    workspace = str(tmp_path / "w")
    first = json.loads(invoke("--workspace", workspace, "load", str(folder), "--json").output)
    assert (first["added"], first["passages"]) == (["a", "b"], 2)
    (folder / "a.yaml").write_text("id: a\nname: A\nregion: FRH0\ndescription: Honeypots for ships.\n")
    second = json.loads(invoke("--workspace", workspace, "load", str(folder), "--json").output)
    assert (second["changed"], second["unchanged"], second["passages"]) == (["a"], 1, 1)


def test_one_bad_file_and_nothing_is_loaded(tmp_path, profiles) -> None:
    folder = profiles(a="id: a\nname: A\ndescription: Honeypots.\n")
    workspace = str(tmp_path / "w")
    invoke("--workspace", workspace, "load", str(folder))
    (folder / "b.yaml").write_text("id: b\nname: B\n")
    (folder / "c.yaml").write_text("id: c\n")
    result = invoke("--workspace", workspace, "load", str(folder))
    assert result.exit_code == 2
    assert "c.yaml:1: name: is missing" in result.stderr
    assert invoke("--workspace", workspace, "show", "b").exit_code == 2
    assert invoke("--workspace", workspace, "show", "a").exit_code == 0


def test_another_encoder_portrays_everything_anew(tmp_path, profiles) -> None:
    folder = profiles(
        a="id: a\nname: A\nregion: FRH0\ndescription: Honeypots.\n", b="id: b\nname: B\nregion: EE\ndescription: SOC.\n"
    )
    workspace = str(tmp_path / "w")
    invoke("--workspace", workspace, "load", str(folder))
    (folder / "b.yaml").unlink()
    changed = json.loads(invoke("--workspace", workspace, "load", str(folder), "--encoder", "english", "--json").output)
    assert changed["changed"] == ["a", "b"]
    assert matches(Path(workspace), "match", "a")["matches"][0]["organisation"] == "b"


def test_kill_in_the_middle_of_load_leaves_the_earlier_workspace_whole(tmp_path) -> None:
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "a.yaml").write_text("id: a\nname: A\nregion: FRH0\ndescription: Honeypots.\n")
    workspace = tmp_path / "w"
    invoke("--workspace", str(workspace), "load", str(folder))
    before = matches(workspace, "show", "a")
    for i in range(300):
        (folder / f"n{i}.yaml").write_text(f"id: n{i}\nname: N{i}\nregion: EE\ndescription: Service {i} for ships.\n")
    (folder / "a.yaml").write_text("id: a\nname: Changed\nregion: FRH0\ndescription: Honeypots.\n")
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    for delay in (0.3, 0.8, 1.2, 1.6, 2.0, 2.4, 2.8, 3.4):
        process = subprocess.Popen(
            [str(CSR_MATCH), "--workspace", str(workspace), "load", str(folder)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
        )  # fmt: skip
        time.sleep(delay)
        process.kill()
        process.wait()
        shown = matches(workspace, "show", "a")
        if shown["record"]["name"] == "Changed":  # it had committed: then all of it
            assert matches(workspace, "show", "n299")["record"]["name"] == "N299"
        else:
            assert shown == before
            assert invoke("--workspace", str(workspace), "show", "n0").exit_code == 2
    assert invoke("--workspace", str(workspace), "load", str(folder)).exit_code == 0
    assert len(matches(workspace, "match", "a", "--top", "500")["matches"]) == 300


def test_the_shipped_profiles_are_sound_and_named_after_their_ids() -> None:
    result = invoke("check", str(ROOT / "profiles"))
    assert result.exit_code == 0, result.output
    for file in (ROOT / "profiles").rglob("*.yaml"):
        assert f"id: {file.stem}\n" in file.read_text("utf-8"), file


def test_the_entry_point_is_the_group() -> None:
    assert main.name == "main"
    assert run("--version").stdout.startswith("csr-match")
