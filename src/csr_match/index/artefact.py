"""The directory's arrays on disk: .npy files with a manifest, derived from the store and rebuilt when stale."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from csr_match.index.directory import Directory
from csr_match.portray.portrait import Portrayer, stored_portrait
from csr_match.store import Workspace

FORMAT = 2
BUILT_AT_ONCE = 2000
_ARRAYS = ("starts", "vectors", "roles", "salience", "holds", "lacks", "reach")


def open_directory(
    workspace: Workspace, portrayer: Portrayer, progress: Callable[[int], None] = lambda _: None
) -> Directory:
    """All organisations of a workspace; from the artefact when it is fresh, else rebuilt and saved.

    Vectors come from the cache; only texts it does not know are encoded.
    """
    identity = hashlib.sha256(portrayer.identity.encode()).hexdigest()[:16]
    folder = workspace.index / identity
    generation = workspace.generation
    if (ready := _load(folder, portrayer.identity, generation)) is not None:
        return ready
    directory = _build(workspace, portrayer, progress)
    _save(directory, folder, portrayer.identity, generation)
    return directory


def _build(workspace: Workspace, portrayer: Portrayer, progress: Callable[[int], None]) -> Directory:
    corrections = workspace.corrections()
    identities = workspace.ids("organisation")
    parts = [
        _part(workspace, portrayer, identities[start : start + BUILT_AT_ONCE], corrections, progress)
        for start in range(0, len(identities), BUILT_AT_ONCE)
    ]
    return Directory.joined(parts) if parts else Directory.of([], dimension=portrayer.space.dimension)


def _part(
    workspace: Workspace,
    portrayer: Portrayer,
    identities: list[str],
    corrections: dict[str, dict[str, bool]],
    progress: Callable[[int], None],
) -> Directory:
    organisations = workspace.organisations(identities)
    by_id = workspace.passages(identities)
    stored = [by_id.get(o.id, []) for o in organisations]
    flat = [s.passage for several in stored for s in several]
    vectors = portrayer.space.encode([p.text for p in flat], progress)
    salience = portrayer.space.calibration.salience(vectors) * np.array([p.weight for p in flat], np.float32)
    portraits = []
    start = 0
    for o, several in zip(organisations, stored, strict=True):
        rows = slice(start, start + len(several))
        start = rows.stop
        portraits.append(
            stored_portrait(o, several, vectors[rows], salience[rows], portrayer.near, corrections.get(o.id, {}))
        )
    return Directory.of(
        portraits,
        [o.type.value if o.type else None for o in organisations],
        [o.languages for o in organisations],
        portrayer.space.dimension,
    )


def _save(directory: Directory, folder: Path, identity: str, generation: int) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="new-", dir=folder.parent))
    try:
        for name in _ARRAYS:
            np.save(scratch / f"{name}.npy", getattr(directory, name), allow_pickle=False)
        rows = {
            "ids": directory.ids,
            "places": directory.places,
            "types": directory.types,
            "languages": directory.languages,
        }
        (scratch / "rows.json").write_text(json.dumps(rows), "utf-8")
        manifest = {
            "format": FORMAT,
            "portrayed_by": identity,
            "generation": generation,
            "organisations": len(directory),
            "shapes": {name: list(getattr(directory, name).shape) for name in _ARRAYS},
        }
        (scratch / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(scratch, folder)
    except OSError:
        # Another process put the same artefact there first, or the disk is full: the answer is right without it.
        pass
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _load(folder: Path, identity: str, generation: int) -> Directory | None:
    """The artefact, or None when it is absent, of another state of the store, or damaged."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        expected = (FORMAT, identity, generation)
        if (manifest["format"], manifest["portrayed_by"], manifest["generation"]) != expected:
            return None
        rows = json.loads((folder / "rows.json").read_text("utf-8"))
        arrays = {
            name: np.load(folder / f"{name}.npy", allow_pickle=False, mmap_mode="r" if name == "vectors" else None)
            for name in _ARRAYS
        }
        if {name: list(a.shape) for name, a in arrays.items()} != manifest["shapes"]:
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Directory(
        tuple(rows["ids"]),
        tuple(rows["places"]),
        tuple(rows["types"]),
        tuple(tuple(x) for x in rows["languages"]),
        **arrays,
    )
