"""Records into a workspace: portrayed, stored in one transaction; what did not change is not encoded again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from csr_match.domain import Organisation, Passage, Project, Record
from csr_match.portray.history import History
from csr_match.portray.passages import passages
from csr_match.portray.portrait import Portrait, Portrayer
from csr_match.store import StoredPassage, Workspace
from csr_match.store.workspace import Entry

PORTRAYED_AT_ONCE = 2000

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class LoadReport:
    """What a load did, by record id."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    passages: int


@dataclass(frozen=True)
class Plan:
    """What would be written: records with their origin, digest and passages, and what each is to the workspace."""

    entries: tuple[tuple[Record, str, str, tuple[Passage, ...]], ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


def plan(workspace: Workspace, given: Iterable[tuple[Record, str]], portrayed_by: str) -> Plan:
    """Compare records (with their origins) with the workspace; nothing is encoded or written.

    An organisation that lives on its projects changes when they do. When another encoder or taxonomy portrayed the
    workspace, all its records are taken along: two must not be mixed.
    """
    records = {record.id: (record, origin) for record, origin in given}
    before = workspace.digests()
    stored = workspace.get_meta("portrayed_by")
    if stored not in (None, portrayed_by):
        origins = workspace.origins()
        for record in workspace.records():
            records.setdefault(record.id, (record, origins[record.id]))
    history = _history(workspace, records)
    entries = []
    for record, origin in records.values():
        texts = (*passages(record), *history.evidence(record)) if isinstance(record, Organisation) else ()
        digest = record_digest(record, texts, portrayed_by)
        if before.get(record.id) != digest:
            entries.append((record, origin, digest, tuple(texts)))
    fresh = {e[0].id for e in entries}
    return Plan(
        tuple(entries),
        tuple(i for i in records if i in fresh and i not in before),
        tuple(i for i in records if i in fresh and i in before),
        tuple(i for i in records if i not in fresh),
    )


def _history(workspace: Workspace, records: Mapping[str, tuple[Record, str]]) -> History:
    """Projects that the organisations among the records live on: those given, else those stored."""
    wanted = {p for r, _ in records.values() if isinstance(r, Organisation) for p in r.projects}
    given = [r for r, _ in records.values() if isinstance(r, Project)]
    missing = wanted - {p.id for p in given}
    stored = [p for p in workspace.records("project") if p.id in missing] if missing else []
    return History([*given, *(p for p in stored if isinstance(p, Project))])


def record_digest(record: Record, texts: Sequence[Passage], portrayed_by: str) -> str:
    """Stands for a record, for its passages, and for how they were portrayed."""
    digest = hashlib.sha256(f"{portrayed_by}\n{record.model_dump_json()}\n".encode())
    for p in texts:
        digest.update(f"{p.field}\t{p.weight}\t{p.text}\n".encode())
    return digest.hexdigest()[:32]


def commit(
    workspace: Workspace,
    planned: Plan,
    portrayer: Portrayer,
    settings: Mapping[str, str],
    progress: Progress = lambda *_: None,
) -> LoadReport:
    """Encode, tag and store what was planned, in one transaction.

    Args:
        workspace: where to.
        planned: by `plan`.
        portrayer: makes tags and vectors.
        settings: kept in the workspace with them (the encoder's configuration).
        progress: told ("encoding", passages since it was last told).
    """
    texts = [p.text for _, _, _, several in planned.entries for p in several]
    # Into the cache first: the transaction, in which everything is portrayed part by part, is then short.
    portrayer.space.warm(texts, lambda n: progress("encoding", n))
    settings = {**settings, "portrayed_by": portrayer.identity}
    if planned.entries or any(workspace.get_meta(k) != v for k, v in settings.items()):
        workspace.write(_entries(planned, portrayer), settings)
    return LoadReport(planned.added, planned.changed, planned.unchanged, len(texts))


def _entries(planned: Plan, portrayer: Portrayer) -> Iterator[Entry]:
    for start in range(0, len(planned.entries), PORTRAYED_AT_ONCE):
        part = planned.entries[start : start + PORTRAYED_AT_ONCE]
        organisations = [(r, texts) for r, _, _, texts in part if isinstance(r, Organisation)]
        portraits = {p.id: p for p in portrayer.portray(organisations)}
        for record, origin, digest, _ in part:
            yield Entry(record, origin, digest, _stored(portraits.get(record.id)))


def _stored(portrait: Portrait | None) -> list[StoredPassage]:
    if portrait is None:
        return []
    return [StoredPassage(p, tags) for p, tags in zip(portrait.passages, portrait.tags, strict=True)]
