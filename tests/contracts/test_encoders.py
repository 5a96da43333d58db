"""What every encoder promises, tested on each."""

from __future__ import annotations

import numpy as np
import pytest

from csr_match.encode import EncoderConfig
from csr_match.encode.backends import load_encoder
from csr_match.encode.catalog import model
from csr_match.errors import EncoderError
from tests.conftest import HashingEncoder

TEXTS = [
    "Penetration tests of industrial control systems.",
    "SOC.",
    "Nous formons les agents des communes à reconnaître l'hameçonnage, avec des exercices tous les trois mois.",
    "Kyberharjoituksia sairaaloille.",
    "A cluster of forty companies and laboratories that looks for end users in the energy sector and offers them a "
    "test range of its own, with engineers who stay for the whole of the trial.",
]


@pytest.fixture(
    scope="module",
    params=[
        "hashing",
        "multilingual/openvino/bf16",
        "multilingual/openvino/f32",
        "english/openvino/bf16",
        "english/torch/f32",
    ],
)
def encoder(request):
    if request.param == "hashing":
        return HashingEncoder()
    name, backend, precision = request.param.split("/")
    return load_encoder(EncoderConfig(name, backend, precision), model(name))


def test_vectors_are_unit_float32_of_the_stated_shape(encoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)


def test_nothing_gives_nothing(encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_a_vector_does_not_depend_on_its_neighbours(encoder) -> None:
    together = encoder.encode(TEXTS * 9)[: len(TEXTS)]
    alone = np.concatenate([encoder.encode([t]) for t in TEXTS])
    tolerance = 1e-5 if "torch" not in encoder.fingerprint else 1e-3  # the reference pads its batches
    np.testing.assert_allclose(together, alone, atol=tolerance)


def test_the_order_of_texts_is_the_order_of_vectors(encoder) -> None:
    np.testing.assert_allclose(encoder.encode(TEXTS[::-1]), encoder.encode(TEXTS)[::-1], atol=1e-3)


def test_a_text_longer_than_the_window_is_refused_and_not_cut(encoder) -> None:
    if isinstance(encoder, HashingEncoder):
        pytest.skip("has no window")
    with pytest.raises(EncoderError, match="does not fit the encoder's window"):
        encoder.encode(["fine", "word " * 1000])


def test_the_fast_backend_agrees_with_the_reference() -> None:
    found = model("english")
    plain = load_encoder(EncoderConfig("english", "torch"), found).encode(TEXTS)
    for precision in ("bf16", "f32"):
        fast = load_encoder(EncoderConfig("english", "openvino", precision), found).encode(TEXTS)
        assert (plain * fast).sum(axis=1).min() > 0.9999


def test_a_model_by_its_folder(tmp_path, monkeypatch) -> None:
    """Any sentence-transformers model: here the English one under another name."""
    folder = tmp_path / "my-model"
    folder.symlink_to(model("english").folder)
    found = model(str(folder))
    assert found.key.startswith("my-model-")
    vectors = load_encoder(EncoderConfig(str(folder), "torch"), found).encode(TEXTS[:1])
    expected = load_encoder(EncoderConfig("english", "torch"), model("english")).encode(TEXTS[:1])
    np.testing.assert_allclose(vectors, expected, atol=1e-6)


@pytest.mark.parametrize("name", ["no/such-model", "", "../../etc", "multilingul"])
def test_an_unknown_encoder_names_those_there_are(name, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EncoderError, match=r"multilingual or english|safetensors"):
        model(name)


def test_weights_other_than_the_pinned_ones_are_refused(monkeypatch) -> None:
    from csr_match.encode import catalog

    monkeypatch.setitem(catalog.PACKAGED, "english", catalog.PACKAGED["english"]._replace(sha256="0" * 64))
    with pytest.raises(EncoderError, match="sha256 is 53aa51172d142c89"):
        model("english")


@pytest.mark.parametrize(("field", "value"), [("backend", "cuda"), ("precision", "int4")])
def test_an_unknown_way_to_run_is_refused(field, value) -> None:
    with pytest.raises(EncoderError, match=value):
        EncoderConfig(**{field: value})
