"""Profiles into a workspace, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from csr_match.errors import InvalidInputError
from csr_match.ingest.check import check_paths
from csr_match.ingest.commit import LoadReport, Progress, commit, plan
from csr_match.portray.portrait import Portrayer
from csr_match.store import Workspace


def load_paths(
    workspace: Workspace,
    paths: Sequence[Path],
    portrayer: Portrayer,
    settings: Mapping[str, str],
    progress: Progress = lambda *_: None,
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
    planned = plan(workspace, zip(checked.records, checked.origins, strict=True), portrayer.identity)
    return commit(workspace, planned, portrayer, settings, progress)
