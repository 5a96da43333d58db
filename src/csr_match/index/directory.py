"""Many portraits as one set of arrays: ids outside, row numbers inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from csr_match.encode.protocol import Vectors
from csr_match.portray.portrait import Portrait, concept_rows, rows_of


@dataclass(frozen=True)
class Directory:
    """N organisations with P passages.

    ids: (N,), in order; places, types, countries, languages: by organisation, None or empty when unknown;
    starts: (N + 1,), the first passage of each organisation; vectors: (P, dimension), unit;
    roles: (P,), index into portrait.ROLES; salience: (P,), 0 to 1;
    holds, lacks: (N, concepts), 0 to 1; reach: (N, sub-domains), 0 to 1, the nearest that is held.
    """

    ids: tuple[str, ...]
    places: tuple[str | None, ...]
    types: tuple[str | None, ...]
    languages: tuple[tuple[str, ...], ...]
    starts: NDArray[np.int64]
    vectors: Vectors
    roles: NDArray[np.uint8]
    salience: NDArray[np.float32]
    holds: NDArray[np.float32]
    lacks: NDArray[np.float32]
    reach: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def row(self) -> dict[str, int]:
        """Row of each id."""
        return {identity: i for i, identity in enumerate(self.ids)}

    @cached_property
    def countries(self) -> tuple[str | None, ...]:
        """Country of each organisation."""
        return tuple(p[:2] if p else None for p in self.places)

    def passages_of(self, row: int) -> slice:
        """Rows of an organisation's passages."""
        return slice(int(self.starts[row]), int(self.starts[row + 1]))

    def one(self, row: int) -> Directory:
        """The directory that holds this organisation alone."""
        rows = self.passages_of(row)
        return Directory(
            self.ids[row : row + 1],
            self.places[row : row + 1],
            self.types[row : row + 1],
            self.languages[row : row + 1],
            np.array([0, rows.stop - rows.start], np.int64),
            self.vectors[rows],
            self.roles[rows],
            self.salience[rows],
            self.holds[row : row + 1],
            self.lacks[row : row + 1],
            self.reach[row : row + 1],
        )

    @classmethod
    def of(
        cls,
        portraits: Sequence[Portrait],
        types: Sequence[str | None] | None = None,
        languages: Sequence[tuple[str, ...]] | None = None,
        dimension: int | None = None,
    ) -> Directory:
        """The arrays of these portraits, in their order."""
        lengths = [len(p.passages) for p in portraits]
        width = dimension or (portraits[0].vectors.shape[1] if portraits else 0)
        concepts = len(concept_rows())
        holds = [p.holds() for p in portraits]

        def stacked(parts: list[NDArray[np.float32]], shape: tuple[int, ...]) -> NDArray[np.float32]:
            return np.concatenate(parts).astype(np.float32) if parts else np.zeros(shape, np.float32)

        return cls(
            tuple(p.id for p in portraits),
            tuple(p.place for p in portraits),
            tuple(types or [None] * len(portraits)),
            tuple(languages or [()] * len(portraits)),
            np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64),
            stacked([p.vectors for p in portraits], (0, width)),
            np.concatenate([p.roles for p in portraits]) if portraits else np.zeros(0, np.uint8),
            stacked([p.salience for p in portraits], (0,)),
            stacked([h[None] for h in holds], (0, concepts)),
            stacked([p.lacks()[None] for p in portraits], (0, concepts)),
            stacked([p.reach(h)[None] for p, h in zip(portraits, holds, strict=True)], (0, len(rows_of("subdomain")))),
        )

    @classmethod
    def joined(cls, parts: Sequence[Directory]) -> Directory:
        """One directory of several, in their order."""
        lengths = np.concatenate([np.diff(p.starts) for p in parts])
        return cls(
            tuple(i for p in parts for i in p.ids),
            tuple(x for p in parts for x in p.places),
            tuple(x for p in parts for x in p.types),
            tuple(x for p in parts for x in p.languages),
            np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64),
            np.concatenate([p.vectors for p in parts]),
            np.concatenate([p.roles for p in parts]),
            np.concatenate([p.salience for p in parts]),
            np.concatenate([p.holds for p in parts]),
            np.concatenate([p.lacks for p in parts]),
            np.concatenate([p.reach for p in parts]),
        )
