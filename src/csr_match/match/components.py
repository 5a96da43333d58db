"""The components of a score, for one query against all candidates at once.

A candidate's values depend on the query and on the candidate alone, never on who else is in the directory: one at a
time gives the same numbers as all together, and an explanation can be checked by taking a passage away.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from csr_match.domain import OrganisationType, Role
from csr_match.encode import Calibration
from csr_match.index import Directory, ExactIndex
from csr_match.index.search import likeness_to
from csr_match.match.config import COMPONENTS, MatchConfig, neutral
from csr_match.portray.portrait import ROLES, rows_of

Values = NDArray[np.float64]
_ABOUT, _OFFER, _NEED = (ROLES.index(r) for r in (Role.ABOUT, Role.OFFER, Role.NEED))
_COMPANIES = frozenset({OrganisationType.SME.value, OrganisationType.LARGE_COMPANY.value})


@dataclass(frozen=True)
class Scorer:
    """Scores candidates in one space.

    Args:
        calibration: gives likeness to cosines and vectors to concepts.
        config: weights and constants.
    """

    calibration: Calibration
    config: MatchConfig = field(default_factory=MatchConfig)

    def components(self, query: Directory, candidates: Directory) -> dict[str, Values]:
        """Each component for each candidate, shape (N,), in 0..1; NaN where it is unknown.

        Args:
            query: the directory that holds the query organisation alone.
            candidates: N organisations.
        """
        if len(query) != 1:
            raise ValueError(f"one query is scored at a time, not {len(query)}")
        texts = _Texts(query, candidates, self)
        forward, back = texts.needs_met(), texts.their_needs_met()
        overlap = _ruzicka(query.holds, candidates.holds, "capability")
        stage_overlap = _ruzicka(query.holds, candidates.holds, "stage")
        topic = texts.topic()
        return {
            "topic": topic,
            "they_meet_our_needs": forward,
            "we_meet_their_needs": back,
            "reciprocity": _harmonic(forward, back),
            "capability_overlap": overlap,
            "capability_complementarity": self._complementarity(query, candidates),
            "s3_area": _ruzicka(query.holds, candidates.holds, "s3"),
            "value_chain": (1 - stage_overlap) * topic,
            "no_rivalry": 1 - texts.same_offers() * stage_overlap * _both_sell(query, candidates),
        }

    def score(self, components: dict[str, Values]) -> tuple[Values, dict[str, Values]]:
        """The score in 0..1 and each component's contribution to it; contributions add up to the score.

        An unknown component contributes its weight times its neutral value.
        """
        contributions = {
            name: self.config.weights[name] * np.where(np.isnan(values), neutral(name), values)
            for name, values in components.items()
        }
        return np.sum([contributions[name] for name in COMPONENTS], axis=0), contributions

    def _complementarity(self, query: Directory, candidates: Directory) -> Values:
        """Share of each side's capabilities that add to the other, the mean of both directions.

        An addition is a capability that the other lacks and that lies near what it has or looks for (related
        variety, after Balland and Boschma 2021, doi:10.1080/00343404.2020.1861240).
        """
        they_add = self.added(query, candidates).sum(axis=1)
        we_add = self.added(candidates, query).sum(axis=1)
        rows = rows_of("subdomain")
        ours, theirs = query.holds[:, rows].sum(axis=1), candidates.holds[:, rows].sum(axis=1)
        known = (theirs > 0) & (ours > 0)
        safe = np.where(known, theirs, 1), np.where(known, ours, 1)
        return np.where(known, (they_add / safe[0] + we_add / safe[1]) / 2, np.nan).astype(np.float64)

    def added(self, ones: Directory, others: Directory) -> NDArray[np.float32]:
        """What others add to ones, by sub-domain, shape (pairs, S), 0 to 1; one of the two holds one organisation."""
        rows = rows_of("subdomain")
        ours, theirs = ones.holds[:, rows], others.holds[:, rows]
        reach = np.maximum(ones.reach, ones.lacks[:, rows])
        added: NDArray[np.float32] = theirs * (1 - ours) * reach
        return added


def _ruzicka(ours: NDArray[np.float32], theirs: NDArray[np.float32], group: str) -> Values:
    """Weighted Jaccard (Ruzicka) similarity of two sets with strengths; NaN where one of them is empty."""
    rows = rows_of(group)
    one, many = ours[:, rows], theirs[:, rows]
    union = np.maximum(one, many).sum(axis=1, dtype=np.float64)
    shared = np.minimum(one, many).sum(axis=1, dtype=np.float64)
    known = one.any() & many.any(axis=1)
    return np.where(known, shared / np.where(union > 0, union, 1), np.nan)


def _harmonic(one: Values, other: Values) -> Values:
    total = one + other
    return np.where(total > 0, 2 * one * other / np.where(total > 0, total, 1), np.where(np.isnan(total), np.nan, 0.0))


def _both_sell(query: Directory, candidates: Directory) -> Values:
    """1 where both are companies, else a half: a laboratory and a firm with one offer rarely compete."""
    ours = query.types[0] in _COMPANIES
    return np.array([1.0 if ours and t in _COMPANIES else 0.5 for t in candidates.types])


class _Texts:
    """Everything that compares passages; the likeness of all pairs is computed once."""

    def __init__(self, query: Directory, candidates: Directory, scorer: Scorer) -> None:
        self._query, self._candidates, self._config = query, candidates, scorer.config
        calibration = scorer.calibration
        self.likeness = likeness_to(query.vectors, candidates.vectors, calibration.slope, calibration.intercept)
        self._index = ExactIndex(candidates.starts)
        self._has = np.diff(candidates.starts) > 0

    def _as_offers(self, roles: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What passages count as offers: stated ones 1, those of a description less, needs nothing."""
        weights = np.zeros(len(roles), np.float32)
        weights[roles == _OFFER] = 1.0
        weights[roles == _ABOUT] = self._config.implied_offer
        return weights

    def topic(self) -> Values:
        """Mean cover of our passages by theirs, and of theirs by ours; a passage weighs its salience."""
        if not len(self._query.vectors):
            return np.full(len(self._candidates), np.nan)
        ours = np.asarray(self._query.salience, np.float64)
        everything = np.ones(len(self._candidates.vectors), np.float32)
        forward = ours @ self._index.best(self.likeness, everything, self._config.shares) / ours.sum()
        theirs = np.asarray(self._candidates.salience, np.float64)
        back = self._per_candidate(theirs * self.likeness.max(axis=0), theirs)
        value = self._config.ours * forward + (1 - self._config.ours) * back
        return np.where(self._has, value, np.nan)

    def needs_met(self) -> Values:
        """Mean over our needs of the best of their offers; NaN without needs or without their offers."""
        needs = self._query.roles == _NEED
        weights = self._as_offers(self._candidates.roles)
        offering = self._per_candidate(weights, None) > 0
        if not needs.any():
            return np.full(len(self._candidates), np.nan)
        best = self._index.best(self.likeness[needs], weights)
        ours = np.asarray(self._query.salience[needs], np.float64)
        return np.where(offering, ours @ best / ours.sum(), np.nan)

    def their_needs_met(self) -> Values:
        """Mean over their needs of the best of our offers; NaN without."""
        return self._met_by_our_offers(self._candidates.roles == _NEED)

    def same_offers(self) -> Values:
        """Mean over their offers of the most alike of ours; 0 without."""
        offers = self._as_offers(self._candidates.roles) > 0
        return np.nan_to_num(self._met_by_our_offers(offers), nan=0.0)

    def _met_by_our_offers(self, which: NDArray[np.bool_]) -> Values:
        offers = self._as_offers(self._query.roles)
        if not offers.any():
            return np.full(len(self._candidates), np.nan)
        best = (self.likeness * offers[:, None]).max(axis=0)
        weights = np.where(which, self._candidates.salience, 0).astype(np.float64)
        return self._per_candidate(weights * best, weights)

    def _per_candidate(self, values: NDArray[np.floating], weights: NDArray[np.floating] | None) -> Values:
        """Sum of passage values by candidate, over the sum of weights where given; NaN (or 0) where there are none."""
        sums = _sums(values, self._candidates.starts)
        if weights is None:
            return sums
        totals = _sums(weights, self._candidates.starts)
        return np.where(totals > 0, sums / np.where(totals > 0, totals, 1), np.nan)


def _sums(values: NDArray[np.floating], starts: NDArray[np.int64]) -> Values:
    """Sum over each owner's passages; one owner's sum never depends on another's values."""
    sums = np.zeros(len(starts) - 1, np.float64)
    filled = np.flatnonzero(np.diff(starts) > 0)
    if filled.size:
        sums[filled] = np.add.reduceat(np.asarray(values, np.float64), starts[:-1][filled])
    return sums
