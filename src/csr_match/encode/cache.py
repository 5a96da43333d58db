"""Vectors that were computed once: a file an encoder, keyed by the text's hash.

The cache is content-addressed: it can be lost or shared without harm, and writing to it in the middle of a
failed load changes no answer.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from csr_match.encode.protocol import Vectors
from csr_match.errors import WorkspaceError

_ASK_AT_ONCE = 500


def text_key(text: str) -> bytes:
    """16 bytes that stand for a text."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class VectorCache:
    """Raw vectors of one encoder by text, in a SQLite file under `folder`."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / (re.sub(r"[^A-Za-z0-9._-]+", "_", fingerprint) + ".sqlite")
        self._fingerprint = fingerprint
        try:
            self._connection = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID"
            )
        except sqlite3.Error as error:
            raise WorkspaceError(f"{self.path}: {error}; delete this file, it is only a cache") from error

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def get(self, texts: Sequence[str], dimension: int) -> tuple[Vectors, list[int]]:
        """Vectors by text, shape (n, dimension), and the rows that the cache does not know."""
        keys = [text_key(text) for text in texts]
        found: dict[bytes, bytes] = {}
        distinct = list(dict.fromkeys(keys))
        for start in range(0, len(distinct), _ASK_AT_ONCE):
            asked = distinct[start : start + _ASK_AT_ONCE]
            marks = ",".join("?" * len(asked))
            with closing(
                self._connection.execute(f"SELECT key, value FROM vector WHERE key IN ({marks})", asked)  # noqa: S608
            ) as rows:
                found.update(rows)
        vectors = np.zeros((len(texts), dimension), np.float32)
        missing = []
        for row, key in enumerate(keys):
            value = found.get(key)
            if value is None or len(value) != 4 * dimension:
                missing.append(row)
            else:
                vectors[row] = np.frombuffer(value, np.float32)
        return vectors, missing

    def put(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Remember vectors, shape (n, dimension)."""
        rows = [(text_key(t), v.astype(np.float32).tobytes()) for t, v in zip(texts, vectors, strict=True)]
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.executemany("INSERT OR REPLACE INTO vector VALUES (?, ?)", rows)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def forget(self, texts: Iterable[str]) -> int:
        """Remove the vectors of these texts; how many there were."""
        keys = [(text_key(text),) for text in texts]
        return self._connection.executemany("DELETE FROM vector WHERE key = ?", keys).rowcount
