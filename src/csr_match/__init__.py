"""csr-match: interregional partner matching for European cybersecurity regions.

The small public API; names are imported when they are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from csr_match.match import Filters, MatchConfig, Matcher, Ranking, Wish
    from csr_match.store import Workspace

__all__ = ["Filters", "MatchConfig", "Matcher", "Ranking", "Wish", "Workspace"]

_HOMES = {"Workspace": "store"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"csr_match.{_HOMES.get(name, 'match')}"), name)
