"""YAML 1.2 into plain data that remembers the line of every field.

All plain scalars but null stay text: `country: NO` is Norway, `pic: 012345678` keeps its zero, and types are the
model's business. Nothing is constructed from tags.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from csr_match.errors import Fault

MAX_BYTES = 2_000_000
MAX_NODES = 100_000

FieldPath = tuple[str | int, ...]


@dataclass
class Document:
    """One YAML document: its data, the line of each field, and what is wrong with it as YAML."""

    file: str
    data: Any = None
    lines: dict[FieldPath, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, path: FieldPath) -> int | None:
        """Line of a field, or of the nearest thing that holds it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def fault(self, path: FieldPath, problem: str, remedy: str) -> None:
        """Note a fault at a field."""
        self.faults.append(Fault(self.file, self.line(path), field_name(path), problem, remedy))


def field_name(path: FieldPath) -> str:
    """`("offers", 0, "text")` as `offers[0].text`."""
    name = ""
    for part in path:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name


class _TooLarge(Exception):
    """The document holds more nodes than a record can need."""


class _Builder:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.nodes = 0

    def build(self, node: Node | None, path: FieldPath) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _TooLarge
        if node is None:
            return None
        self.document.lines[path] = node.start_mark.line + 1
        if isinstance(node, ScalarNode):
            return None if node.tag == "tag:yaml.org,2002:null" and node.style is None else node.value
        if isinstance(node, SequenceNode):
            return [self.build(child, (*path, i)) for i, child in enumerate(node.value)]
        assert isinstance(node, MappingNode)  # noqa: S101 - there is no fourth kind of node
        return self._mapping(node, path)

    def _mapping(self, node: MappingNode, path: FieldPath) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, ScalarNode) else None
            here = (*path, key or "?")
            line = key_node.start_mark.line + 1
            if key is None:
                self.document.faults.append(
                    Fault(
                        self.document.file,
                        line,
                        field_name(path),
                        "a key is no plain text",
                        "write `name: value`",
                    )
                )
                continue
            if key in built:
                self.document.faults.append(
                    Fault(self.document.file, line, field_name(here), "stands twice", "keep one of the two")
                )
                continue
            built[key] = self.build(value_node, here)
            self.document.lines[here] = line
        return built


def read_documents(file: str, raw: bytes) -> Iterator[Document]:
    """The documents of a YAML (or JSON) file; a file that is no YAML gives one with its faults.

    Never raises on what the file holds.
    """
    broken = Document(file)
    if len(raw) > MAX_BYTES:
        broken.fault((), f"{len(raw):,} bytes", f"a record has at most {MAX_BYTES:,}; split the file")
        yield broken
        return
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        broken.faults.append(Fault(file, line, "", "not UTF-8 text", "save the file as UTF-8"))
        yield broken
        return
    try:
        nodes = list(YAML(typ="safe", pure=True).compose_all(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(str(error.problem or error.context or "malformed").split())
        broken.faults.append(Fault(file, mark.line + 1 if mark else None, "", f"not YAML: {problem}", _YAML_REMEDY))
        yield broken
        return
    except (YAMLError, ValueError, RecursionError, AttributeError, TypeError, KeyError, IndexError) as error:
        problem = "nested too deeply" if isinstance(error, RecursionError) else " ".join(str(error).split())[:200]
        broken.faults.append(Fault(file, None, "", f"not YAML: {problem}", _YAML_REMEDY))
        yield broken
        return
    if not nodes:
        broken.faults.append(Fault(file, None, "", "holds no record", "write one, or delete the file"))
        yield broken
    for node in nodes:
        yield _document(file, node)


_YAML_REMEDY = "mend the syntax; quote texts that hold ': ' or begin with a sign"


def _document(file: str, node: Node | None) -> Document:
    document = Document(file)
    try:
        document.data = _Builder(document).build(node, ())
    except _TooLarge:
        document.fault((), f"more than {MAX_NODES:,} values", "a record is smaller; check its anchors and aliases")
    except RecursionError:
        document.fault((), "nested too deeply", "a record has at most four levels")
    return document


def yaml_files(path: Path) -> list[Path]:
    """The YAML and JSON files at or below a path, in order."""
    if path.is_dir():
        return sorted(p for p in path.rglob("*") if p.suffix in (".yaml", ".yml", ".json") and p.is_file())
    return [path]
