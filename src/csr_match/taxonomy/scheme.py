"""Concept schemes: labels, glosses and aliases by language, read from the package's data files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from csr_match.errors import UnknownNameError
from csr_match.resources import package_data

LANGUAGES = ("en", "fr", "de", "es", "it", "fi", "et")
_FILES = ("capabilities.json", "stages.json", "s3_areas.json")


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept of a scheme.

    label, gloss: by language; the gloss is one line that says what somebody who has it does.
    aliases: by language, the phrases that practitioners write for it.
    kind: of a capability: domain, subdomain, sector or technology; else the scheme's own name.
    """

    id: str
    label: Mapping[str, str]
    gloss: Mapping[str, str]
    aliases: Mapping[str, tuple[str, ...]]
    parent: str | None = None
    kind: str = ""
    source: str | None = None

    def named(self, language: str = "en") -> str:
        """Its label in a language, in English where there is none."""
        return self.label.get(language) or self.label["en"]


@dataclass(frozen=True)
class Scheme:
    """A vocabulary of concepts, in the order of its file."""

    name: str
    title: str
    version: str
    source: str
    concepts: tuple[Concept, ...]
    _by_id: dict[str, Concept] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {c.id: c for c in self.concepts})

    def __iter__(self) -> Iterator[Concept]:
        return iter(self.concepts)

    def __len__(self) -> int:
        return len(self.concepts)

    def __contains__(self, concept: object) -> bool:
        return concept in self._by_id

    @property
    def ids(self) -> tuple[str, ...]:
        """All ids, in order."""
        return tuple(self._by_id)

    def get(self, concept: str) -> Concept:
        """The concept of this id.

        Raises:
            UnknownNameError: there is none; the message says the nearest.
        """
        if concept not in self._by_id:
            raise UnknownNameError(self.name, concept, self._by_id)
        return self._by_id[concept]

    def of_kind(self, *kinds: str) -> tuple[Concept, ...]:
        """The concepts of these kinds."""
        return tuple(c for c in self.concepts if c.kind in kinds)


def _concept(raw: Mapping[str, Any], kind: str) -> Concept:
    return Concept(
        id=raw["id"],
        label=raw["label"],
        gloss=raw["gloss"],
        aliases={language: tuple(phrases) for language, phrases in raw["aliases"].items()},
        parent=raw.get("parent"),
        kind=raw.get("kind", kind),
        source=raw.get("source"),
    )


def _read(file: str) -> Scheme:
    raw = json.loads(package_data("taxonomy", "data", file).read_text("utf-8"))
    return Scheme(
        name=raw["name"],
        title=raw["title"],
        version=raw["version"],
        source=raw["source"],
        concepts=tuple(_concept(c, raw["name"]) for c in raw["concepts"]),
    )


@cache
def capabilities() -> Scheme:
    """JRC European Cybersecurity Taxonomy: domains, sub-domains, sectors, technologies and use cases."""
    return _read("capabilities.json")


@cache
def stages() -> Scheme:
    """Stages of the cybersecurity value chain."""
    return _read("stages.json")


@cache
def s3_areas() -> Scheme:
    """Areas of Smart Specialisation Strategies."""
    return _read("s3_areas.json")


def label_of(concept: str, language: str = "en") -> str:
    """Label of a capability, stage or S3 area in a language; the id itself when no scheme has it."""
    found = next((scheme.get(concept) for scheme in (capabilities(), stages(), s3_areas()) if concept in scheme), None)
    return found.named(language) if found else concept


@cache
def cues() -> dict[str, dict[str, list[str]]]:
    """Phrases by which a sentence announces a need or an offer: {"need"|"offer": {language: [phrase]}}."""
    found: dict[str, dict[str, list[str]]] = json.loads(
        package_data("taxonomy", "data", "cues.json").read_text("utf-8")
    )
    return found


@cache
def taxonomy_version() -> str:
    """Short digest of all data files: changes when any label, gloss or alias does."""
    digest = hashlib.sha256()
    for file in (*_FILES, "cues.json"):
        digest.update(package_data("taxonomy", "data", file).read_bytes())
    return digest.hexdigest()[:12]
