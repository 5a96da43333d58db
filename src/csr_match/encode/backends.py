"""Two ways to run an encoder: sentence-transformers itself, and its weights under OpenVINO.

The fast backend is converted from the loaded reference model once, checked against it text by text, and kept
in the cache folder; afterwards it needs neither torch nor sentence-transformers.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from csr_match.encode.catalog import EncoderConfig, Model, build_once
from csr_match.encode.protocol import Encoder, Vectors
from csr_match.errors import EncoderError
from csr_match.resources import cache_folder

MIN_AGREEMENT = 0.9999
BATCH = 32

_PROBES = (
    "Penetration tests of industrial control systems.",
    "Nous exploitons un centre de supervision de la sécurité pour les collectivités.",
    "Wir suchen Partner für die Zertifizierung von Kryptomodulen nach Common Criteria.",
    "Tarjoamme kyberharjoituksia ja koulutusta sairaaloille ja energiayhtiöille Keski-Suomessa.",
    "Sourdough bread.",
    "A cluster of forty companies and laboratories that develops products for the detection of attacks on "
    "satellite links, ground stations and the networks of operators, with a test range of its own, and that looks "
    "for end users who will try them under real conditions before the end of next year.",
)


def _too_long(text: str, tokens: int, window: int) -> EncoderError:
    return EncoderError(
        f"a text of {tokens} tokens does not fit the encoder's window of {window}: {text[:60]!r}...; split it"
    )


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """Keep the loading reports of transformers from the user; errors are raised all the same."""
    from transformers.utils import logging

    quiet: Any = logging
    verbosity = quiet.get_verbosity()
    quiet.set_verbosity_error()
    quiet.disable_progress_bar()
    try:
        yield
    finally:
        quiet.set_verbosity(verbosity)


class TorchEncoder:
    """sentence-transformers as it is: the reference, and the way for any other model."""

    def __init__(self, model: Model) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        from sentence_transformers import SentenceTransformer

        try:
            with _quiet_transformers():
                self.transformer = SentenceTransformer(
                    str(model.folder), device="cpu", local_files_only=True, trust_remote_code=False
                )
        except (OSError, ValueError, KeyError) as error:
            raise EncoderError(f"{model.folder}: cannot be loaded as a sentence-transformers model: {error}") from error
        self._prompt = model.prompt
        self.fingerprint = f"{model.key}/torch"
        self.dimension = int(self.transformer.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (n, dimension), float32."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        window = self.transformer.max_seq_length
        prompted = [self._prompt + text for text in texts]
        if window:
            lengths = self.transformer.tokenizer(prompted, truncation=False, verbose=False)["input_ids"]
            for text, ids in zip(texts, lengths, strict=True):
                if len(ids) > window:
                    raise _too_long(text, len(ids), window)
        vectors: Vectors = self.transformer.encode(
            prompted,
            batch_size=BATCH,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return vectors.astype(np.float32, copy=False).reshape(len(texts), self.dimension)


class OpenVinoEncoder:
    """The same weights under OpenVINO.

    Texts of exactly the same number of tokens share a batch, so nothing is padded and a text's vector
    does not depend on its neighbours.
    """

    def __init__(self, model: Model, folder: Path, precision: str) -> None:
        import openvino
        from tokenizers import Tokenizer

        self._manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        core = openvino.Core()
        self._compiled = core.compile_model(
            str(folder / "model.xml"), "CPU", {"INFERENCE_PRECISION_HINT": precision, "CACHE_DIR": ""}
        )
        self._tokenizer = Tokenizer.from_file(str(model.folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._prompt = model.prompt
        self._window = int(self._manifest["window"])
        self.dimension = int(self._manifest["dimension"])
        self.fingerprint = f"{model.key}/openvino-{precision}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (n, dimension), float32."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        ids = [e.ids for e in self._tokenizer.encode_batch([self._prompt + text for text in texts])]
        for text, tokens in zip(texts, ids, strict=True):
            if len(tokens) > self._window:
                raise _too_long(text, len(tokens), self._window)
        by_length: dict[int, list[int]] = {}
        for row, tokens in enumerate(ids):
            by_length.setdefault(len(tokens), []).append(row)
        request = self._compiled.create_infer_request()
        for length, rows in sorted(by_length.items()):
            for start in range(0, len(rows), BATCH):
                batch = rows[start : start + BATCH]
                together = np.array([ids[row] for row in batch], np.int64)
                hidden = request.infer(self._feed(together))[self._compiled.outputs[0]]
                pooled = hidden.sum(axis=1) / length
                vectors[batch] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return vectors

    def _feed(self, tokens: Any) -> dict[str, Any]:
        feed = {
            "input_ids": tokens,
            "attention_mask": np.ones_like(tokens),
            "token_type_ids": np.zeros_like(tokens),
        }
        return {name: feed[name] for name in self._manifest["inputs"]}


def load_encoder(config: EncoderConfig, model: Model, say: Callable[[str], None] = lambda _: None) -> Encoder:
    """The encoder of this configuration; converts it the first time.

    Raises:
        EncoderError: it cannot be loaded, converted, or does not agree with the reference.
    """
    if config.backend == "torch":
        return TorchEncoder(model)
    folder = cache_folder() / model.key / "openvino"
    if not folder.is_dir():
        say(f"preparing the encoder {config.name!r} (once, about 20 s) ...")
        build_once(folder, lambda target: _convert(model, target))
    return OpenVinoEncoder(model, folder, config.precision)


def _convert(model: Model, target: Path) -> None:
    import openvino
    import torch
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    reference = TorchEncoder(model)
    modules = list(reference.transformer)
    pooled_by_mean = len(modules) > 1 and isinstance(modules[1], Pooling) and modules[1].pooling_mode == "mean"
    if (
        not isinstance(modules[0], Transformer)
        or not pooled_by_mean
        or any(not isinstance(m, Normalize) for m in modules[2:])
    ):
        raise EncoderError(
            f"{model.folder}: only models of the form Transformer, mean Pooling, Normalize have the fast backend; "
            "choose --backend torch"
        )
    example = {
        "input_ids": torch.ones(2, 8, dtype=torch.int64),
        "attention_mask": torch.ones(2, 8, dtype=torch.int64),
    }
    with _quiet_transformers(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        converted = openvino.convert_model(modules[0].auto_model.eval(), example_input=example)
    openvino.save_model(converted, str(target / "model.xml"), compress_to_fp16=True)
    manifest: dict[str, Any] = {
        "model": model.key,
        "inputs": [port.any_name for port in converted.inputs],
        "window": reference.transformer.max_seq_length,
        "dimension": reference.dimension,
        "openvino": openvino.__version__,
    }
    (target / "manifest.json").write_text(json.dumps(manifest, indent=1), "utf-8")
    plain = reference.encode(_PROBES)
    for precision in ("f32", "bf16"):
        fast = OpenVinoEncoder(model, target, precision).encode(_PROBES)
        agreement = float((plain * fast).sum(axis=1).min())
        if agreement < MIN_AGREEMENT:
            raise EncoderError(
                f"{model.folder}: OpenVINO in {precision} agrees with torch only to a cosine of {agreement:.5f} "
                f"({MIN_AGREEMENT} is asked); choose --backend torch"
            )
        manifest[f"least_cosine_{precision}"] = round(agreement, 6)
    (target / "manifest.json").write_text(json.dumps(manifest, indent=1), "utf-8")
