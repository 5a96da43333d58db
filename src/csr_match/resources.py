"""Where the shipped directory and models are: inside the wheel, or at the top of a checkout."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped(folder: str) -> Path:
    """The folder `profiles` or `models` as shipped with this installation."""
    inside = _PACKAGE / "shipped" / folder
    return inside if inside.is_dir() else _PACKAGE.parents[1] / folder


def package_data(*parts: str) -> Path:
    """A data file of the package itself."""
    return _PACKAGE.joinpath(*parts)


def cache_folder() -> Path:
    """Where encoders are unpacked once for all workspaces (CSR_MATCH_CACHE overrides it)."""
    if named := os.environ.get("CSR_MATCH_CACHE"):
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_cache_dir("csr-match"))
