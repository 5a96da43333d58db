"""The workspace: validated records, their passages and tags, and a person's corrections, in one SQLite file."""

from csr_match.store.workspace import StoredPassage, Workspace

__all__ = ["StoredPassage", "Workspace"]
