"""What the score is made of: components with their weights, and what a missing one counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple


class ComponentSpec(NamedTuple):
    """One component of the score; every value lies in 0..1, larger is better.

    weight: its share of the score; all weights sum to 1.
    neutral: what it counts when it is unknown: about the mean over interregional pairs of the shipped directory for
        which it is known (`csr-match evaluate components` prints them). Missing is neither zero nor praise.
    about: what it says, in a few words.
    """

    weight: float
    neutral: float
    about: str


COMPONENTS: MappingProxyType[str, ComponentSpec] = MappingProxyType(
    {
        "topic": ComponentSpec(0.30, 0.40, "what both work on"),
        "they_meet_our_needs": ComponentSpec(0.20, 0.45, "their offers against our needs"),
        "we_meet_their_needs": ComponentSpec(0.15, 0.45, "our offers against their needs"),
        "reciprocity": ComponentSpec(0.10, 0.40, "both sides gain: harmonic mean of the two directions"),
        "capability_overlap": ComponentSpec(0.08, 0.15, "capabilities that both have"),
        "capability_complementarity": ComponentSpec(0.07, 0.25, "related capabilities that one has and the other lacks"),
        "s3_area": ComponentSpec(0.03, 0.50, "S3 areas that both share"),
        "value_chain": ComponentSpec(0.03, 0.20, "different stages of the value chain, on the same matter"),
        "no_rivalry": ComponentSpec(0.04, 0.85, "do not sell the same thing at the same stage"),
    }
)


@dataclass(frozen=True)
class MatchConfig:
    """How candidates are scored.

    ours: weight of our passages' cover by theirs in the topic; the rest is the cover of theirs by ours. Above a
        half, so that a specialist is not lost to a large organisation's many other subjects.
    implied_offer: what a sentence of a description counts as an offer beside a stated one.
    min_score: a best score below this is "no good partner here" (chosen on own tuning texts, see evaluate).
    """

    ours: float = 0.6
    implied_offer: float = 0.8
    min_score: float = 0.35
    weights: MappingProxyType[str, float] = field(
        default_factory=lambda: MappingProxyType({n: c.weight for n, c in COMPONENTS.items()})
    )

    def __post_init__(self) -> None:
        if set(self.weights) != set(COMPONENTS):
            wrong = sorted(set(self.weights) ^ set(COMPONENTS))
            raise ValueError(f"weights must name every component and no other; differs in {', '.join(wrong)}")
        total = sum(self.weights.values())
        if min(self.weights.values()) < 0 or abs(total - 1) > 1e-9:
            raise ValueError(f"weights must be 0 or more and sum to 1, not {total}")


def neutral(name: str) -> float:
    """What a component counts when it is unknown."""
    return COMPONENTS[name].neutral
