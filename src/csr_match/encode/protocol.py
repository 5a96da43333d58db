"""The seam between the matcher and any model that turns texts into vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into unit vectors; the vector of a text does not depend on its neighbours."""

    @property
    def fingerprint(self) -> str:
        """Names model, weights and arithmetic: vectors of two fingerprints are never mixed."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimension), float32.

        Raises:
            EncoderError: a text is longer than the model's window; nothing is truncated in silence.
        """
