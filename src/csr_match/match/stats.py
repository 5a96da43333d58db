"""What a directory covers, and where it is thin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from csr_match.domain import Organisation, OrganisationType, Region
from csr_match.match.filters import HELD
from csr_match.match.matcher import Matcher
from csr_match.portray.portrait import concept_rows, rows_of
from csr_match.taxonomy import capabilities, stages

THIN = 3
"""A registered region, type, domain or stage with fewer organisations is thin."""
COMPLETENESS: dict[str, Callable[[Organisation], bool]] = {
    "country": lambda o: o.country is not None,
    "region": lambda o: o.region is not None,
    "type": lambda o: o.type is not None,
    "website": lambda o: o.website is not None,
    "description": lambda o: o.description is not None,
    "offers": lambda o: o.offers is not None,
    "needs": lambda o: o.needs is not None,
    "capabilities": lambda o: bool(o.capabilities),
    "projects": lambda o: bool(o.projects),
}


@dataclass(frozen=True)
class Stats:
    """Counts of organisations; `thin` says which values of which kind have too few."""

    organisations: int
    by: dict[str, dict[str, int]]
    completeness: dict[str, float]
    thin: dict[str, list[str]]


def stats(matcher: Matcher) -> Stats:
    """Coverage of a workspace by region, type, domain of capability and stage, and completeness by field."""
    workspace, directory = matcher.workspace, matcher.directory
    organisations = workspace.organisations()
    registered = {r.region.code: r.name for r in workspace.records("region") if isinstance(r, Region)}
    ids = list(concept_rows())

    def held(rows: Iterable[int]) -> dict[str, int]:
        return {ids[r]: int((directory.holds[:, r] >= HELD).sum()) for r in rows}

    domains = [concept_rows()[c.id] for c in capabilities().of_kind("domain")]
    regions = Counter(matcher.home(o.place) or "unknown" for o in organisations)
    by = {
        "region": dict(sorted((dict.fromkeys(registered, 0) | dict(regions)).items(), key=lambda x: (-x[1], x[0]))),
        "country": dict(Counter(o.country or "unknown" for o in organisations).most_common()),
        "type": dict.fromkeys(OrganisationType, 0)
        | dict(Counter(o.type or "unknown" for o in organisations).most_common()),
        "capability": held(domains),
        "stage": held(rows_of("stage")),
    }
    thin: dict[str, list[str]] = {
        "region": [r for r in registered if by["region"][r] < THIN],
        "type": [t.value for t in OrganisationType if by["type"][t] < THIN],
        "capability": [d for d, n in by["capability"].items() if n < THIN],
        "sub-domain": [c for c, n in held(rows_of("subdomain")).items() if n == 0],
        "stage": [s for s in stages().ids if by["stage"][s] < THIN],
    }
    total = len(organisations)
    completeness = {
        name: float(np.mean([has(o) for o in organisations])) if total else 0.0 for name, has in COMPLETENESS.items()
    }
    return Stats(total, by, completeness, {kind: names for kind, names in thin.items() if names})
