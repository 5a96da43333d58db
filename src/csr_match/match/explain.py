"""Why a candidate got its score: evidence by component, and the passages that matter, each with what it is worth.

A passage's worth is measured, not attributed: the candidate is scored again as if it had not written it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from csr_match.domain import Organisation, Passage, Quote, QuotedPassage, Role, ScoreComponent
from csr_match.index import Directory
from csr_match.index.search import likeness_to
from csr_match.match.components import Scorer, rows_of
from csr_match.match.config import COMPONENTS, neutral
from csr_match.portray.portrait import Portrait, concept_rows
from csr_match.taxonomy import capabilities, s3_areas, stages

QUOTES = 3
LISTED = 5
_HELD = 0.5
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
    """Explains matches of one query."""

    scorer: Scorer
    query: Portrait
    query_arrays: Directory

    def quotes(self, candidate: Portrait, arrays: Directory, score: float) -> tuple[Quote, ...]:
        """The candidate's passages that carry the score, the weightiest first, each beside ours that it answers."""
        if not candidate.passages or not self.query.passages:
            return ()
        worth = score - self._scores_without_each(candidate, arrays)
        calibration = self.scorer.calibration
        likeness = likeness_to(self.query.vectors, candidate.vectors, calibration.slope, calibration.intercept)
        both_need = [[p.role is Role.NEED and q.role is Role.NEED for q in candidate.passages] for p in self.query.passages]
        likeness = np.where(np.array(both_need), 0, likeness)
        chosen = [int(j) for j in np.argsort(-worth, kind="stable")[:QUOTES] if worth[j] > 0]
        found = []
        for j in chosen:
            i = int(likeness[:, j].argmax())
            ours = QuotedPassage(self.query.passages[i].field, self.query.passages[i].text, self._worth_of_ours(i, arrays, score))
            theirs = QuotedPassage(candidate.passages[j].field, candidate.passages[j].text, float(worth[j]))
            found.append(Quote(_component(self.query.passages[i], candidate.passages[j]), ours, theirs, float(likeness[i, j])))
        return tuple(found)

    def _scores_without_each(self, candidate: Portrait, arrays: Directory) -> NDArray[np.float64]:
        """The candidate's score had it not written each passage in turn, shape (P,)."""
        variants = [candidate.without(j) for j in range(len(candidate.passages))]
        poorer = Directory.of(variants, arrays.types * len(variants), arrays.languages * len(variants), candidate.vectors.shape[1])
        return self.scorer.score(self.scorer.components(self.query_arrays, poorer))[0]

    def _worth_of_ours(self, passage: int, arrays: Directory, score: float) -> float:
        poorer = Directory.of([self.query.without(passage)], self.query_arrays.types, self.query_arrays.languages, self.query.vectors.shape[1])
        return score - float(self.scorer.score(self.scorer.components(poorer, arrays))[0][0])

    def components(
        self, arrays: Directory, values: dict[str, float], contributions: dict[str, float], quotes: tuple[Quote, ...]
    ) -> tuple[ScoreComponent, ...]:
        """Each component with what it rests on."""
        ours, theirs = self.query_arrays.holds[0], arrays.holds[0]
        they_add, we_add = added(ours, theirs), added(theirs, ours)
        evidence: dict[str, dict[str, object]] = {
            "capability_overlap": {"shared": labels(shared(ours, theirs, "subdomain") or shared(ours, theirs, "capability"))},
            "capability_complementarity": {"they_add": labels(they_add), "we_add": labels(we_add)},
            "s3_area": {"shared": labels(shared(ours, theirs, "s3"))},
            "value_chain": {"ours": labels(held(ours, "stage")), "theirs": labels(held(theirs, "stage"))},
            "no_rivalry": {"same_stages": labels(shared(ours, theirs, "stage"))},
        }
        made = []
        for name in COMPONENTS:
            value = values[name]
            if np.isnan(value):
                rests_on: dict[str, object] = {"unknown": f"{_UNKNOWN[name]}; counted as {neutral(name)}"}
            else:
                rests_on = evidence.get(name) or {"quotes": [quote_as_dict(q) for q in quotes if q.component == name]}
            known = None if np.isnan(value) else float(value)
            made.append(ScoreComponent(name, known, self.scorer.config.weights[name], float(contributions[name]), rests_on))
        return tuple(made)


