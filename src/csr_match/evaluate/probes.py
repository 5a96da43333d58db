"""Probes: small labelled sets written before any model was run, apart from everything that was tuned.

Imaginary organisations, one author, no native review of the Finnish and Estonian. See data/README.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from csr_match.domain import Need, Organisation, Tag
from csr_match.encode import Space
from csr_match.encode.protocol import Vectors
from csr_match.encode.space import unit
from csr_match.evaluate.intervals import Estimate, estimate
from csr_match.index import Directory
from csr_match.match import Matcher, Wish
from csr_match.portray.passages import organisation_of_text, sentences
from csr_match.portray.tag import Tagger
from csr_match.resources import package_data

LANGUAGES = ("fr", "de", "es", "it", "fi", "et")
Figures = dict[str, Estimate]


def read_probe(name: str) -> list[dict[str, Any]]:
    """The items of a probe set: languages, tags, needs or offtopic."""
    lines = package_data("evaluate", "data", f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _whole(space: Space, texts: list[str]) -> Vectors:
    """One vector a text: the unit mean of its sentences' vectors."""
    parts = [list(sentences(text)) for text in texts]
    vectors = space.encode([s for several in parts for s in several])
    ends = np.cumsum([len(p) for p in parts])
    return unit(np.stack([v.mean(axis=0) for v in np.split(vectors, ends[:-1])]))


def languages(matcher: Matcher) -> Figures:
    """Does a description in another language find what its English version finds?

    "R@1 xx": the nearest of the 60 English descriptions is its own translation. "twin first xx": with the 60 added to
    the workspace as organisations of one description, the one that it translates gets the best score of all. "same
    first xx": the first partner in the workspace is the same as for the English text. "same five xx": share of the
    first five that are the same.
    """
    items = read_probe("languages")
    space = matcher.portrayer.space
    vectors = {x: _whole(space, [i[x] for i in items]) for x in ("en", *LANGUAGES)}
    wish = Wish(top=5)
    found = {
        x: [[o for o, _ in r] for r in matcher.rank([(organisation_of_text(i[x]), wish) for i in items])]
        for x in vectors
    }
    figures: Figures = {}
    for x in LANGUAGES:
        nearest = (vectors[x] @ vectors["en"].T).argmax(axis=1)
        figures[f"R@1 {x}"] = estimate(nearest == np.arange(len(items)))
    planted = Directory.of(
        matcher.portrayer.portray_own([organisation_of_text(i["en"], identity=i["id"]) for i in items])
    )
    for x in LANGUAGES:
        figures[f"twin first {x}"] = estimate([_twin_first(matcher, planted, i["id"], i[x]) for i in items])
    for x in LANGUAGES:
        pairs = list(zip(found["en"], found[x], strict=True))
        figures[f"same first {x}"] = estimate([a[:1] == b[:1] for a, b in pairs])
        figures[f"same five {x}"] = estimate([len(set(a) & set(b)) / len(a) for a, b in pairs])
    return figures


def _twin_first(matcher: Matcher, planted: Directory, twin: str, text: str) -> bool:
    query = Directory.of(matcher.portrayer.portray_own([organisation_of_text(text)]))
    scores, _ = matcher.scorer.score(matcher.scorer.components(query, planted))
    others, _ = matcher.scorer.score(matcher.scorer.components(query, matcher.directory))
    return planted.ids[int(np.argmax(scores))] == twin and bool(scores.max() > np.nanmax(others))


def needs(matcher: Matcher) -> Figures:
    """Does the offer that meets a need score above four hard distractors (1 of 5; chance is 0.2)?

    The need and each offer are organisations of one sentence; the component `they_meet_our_needs` decides. A
    distractor may be another seeker of the same thing, a neighbouring capability, or the same sector or technology.
    """
    items = read_probe("needs")
    best, kinds = [], []
    for item in items:
        asked = Organisation(id="need", name="need", needs=(Need(text=item["need"]),))
        offered = [
            organisation_of_text(text, identity=f"offer-{i}") for i, text in enumerate([item["right"], *item["wrong"]])
        ]
        query, *candidates = matcher.portrayer.portray_own([asked, *offered])
        met = matcher.scorer.components(Directory.of([query]), Directory.of(candidates))["they_meet_our_needs"]
        best.append(int(np.argmax(np.nan_to_num(met, nan=-1.0))) == 0)
        kinds.append("two languages" if item["lang_right"] != item["lang_need"] else "one language")
    return {
        "all": estimate(best),
        **{kind: estimate([b for b, k in zip(best, kinds, strict=True) if k == kind]) for kind in sorted(set(kinds))},
    }


def tags(tagger: Tagger, space: Space) -> Figures:
    """Are texts tagged with the JRC domain that a person gave them?

    "domain@1": the likeliest sub-domain lies in a right domain; "any right": a tag does; "precision": share of the
    tags that do; "none elsewhere": texts on other matters that get no capability.
    """
    items = read_probe("tags")
    vectors = space.encode([i["text"] for i in items])
    given = tagger.tag([i["text"] for i in items], vectors)
    relevance = tagger.relevance(vectors)
    subdomains = [i for i, c in enumerate(tagger.concepts) if c.startswith("D") and "." in c]
    first, found, precise, quiet = [], [], [], []
    for item, row, tagged in zip(items, relevance, given, strict=True):
        domains = _domains(tagged)
        if item["domain"] is None:
            quiet.append(not domains)
            continue
        right = {s[:3] for s in item["subdomains"]}
        first.append(tagger.concepts[subdomains[int(np.argmax(row[subdomains]))]][:3] in right)
        found.append(bool(set(domains) & right))
        precise += [d in right for d in domains]
    return {
        "domain@1": estimate(first),
        "any right": estimate(found),
        "precision": estimate(precise),
        "none elsewhere": estimate(quiet),
    }


def _domains(tagged: list[Tag]) -> list[str]:
    return [t.concept[:3] for t in tagged if t.concept.startswith("D")]


def offtopic(matcher: Matcher) -> Figures:
    """Is "no good partner here" said to those who have nothing to do with the directory, and to no other?"""
    items = read_probe("offtopic")
    wish = Wish(top=5)
    silent = [matcher.search(i["text"], wish=wish).no_good_partner for i in items]
    return {
        "off topic, no partner": estimate([s for s, i in zip(silent, items, strict=True) if not i["cyber"]]),
        "on topic, a partner": estimate([not s for s, i in zip(silent, items, strict=True) if i["cyber"]]),
    }


def components(matcher: Matcher) -> Figures:
    """Mean of each component over the interregional pairs of the workspace for which it is known."""
    directory = matcher.directory
    known: dict[str, list[float]] = {}
    for row, identity in enumerate(directory.ids):
        values = matcher.scorer.components(directory.one(row), directory)
        mask = matcher.candidates(identity, directory.places[row], Wish())[0]
        for name, value in values.items():
            chosen = value[mask]
            known.setdefault(name, []).append(float(np.nanmean(chosen)) if np.isfinite(chosen).any() else np.nan)
    return {name: estimate(np.array(v)[np.isfinite(v)]) for name, v in known.items()}


def as_dict(figures: Mapping[str, Estimate]) -> dict[str, Any]:
    """Figures as JSON-ready data."""
    return {name: e._asdict() for name, e in figures.items()}
