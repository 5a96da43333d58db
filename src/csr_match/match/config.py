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
        "topic": ComponentSpec(0.40, 0.33, "what both work on"),
        "they_meet_our_needs": ComponentSpec(0.18, 0.33, "their offers against our needs"),
        "we_meet_their_needs": ComponentSpec(0.12, 0.33, "our offers against their needs"),
        "reciprocity": ComponentSpec(0.08, 0.36, "both sides gain: harmonic mean of the two directions"),
        "capability_overlap": ComponentSpec(0.08, 0.13, "capabilities that both have"),
        "capability_complementarity": ComponentSpec(
            0.06, 0.25, "related capabilities that one has and the other lacks"
        ),
        "s3_area": ComponentSpec(0.02, 0.50, "S3 areas that both share"),
        "value_chain": ComponentSpec(0.03, 0.22, "different stages of the value chain, on the same matter"),
        "no_rivalry": ComponentSpec(0.03, 0.93, "do not sell the same thing at the same stage"),
    }
)


@dataclass(frozen=True)
class MatchConfig:
    """How candidates are scored.

    ours: weight of our passages' cover by theirs in the topic; the rest is the cover of theirs by ours. Above a
        half, so that a specialist is not lost to a large organisation's many other subjects.
    shares: of the best, second and third best of their passages in the cover of one of ours. Several passages on a
        matter say more than one, and a ranking that hangs on one sentence changes with its wording.
    implied_offer: what a sentence of a description counts as an offer beside a stated one.
    min_score: who scores less is no good partner; the best scores of our own on-topic tuning texts start at 0.39.
    little_digital, mostly_digital: one side that is not at all about cybersecurity or the digital field (no passage
        likelier than this), and one that mostly is (mean over passages), are no good partners, whatever the score:
        texts on unlike matters can be written alike.
    """

    ours: float = 0.7
    shares: tuple[float, ...] = (0.5, 0.3, 0.2)
    implied_offer: float = 0.9
    min_score: float = 0.37
    little_digital: float = 0.3
    mostly_digital: float = 0.35
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