def _component(ours: Passage, theirs: Passage) -> str:
    if ours.role is Role.NEED:
        return "they_meet_our_needs"
    return "we_meet_their_needs" if theirs.role is Role.NEED else "topic"


def held(strength: NDArray[np.float32], group: str) -> list[str]:
    """Ids of the concepts of a group that are held, the strongest first."""
    ids = list(concept_rows())
    rows = [r for r in rows_of(group) if strength[r] >= _HELD]
    return [ids[r] for r in sorted(rows, key=lambda r: (-strength[r], ids[r]))]


def shared(one: NDArray[np.float32], other: NDArray[np.float32], group: str) -> list[str]:
    """Ids of the concepts that both hold."""
    return held(np.minimum(one, other), group)


def added(one: NDArray[np.float32], other: NDArray[np.float32]) -> list[str]:
    """Sub-domains that the other holds and the one has not at all."""
    return [c for c in held(other, "subdomain") if one[concept_rows()[c]] < _HELD]


def label_of(concept: str) -> str:
    """English label of a capability, stage or S3 area."""
    for scheme in (capabilities(), stages(), s3_areas()):
        if concept in scheme:
            return scheme.get(concept).named()
    return concept


def labels(concepts: Iterable[str]) -> list[dict[str, str]]:
    """Concepts as {"id", "label"}, the first few."""
    return [{"id": c, "label": label_of(c)} for c in list(concepts)[:LISTED]]


def quote_as_dict(quote: Quote) -> dict[str, object]:
    """A quote as JSON-ready data."""
    return {
        "component": quote.component,
        "ours": quote.ours._asdict(),
        "theirs": quote.theirs._asdict(),
        "likeness": quote.likeness,
    }


def relation(values: dict[str, float]) -> str:
    """Whether two organisations complement each other, do the same, or compete."""
    known = {name: 0.0 if np.isnan(value) else value for name, value in values.items()}
    met = max(known["they_meet_our_needs"], known["we_meet_their_needs"])
    if 1 - known["no_rivalry"] >= RIVALRY and met < MET and not np.isnan(values["no_rivalry"]):
        return "competing"
    if met >= MET or known["capability_complementarity"] > known["capability_overlap"]:
        return "complementary"
    return "similar"


RIVALRY = 0.4
MET = 0.6


def reason(organisation: Organisation, of_relation: str, components: tuple[ScoreComponent, ...], quotes: tuple[Quote, ...]) -> str:
    """The match in one or two sentences, in the words of both sides."""
    by_name = {c.name: c for c in components}
    said = []
    for quote in quotes[:1]:
        said.append(
            {
                "they_meet_our_needs": f'{organisation.label} brings what you look for: "{quote.theirs.text}" answers "{quote.ours.text}"',
                "we_meet_their_needs": f'{organisation.label} looks for what you bring: "{quote.theirs.text}" is answered by "{quote.ours.text}"',
                "topic": f'{organisation.label} works on the same matter: "{quote.theirs.text}" beside your "{quote.ours.text}"',
            }[quote.component]
        )
    both = [c["label"] for c in by_name["capability_overlap"].evidence.get("shared", [])][:2]
    adds = [c["label"] for c in by_name["capability_complementarity"].evidence.get("they_add", [])][:2]
    if both:
        said.append(f"Both have {_listed(both)}")
    if adds and of_relation != "competing":
        said.append(f"It adds {_listed(adds)}")
    if of_relation == "competing":
        said.append("It offers much the same at the same stage: a competitor as much as a partner")
    return ". ".join(said) + "." if said else "Nothing in particular was found that speaks for it."


def _listed(names: list[str]) -> str:
    return " and ".join(names)
