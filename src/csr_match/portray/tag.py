"""Tag texts with capabilities, sectors, technologies, stages and S3 areas, by their words and by their meaning."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from csr_match.domain import Tag
from csr_match.encode import Space
from csr_match.encode.protocol import Vectors
from csr_match.portray.words import named_concepts
from csr_match.taxonomy import capabilities, s3_areas, stages

BY_WORDS = 0.8
MOST_BY_MEANING = {"capability": 3, "sector": 1, "technology": 1, "stage": 1, "s3": 1}
"""How many concepts of a group one sentence may have by meaning alone: a sentence is about few things."""
MIN_BY_MEANING = 0.5
"""On the labelled statements of the shipped profiles: 69 % of the tags in a right domain, 44 % of the statements with
one; at 0.4, 63 % and 52 %; at 0.6, 75 % and 35 %."""


def _group(concept: str) -> str:
    if concept in capabilities():
        kind = capabilities().get(concept).kind
        return "capability" if kind in ("domain", "subdomain") else kind
    return "stage" if concept in stages() else "s3"


class Tagger:
    """Finds concepts in passages; knows each concept's vector in the space of the encoder."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self.concepts = (*capabilities().ids, *stages().ids, *s3_areas().ids)
        self._row = {c: i for i, c in enumerate(self.concepts)}
        calibrated = {c: i for i, c in enumerate(space.calibration.concepts)}
        self._vectors = space.calibration.concept_vectors[[calibrated[c] for c in self.concepts]]

    @cached_property
    def _groups(self) -> dict[str, NDArray[np.intp]]:
        groups: dict[str, list[int]] = {}
        for i, concept in enumerate(self.concepts):
            groups.setdefault(_group(concept), []).append(i)
        return {name: np.array(rows) for name, rows in groups.items()}

    def relevance(self, vectors: Vectors) -> NDArray[np.float64]:
        """Likeness of passages to concepts, shape (passages, concepts), 0 to 1."""
        return self._space.calibration.likeness(vectors @ self._vectors.T)

    def tag(self, texts: Sequence[str], vectors: Vectors) -> list[list[Tag]]:
        """Tags of each text, best first.

        A concept named in the text scores at least 0.8 and is proved by the words that name it; one that the text
        only means is proved by the whole sentence, and must be likely (0.5).

        Args:
            texts: sentences.
            vectors: their vectors, shape (n, dimension).
        """
        relevance = self.relevance(vectors)
        return [self._tags_of(text, relevance[i]) for i, text in enumerate(texts)]

    def _tags_of(self, text: str, relevance: NDArray[np.float64]) -> list[Tag]:
        tags: dict[str, Tag] = {}
        for concept, quote in named_concepts(text):
            score = 1 - (1 - BY_WORDS) * (1 - float(relevance[self._row[concept]]))
            tags.setdefault(concept, Tag(concept, round(score, 4), quote, "words"))
        for group, rows in self._groups.items():
            best = rows[np.argsort(-relevance[rows], kind="stable")[: MOST_BY_MEANING[group]]]
            for i in best:
                if relevance[i] >= MIN_BY_MEANING:
                    tags.setdefault(
                        self.concepts[i],
                        Tag(self.concepts[i], round(float(relevance[i]), 4), text, "meaning"),
                    )
        return sorted(tags.values(), key=lambda t: (-t.score, t.concept))
