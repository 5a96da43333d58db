"""Which language a text is written in, among those of Europe."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

_CODES = (
    "bg ca cs cy da de el en es et eu fi fr ga gl hr hu is it lb lt lv mk mt nb nl nn no pl pt ro sk sl sq sr sv tr uk"
)
EUROPEAN = frozenset(_CODES.split(" "))


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(sorted(EUROPEAN & set(identifier.nb_classes)))
    return identifier


@lru_cache(maxsize=65536)
def language_of(text: str) -> str:
    """ISO 639-1 code of the likeliest European language of a text."""
    found: str = _identifier().classify(text)[0]
    return found
