"""Texts into passages: sentences that fit the encoder's window, are quoted whole, and know their role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from csr_match.domain import Organisation, Passage, Role, statements
from csr_match.taxonomy import cues

MAX_WORDS = 60
MAX_CHARS = 400

_ABBREVIATIONS = r"e\.g|i\.e|z\.B|d\.h|p\.ex|incl|etc|resp|approx|vs|Dr|St|No|Nr|ca|esim|nt|S\.L|S\.A|S\.p\.A|Inc|Ltd"
_END = re.compile(rf"(?<!\b(?:{'|'.join(_ABBREVIATIONS.split('|'))}))$") if False else None
_SENTENCE = re.compile(r"[^.!?;…\n]+(?:[.!?…;]+(?=\s|$)|[.!?;…]+\S[^.!?;…\n]*)*[.!?…;]*", re.UNICODE)
