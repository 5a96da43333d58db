"""A thousand malformed profiles give faults, never a traceback; sound ones survive the round trip."""

from __future__ import annotations

import io

from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from csr_match.domain import Organisation
from csr_match.errors import Fault
from csr_match.ingest.check import check_document
from csr_match.ingest.yaml_reader import read_documents
from tests.conftest import ROOT
from tests.property.test_matching import organisations

FIELDS = st.sampled_from([*Organisation.model_fields, "kind", "participants", "priorities", "nmae"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["unknown", "FRH0", "XX", "D12.20", "organisation", "region", "project", "partnership", "call", "2026-02-30"]
    )
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(FIELDS | st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def faults_of(raw: bytes) -> list[Fault]:
    found: list[Fault] = []
    for document in read_documents("x.yaml", raw):
        record = None if document.faults else check_document(document)
        assert (record is None) == bool(document.faults)
        found += document.faults
    return found


def explained(faults: list[Fault]) -> None:
    for fault in faults:
        assert fault.problem
        assert fault.remedy
        assert "Traceback" not in str(fault)
        assert "pydantic" not in str(fault)


@settings(max_examples=700)
@given(st.dictionaries(FIELDS, VALUES, min_size=1, max_size=8))
def test_records_of_wrong_values(data: dict[str, object]) -> None:
    out = io.StringIO()
    YAML(typ="safe", pure=True).dump(data, out)
    explained(faults_of(out.getvalue().encode("utf-8", "surrogatepass")))


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_any_bytes(raw: bytes) -> None:
    faults = faults_of(raw)
    assert faults
    explained(faults)


@settings(max_examples=200)
@given(st.data())
def test_a_real_profile_with_a_hole(data: st.DataObject) -> None:
    files = sorted((ROOT / "profiles" / "organisations").glob("*.yaml"))
    raw = data.draw(st.sampled_from(files[:40])).read_bytes()
    start = data.draw(st.integers(0, len(raw)))
    stop = data.draw(st.integers(start, min(len(raw), start + 80)))
    explained(faults_of(raw[:start] + data.draw(st.binary(max_size=10)) + raw[stop:]))


@settings(max_examples=100)
@given(organisations("round"))
def test_json_round_trip_loses_nothing(record: Organisation) -> None:
    assert Organisation.model_validate_json(record.model_dump_json()) == record
    assert Organisation.model_validate_json(record.model_dump_json(exclude_none=True)) == record
    (document,) = read_documents("x.json", record.model_dump_json(exclude_none=True).encode())
    assert check_document(document) == record, document.faults
