"""Texts into passages: sentences that fit the encoder's window, are quoted whole, and know their role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import sentencex

from csr_match.domain import Need, Offer, Organisation, Passage, RegionRef, Role, statements
from csr_match.encode import language_of
from csr_match.taxonomy import cues

MAX_WORDS = 60
MAX_CHARS = 400

_LIST_MARK = re.compile(r"^\s*(?:[-*•–·]|\d{1,2}[.)])\s+")
_CONJUNCTION = re.compile(r"^(?:and|et|und|y|e|ja|en)\s+", re.IGNORECASE)
_CLAUSE_END = re.compile(r"(?<=[;:,.])\s")


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, list items apart, none longer than 60 words or 400 characters."""
    language = language_of(text)
    for line in text.splitlines():
        for part in sentencex.segment(language, _LIST_MARK.sub("", line)):
            sentence = " ".join(part.split())
            if sum(c.isalpha() for c in sentence) >= 2:
                yield from _fitting(sentence)


def _fitting(sentence: str) -> Iterator[str]:
    """A sentence in parts that fit: cut after a clause where there is one, else between words."""
    while len(sentence) > MAX_CHARS or sentence.count(" ") >= MAX_WORDS:
        words = sentence.split(" ")[:MAX_WORDS]
        room = min(MAX_CHARS, len(" ".join(words)))
        clauses = [m.end() for m in _CLAUSE_END.finditer(sentence[:room])]
        cut = clauses[-1] if clauses and clauses[-1] > room // 3 else sentence.rfind(" ", 0, room) + 1
        cut = cut or room
        yield sentence[:cut].strip()
        sentence = sentence[cut:].strip()
    if sentence:
        yield sentence


def passages(organisation: Organisation) -> list[Passage]:
    """What can be encoded and quoted of an organisation, in order: description, offers, needs.

    Its names are left out: who somebody is says nothing about what they do.
    """
    found = [Passage(Role.ABOUT, "description", s) for s in sentences(organisation.description or "")]
    for role, field, statement in statements(organisation):
        found += [Passage(role, field, s) for s in sentences(statement.text)]
    return found


@cache
def _cue_pattern(kind: str) -> re.Pattern[str]:
    phrases = sorted({p for several in cues()[kind].values() for p in several}, key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(re.escape(p).replace(r"\ ", r"\s+") for p in phrases) + r")\b", re.IGNORECASE)


def _by_role(sentence: str) -> Iterator[tuple[Role, str]]:
    """A sentence by what it announces; one that offers and then asks is taken apart at the second cue."""
    need, offer = _cue_pattern("need").search(sentence), _cue_pattern("offer").search(sentence)
    if need and offer:
        first, second = (Role.NEED, Role.OFFER) if need.start() < offer.start() else (Role.OFFER, Role.NEED)
        cut = max(need.start(), offer.start())
        yield first, sentence[:cut].rstrip(" ,;:")
        yield second, _CONJUNCTION.sub("", sentence[cut:])
    elif need or offer:
        yield (Role.NEED if need else Role.OFFER), sentence
    else:
        yield Role.ABOUT, sentence


def organisation_of_text(text: str, home: RegionRef | None = None, identity: str = "query") -> Organisation:
    """Somebody with no profile yet, from their own words.

    Sentences that announce an offer or a need ("we offer", "wir suchen", ...) become offers and needs, the rest
    the description. Without such sentences, offers and needs stay unknown.

    Args:
        text: what they wrote, in any language; at least one word.
        home: the region they come from, so that partners are sought in others.
        identity: the id of the record.
    """
    about: list[str] = []
    offers: list[Offer] = []
    needs: list[Need] = []
    for sentence in sentences(text):
        for role, part in _by_role(sentence):
            if role is Role.NEED:
                needs.append(Need(text=part))
            elif role is Role.OFFER:
                offers.append(Offer(text=part))
            else:
                about.append(part)
    return Organisation(
        id=identity,
        name="your text",
        country=home.code[:2] if home else None,
        region=home,
        description="\n".join(about) or None,
        offers=tuple(offers) or None,
        needs=tuple(needs) or None,
    )
