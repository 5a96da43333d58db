"""Exact search: of each owner, the passage most like a query passage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from csr_match.encode.protocol import Vectors

ROWS_AT_ONCE = 65_536


class VectorIndex(Protocol):
    """The seam for other ways to search the same passages."""

    def best(
        self, likeness: NDArray[np.float32], weights: NDArray[np.float32], shares: Sequence[float] = (1.0,)
    ) -> NDArray[np.float32]:
        """For Q query passages, a mean of the largest weighted likeness of each owner's passages, shape (Q, N)."""


class ExactIndex:
    """Looks at every passage.

    Args:
        starts: (N + 1,), the first passage of each owner.
    """

    def __init__(self, starts: NDArray[np.int64]) -> None:
        self._owners = len(starts) - 1
        self._filled = np.flatnonzero(np.diff(starts) > 0)
        self._first = starts[:-1][self._filled]
        self._lengths = np.diff(starts)[self._filled]
        self._owner_of = np.repeat(self._filled, self._lengths)

    def best(
        self, likeness: NDArray[np.float32], weights: NDArray[np.float32], shares: Sequence[float] = (1.0,)
    ) -> NDArray[np.float32]:
        """The largest weighted likeness among each owner's passages, or a mean of its largest ones; 0 without any.

        Args:
            likeness: (Q, P), 0 to 1.
            weights: (P,), 0 to 1, multiplied into the likeness; passages of weight 0 do not count.
            shares: of the largest, the second largest ... in the mean; those of passages that an owner does not have
                are shared out among the others.
        """
        value = np.zeros((likeness.shape[0], self._owners), np.float32)
        if not self._filled.size or not likeness.shape[0]:
            return value
        left = np.where(weights > 0, likeness * weights, -1).astype(np.float32)
        total = np.zeros_like(value[:, self._filled])
        given = np.zeros_like(total)
        for place, share in enumerate(shares):
            largest = np.maximum.reduceat(left, self._first, axis=1)
            there = largest >= 0
            total += np.where(there, share * largest, 0)
            given += np.where(there, share, 0)
            if place + 1 < len(shares):
                self._strike(left, largest)
        value[:, self._filled] = total / np.where(given > 0, given, 1)
        return value

    def _strike(self, left: NDArray[np.float32], largest: NDArray[np.float32]) -> None:
        """Take each owner's largest passage out, the first of equals, in place."""
        for row, best in zip(left, largest, strict=True):
            hits = np.flatnonzero(row == np.repeat(best, self._lengths))
            owners = self._owner_of[hits]
            row[hits[np.concatenate([[True], owners[1:] != owners[:-1]])]] = -1


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
