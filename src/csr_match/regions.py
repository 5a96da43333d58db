"""Regions of Europe: NUTS codes with their version, containment, and what makes a pairing interregional.

The table `data/nuts.tsv` holds NUTS 2024 and the codes that only NUTS 2021 had (the UK stands there, as it left
the classification). Source: Eurostat. Codes are hierarchical: a region contains those whose code begins with
its own, and a country's code (level 0) contains all its regions.
"""

from __future__ import annotations

import csv
from functools import cache, lru_cache
from typing import NamedTuple

from csr_match.domain import RegionRef
from csr_match.errors import UnknownNameError, did_you_mean
from csr_match.resources import package_data

_EUROSTAT = {"GR": "EL", "GB": "UK"}
_VERSION_UK = "2021"
VERSIONS = ("2024", "2021")


class NutsEntry(NamedTuple):
    """One row of the NUTS table."""

    code: str
    name: str
    version: str
    successor: str


@cache
def nuts_table() -> dict[str, NutsEntry]:
    """All known NUTS codes of levels 1 to 3."""
    with package_data("data", "nuts.tsv").open(encoding="utf-8", newline="") as rows:
        return {r["code"]: NutsEntry(**r) for r in csv.DictReader(rows, delimiter="\t")}


@cache
def countries() -> dict[str, str]:
    """English names of countries under Eurostat's codes (EL for Greece, UK for the United Kingdom)."""
    with package_data("data", "countries.tsv").open(encoding="utf-8", newline="") as rows:
        return {r["code"]: r["name"] for r in csv.DictReader(rows, delimiter="\t")}


def country(code: str) -> str:
    """The Eurostat code of a country given by its ISO 3166 or Eurostat code.

    Raises:
        UnknownNameError: no country has this code.
    """
    found = _EUROSTAT.get(code.strip().upper(), code.strip().upper())
    if found not in countries():
        raise UnknownNameError("country", code, countries(), "two letters are expected, such as FR, EL or UK")
    return found


def region(code: str, version: str | None = None) -> RegionRef:
    """A region by its NUTS code (GR and GB are read as EL and UK), checked against the table.

    Args:
        code: a country or a NUTS code of level 1 to 3.
        version: the NUTS version; by default that of the table, so 2021 for the UK.

    Raises:
        UnknownNameError: no such region, or none of that version.
    """
    given = code.strip().upper()
    found = _EUROSTAT.get(given[:2], given[:2]) + given[2:]
    default = _VERSION_UK if found.startswith("UK") else VERSIONS[0]
    if len(found) == 2:
        if found not in countries():
            raise UnknownNameError("region", code, nuts_table(), "begin with a country code such as FR or ES")
        return RegionRef(code=found, version=version or default)
    entry = nuts_table().get(found)
    if entry is None:
        siblings = [c for c in nuts_table() if c.startswith(found[:2]) and "Z" not in c[2:]]
        remedy = did_you_mean(found, siblings) if siblings else "give the country's code, it has no NUTS regions"
        raise UnknownNameError("region", code, siblings, remedy)
    stands_in = (version or entry.version) in VERSIONS and (entry.version == "2024" or version in (None, entry.version))
    if not stands_in:
        raise UnknownNameError("region", f"{code} ({version})", (), f"{code} stands in NUTS {entry.version}")
    return RegionRef(code=found, version=version or entry.version)


@lru_cache(maxsize=8192)
def current(code: str) -> str:
    """The NUTS 2024 code that took the place of an older one (itself when nothing did)."""
    entry = nuts_table().get(code)
    return entry.successor if entry and entry.successor else code


def name(code: str) -> str:
    """The region's or country's name, or the code itself when the table has none."""
    entry = nuts_table().get(code)
    return entry.name if entry else countries().get(code, code)


def level(code: str) -> int:
    """NUTS level: 0 for a country, 1 to 3 for a region."""
    return len(code) - 2


def contains(outer: str, inner: str) -> bool:
    """Whether region `outer` contains region `inner` (every region contains itself)."""
    return current(inner).startswith(current(outer))


def is_interregional(one: str, other: str) -> bool:
    """Whether a pairing of the two regions crosses a border: neither contains the other.

    The levels may differ: North Rhine-Westphalia is level 1, Bretagne level 2, Central Finland level 3.
    """
    return not contains(one, other) and not contains(other, one)
