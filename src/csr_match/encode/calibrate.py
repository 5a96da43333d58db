"""Estimate an encoder's calibration from the taxonomy: the same concepts described in seven languages."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from csr_match.encode.protocol import Encoder, Vectors
from csr_match.encode.space import Calibration
from csr_match.taxonomy import Concept, capabilities, s3_areas, stages, taxonomy_version
from csr_match.taxonomy.scheme import LANGUAGES


def all_concepts() -> tuple[Concept, ...]:
    """Capabilities, stages and S3 areas, in this order."""
    return (*capabilities(), *stages(), *s3_areas())


def _words(concept: Concept, language: str) -> str:
    return ", ".join(dict.fromkeys([concept.named(language), *concept.aliases[language]]))


def calibrate(encoder: Encoder, key: str) -> Calibration:
    """Means by language, the logistic curve of likeness, and the concepts' vectors.

    Two texts of one concept (its gloss in two languages, or its gloss and its names) are alike; texts of two
    concepts of one family (sub-domains of a domain, sectors, stages ...) are not: so likeness tells a capability
    from its neighbours, which is harder than telling it from anything.

    Args:
        encoder: gives raw unit vectors.
        key: the model's key, kept in the manifest.
    """
    concepts = all_concepts()
    shape = (len(LANGUAGES), len(concepts), encoder.dimension)
    glosses = encoder.encode([c.gloss[x] for x in LANGUAGES for c in concepts]).reshape(shape)
    names = encoder.encode([_words(c, x) for x in LANGUAGES for c in concepts]).reshape(shape)
    means = {x: (glosses[i].mean(axis=0) + names[i].mean(axis=0)) / 2 for i, x in enumerate(LANGUAGES)}
    means[""] = np.mean([means[x] for x in LANGUAGES], axis=0)
    blank = Calibration(key, taxonomy_version(), means, 1.0, 0.0, (), np.zeros((0, encoder.dimension), np.float32))
    for i, language in enumerate(LANGUAGES):
        glosses[i] = blank.centre(glosses[i], [language] * len(concepts))
        names[i] = blank.centre(names[i], [language] * len(concepts))
    slope, intercept = _fit(glosses, names, [_family(c) for c in concepts])
    both = glosses.mean(axis=0) + names.mean(axis=0)
    vectors: Vectors = (both / np.linalg.norm(both, axis=1, keepdims=True)).astype(np.float32)
    return Calibration(key, taxonomy_version(), means, slope, intercept, tuple(c.id for c in concepts), vectors)


def _family(concept: Concept) -> str:
    return concept.parent or (concept.id if concept.kind == "domain" else concept.kind)


def _fit(glosses: Vectors, names: Vectors, families: list[str]) -> tuple[float, float]:
    from sklearn.linear_model import LogisticRegression

    family = np.array(families)
    siblings = (family[:, None] == family[None, :]) & ~np.eye(len(family), dtype=bool)
    alike: list[NDArray[np.float32]] = []
    apart: list[NDArray[np.float32]] = []
    for one in range(len(LANGUAGES)):
        for other in range(len(LANGUAGES)):
            for texts in (glosses, names):
                cosine = glosses[one] @ texts[other].T
                if texts is names or one != other:
                    alike.append(cosine.diagonal())
                apart.append(cosine[siblings])
    cosines = np.concatenate([*alike, *apart])
    same = np.arange(cosines.size) < sum(a.size for a in alike)
    model = LogisticRegression(class_weight="balanced", C=1e6).fit(cosines[:, None], same)
    return float(model.coef_[0, 0]), float(model.intercept_[0])
