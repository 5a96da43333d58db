"""The space that texts are compared in: an encoder, its calibration, and the cache.

An encoder's own cosines cannot be read as they are: multilingual ones put texts of one language together, and
unrelated texts at .84. A space subtracts a mean per language, shrinks the directions in which texts of one concept
differ and stretches those in which concepts do, and maps cosines to 0..1 by a logistic curve. All of it is estimated
on texts of the package's own (`csr-match calibrate`), never on the directory that is matched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from csr_match.encode.backends import load_encoder
from csr_match.encode.cache import VectorCache
from csr_match.encode.catalog import (
    PACKAGED,
    EncoderConfig,
    Model,
    build_once,
    model,
    packaged_key,
    sha256_of,
)
from csr_match.encode.language import language_of
from csr_match.encode.protocol import Encoder, Vectors
from csr_match.errors import EncoderError
from csr_match.resources import cache_folder, package_data, shipped
from csr_match.taxonomy import taxonomy_version

ENCODE_AT_ONCE = 2048
SALIENCE_FLOOR = 0.05


@cache
def calibration_version() -> str:
    """Short digest of all texts that a calibration is estimated on."""
    digest = hashlib.sha256(taxonomy_version().encode())
    for name in ("pairs", "plain"):
        digest.update(package_data("encode", "data", f"{name}.jsonl").read_bytes())
    return digest.hexdigest()[:12]


def unit(vectors: Vectors) -> Vectors:
    """Vectors brought to length 1, shape as given; a zero stays zero."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.where(norms > 0, norms, 1)).astype(np.float32, copy=False)


def centred(vectors: Vectors, languages: Sequence[str], means: Mapping[str, NDArray[np.float32]]) -> Vectors:
    """Unit vectors with their language's mean taken out, shape (n, dimension)."""
    common = means[""]
    return unit(vectors - np.array([means.get(x, common) for x in languages], np.float32).reshape(vectors.shape))


class Probe(NamedTuple):
    """A logistic regression on vectors: direction (dimension,) and offset."""

    direction: NDArray[np.float32]
    offset: float

    def __call__(self, vectors: Vectors) -> NDArray[np.float64]:
        """The chance of a yes for each vector, shape (n,), 0 to 1."""
        return 1 / (1 + np.exp(-(vectors @ self.direction + self.offset).astype(np.float64)))


