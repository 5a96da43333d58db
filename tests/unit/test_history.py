"""What an organisation without words of its own shows by its projects."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from csr_match.domain import Participant, Project
from csr_match.portray.history import MOST_PROJECTS, History, project_text
from csr_match.portray.passages import MAX_CHARS, MAX_WORDS
from tests.conftest import organisation


def project(number: int, start: date | int | None = None, role: str = "participant", **fields: object) -> Project:
    members = (Participant(name="A", organisation="a", role=role),)
    data = {"id": f"p{number}", "name": f"Project {number}", "start": start, "participants": members, **fields}
    return Project.model_validate(data)


def test_role_and_recency_weigh() -> None:
    projects = [
        project(1, date(2024, 1, 1)),
        project(2, date(2024, 1, 1), "coordinator"),
        project(3, date(2018, 1, 1), "coordinator"),
        project(4),
    ]
    found = History(projects).evidence(organisation("a", projects=[p.id for p in projects]))
    assert [p.field for p in found] == ["projects[p2]", "projects[p1]", "projects[p3]", "projects[p4]"]
    assert [p.weight for p in found] == [1.0, 0.7, 0.5, 0.175]


def test_own_words_come_before_evidence() -> None:
    history = History([project(1)])
    assert history.evidence(organisation("a", projects=["p1"]))
    assert not history.evidence(organisation("a", projects=["p1"], description="We do this."))
    assert not history.evidence(organisation("a", projects=["p1"], offers=["That."]))
    assert not history.evidence(organisation("a", projects=["unknown"]))


def test_the_weightiest_are_read() -> None:
    projects = [project(i, 2000 + i) for i in range(20)]
    found = History(projects).evidence(organisation("a", projects=[p.id for p in projects]))
    assert [p.field for p in found] == [f"projects[p{i}]" for i in range(19, 19 - MOST_PROJECTS, -1)]


@given(st.text(min_size=1, max_size=80).filter(str.strip), st.text(max_size=900))
def test_a_projects_text_fits_and_says_where_it_was_cut(title: str, objective: str) -> None:
    try:
        found = project(1, name=title, description=objective or None)
    except ValueError:
        return
    text = project_text(found)
    assert len(text) <= MAX_CHARS
    assert len(text.split()) <= MAX_WORDS + 1
    whole = " ".join(f"{found.name.rstrip('. ')}. {found.description or ''}".split())
    assert text == whole or text.endswith(" …") or whole.startswith(text)
