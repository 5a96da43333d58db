"""Texts a second of the fast backend over sentence-transformers with its defaults, in one run: make benchmarks."""

from __future__ import annotations

import time

import numpy as np
import pytest

from csr_match.encode import EncoderConfig
from csr_match.encode.backends import TorchEncoder, load_encoder
from csr_match.encode.calibrate import read_texts
from csr_match.encode.catalog import model

ROUNDS = 3


def _texts() -> list[str]:
    return [" ".join([p["need"], *p["offers"], *p["near"]]) for p in read_texts("pairs")] * 2


@pytest.mark.parametrize("name", ["multilingual", "english"])
def test_encoding_ratio(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    texts, found = _texts(), model(name)
    peer, fast = TorchEncoder(found), load_encoder(EncoderConfig(name), found)
    seconds = {"peer": [], "fast": []}
    for _ in range(ROUNDS):
        for label, encoder in (("peer", peer), ("fast", fast)):
            start = time.perf_counter()
            vectors = encoder.encode(texts)
            seconds[label].append(time.perf_counter() - start)
            if label == "peer":
                expected = vectors
    agreement = float((vectors * expected).sum(axis=1).min())
    peer_s, fast_s = float(np.median(seconds["peer"])), float(np.median(seconds["fast"]))
    with capsys.disabled():
        print(
            f"\n{name}: {len(texts) / fast_s:.0f} texts/s against {len(texts) / peer_s:.0f} "
            f"(sentence-transformers defaults): {peer_s / fast_s:.1f} times; least cosine {agreement:.6f}"
        )
    assert agreement > 0.999
