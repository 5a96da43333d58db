"""The workspace file: versions, damage, writers side by side, the cache and the index that derive from it."""

from __future__ import annotations

import sqlite3
import threading

import numpy as np
import pytest

from csr_match.encode import Space, VectorCache
from csr_match.errors import UnknownNameError, WorkspaceError
from csr_match.index import open_directory
from csr_match.portray.portrait import Portrayer
from csr_match.store import Workspace
from csr_match.store.schema import SCHEMA_VERSION, metadata
from csr_match.store.workspace import Entry
from tests.conftest import HashingEncoder, organisation


def entry(identity: str, **fields: object) -> Entry:
    return Entry(organisation(identity, **fields), "test", "digest")


def test_migrations_lead_to_the_schema_of_the_code(tmp_path) -> None:
    Workspace(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "directory.sqlite")
    assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (SCHEMA_VERSION,)
    for table in metadata.tables.values():
        found = {row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")}
        assert found == {c.name for c in table.columns}
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_newer_a_foreign_and_a_damaged_file_are_refused(tmp_path) -> None:
    for name, content in (("newer", "9999"), ("foreign", None)):
        (tmp_path / name).mkdir()
        connection = sqlite3.connect(tmp_path / name / "directory.sqlite")
        connection.execute("CREATE TABLE record (x)")
        if content:
            connection.execute("CREATE TABLE alembic_version (version_num)")
            connection.execute("INSERT INTO alembic_version VALUES (?)", (content,))
        connection.commit()
        connection.close()
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "directory.sqlite").write_bytes(b"no database at all" * 100)
    for name, said in (
        ("newer", "newer csr-match"),
        ("foreign", "no csr-match workspace"),
        ("damaged", "restore a copy"),
    ):
        with pytest.raises(WorkspaceError, match=said):
            Workspace(tmp_path / name)


def test_a_workspace_that_cannot_be_made(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="cannot make the workspace"):
        Workspace(tmp_path / "file" / "below")


def test_a_failed_write_leaves_nothing(tmp_path) -> None:
    with Workspace(tmp_path) as workspace:
        workspace.write([entry("a")])

        def broken():
            yield entry("b")
            raise RuntimeError("in the middle")

        with pytest.raises(RuntimeError):
            workspace.write(broken(), {"setting": "x"})
        assert workspace.ids() == ["a"]
        assert workspace.get_meta("setting") is None
        assert workspace.generation == 1


def test_organisations_by_id_and_by_name(tmp_path) -> None:
    with Workspace(tmp_path) as workspace:
        same = {"short_name": "Twin"}
        workspace.write([entry("a", **same), entry("b", **same), entry("c", short_name="Only")])
        assert workspace.organisation("c") == workspace.organisation("only")
        with pytest.raises(UnknownNameError, match="several have this name: a, b"):
            workspace.organisation("twin")


def test_writers_side_by_side_lose_nothing(tmp_path) -> None:
    Workspace(tmp_path).close()
    failures: list[Exception] = []

    def write(writer: int) -> None:
        try:
            with Workspace(tmp_path) as workspace:
                for i in range(20):
                    workspace.write([entry(f"w{writer}-{i}")])
                    workspace.ids()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(w,)) for w in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failures
    with Workspace(tmp_path) as workspace:
        assert len(workspace.ids()) == 80
        assert workspace.generation == 80


def test_the_cache_answers_for_texts_it_knows_and_forgets_them(tmp_path) -> None:
    cache = VectorCache(tmp_path, "a/b:c")
    vectors = np.arange(6, dtype=np.float32).reshape(2, 3)
    cache.put(["one", "two"], vectors)
    found, missing = cache.get(["two", "three", "one", "two"], 3)
    assert missing == [1]
    np.testing.assert_array_equal(found[[2, 0, 3]], vectors[[0, 1, 1]])
    assert cache.get(["one"], 4)[1] == [0]
    assert cache.forget(["one", "nobody"]) == 1
    assert cache.get(["one"], 3)[1] == [0]
    cache.close()


def test_a_damaged_cache_says_that_it_may_be_deleted(tmp_path) -> None:
    (tmp_path / "x.sqlite").write_bytes(b"rubbish" * 1000)
    with pytest.raises(WorkspaceError, match="delete this file"):
        VectorCache(tmp_path, "x")


def test_each_text_is_encoded_once(tmp_path, hashing_space) -> None:
    class Counting(HashingEncoder):
        asked: list[str] = []  # noqa: RUF012

        def encode(self, texts):
            self.asked += texts
            return super().encode(texts)

    space = Space("counting/1", hashing_space.calibration, Counting, VectorCache(tmp_path, "counting"))
    first = space.encode(["a b", "c d", "a b"])
    np.testing.assert_array_equal(first, space.encode(["a b", "c d", "a b"]))
    assert sorted(Counting.asked) == ["a b", "c d"]


def test_the_index_follows_the_store(tmp_path, hashing_portrayer: Portrayer) -> None:
    with Workspace(tmp_path) as workspace:
        workspace.write([entry("b"), entry("a")])
        first = open_directory(workspace, hashing_portrayer)
        assert first.ids == ("a", "b")
        kept = open_directory(workspace, hashing_portrayer)
        assert isinstance(kept.vectors, np.memmap)
        workspace.write([entry("c")])
        assert open_directory(workspace, hashing_portrayer).ids == ("a", "b", "c")
        for damage in ("manifest.json", "rows.json", "holds.npy"):
            (file,) = workspace.index.glob(f"*/{damage}")
            file.write_bytes(b"damaged")
            assert open_directory(workspace, hashing_portrayer).ids == ("a", "b", "c")
