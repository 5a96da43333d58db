"""The portrayer that belongs to a workspace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from csr_match.encode import EncoderConfig, open_space
from csr_match.errors import WorkspaceError
from csr_match.portray.portrait import Portrayer
from csr_match.store import Workspace

_SETTINGS = ("name", "backend", "precision")


def encoder_settings(config: EncoderConfig) -> dict[str, str]:
    """The configuration as settings of a workspace."""
    return {f"encoder.{key}": str(getattr(config, key)) for key in _SETTINGS}


def encoder_of(workspace: Workspace) -> EncoderConfig | None:
    """The encoder that a workspace was loaded with, or None when nothing is loaded."""
    stored: dict[str, Any] = {key: workspace.get_meta(f"encoder.{key}") for key in _SETTINGS}
    return EncoderConfig(**stored) if all(stored.values()) else None


def open_portrayer(
    config: EncoderConfig, cache_in: Path | None = None, say: Callable[[str], None] = lambda _: None
) -> Portrayer:
    """A portrayer for an encoder, with its cache in a folder."""
    return Portrayer(open_space(config, cache_in, say))


def portrayer_of(workspace: Workspace, say: Callable[[str], None] = lambda _: None) -> Portrayer:
    """The portrayer of a loaded workspace.

    Raises:
        WorkspaceError: nothing is loaded yet.
    """
    config = encoder_of(workspace)
    if config is None:
        raise WorkspaceError(f"nothing is loaded in {workspace.folder}: run `csr-match load` first")
    return open_portrayer(config, workspace.vectors, say)
