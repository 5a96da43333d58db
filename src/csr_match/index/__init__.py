"""All organisations of a workspace as arrays, and exact search over their passages."""

from csr_match.index.artefact import open_directory
from csr_match.index.directory import Directory
from csr_match.index.search import ExactIndex, VectorIndex

__all__ = ["Directory", "ExactIndex", "VectorIndex", "open_directory"]
