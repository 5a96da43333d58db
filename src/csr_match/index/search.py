"""Exact search: of each owner, the passage most like a query passage."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from csr_match.encode.protocol import Vectors

ROWS_AT_ONCE = 65_536


class Best(NamedTuple):
    """For Q query passages and N owners: value (Q, N), the largest (weighted) likeness, 0 where the owner has no
    such passage, and row (Q, N), the passage that has it, the first of equals, -1 where there is none."""

    value: NDArray[np.float32]
    row: NDArray[np.int64]


class VectorIndex(Protocol):
    """The seam for other ways to search the same passages."""

    def best(self, likeness: NDArray[np.float32], weights: NDArray[np.float32]) -> Best:
        """Each owner's best passage for each query passage; passages of weight 0 do not count."""


class ExactIndex:
    """Looks at every passage.

    Args:
        starts: (N + 1,), the first passage of each owner.
    """

    def __init__(self, starts: NDArray[np.int64]) -> None:
        self._starts = starts
        self._filled = np.flatnonzero(np.diff(starts) > 0)

    def best(self, likeness: NDArray[np.float32], weights: NDArray[np.float32]) -> Best:
        """Each owner's best passage.

        Args:
            likeness: (Q, P), 0 to 1.
            weights: (P,), 0 to 1, multiplied into the likeness.
        """
        queries, owners = likeness.shape[0], len(self._starts) - 1
        value = np.zeros((queries, owners), np.float32)
        row = np.full((queries, owners), -1, np.int64)
        if queries == 0 or self._filled.size == 0:
            return Best(value, row)
        weighted = likeness * weights
        first = self._starts[self._filled]
        value[:, self._filled] = np.maximum.reduceat(weighted, first, axis=1)
        owner = np.repeat(np.arange(owners), np.diff(self._starts))
        # Positions that reach their owner's maximum; the first of equals wins.
        for q in range(queries):
            hits = np.flatnonzero((weighted[q] == value[q, owner]) & (weights > 0))
            row[q, owner[hits[::-1]]] = hits[::-1]
        return Best(value, row)


def likeness_to(queries: Vectors, passages: Vectors, slope: float, intercept: float) -> NDArray[np.float32]:
    """Likeness (the space's logistic curve of the cosine) of Q to P passages, shape (Q, P), 0 to 1."""
    out = np.empty((len(queries), len(passages)), np.float32)
    for start in range(0, len(passages), ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        block = queries @ passages[part].T
        block *= -slope
        block -= intercept
        np.exp(block, out=block)
        block += 1
        np.reciprocal(block, out=out[:, part])
    return out
