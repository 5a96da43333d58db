"""Texts to vectors: the encoders, their calibration, and the cache."""

from csr_match.encode.cache import VectorCache
from csr_match.encode.catalog import BACKENDS, DEFAULT_ENCODER, EncoderConfig
from csr_match.encode.language import language_of
from csr_match.encode.space import Calibration, Space, open_space

__all__ = [
    "BACKENDS",
    "DEFAULT_ENCODER",
    "Calibration",
    "EncoderConfig",
    "Space",
    "VectorCache",
    "language_of",
    "open_space",
]
