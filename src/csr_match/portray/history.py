"""What an organisation without words of its own shows by its projects.

Each project gives one passage: its title and how its objective begins. It is evidence, never the organisation's own
statement, and its field says so: `projects[cordis:101070455]`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from csr_match.domain import Organisation, Passage, Project, Role
from csr_match.portray.passages import MAX_CHARS, MAX_WORDS

MOST_PROJECTS = 12
"""An organisation's weightiest projects are read; large universities have hundreds."""
BY_ROLE = {"coordinator": 1.0, "participant": 0.7, "associated-partner": 0.5, "third-party": 0.4}
HALVED_IN_YEARS = 6.0


def project_text(project: Project) -> str:
    """Title and the beginning of the objective, as long as a passage may be; whole sentences where they fit."""
    words = f"{project.name.rstrip('. ')}. {project.description or ''}".split()
    text = " ".join(words[:MAX_WORDS])[: MAX_CHARS - 2]
    if text == " ".join(words):
        return text
    end = max(text.rfind(". "), text.rfind("? "), text.rfind("! "))
    return text[: end + 1] if end > MAX_CHARS // 2 else text.rsplit(" ", 1)[0] + " …"


def start_of(project: Project) -> date | None:
    """Its first day, the first of January where only the year is known."""
    return date(project.start, 1, 1) if isinstance(project.start, int) else project.start


class History:
    """The projects of a directory, by organisation.

    Args:
        projects: with participants that name their organisations.
    """

    def __init__(self, projects: Iterable[Project]) -> None:
        self._projects: dict[str, Project] = {p.id: p for p in projects}
        self._texts = {i: project_text(p) for i, p in self._projects.items()}
        self._roles: dict[tuple[str, str], str] = {}
        for project in self._projects.values():
            for participant in project.participants:
                if participant.organisation:
                    self._roles.setdefault((participant.organisation, project.id), participant.role)
        self._latest = max((d for p in self._projects.values() if (d := start_of(p))), default=date.min)

    def evidence(self, organisation: Organisation) -> list[Passage]:
        """Passages of its weightiest projects, for an organisation that says nothing itself; else none."""
        if organisation.description or organisation.offers:
            return []
        known = [(self._weight(organisation.id, i), i) for i in organisation.projects if i in self._projects]
        chosen = sorted(known, key=lambda pair: (-pair[0], pair[1]))[:MOST_PROJECTS]
        return [Passage(Role.ABOUT, f"projects[{i}]", self._texts[i], round(weight, 3)) for weight, i in chosen]

    def _weight(self, organisation: str, project: str) -> float:
        """Role times recency: halved every six years before the newest project."""
        began = start_of(self._projects[project])
        years = (self._latest - began).days / 365.25 if began else 2 * HALVED_IN_YEARS
        recency = float(0.5 ** (years / HALVED_IN_YEARS))
        return BY_ROLE[self._roles.get((organisation, project), "participant")] * recency
