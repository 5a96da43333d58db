"""Means with their bootstrap intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

RESAMPLES = 2000
SEED = 20261124


class Estimate(NamedTuple):
    """A mean over items, its 95 % percentile bootstrap interval, and the number of items."""

    mean: float
    low: float
    high: float
    items: int

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}] n={self.items}"


def estimate(values: Sequence[float] | np.ndarray[tuple[int], np.dtype[np.floating]]) -> Estimate:
    """The mean of values with its interval (Efron 1979); the same values give the same interval."""
    array = np.asarray(values, np.float64)
    if array.size == 0:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    rng = np.random.default_rng(SEED)
    means = array[rng.integers(0, array.size, (RESAMPLES, array.size))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Estimate(float(array.mean()), float(low), float(high), int(array.size))
