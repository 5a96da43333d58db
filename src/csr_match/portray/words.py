"""Find concepts in a text by the words that practitioners use for them, inflected or not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from csr_match.encode import language_of
from csr_match.taxonomy import Concept, capabilities, s3_areas, stages
from csr_match.taxonomy.scheme import LANGUAGES

_STEMMERS = {
    "en": "english",
    "fr": "french",
    "de": "german",
    "es": "spanish",
    "it": "italian",
    "fi": "finnish",
    "et": "estonian",
}
COMPOUNDING = frozenset({"de", "fi", "et"})
MIN_COMPOUND_STEM = 6
_WORD = re.compile(r"\w+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class _Alias:
    """A phrase that names a concept: its words' stems, or the exact acronym."""

    concept: str
    stems: tuple[str, ...]
    acronym: str | None


def fold(text: str) -> str:
    """Lower case without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


@cache
def _stemmer(language: str) -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer(_STEMMERS[language])


@lru_cache(maxsize=200_000)
def stem(word: str, language: str) -> str:
    """The folded stem of a word."""
    return fold(str(_stemmer(language).stemWord(word.casefold())))


@cache
def _aliases(language: str) -> dict[str, list[_Alias]]:
    """Aliases by the first three letters of their first stem; acronyms under themselves."""
    table: dict[str, list[_Alias]] = {}
    concepts: tuple[Concept, ...] = (*capabilities(), *stages(), *s3_areas())
    for concept in concepts:
        for phrase in concept.aliases[language]:
            words = _WORD.findall(phrase)
            short = len(words) == 1 and phrase.isupper() and len(phrase) <= 5
            stems = (fold(phrase),) if short else tuple(stem(w, language) for w in words)
            alias = _Alias(concept.id, stems, phrase if short else None)
            table.setdefault(stems[0][:3], []).append(alias)
    for several in table.values():
        several.sort(key=lambda a: (-len(a.stems), -sum(map(len, a.stems)), a.concept))
    return table


def _fits(alias: _Alias, words: list[re.Match[str]], at: int, language: str) -> bool:
    if alias.acronym:
        return words[at].group() == alias.acronym
    if at + len(alias.stems) > len(words):
        return False
    for wanted, word in zip(alias.stems, words[at : at + len(alias.stems)], strict=True):
        if stem(word.group(), language) == wanted:
            continue
        compound = language in COMPOUNDING and len(wanted) >= MIN_COMPOUND_STEM
        if not (compound and fold(word.group()).startswith(wanted)):
            return False
    return True


def named_concepts(text: str) -> Iterator[tuple[str, str]]:
    """(concept id, the words that name it) in a text, the longest name at a place; also English names elsewhere."""
    own = language_of(text)
    words = list(_WORD.finditer(text))
    for language in dict.fromkeys((own if own in LANGUAGES else "en", "en")):
        table = _aliases(language)
        at = 0
        while at < len(words):
            found = [
                a for a in table.get(stem(words[at].group(), language)[:3], ()) if _fits(a, words, at, language)
            ] or [a for a in table.get(fold(words[at].group())[:3], ()) if _fits(a, words, at, language)]
            longest = max((len(a.stems) for a in found), default=1)
            for alias in found:
                if len(alias.stems) == longest:
                    yield alias.concept, text[words[at].start() : words[at + longest - 1].end()]
            at += longest
