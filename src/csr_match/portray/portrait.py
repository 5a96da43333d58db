"""What the matcher sees of an organisation: its passages, their vectors and weights, and the concepts it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from csr_match.domain import Organisation, Passage, Role, Tag, statements
from csr_match.encode import Calibration, Space
from csr_match.encode.protocol import Vectors
from csr_match.portray.passages import passages
from csr_match.portray.tag import Tagger
from csr_match.store import StoredPassage
from csr_match.taxonomy import capabilities, s3_areas, stages, taxonomy_version

PORTRAIT_VERSION = 1
"""Raised when passages or tags of an unchanged record would come out otherwise."""

ROLES = (Role.ABOUT, Role.OFFER, Role.NEED)
STATED = 1.0
"""Strength of a capability that a profile states or a person confirmed; found ones have their tag's score."""


@cache
def concept_rows() -> dict[str, int]:
    """Row of each concept (capabilities, stages, S3 areas) in the arrays of concepts."""
    return {c: i for i, c in enumerate((*capabilities().ids, *stages().ids, *s3_areas().ids))}


@cache
def domain_of() -> dict[str, str]:
    """The domain of each sub-domain."""
    return {c.id: c.parent for c in capabilities().of_kind("subdomain") if c.parent}


@cache
def rows_of(group: str) -> NDArray[np.intp]:
    """Rows of a group of concepts: capability (domains and sub-domains), subdomain, stage, s3."""
    concepts = {
        "capability": [c.id for c in capabilities().of_kind("domain", "subdomain")],
        "subdomain": [c.id for c in capabilities().of_kind("subdomain")],
        "stage": list(stages().ids),
        "s3": list(s3_areas().ids),
    }[group]
    return np.array([concept_rows()[c] for c in concepts])


SAME_DOMAIN = 0.5
"""Relatedness of two sub-domains of one domain, at least."""


def relatedness(calibration: Calibration) -> NDArray[np.float32]:
    """How near sub-domains are to each other, shape (S, S), 0 to 1, 1 on the diagonal.

    The cosine of their vectors, and at least 0.5 within a domain.
    """
    ids = [c.id for c in capabilities().of_kind("subdomain")]
    row = {c: i for i, c in enumerate(calibration.concepts)}
    vectors = calibration.concept_vectors[[row[c] for c in ids]]
    near: NDArray[np.float32] = np.clip(vectors @ vectors.T, 0, 1)
    domains = np.array([domain_of()[c] for c in ids])
    near = np.where(domains[:, None] == domains[None, :], np.maximum(near, SAME_DOMAIN), near)
    np.fill_diagonal(near, 1)
    return near.astype(np.float32, copy=False)


@dataclass(frozen=True)
class Correction:
    """A person's word on a tag: the organisation has the capability, or has it not."""

    concept: str
    holds: bool


@dataclass(frozen=True)
class Portrait:
    """One organisation as arrays.

    passages: P sentences; vectors: (P, dimension), unit; salience: (P,), 0 to 1, the weight in means;
    tags: by passage, those found and those its statement carries; stated: concepts of the whole record;
    near: (S, S), how related sub-domains are in this space; corrections: a person's, which win.
    """

    id: str
    place: str | None
    passages: tuple[Passage, ...]
    vectors: Vectors
    salience: NDArray[np.float32]
    tags: tuple[tuple[Tag, ...], ...]
    stated: tuple[str, ...]
    near: NDArray[np.float32]
    corrections: tuple[Correction, ...] = ()

    @property
    def roles(self) -> NDArray[np.uint8]:
        """Role of each passage as its index in ROLES, shape (P,)."""
        return np.array([ROLES.index(p.role) for p in self.passages], np.uint8)

    def strengths(self, roles: Sequence[Role]) -> NDArray[np.float32]:
        """How strongly passages of these roles show each concept, shape (concepts,), 0 to 1.

        A domain is as strong as its strongest sub-domain.
        """
        rows = concept_rows()
        strength = np.zeros(len(rows), np.float32)
        for passage, tags in zip(self.passages, self.tags, strict=True):
            if passage.role in roles:
                for tag in tags:
                    strength[rows[tag.concept]] = max(strength[rows[tag.concept]], tag.score)
        return _rolled_up(strength)

    def holds(self) -> NDArray[np.float32]:
        """What the organisation has or offers, shape (concepts,): stated, found, corrected."""
        rows = concept_rows()
        strength = self.strengths((Role.ABOUT, Role.OFFER))
        for concept in self.stated:
            strength[rows[concept]] = STATED
        for correction in self.corrections:
            strength[rows[correction.concept]] = STATED if correction.holds else 0.0
        return _rolled_up(strength)

    def reach(self, holds: NDArray[np.float32]) -> NDArray[np.float32]:
        """For each sub-domain c the strongest tie to a held one: max over d of held_d * near_(d, c), shape (S,).

        Args:
            holds: what `holds` gave.
        """
        held = holds[rows_of("subdomain")]
        some = np.flatnonzero(held)
        strongest: NDArray[np.float32] = (held[some, None] * self.near[some]).max(axis=0, initial=0.0)
        return strongest.astype(np.float32, copy=False)

    def lacks(self) -> NDArray[np.float32]:
        """What it looks for, shape (concepts,)."""
        return self.strengths((Role.NEED,))

    def without(self, passage: int) -> Portrait:
        """The same organisation, had it not written this passage."""
        keep = [i for i in range(len(self.passages)) if i != passage]
        return replace(
            self,
            passages=tuple(self.passages[i] for i in keep),
            vectors=self.vectors[keep],
            salience=self.salience[keep],
            tags=tuple(self.tags[i] for i in keep),
        )


