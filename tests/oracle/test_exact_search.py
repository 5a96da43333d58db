"""Exact search against brute force, owner by owner."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from csr_match.index import ExactIndex
from csr_match.index.search import likeness_to

SIZES = st.lists(st.integers(0, 6), min_size=1, max_size=8)
SHARES = st.sampled_from([(1.0,), (0.5, 0.3, 0.2), (0.6, 0.4)])


def brute(likeness, weights, starts, shares):
    out = np.zeros((len(likeness), len(starts) - 1))
    for q, row in enumerate(likeness):
        for owner in range(len(starts) - 1):
            rows = [i for i in range(starts[owner], starts[owner + 1]) if weights[i] > 0]
            best = sorted((row[i] * weights[i] for i in rows), reverse=True)[: len(shares)]
            if best:
                used = shares[: len(best)]
                out[q, owner] = sum(s * b for s, b in zip(used, best, strict=True)) / sum(used)
    return out


@given(sizes=SIZES, queries=st.integers(0, 4), shares=SHARES, seed=st.integers(0, 2**32 - 1), ties=st.booleans())
def test_best_equals_brute_force(sizes, queries, shares, seed, ties) -> None:
    rng = np.random.default_rng(seed)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    likeness = rng.random((queries, starts[-1])).astype(np.float32)
    if ties:
        likeness = np.round(likeness, 1)
    weights = rng.choice([0.0, 0.5, 1.0], starts[-1]).astype(np.float32)
    found = ExactIndex(starts).best(likeness, weights, shares)
    np.testing.assert_allclose(found, brute(likeness, weights, starts, shares), atol=1e-6)


def test_likeness_in_blocks_equals_likeness_at_once(monkeypatch) -> None:
    rng = np.random.default_rng(1)
    queries, passages = rng.normal(size=(3, 8)).astype(np.float32), rng.normal(size=(50, 8)).astype(np.float32)
    whole = 1 / (1 + np.exp(-(2 * (queries @ passages.T) - 1)))
    monkeypatch.setattr("csr_match.index.search.ROWS_AT_ONCE", 7)
    np.testing.assert_allclose(likeness_to(queries, passages, 2.0, -1.0), whole, rtol=1e-5)
