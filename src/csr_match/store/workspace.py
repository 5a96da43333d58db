"""A workspace on disk: one folder with `directory.sqlite`, the vector cache and the index."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, bindparam, create_engine, delete, event, func, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from csr_match.domain import KINDS, Organisation, Passage, Record, Role, Tag
from csr_match.errors import UnknownNameError, WorkspaceError
from csr_match.store.schema import SCHEMA_VERSION, correction, meta, passage, record

BUSY_SECONDS = 30
WRITTEN_AT_ONCE = 1000


@dataclass(frozen=True)
class StoredPassage:
    """A passage of a record with the tags it was given."""

    passage: Passage
    tags: tuple[Tag, ...]


class Entry(NamedTuple):
    """What is written of one record: the record, its origin and digest, and its passages."""

    record: Record
    origin: str
    digest: str
    passages: Sequence[StoredPassage] = ()


class Workspace:
    """Records of a directory; every write is one transaction, whole or not at all.

    Args:
        folder: created when it does not exist, unless `must_exist`.
        must_exist: refuse a folder that holds no workspace.

    Raises:
        WorkspaceError: missing, of another version, or damaged.
    """

    def __init__(self, folder: Path, must_exist: bool = False) -> None:
        self.folder = folder
        self.database = folder / "directory.sqlite"
        if must_exist and not self.database.is_file():
            raise WorkspaceError(
                f"no workspace at {folder}: load profiles first, `csr-match --workspace {folder} load profiles`"
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WorkspaceError(f"cannot make the workspace {folder}: {error.strerror}") from error
        self._engine = _engine(self.database)
        with self._explained():
            self._bring_up_to_date()

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def vectors(self) -> Path:
        """Folder of the vector caches."""
        return self.folder / "vectors"

    @property
    def index(self) -> Path:
        """Folder of the index artefacts."""
        return self.folder / "index"

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DatabaseError as error:
            raise WorkspaceError(
                f"{self.database}: {error.orig}; restore a copy, or move it away and load again"
            ) from error
        except SQLAlchemyError as error:
            raise WorkspaceError(f"{self.database}: {error}") from error

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with self._explained(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        writer = self._engine.execution_options(immediate=True)
        with self._explained(), writer.begin() as connection:
            yield connection
            counter = int(connection.scalar(select(meta.c.value).where(meta.c.key == "generation")) or 0)
            _set_meta(connection, "generation", str(counter + 1))

    def _bring_up_to_date(self) -> None:
        with self._engine.connect() as connection:
            found = connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE name IN ('alembic_version', 'record')"
            ).all()
            version = (
                connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
                if ("alembic_version",) in found
                else None
            )
        if version == SCHEMA_VERSION:
            return
        if version is not None and version > SCHEMA_VERSION:
            raise WorkspaceError(
                f"{self.database} was written by a newer csr-match (schema {version}, here {SCHEMA_VERSION}); update"
            )
        if found and version is None:
            raise WorkspaceError(f"{self.database} is no csr-match workspace; choose another folder")
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    # --- reading

    def get_meta(self, key: str) -> str | None:
        """A setting of the workspace, such as the name of its encoder."""
        with self._read() as connection:
            return connection.scalar(select(meta.c.value).where(meta.c.key == key))

    @property
    def generation(self) -> int:
        """Grows with every write; the index knows by it whether it is fresh."""
        return int(self.get_meta("generation") or 0)

    def ids(self, kind: str | None = None) -> list[str]:
        """Ids of all records, or those of a kind, in order."""
        query = select(record.c.id).order_by(record.c.id)
        with self._read() as connection:
            return list(connection.scalars(query.where(record.c.kind == kind) if kind else query))

    def counts(self) -> dict[str, int]:
        """Number of records by kind."""
        with self._read() as connection:
            rows = connection.execute(select(record.c.kind, func.count()).group_by(record.c.kind)).all()
        return dict(sorted((kind, count) for kind, count in rows))

    def digests(self) -> dict[str, str]:
        """Digest of each record by id."""
        with self._read() as connection:
            return {row.id: row.digest for row in connection.execute(select(record.c.id, record.c.digest))}

    def records(self, kind: str | None = None, only: Iterable[str] | None = None) -> Iterator[Record]:
        """Records in the order of their ids: all, those of a kind, or those of these ids."""
        query = select(record.c.kind, record.c.payload).order_by(record.c.id)
        if kind:
            query = query.where(record.c.kind == kind)
        if only is not None:
            query = query.where(record.c.id.in_(list(only)))
        with self._read() as connection:
            for of_kind, payload in connection.execute(query):
                yield KINDS[of_kind].model_validate_json(payload)

    def organisations(self, only: Iterable[str] | None = None) -> list[Organisation]:
        """Organisations in the order of their ids."""
        return [r for r in self.records("organisation", only) if isinstance(r, Organisation)]

    def get(self, identity: str, kind: str | None = None) -> Record:
        """One record.

        Raises:
            UnknownNameError: there is none of this id (and kind); the message says the nearest.
        """
        found = next(self.records(kind, [identity]), None)
        if found is None:
            raise UnknownNameError(kind or "record", identity, self.ids(kind))
        return found

    def organisation(self, identity: str) -> Organisation:
        """One organisation, by its id, else by its exact name or short name (case does not count).

        Raises:
            UnknownNameError: there is none; the message says the nearest.
        """
        found = next(self.records("organisation", [identity]), None)
        if isinstance(found, Organisation):
            return found
        wanted = identity.casefold()
        named = [o for o in self.organisations() if wanted in (o.name.casefold(), (o.short_name or "").casefold())]
        if len(named) == 1:
            return named[0]
        if named:
            raise UnknownNameError(
                "organisation", identity, (), "several have this name: " + ", ".join(o.id for o in named)
            )
        raise UnknownNameError("organisation", identity, self.ids("organisation"))

    def origin(self, identity: str) -> tuple[str, str]:
        """The file a record came from, and when it was loaded (UTC, ISO 8601)."""
        with self._read() as connection:
            query = select(record.c.origin, record.c.loaded_at).where(record.c.id == identity)
            origin, loaded_at = connection.execute(query).one()
        return origin, loaded_at

    def origins(self) -> dict[str, str]:
        """The file that each record came from, by id."""
        with self._read() as connection:
            return {row.id: row.origin for row in connection.execute(select(record.c.id, record.c.origin))}

    def passages(self, only: Iterable[str] | None = None) -> dict[str, list[StoredPassage]]:
        """Passages with their tags by record id."""
        query = select(passage).order_by(passage.c.record_id, passage.c.ordinal)
        if only is not None:
            query = query.where(passage.c.record_id.in_(list(only)))
        found: dict[str, list[StoredPassage]] = {}
        with self._read() as connection:
            for row in connection.execute(query):
                tags = tuple(Tag(*t) for t in json.loads(row.tags))
                text = Passage(Role(row.role), row.field, row.text, row.weight)
                found.setdefault(row.record_id, []).append(StoredPassage(text, tags))
        return found

    def corrections(self) -> dict[str, dict[str, bool]]:
        """By record id, the concepts that a person confirmed (True) or refused (False)."""
        found: dict[str, dict[str, bool]] = {}
        with self._read() as connection:
            for row in connection.execute(select(correction).order_by(correction.c.record_id, correction.c.concept)):
                found.setdefault(row.record_id, {})[row.concept] = row.holds
        return found

    # --- writing

    def write(self, entries: Iterable[Entry], settings: Mapping[str, str] | None = None) -> None:
        """Add or replace records with their passages, and settings, in one transaction."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._write() as connection:
            for key, value in (settings or {}).items():
                _set_meta(connection, key, value)
            for part in _parts(entries, WRITTEN_AT_ONCE):
                ids = [{"written": entry.record.id} for entry in part]
                for table, column in ((passage, passage.c.record_id), (record, record.c.id)):
                    connection.execute(delete(table).where(column == bindparam("written")), ids)
                connection.execute(insert(record), [_record_row(entry, now) for entry in part])
                rows = [_passage_row(e.record.id, i, p) for e in part for i, p in enumerate(e.passages)]
                if rows:
                    connection.execute(insert(passage), rows)

    def correct(self, identity: str, verdicts: Mapping[str, bool | None]) -> None:
        """Record a person's word on capabilities: True has it, False has it not, None takes the word back."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._write() as connection:
            for concept, holds in verdicts.items():
                here = (correction.c.record_id == identity) & (correction.c.concept == concept)
                connection.execute(delete(correction).where(here))
                if holds is not None:
                    row = {"record_id": identity, "concept": concept, "holds": holds, "made_at": now}
                    connection.execute(insert(correction), row)


def _parts(entries: Iterable[Entry], size: int) -> Iterator[list[Entry]]:
    remaining = iter(entries)
    while part := list(islice(remaining, size)):
        yield part


def _engine(database: Path) -> Engine:
    engine = create_engine(f"sqlite:///{database}", connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the begin event below says BEGIN itself
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes the lock at once: a deferred one fails when another wrote meanwhile.
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _set_meta(connection: Connection, key: str, value: str) -> None:
    statement = upsert(meta).values(key=key, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def _record_row(entry: Entry, now: str) -> dict[str, str]:
    kind = next(name for name, model in KINDS.items() if type(entry.record) is model)
    return {
        "id": entry.record.id,
        "kind": kind,
        "name": entry.record.name,
        "payload": entry.record.model_dump_json(exclude_none=True),
        "digest": entry.digest,
        "origin": entry.origin,
        "loaded_at": now,
    }


def _passage_row(identity: str, ordinal: int, stored: StoredPassage) -> dict[str, Any]:
    return {
        "record_id": identity,
        "ordinal": ordinal,
        "role": stored.passage.role.value,
        "field": stored.passage.field,
        "text": stored.passage.text,
        "weight": stored.passage.weight,
        "tags": json.dumps([list(t) for t in stored.tags], ensure_ascii=False),
    }
