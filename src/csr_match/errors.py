"""What can go wrong, in sentences: each names the offending value and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input, where it stands and how to mend it."""

    file: str
    line: int | None
    field: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.field or 'record'}: {self.problem} -> {self.remedy}"

    def as_dict(self) -> dict[str, str | int | None]:
        """The fault as JSON-ready data."""
        return asdict(self)


class CsrMatchError(Exception):
    """Base of every error that a user can cause or mend."""


class InvalidInputError(CsrMatchError):
    """One or more faults in what the user gave; all of them, not only the first."""

    def __init__(self, faults: Sequence[Fault], summary: str = "") -> None:
        self.faults = tuple(faults)
        head = summary or f"{len(self.faults)} fault{'s' if len(self.faults) != 1 else ''} found"
        super().__init__("\n".join([head, *map(str, self.faults)]) if self.faults else head)


class UnknownNameError(CsrMatchError):
    """A name that is not in the vocabulary it must come from."""

    def __init__(self, what: str, name: str, valid: Iterable[str], remedy: str = "") -> None:
        self.what, self.name = what, name
        super().__init__(f"unknown {what} {name!r}: {remedy or did_you_mean(name, valid)}")


class WorkspaceError(CsrMatchError):
    """The workspace is missing, damaged, of another version, or in use."""


class EncoderError(CsrMatchError):
    """An encoder cannot be loaded, disagrees with its reference, or was given a text it cannot take."""


def did_you_mean(name: str, valid: Iterable[str], shown: int = 8) -> str:
    """A remedy for a misspelt name: the nearest valid names, or all of them when they are few."""
    from difflib import get_close_matches

    names = sorted(set(valid))
    if not names:
        return "there are none yet"
    folded = {n.casefold(): n for n in names}
    close = [folded[c] for c in get_close_matches(name.casefold(), list(folded), n=3, cutoff=0.6)]
    if close:
        return "did you mean " + " or ".join(close) + "?"
    more = f", ... ({len(names)} in all)" if len(names) > shown else ""
    return "valid: " + ", ".join(names[:shown]) + more