def _rolled_up(strength: NDArray[np.float32]) -> NDArray[np.float32]:
    rows = concept_rows()
    for child, parent in domain_of().items():
        strength[rows[parent]] = max(strength[rows[parent]], strength[rows[child]])
    return strength


class Portrayer:
    """Makes portraits of organisations in one space."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.tagger = Tagger(space)
        self._tagged: dict[str, list[Tag]] = {}

    @cached_property
    def near(self) -> NDArray[np.float32]:
        """How related sub-domains are, shape (S, S)."""
        return relatedness(self.space.calibration)

    @property
    def identity(self) -> str:
        """Changes whenever the same record would be portrayed otherwise."""
        return f"{self.space.identity}/{taxonomy_version()}/{PORTRAIT_VERSION}"

    def portray(
        self,
        organisations: Sequence[tuple[Organisation, Sequence[Passage]]],
        corrections: Mapping[str, Sequence[Correction]] | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> list[Portrait]:
        """Portraits in the same order; all texts are encoded in one go.

        Args:
            organisations: validated records with their passages (`passages`, and what their projects show).
            corrections: by organisation id.
            progress: told how many passages were encoded.
        """
        texts = [p.text for _, several in organisations for p in several]
        vectors = self.space.encode(texts, progress)
        weights = np.array([p.weight for _, several in organisations for p in several], np.float32)
        salience = self.space.calibration.salience(vectors) * weights
        found = self._tags(texts, vectors)
        portraits = []
        start = 0
        for organisation, several in organisations:
            rows = slice(start, start + len(several))
            start = rows.stop
            portraits.append(
                Portrait(
                    organisation.id,
                    organisation.place,
                    tuple(several),
                    vectors[rows],
                    salience[rows],
                    with_statement_tags(organisation, several, found[rows]),
                    stated_concepts(organisation),
                    self.near,
                    tuple((corrections or {}).get(organisation.id, ())),
                )
            )
        return portraits

    def portray_own(
        self,
        organisations: Sequence[Organisation],
        corrections: Mapping[str, Sequence[Correction]] | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> list[Portrait]:
        """Portraits of organisations by their own words alone."""
        return self.portray([(o, passages(o)) for o in organisations], corrections, progress)

    def _tags(self, texts: Sequence[str], vectors: Vectors) -> list[list[Tag]]:
        """Tags of each text; a text that many share, such as a project's, is tagged once."""
        new = {text: row for row, text in enumerate(texts) if text not in self._tagged}
        found = self.tagger.tag(list(new), vectors[list(new.values())])
        self._tagged.update(zip(new, found, strict=True))
        return [self._tagged[text] for text in texts]


def stored_portrait(
    organisation: Organisation,
    stored: Sequence[StoredPassage],
    vectors: Vectors,
    salience: NDArray[np.float32],
    near: NDArray[np.float32],
    corrections: Mapping[str, bool],
) -> Portrait:
    """The portrait of an organisation whose passages and tags are in the store; nothing is encoded or tagged.

    Args:
        organisation: the record.
        stored: its passages, in order.
        vectors: theirs, shape (P, dimension).
        salience: theirs, shape (P,).
        near: of the portrayer.
        corrections: a person's word by concept.
    """
    return Portrait(
        organisation.id,
        organisation.place,
        tuple(s.passage for s in stored),
        vectors,
        salience,
        tuple(s.tags for s in stored),
        stated_concepts(organisation),
        near,
        tuple(Correction(concept, holds) for concept, holds in corrections.items()),
    )


def stated_concepts(organisation: Organisation) -> tuple[str, ...]:
    """The concepts that the record itself lists."""
    o = organisation
    return (*o.capabilities, *o.sectors, *o.technologies, *o.stages, *o.s3_areas)


def with_statement_tags(
    organisation: Organisation, texts: Sequence[Passage], found: Sequence[Sequence[Tag]]
) -> tuple[tuple[Tag, ...], ...]:
    """The found tags of each passage, over them those that its offer or need states."""
    stated: dict[str, tuple[str, ...]] = {
        field: (*s.capabilities, *s.stages, *s.sectors, *s.technologies) for _, field, s in statements(organisation)
    }
    merged = []
    for passage, tags in zip(texts, found, strict=True):
        own = [Tag(c, STATED, passage.text, "stated") for c in stated.get(passage.field, ())]
        named = {t.concept for t in own}
        merged.append((*own, *(t for t in tags if t.concept not in named)))
    return tuple(merged)