@dataclass(frozen=True)
class Calibration:
    """What makes an encoder's vectors comparable.

    version: of the texts it was estimated on.
    means: by language, shape (dimension,); the key "" holds the mean over languages, for all others.
    transform: (dimension, dimension), keeps what tells concepts apart (calibrate.py).
    slope, intercept: likeness = 1 / (1 + exp(-(slope * cosine + intercept))).
    salient, digital: probes that tell sentences on a capability from others, and texts on cybersecurity and the digital
        field from texts on anything else.
    concepts: ids of capabilities, stages and S3 areas; concept_vectors: their unit vectors in this space.
    """

    model: str
    version: str
    means: dict[str, NDArray[np.float32]]
    transform: NDArray[np.float32]
    slope: float
    intercept: float
    salient: Probe
    digital: Probe
    concepts: tuple[str, ...]
    concept_vectors: Vectors

    def calibrated(self, vectors: Vectors, languages: Sequence[str]) -> Vectors:
        """Raw vectors brought to the space: language means out, transformed, unit length."""
        return unit(centred(vectors, languages, self.means) @ self.transform)

    def likeness(self, cosines: NDArray[np.floating]) -> NDArray[np.float64]:
        """How alike two texts are, 0 to 1: the chance that one answers the other.

        As if that were as likely as not before they were compared.
        """
        return 1 / (1 + np.exp(-(self.slope * np.asarray(cosines, np.float64) + self.intercept)))

    def salience(self, vectors: Vectors) -> NDArray[np.float32]:
        """How much texts tell of what somebody can do, 0 to 1, shape (n,); "founded in 2001" tells nothing."""
        return np.maximum(self.salient(vectors), SALIENCE_FLOOR).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write manifest.json and space.safetensors."""
        from safetensors.numpy import save_file

        languages = sorted(self.means)
        tensors = {
            "means": np.stack([self.means[x] for x in languages]).astype(np.float32),
            "transform": self.transform.astype(np.float32),
            "salient": self.salient.direction,
            "digital": self.digital.direction,
            "concepts": self.concept_vectors.astype(np.float32),
        }
        save_file(tensors, folder / "space.safetensors")
        manifest = {
            "format": 4,
            "model": self.model,
            "version": self.version,
            "languages": languages,
            "slope": round(self.slope, 6),
            "intercept": round(self.intercept, 6),
            "offsets": {"salient": round(self.salient.offset, 6), "digital": round(self.digital.offset, 6)},
            "concepts": list(self.concepts),
            "sha256": sha256_of(folder / "space.safetensors"),
        }
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Calibration:
        """Read and check what `save` wrote.

        Raises:
            EncoderError: the files do not belong together.
        """
        from safetensors.numpy import load_file

        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        if sha256_of(folder / "space.safetensors") != manifest["sha256"]:
            raise EncoderError(f"{folder}: space.safetensors is not the file its manifest describes; restore both")
        tensors = load_file(folder / "space.safetensors")
        return cls(
            manifest["model"],
            manifest["version"],
            dict(zip(manifest["languages"], tensors["means"], strict=True)),
            tensors["transform"],
            manifest["slope"],
            manifest["intercept"],
            Probe(tensors["salient"], manifest["offsets"]["salient"]),
            Probe(tensors["digital"], manifest["offsets"]["digital"]),
            tuple(manifest["concepts"]),
            tensors["concepts"],
        )


class Space:
    """Texts to calibrated vectors; the encoder is loaded only when the cache does not know a text."""

    def __init__(
        self,
        fingerprint: str,
        calibration: Calibration,
        open_encoder: Callable[[], Encoder],
        cache: VectorCache | None,
    ) -> None:
        self.fingerprint = fingerprint
        self.calibration = calibration
        self.cache = cache
        self._open_encoder = open_encoder
        self._encoder: Encoder | None = None

    @property
    def identity(self) -> str:
        """Encoder, taxonomy and calibration: vectors of two identities must not meet."""
        means = float(np.abs(self.calibration.means[""]).sum())
        return f"{self.fingerprint}/{self.calibration.version}/{self.calibration.slope:.6f}/{means:.6f}"

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self.calibration.concept_vectors.shape[1])

    @property
    def encoder(self) -> Encoder:
        """The encoder, loaded now if it was not yet."""
        if self._encoder is None:
            self._encoder = self._open_encoder()
        return self._encoder

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] = lambda _: None) -> Vectors:
        """Calibrated unit vectors, shape (n, dimension); `progress` is told how many texts were done."""
        raw = self._raw(texts, progress)
        return self.calibration.calibrated(raw, [language_of(text) for text in texts])

    def warm(self, texts: Sequence[str], progress: Callable[[int], None] = lambda _: None) -> None:
        """Encode into the cache what it does not know, so that `encode` answers at once; little memory is held."""
        if self.cache is None:
            return
        distinct = sorted(set(texts), key=lambda text: (len(text), text))
        for start in range(0, len(distinct), ENCODE_AT_ONCE):
            self._raw(distinct[start : start + ENCODE_AT_ONCE], progress)

    def _raw(self, texts: Sequence[str], progress: Callable[[int], None]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        if self.cache is None:
            return self.encoder.encode(texts)
        vectors, missing = self.cache.get(texts, self.dimension)
        progress(len(texts) - len(missing))
        rows_of: dict[str, list[int]] = {}
        for row in missing:
            rows_of.setdefault(texts[row], []).append(row)
        distinct = sorted(rows_of, key=len)
        for start in range(0, len(distinct), ENCODE_AT_ONCE):
            part = distinct[start : start + ENCODE_AT_ONCE]
            encoded = self.encoder.encode(part)
            self.cache.put(part, encoded)
            for text, vector in zip(part, encoded, strict=True):
                vectors[rows_of[text]] = vector
            progress(sum(len(rows_of[text]) for text in part))
        return vectors


def open_space(
    config: EncoderConfig, cache_in: Path | None = None, say: Callable[[str], None] = lambda _: None
) -> Space:
    """The space of an encoder, with its cache in the folder `cache_in`.

    A packaged model's space is shipped in `models/`; another's is calibrated once into the cache folder.

    Raises:
        EncoderError: no such encoder, or it cannot be loaded.
    """
    found: Model | None = None

    def the_model() -> Model:
        nonlocal found
        if found is None:
            found = model(config.name)
        return found

    key = packaged_key(config.name) if config.name in PACKAGED else the_model().key
    run = config.backend if config.backend == "torch" else f"openvino-{config.precision}"
    return Space(
        f"{key}/{run}",
        _calibration(key, lambda: load_encoder(config, the_model(), say), say),
        lambda: load_encoder(config, the_model(), say),
        VectorCache(cache_in, f"{key}/{run}") if cache_in else None,
    )


def _calibration(key: str, open_encoder: Callable[[], Encoder], say: Callable[[str], None]) -> Calibration:
    ready = shipped("models") / key
    if (ready / "manifest.json").is_file():
        calibration = Calibration.load(ready)
        if calibration.version == calibration_version():
            return calibration
    folder = cache_folder() / key / f"space-{calibration_version()}"
    if not folder.is_dir():
        from csr_match.encode.calibrate import calibrate

        say("calibrating the encoder on the taxonomy (once) ...")
        build_once(folder, lambda target: calibrate(open_encoder(), key).save(target))
    return Calibration.load(folder)
