"""A match in words: how two organisations relate, and why, in one or two sentences of their own words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from csr_match.domain import Organisation, Quote, ScoreComponent

RIVALRY = 0.4
"""Rivalry (1 - no_rivalry) from which two organisations compete."""
MET = 0.6
"""Share of needs met from which one organisation has what the other looks for."""
_BRACKET = re.compile(r"\s*\([^)]*\)")
_SAYING = {
    "they_meet_our_needs": '{name} brings what you look for: "{theirs}" answers "{ours}"',
    "we_meet_their_needs": '{name} looks for what you bring: "{theirs}" is answered by "{ours}"',
    "topic": '{name} works on the same matter: "{theirs}" beside your "{ours}"',
}

_TOGETHER = '{name} took part with you in: "{theirs}"'


def relation(values: Mapping[str, float]) -> str:
    """complementary, similar or competing, by the components (NaN where unknown)."""
    known = {name: 0.0 if np.isnan(value) else float(value) for name, value in values.items()}
    met = max(known["they_meet_our_needs"], known["we_meet_their_needs"])
    rivalry = 0.0 if np.isnan(values["no_rivalry"]) else 1 - known["no_rivalry"]
    if rivalry >= RIVALRY and met < MET:
        return "competing"
    if met >= MET or known["capability_complementarity"] > known["capability_overlap"]:
        return "complementary"
    return "similar"


def short(label: str) -> str:
    """A label without its examples in brackets."""
    return _BRACKET.sub("", label)


def reason(
    organisation: Organisation, of_relation: str, components: Sequence[ScoreComponent], quotes: Sequence[Quote]
) -> str:
    """Why this organisation, in the words of both sides."""
    evidence = {c.name: c.evidence for c in components}
    said = [
        _TOGETHER.format(name=organisation.label, theirs=q.theirs.text.rstrip(". "))
        if q.theirs.text == q.ours.text and q.theirs.field == q.ours.field
        else _SAYING[q.component].format(
            name=organisation.label, theirs=q.theirs.text.rstrip(". "), ours=q.ours.text.rstrip(". ")
        )
        for q in quotes[:1]
    ]
    both = [short(c["label"]) for c in evidence["capability_overlap"].get("shared", [])][:2]
    adds = [short(c["label"]) for c in evidence["capability_complementarity"].get("they_add", [])][:2]
    if both:
        said.append("Shared: " + "; ".join(both))
    if adds and of_relation != "competing":
        said.append("It adds: " + "; ".join(adds))
    if of_relation == "competing":
        said.append("It offers much the same at the same stage: as much a competitor as a partner")
    return ". ".join(said) + "." if said else "Nothing in particular was found that speaks for it."
