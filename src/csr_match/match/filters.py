"""Which candidates are wanted: by place, type, capability, S3 area, stage and language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csr_match.domain import OrganisationType
from csr_match.errors import Fault, InvalidInputError, UnknownNameError
from csr_match.index import Directory
from csr_match.portray.portrait import concept_rows
from csr_match.regions import contains, country, region
from csr_match.taxonomy import capabilities, s3_areas, stages

HELD = 0.5
"""Strength from which an organisation counts as having a concept."""


@dataclass(frozen=True)
class Filters:
    """Conditions on candidates; each is a choice (any of its values), and all must hold.

    capability: JRC ids of domains, sub-domains, sectors or technologies; a domain holds all its sub-domains.
    """

    country: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    capability: tuple[str, ...] = ()
    s3_area: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    language: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        read: dict[str, Callable[[str], str]] = {
            "country": country,
            "region": lambda code: region(code).code,
            "type": _type,
            "capability": lambda concept: capabilities().get(concept).id,
            "s3_area": lambda concept: s3_areas().get(concept).id,
            "stage": lambda concept: stages().get(concept).id,
            "language": str.lower,
        }
        for name, parse in read.items():
            object.__setattr__(self, name, tuple(parse(value) for value in getattr(self, name)))

    @classmethod
    def of(cls, given: Any, where: str = "filters") -> Filters:
        """Filters from plain data: {"country": ["FR"], "type": "sme", ...}.

        Raises:
            InvalidInputError: no such filter, or a value that is no text.
            UnknownNameError: a value outside its vocabulary.
        """
        names = [f.name for f in fields(cls)]
        if not isinstance(given, Mapping):
            raise InvalidInputError([Fault(where, None, "filters", "are no object", f"give any of {', '.join(names)}")])
        faults = []
        chosen: dict[str, tuple[str, ...]] = {}
        for name, value in given.items():
            values = [value] if isinstance(value, str) else value
            if name not in names:
                faults.append(Fault(where, None, f"filters.{name}", "no such filter", f"choose of {', '.join(names)}"))
            elif not isinstance(values, list | tuple) or not all(isinstance(v, str) for v in values):
                faults.append(Fault(where, None, f"filters.{name}", "is no text or list of texts", 'such as ["FR"]'))
            else:
                chosen[name] = tuple(values)
        if faults:
            raise InvalidInputError(faults)
        return cls(**chosen)

    def as_dict(self) -> dict[str, list[str]]:
        """The filters that are set."""
        return {f.name: list(getattr(self, f.name)) for f in fields(self) if getattr(self, f.name)}

    def mask(self, directory: Directory) -> NDArray[np.bool_]:
        """Who passes, shape (N,)."""
        passing = np.ones(len(directory), bool)
        if self.country:
            passing &= _any(directory.countries, lambda c: c in self.country)
        if self.region:
            passing &= _any(directory.places, lambda p: any(contains(r, p) for r in self.region))
        if self.type:
            passing &= np.array([t in self.type for t in directory.types], bool)
        if self.language:
            passing &= np.array([bool(set(x) & set(self.language)) for x in directory.languages], bool)
        for concepts in (self.capability, self.s3_area, self.stage):
            if concepts:
                rows = [concept_rows()[c] for c in concepts]
                passing &= (directory.holds[:, rows] >= HELD).any(axis=1)
        return passing


def _any(places: tuple[str | None, ...], test: Callable[[str], bool]) -> NDArray[np.bool_]:
    """Test each distinct place once; an unknown place never passes."""
    verdict = {place: place is not None and test(place) for place in set(places)}
    return np.array([verdict[p] for p in places], dtype=bool)


def _type(value: str) -> str:
    spelt = value.strip().lower().replace(" ", "-").replace("_", "-")
    if spelt not in set(OrganisationType):
        raise UnknownNameError("type", value, list(OrganisationType))
    return spelt
