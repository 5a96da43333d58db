"""Query -> candidates -> scores -> ranking -> explanation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from csr_match.domain import Match, Organisation, Project, Region, RegionRef
from csr_match.index import Directory, open_directory
from csr_match.match.components import Scorer
from csr_match.match.config import MatchConfig
from csr_match.match.explain import Explainer
from csr_match.match.filters import Filters
from csr_match.match.wording import reason, relation
from csr_match.portray.opening import portrayer_of
from csr_match.portray.passages import organisation_of_text
from csr_match.portray.portrait import Portrait, rows_of, stored_portrait
from csr_match.regions import contains, is_interregional
from csr_match.store import Workspace

TIE_DIGITS = 9
"""Scores equal to this many digits are ties, broken by id."""


@dataclass(frozen=True)
class Wish:
    """What a ranking is asked for.

    top: how many at most; filters: conditions; exclude: ids that are left out; same_region: allow partners from the
    query's own region; most_per_region: at most so many from one region (0: no limit), for diversity; new_only: leave
    out those who took part in a project with the query already.
    """

    top: int = 10
    filters: Filters = field(default_factory=Filters)
    exclude: frozenset[str] = frozenset()
    same_region: bool = False
    most_per_region: int = 0
    new_only: bool = False


DEFAULT_WISH = Wish()


class Ranked(NamedTuple):
    """A row of the directory and its score."""

    row: int
    score: float


@dataclass(frozen=True)
class Ranking:
    """Explained matches, best first, and who was left out and why (counts by reason)."""

    query: Organisation
    home: str | None
    matches: tuple[Match, ...]
    candidates: int
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def no_good_partner(self) -> bool:
        """Nobody here deserves to be proposed."""
        return not any(m.good for m in self.matches)


class Matcher:
    """Finds partners in a workspace.

    Args:
        workspace: with loaded profiles.
        config: of the score.
        say: told about slow steps (preparing an encoder).
    """

    def __init__(
        self,
        workspace: Workspace,
        config: MatchConfig | None = None,
        say: Callable[[str], None] = lambda _: None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.workspace = workspace
        self.config = config or MatchConfig()
        self.portrayer = portrayer_of(workspace, say)
        self.scorer = Scorer(self.portrayer.space.calibration, self.config)
        self._progress = progress

    @cached_property
    def directory(self) -> Directory:
        """All organisations."""
        return open_directory(self.workspace, self.portrayer, self._progress)

    @cached_property
    def _registered(self) -> list[str]:
        """Codes of the regions that have a record (S3 regions), the largest first."""
        regions = [r.region.code for r in self.workspace.records("region") if isinstance(r, Region)]
        return sorted(regions, key=lambda code: (len(code), code))

    def home(self, place: str | None) -> str | None:
        """The registered S3 region that contains a place, else the place itself.

        Two towns of North Rhine-Westphalia are of one S3 region, whatever finer codes they have.
        """
        return next((r for r in self._registered if place and contains(r, place)), place)

    @cached_property
    def _homes(self) -> tuple[str | None, ...]:
        known = {p: self.home(p) for p in set(self.directory.places)}
        return tuple(known[p] for p in self.directory.places)

    @cached_property
    def _speaks(self) -> NDArray[np.bool_]:
        """Who has said anything that can be matched, shape (N,)."""
        holds = self.directory.holds[:, rows_of("capability")]
        return (np.diff(self.directory.starts) > 0) | holds.any(axis=1)

    def partners_of(self, identity: str) -> frozenset[str]:
        """Organisations that took part in a project of the workspace together with this one."""
        organisation = next(iter(self.workspace.organisations([identity])), None)
        if organisation is None:
            return frozenset()
        projects = self.workspace.records("project", organisation.projects)
        together = {
            p.organisation for r in projects if isinstance(r, Project) for p in r.participants if p.organisation
        }
        return frozenset(together - {identity})

    # --- queries

    def portraits(self, organisations: Sequence[Organisation]) -> list[Portrait]:
        """Portraits of loaded organisations, in their order; nothing is encoded."""
        ids = [o.id for o in organisations]
        stored = self.workspace.passages(ids)
        corrections = self.workspace.corrections()
        made = []
        for o in organisations:
            rows = self.directory.passages_of(self.directory.row[o.id])
            vectors = np.asarray(self.directory.vectors[rows])
            salience = self.directory.salience[rows]
            made.append(
                stored_portrait(
                    o, stored.get(o.id, []), vectors, salience, self.portrayer.near, corrections.get(o.id, {})
                )
            )
        return made

    def match(self, identity: str, wish: Wish = DEFAULT_WISH) -> Ranking:
        """Partners for a loaded organisation.

        Raises:
            UnknownNameError: no such organisation.
        """
        organisation = self.workspace.organisation(identity)
        return self._ranking(organisation, self.portraits([organisation])[0], wish)

    def search(self, text: str, home: RegionRef | None = None, wish: Wish = DEFAULT_WISH) -> Ranking:
        """Partners for somebody with no profile yet, from their own words."""
        organisation = organisation_of_text(text, home)
        return self._ranking(organisation, self.portrayer.portray_own([organisation])[0], wish)

    def _ranking(self, organisation: Organisation, portrait: Portrait, wish: Wish) -> Ranking:
        arrays = Directory.of(
            [portrait],
            [organisation.type.value if organisation.type else None],
            [organisation.languages],
            self.portrayer.space.dimension,
        )
        mask, left_out = self.candidates(organisation.id, organisation.place, wish)
        ranked = self._ranked(arrays, mask, wish)
        return Ranking(
            organisation,
            self.home(organisation.place),
            self._explained(portrait, arrays, ranked),
            int(mask.sum()),
            left_out,
        )

    def rank(self, queries: Sequence[tuple[Organisation | str, Wish]]) -> Iterable[list[tuple[str, float]]]:
        """Batch: (id, score) lists, best first, in the order of the queries; all texts are encoded in one go.

        Args:
            queries: an organisation's id, or an organisation that is in no workspace (`organisation_of_text`).
        """
        unknown = [q for q, _ in queries if isinstance(q, Organisation)]
        portraits = iter(self.portrayer.portray_own(unknown, progress=self._progress))
        for query, wish in queries:
            if isinstance(query, Organisation):
                arrays = Directory.of(
                    [next(portraits)], [query.type], [query.languages], self.portrayer.space.dimension
                )
                identity, place = query.id, query.place
            else:
                row = self.directory.row[query]
                arrays, identity, place = self.directory.one(row), query, self.directory.places[row]
            mask, _ = self.candidates(identity, place, wish)
            yield [(self.directory.ids[r.row], r.score) for r in self._ranked(arrays, mask, wish)]

    # --- steps

    def candidates(self, identity: str, place: str | None, wish: Wish) -> tuple[NDArray[np.bool_], dict[str, int]]:
        """Who is considered, shape (N,), and how many were left out for each reason."""
        directory = self.directory
        mask = np.array([i != identity and i not in wish.exclude for i in directory.ids], bool)
        left_out = {"excluded": int((~mask).sum()) - (identity in directory.row)}
        home = self.home(place)

        def leave(reason_why: str, keep: NDArray[np.bool_]) -> None:
            nonlocal mask
            left_out[reason_why] = int((mask & ~keep).sum())
            mask = mask & keep

        leave("nothing is known of what they do", self._speaks)
        if wish.new_only:
            partners = self.partners_of(identity)
            leave("partners already", np.array([i not in partners for i in directory.ids], bool))
        if not wish.same_region and home is not None:
            leave("their region is unknown", np.array([p is not None for p in self._homes], bool))
            apart = {p: p is not None and is_interregional(home, p) for p in set(self._homes)}
            leave("same region", np.array([apart[p] for p in self._homes], bool))
        leave("filtered out", wish.filters.mask(directory))
        return mask, {why: count for why, count in left_out.items() if count}

    def _ranked(self, query: Directory, mask: NDArray[np.bool_], wish: Wish) -> list[Ranked]:
        scores, _ = self.scorer.score(self.scorer.components(query, self.directory))
        rows = np.flatnonzero(mask & ~np.isnan(scores))
        # The directory is in the order of ids and the sort is stable: ties come out by id.
        rows = rows[np.argsort(-np.round(scores[rows], TIE_DIGITS), kind="stable")]
        chosen: list[Ranked] = []
        taken: dict[str | None, int] = {}
        for row in rows:
            if len(chosen) == wish.top:
                break
            region = self._homes[row]
            taken[region] = taken.get(region, 0) + 1
            if not wish.most_per_region or taken[region] <= wish.most_per_region:
                chosen.append(Ranked(int(row), float(scores[row])))
        return chosen

    def _one_world(self, one: Portrait, other: Portrait) -> bool:
        """Not: one side mostly about cybersecurity or the digital field, the other not at all."""
        digital = self.portrayer.space.calibration.digital
        sides = [(digital(p.vectors), p.salience) for p in (one, other) if len(p.passages)]
        if len(sides) < 2:
            return True
        least = min(float(chances.max()) for chances, _ in sides)
        most = max(float(np.average(chances, weights=weights)) for chances, weights in sides)
        return least >= self.config.little_digital or most <= self.config.mostly_digital

    def _explained(self, query: Portrait, arrays: Directory, ranked: Sequence[Ranked]) -> tuple[Match, ...]:
        found = self.workspace.organisations([self.directory.ids[r.row] for r in ranked])
        portraits = {o.id: (o, portrait) for o, portrait in zip(found, self.portraits(found), strict=True)}
        explainer = Explainer(self.scorer, query, arrays)
        matches = []
        for row, _ in ranked:
            one = self.directory.one(row)
            organisation, candidate = portraits[self.directory.ids[row]]
            values = self.scorer.components(arrays, one)
            scores, contributions = self.scorer.score(values)
            score = float(scores[0])
            flat = {name: float(v[0]) for name, v in values.items()}
            quotes = explainer.quotes(candidate, one, score)
            parts = explainer.components(one, flat, {n: float(v[0]) for n, v in contributions.items()}, quotes)
            of_relation = relation(flat)
            matches.append(
                Match(
                    organisation,
                    score,
                    score >= self.config.min_score and self._one_world(query, candidate),
                    of_relation,
                    reason(organisation, of_relation, parts, quotes),
                    parts,
                    quotes,
                )
            )
        return tuple(matches)
