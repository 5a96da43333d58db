"""Files into a workspace, all or nothing; what did not change is not encoded again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from csr_match.domain import Organisation, Record
from csr_match.errors import InvalidInputError
from csr_match.ingest.check import check_paths
from csr_match.portray.portrait import Portrait, Portrayer
from csr_match.store import StoredPassage, Workspace
from csr_match.store.workspace import Entry


@dataclass(frozen=True)
class LoadReport:
    """What a load did, by record id."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    passages: int


def load_paths(
    workspace: Workspace,
    paths: Sequence[Path],
    portrayer: Portrayer,
    settings: dict[str, str],
    progress: Callable[[str, int], None] = lambda *_: None,
) -> LoadReport:
    """Validate, portray and store the records at or below the paths, in one transaction.

    Args:
        workspace: where to.
        paths: files or folders of profiles.
        portrayer: makes passages, tags and vectors.
        settings: kept in the workspace with them (the encoder's configuration).
        progress: told (phase, steps done since it was last told).

    Raises:
        InvalidInputError: with every fault; then nothing was loaded.
    """
    checked = check_paths(paths, known=workspace.ids(), progress=lambda files: progress("reading", files))
    if checked.faults:
        raise InvalidInputError(checked.faults, f"nothing was loaded: {len(checked.faults)} fault(s)")
    before = workspace.digests()
    candidates = [
        *zip(checked.records, checked.origins, strict=True),
        *_outdated(workspace, portrayer, checked.records),
    ]
    digests = {r.id: record_digest(r, portrayer.identity) for r, _ in candidates}
    fresh = [(r, origin) for r, origin in candidates if before.get(r.id) != digests[r.id]]
    portraits = _portraits([r for r, _ in fresh], portrayer, progress)
    entries = [Entry(r, origin, digests[r.id], stored_passages(portraits.get(r.id))) for r, origin in fresh]
    settings = {**settings, "portrayed_by": portrayer.identity}
    if entries or any(workspace.get_meta(k) != v for k, v in settings.items()):
        workspace.write(entries, settings)
    return LoadReport(
        added=tuple(e.record.id for e in entries if e.record.id not in before),
        changed=tuple(e.record.id for e in entries if e.record.id in before),
        unchanged=tuple(r.id for r, _ in candidates if before.get(r.id) == digests[r.id]),
        passages=sum(len(e.passages) for e in entries),
    )


def _outdated(workspace: Workspace, portrayer: Portrayer, checked: Sequence[Record]) -> list[tuple[Record, str]]:
    """Records already in the workspace, when another encoder or taxonomy portrayed them: two must not be mixed."""
    if workspace.get_meta("portrayed_by") in (None, portrayer.identity):
        return []
    new = {r.id for r in checked}
    return [(r, workspace.origin(r.id)[0]) for r in workspace.records() if r.id not in new]


def record_digest(record: Record, portrayed_by: str) -> str:
    """Stands for a record and for how it was portrayed."""
    return hashlib.sha256(f"{portrayed_by}\n{record.model_dump_json()}".encode()).hexdigest()[:32]


def stored_passages(portrait: Portrait | None) -> list[StoredPassage]:
    """What the store keeps of a portrait."""
    if portrait is None:
        return []
    return [StoredPassage(p, tags) for p, tags in zip(portrait.passages, portrait.tags, strict=True)]


def _portraits(
    records: Sequence[Record], portrayer: Portrayer, progress: Callable[[str, int], None]
) -> dict[str, Portrait]:
    organisations = [r for r in records if isinstance(r, Organisation)]
    return {p.id: p for p in portrayer.portray(organisations, progress=lambda n: progress("encoding", n))}
