import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_match import regions
from csr_match.errors import UnknownNameError

CODES = sorted(regions.nuts_table())


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("FRH0", "FRH03", False),
        ("FRH", "FRH0", False),
        ("DEA", "DEA51", False),
        ("DEA2", "DEA5", True),
        ("FI198", "FI197", True),
        ("FI198", "FI19", False),
        ("EE", "EE001", False),
        ("UKL", "UKL22", False),
        ("UKL", "FRH0", True),
        ("FR", "FRH0", False),
        ("BE3", "BE10", True),
    ],
)
def test_interregional_means_that_neither_contains_the_other(one: str, other: str, expected: bool) -> None:
    assert regions.is_interregional(one, other) is expected


def test_greece_and_the_united_kingdom_are_read_under_both_codes() -> None:
    assert regions.country("GR") == regions.country("EL") == "EL"
    assert regions.country("gb") == regions.country("UK") == "UK"
    assert regions.region("GR30") == regions.region("EL30")
    assert regions.region("GBL") == regions.region("UKL")


def test_a_region_has_the_version_of_its_table() -> None:
    assert regions.region("FI198").version == "2024"
    assert regions.region("UKL").version == "2021"
    assert regions.region("FI193").version == "2021"


def test_central_finland_is_one_region_under_its_old_and_new_code() -> None:
    assert regions.current("FI193") == "FI198"
    assert not regions.is_interregional("FI193", "FI198")


@pytest.mark.parametrize("code", ["FRH9", "XX", "FRZZZZ", "", "F", "ZZ1"])
def test_an_unknown_region_is_refused_with_a_remedy(code: str) -> None:
    with pytest.raises(UnknownNameError, match="unknown region"):
        regions.region(code)


def test_a_code_of_another_version_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="stands in NUTS 2024"):
        regions.region("FI198", "2016")


@given(st.sampled_from(CODES), st.sampled_from(CODES))
def test_interregional_is_symmetric(one: str, other: str) -> None:
    assert regions.is_interregional(one, other) == regions.is_interregional(other, one)


@given(st.sampled_from(CODES))
def test_every_region_lies_in_its_ancestors(code: str) -> None:
    for length in range(2, len(code) + 1):
        assert regions.contains(code[:length], code)
    assert not regions.is_interregional(code, code)


@given(st.sampled_from(CODES), st.sampled_from(CODES), st.sampled_from(CODES))
def test_containment_is_transitive(a: str, b: str, c: str) -> None:
    if regions.contains(a, b) and regions.contains(b, c):
        assert regions.contains(a, c)


@given(st.sampled_from(CODES), st.sampled_from(CODES))
def test_different_countries_are_always_interregional(one: str, other: str) -> None:
    if one[:2] != other[:2]:
        assert regions.is_interregional(one, other)


@given(st.text(max_size=8))
def test_any_text_is_a_region_or_a_clear_error(code: str) -> None:
    try:
        found = regions.region(code)
    except UnknownNameError as error:
        assert repr(code) in str(error)  # noqa: PT017
    else:
        assert regions.region(found.code) == found
