"""What happens once on a fresh machine: unpacking, converting, calibrating; and what is refused."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from csr_match.encode import Calibration, EncoderConfig, open_space
from csr_match.encode.backends import TorchEncoder, load_encoder
from csr_match.encode.catalog import Model, model
from csr_match.encode.e5_weights import read_e5
from csr_match.errors import EncoderError
from csr_match.resources import shipped
from tests.conftest import ROOT, invoke

TEXTS = ["Penetration tests of industrial control systems.", "Tunkeutumistestausta teollisuusautomaatiolle.", "Bread."]


@pytest.fixture
def fresh_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CSR_MATCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_multilingual_encoder_unpacked_and_converted(fresh_cache) -> None:
    """The weights of the package become a sentence-transformers folder; both ways to run it agree."""
    said: list[str] = []
    config = EncoderConfig("multilingual")
    found = model("multilingual")
    fast = load_encoder(config, found, said.append)
    assert len(said) == 1
    plain = TorchEncoder(found)
    expected, vectors = plain.encode(TEXTS), fast.encode(TEXTS)
    assert (expected * vectors).sum(axis=1).min() > 0.9999
    assert expected[0] @ expected[1] > expected[0] @ expected[2] + 0.05
    manifest = json.loads((fresh_cache / found.key / "openvino" / "manifest.json").read_text())
    assert manifest["least_cosine_bf16"] > 0.9999
    load_encoder(config, found, said.append)
    assert len(said) == 1


def test_another_model_is_calibrated_once(fresh_cache, tmp_path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(model("english").folder, folder)
    said: list[str] = []
    space = open_space(EncoderConfig(str(folder)), tmp_path / "vectors", said.append)
    assert any("calibrating" in s for s in said)
    theirs = Calibration.load(next((ROOT / "models").glob("all-MiniLM*")))
    assert space.calibration.slope == pytest.approx(theirs.slope, rel=0.02)
    said.clear()
    again = open_space(EncoderConfig(str(folder)), tmp_path / "vectors", said.append)
    assert not said
    np.testing.assert_allclose(again.encode(TEXTS), space.encode(TEXTS))


def test_the_shipped_calibration_is_what_the_command_makes(tmp_path) -> None:
    result = invoke("calibrate", "english", "--out", str(tmp_path))
    assert result.exit_code == 0
    (made,) = tmp_path.iterdir()
    ours, theirs = Calibration.load(made), Calibration.load(shipped("models") / made.name)
    assert ours.version == theirs.version
    assert ours.slope == pytest.approx(theirs.slope, rel=1e-2)
    assert (ours.concept_vectors * theirs.concept_vectors).sum(axis=1).min() > 0.999


def test_a_calibration_that_is_not_its_manifests_is_refused(tmp_path) -> None:
    source = next((ROOT / "models").glob("all-MiniLM*"))
    folder = tmp_path / source.name
    shutil.copytree(source, folder)
    raw = bytearray((folder / "space.safetensors").read_bytes())
    raw[-1] ^= 1
    (folder / "space.safetensors").write_bytes(raw)
    with pytest.raises(EncoderError, match="not the file its manifest describes"):
        Calibration.load(folder)


def test_a_foreign_weights_file_is_refused(tmp_path) -> None:
    (tmp_path / "x.bin").write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(EncoderError, match="not an E5S1 file"):
        read_e5(tmp_path / "x.bin")


def test_a_model_without_safetensors_is_refused(tmp_path) -> None:
    (tmp_path / "modules.json").write_text("[]")
    (tmp_path / "pytorch_model.bin").write_bytes(b"never unpickled")
    with pytest.raises(EncoderError, match="safetensors"):
        model(str(tmp_path))


def test_a_model_of_another_form_has_no_fast_backend(tmp_path, fresh_cache) -> None:
    folder = tmp_path / "cls"
    shutil.copytree(model("english").folder, folder)
    pooling = json.loads((folder / "1_Pooling" / "config.json").read_text())
    pooling |= {"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    with pytest.raises(EncoderError, match="choose --backend torch"):
        load_encoder(EncoderConfig(str(folder)), model(str(folder)))
    assert not list(fresh_cache.rglob("model.xml"))


def test_a_broken_model_is_explained(tmp_path) -> None:
    with pytest.raises(EncoderError, match="cannot be loaded"):
        TorchEncoder(Model("broken", tmp_path / "nothing", ""))


@pytest.mark.parametrize("probe", ["languages", "tags", "offtopic", "components"])
def test_probes(probe: str, shipped_workspace) -> None:
    result = invoke("--workspace", str(shipped_workspace), "evaluate", probe)
    assert result.exit_code == 0, result.output
    assert "n=" in result.output
