"""Shared fixtures: a hashing encoder that needs no weights, and the shipped directory loaded with the real one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, settings

from csr_match.domain import Need, Offer, Organisation, RegionRef
from csr_match.encode.calibrate import calibrate
from csr_match.encode.protocol import Vectors
from csr_match.encode.space import Space
from csr_match.portray.portrait import Portrayer

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"

settings.register_profile("ci", deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
settings.load_profile("ci")


class HashingEncoder:
    """Words and their beginnings hashed into a unit vector: no meaning, but a text's vector is its own."""

    fingerprint = "hashing/1"
    dimension = 512

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.casefold()):
                for part in (word, word[:5]):
                    digest = hashlib.blake2b(part.encode(), digest_size=4).digest()
                    vectors[row, int.from_bytes(digest[:2]) % self.dimension] += 1 if digest[2] % 2 else -1
        vectors[:, 0] += 0.01
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.where(norms > 0, norms, 1)


@pytest.fixture(scope="session")
def hashing_space() -> Space:
    encoder = HashingEncoder()
    # It knows no paraphrase, so its own curve is flat; a usual one takes its place.
    calibration = replace(calibrate(encoder, "hashing"), slope=10.0, intercept=-4.0)
    return Space(encoder.fingerprint, calibration, lambda: encoder, None)


@pytest.fixture(scope="session")
def hashing_portrayer(hashing_space: Space) -> Portrayer:
    return Portrayer(hashing_space)


@pytest.fixture(scope="session")
def shipped_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped directory, loaded once by the command with the default encoder."""
    folder = tmp_path_factory.mktemp("shipped") / "workspace"
    result = invoke("--workspace", str(folder), "load", str(ROOT / "profiles"))
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def profiles(tmp_path: Path) -> Callable[..., Path]:
    """Write profiles as YAML files and return their folder."""

    def write(**files: str) -> Path:
        folder = tmp_path / "profiles"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / f"{name}.yaml").write_text(text, "utf-8")
        return folder

    return write


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CSR_MATCH_WORKSPACE", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def invoke(*arguments: str) -> Result:
    """Run the command line inside this process."""
    from csr_match.cli import main

    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def organisation(identity: str, region: str | None = None, **fields: object) -> Organisation:
    """A record for tests; offers and needs may be given as plain texts."""
    for name, model in (("offers", Offer), ("needs", Need)):
        if name in fields:
            fields[name] = tuple(model(text=t) if isinstance(t, str) else t for t in fields[name])  # type: ignore[attr-defined]
    place = RegionRef(code=region) if region else None
    return Organisation.model_validate(
        {"id": identity, "name": identity, "region": place, "country": region[:2] if region else None, **fields}
    )
