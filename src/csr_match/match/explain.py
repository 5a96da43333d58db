"""Why a candidate got its score: evidence by component, and the passages that matter, each with what it is worth.

A passage's worth is measured, not attributed: the candidate is scored again as if it had not written it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csr_match.domain import Passage, Quote, QuotedPassage, Role, ScoreComponent
from csr_match.index import Directory
from csr_match.index.search import likeness_to
from csr_match.match.components import Scorer
from csr_match.match.config import COMPONENTS
from csr_match.match.filters import HELD
from csr_match.portray.portrait import Portrait, concept_rows, rows_of
from csr_match.taxonomy import label_of

QUOTES = 3
LISTED = 5
_UNKNOWN = {
    "topic": "one side has no text",
    "they_meet_our_needs": "our needs or their offers are not known",
    "we_meet_their_needs": "their needs or our offers are not known",
    "reciprocity": "the needs of one side are not known",
    "capability_overlap": "the capabilities of one side are not known",
    "capability_complementarity": "the capabilities of one side are not known",
    "s3_area": "the S3 areas of one side are not known",
    "value_chain": "the stages of one side are not known",
    "no_rivalry": "the stages of one side are not known",
}


@dataclass(frozen=True)
class Explainer:
    """Explains matches of one query: its portrait, and the same as arrays."""

    scorer: Scorer
    query: Portrait
    query_arrays: Directory

    def quotes(self, candidate: Portrait, arrays: Directory, score: float) -> tuple[Quote, ...]:
        """The candidate's passages that carry the score, the weightiest first, each beside ours that it answers.

        Args:
            candidate: who is explained.
            arrays: the directory that holds the candidate alone.
            score: the candidate's.
        """
        if not candidate.passages or not self.query.passages:
            return ()
        worth = score - self._without_each(candidate, arrays)
        answers = self._answers(candidate)
        chosen = [int(j) for j in np.argsort(-worth, kind="stable")[:QUOTES] if worth[j] > 0]
        return tuple(self._quote(candidate, arrays, score, j, float(worth[j]), answers[:, j]) for j in chosen)

    def _quote(
        self, candidate: Portrait, arrays: Directory, score: float, j: int, worth: float, answers: NDArray[np.float32]
    ) -> Quote:
        i = int(answers.argmax())
        ours, theirs = self.query.passages[i], candidate.passages[j]
        return Quote(
            _component(ours, theirs),
            QuotedPassage(ours.field, ours.text, self._worth_of_ours(i, arrays, score)),
            QuotedPassage(theirs.field, theirs.text, worth),
            float(answers[i]),
        )

    def _answers(self, candidate: Portrait) -> NDArray[np.float32]:
        """How well pairs of passages answer each other, shape (ours, theirs).

        Their likeness, less where a need meets what is no stated offer, nothing where two needs meet.
        """
        calibration = self.scorer.calibration
        likeness = likeness_to(self.query.vectors, candidate.vectors, calibration.slope, calibration.intercept)
        fit = [[self._fit(ours, theirs) for theirs in candidate.passages] for ours in self.query.passages]
        return likeness * np.array(fit, np.float32)

    def _fit(self, ours: Passage, theirs: Passage) -> float:
        roles = {ours.role, theirs.role}
        if roles == {Role.NEED}:
            return 0.0
        return self.scorer.config.implied_offer if roles == {Role.NEED, Role.ABOUT} else 1.0

    def _without_each(self, candidate: Portrait, arrays: Directory) -> NDArray[np.float64]:
        """The candidate's score had it not written each passage in turn, shape (P,)."""
        variants = [candidate.without(j) for j in range(len(candidate.passages))]
        poorer = Directory.of(variants, arrays.types * len(variants), arrays.languages * len(variants))
        return self.scorer.score(self.scorer.components(self.query_arrays, poorer))[0]

    def _worth_of_ours(self, passage: int, arrays: Directory, score: float) -> float:
        """By how much the score would fall, had the query not written this passage."""
        poorer = Directory.of([self.query.without(passage)], self.query_arrays.types, self.query_arrays.languages)
        return score - float(self.scorer.score(self.scorer.components(poorer, arrays))[0][0])

    def components(
        self,
        arrays: Directory,
        values: Mapping[str, float],
        contributions: Mapping[str, float],
        quotes: tuple[Quote, ...],
    ) -> tuple[ScoreComponent, ...]:
        """Each component with what it rests on."""
        ours, theirs = self.query_arrays.holds[0], arrays.holds[0]
        rests_on: dict[str, dict[str, Any]] = {
            "capability_overlap": {"shared": shared(ours, theirs, "subdomain") or shared(ours, theirs, "capability")},
            "capability_complementarity": {
                "they_add": self._added(self.query_arrays, arrays),
                "we_add": self._added(arrays, self.query_arrays),
            },
            "s3_area": {"shared": shared(ours, theirs, "s3")},
            "value_chain": {"ours": held(ours, "stage"), "theirs": held(theirs, "stage")},
            "no_rivalry": {"same_stages": shared(ours, theirs, "stage")},
        }
        made = []
        for name, weight in self.scorer.config.weights.items():
            value = None if np.isnan(values[name]) else float(values[name])
            if value is None:
                evidence: dict[str, Any] = {"unknown": f"{_UNKNOWN[name]}; counted as {COMPONENTS[name].neutral}"}
            elif name in rests_on:
                evidence = {side: labels(concepts) for side, concepts in rests_on[name].items()}
            else:
                evidence = {"quotes": [quote_as_dict(q) for q in quotes if q.component == name]}
            made.append(ScoreComponent(name, value, weight, float(contributions[name]), evidence))
        return tuple(made)

    def _added(self, one: Directory, other: Directory) -> list[str]:
        """Sub-domains that the other adds to the one, those that lie nearest to what the one has or seeks first."""
        gain = self.scorer.added(one, other)[0]
        ids = [list(concept_rows())[r] for r in rows_of("subdomain")]
        held_by_other = other.holds[0, rows_of("subdomain")] >= HELD
        lacking = one.holds[0, rows_of("subdomain")] < HELD
        found = [i for i in np.argsort(-gain, kind="stable") if held_by_other[i] and lacking[i]]
        return [ids[i] for i in found]


def _component(ours: Passage, theirs: Passage) -> str:
    if ours.role is Role.NEED:
        return "they_meet_our_needs"
    return "we_meet_their_needs" if theirs.role is Role.NEED else "topic"


def held(strength: NDArray[np.float32], group: str) -> list[str]:
    """Ids of the concepts of a group that are held, the strongest first."""
    ids = list(concept_rows())
    rows = [r for r in rows_of(group) if strength[r] >= HELD]
    return [ids[r] for r in sorted(rows, key=lambda r: (-strength[r], ids[r]))]


def shared(one: NDArray[np.float32], other: NDArray[np.float32], group: str) -> list[str]:
    """Ids of the concepts that both hold, the strongest first."""
    return held(np.minimum(one, other), group)


def labels(concepts: list[str]) -> list[dict[str, str]]:
    """Concepts as {"id", "label"}, the first few."""
    return [{"id": c, "label": label_of(c)} for c in concepts[:LISTED]]


def quote_as_dict(quote: Quote) -> dict[str, object]:
    """A quote as JSON-ready data."""
    return {
        "component": quote.component,
        "ours": quote.ours._asdict(),
        "theirs": quote.theirs._asdict(),
        "likeness": quote.likeness,
    }
