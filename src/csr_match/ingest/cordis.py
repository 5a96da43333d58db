"""CORDIS downloads into projects and organisations.

Reads the tables `project`, `organization`, `topics` and `euroSciVoc` of a CORDIS download (CSV, JSON, zipped), and the
two Parquet tables `projects` and `participants`. Facts only: an organisation gets no words that are not its own; what
it does is shown by its projects (portray/history.py). An organisation's id is its 9-digit PIC, a project's
`cordis:NUMBER`.

Source: CORDIS, (c) European Union, reuse under Commission Decision 2011/833/EU.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from csr_match.domain import Organisation, Project, Record
from csr_match.errors import Fault, UnknownNameError
from csr_match.ingest.tables import Numbered, Row, refuse, tables
from csr_match.regions import country, region

SOURCE = "https://cordis.europa.eu/project/id/{}"
_TABLES = {
    "project": "project",
    "projects": "project",
    "organization": "participant",
    "organisation": "participant",
    "participants": "participant",
    "topics": "topic",
    "euroscivoc": "science",
}
_PROJECT = {
    "id": ("project_id", "id"),
    "acronym": ("acronym",),
    "title": ("title",),
    "objective": ("objective",),
    "framework": ("framework", "frameworkProgramme"),
    "start": ("start_date", "startDate"),
    "end": ("end_date", "endDate"),
    "keywords": ("keywords",),
    "topics": ("topics", "topic"),
    "science": ("euroscivoc_paths",),
}
_PARTICIPANT = {
    "project": ("project_id", "projectID"),
    "pic": ("org_id", "organisationID"),
    "name": ("name",),
    "short": ("short_name", "shortName"),
    "vat": ("vatNumber",),
    "country": ("country",),
    "nuts2": ("nuts2",),
    "nuts": ("nuts3", "nutsCode"),
    "kind": ("activity_type", "activityType"),
    "sme": ("sme", "SME"),
    "role": ("role",),
    "url": ("url", "organizationURL"),
}
_ROLES = {
    "coordinator": "coordinator",
    "associatedPartner": "associated-partner",
    "thirdParty": "third-party",
    "internationalPartner": "associated-partner",
}
_TYPES = {"HES": "university", "REC": "research-organisation", "PUB": "public-authority"}
_PIC, _ID = re.compile(r"\d{9}"), re.compile(r"[A-Za-z0-9]{9,40}")
"""Some participants of older frameworks have no PIC; the id that the table gives them is kept."""
_LEAST = {"project": ("id", "title"), "participant": ("project", "pic", "name"), "topic": (), "science": ()}


@dataclass
class Download:
    """What was read: records with their origin, faults of single rows, and rows left out by the dates."""

    records: list[tuple[Record, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    outside: int = 0


def read_cordis(
    path: Path,
    since: date | None = None,
    until: date | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Download:
    """Read a download; rows with faults are left out and listed.

    Args:
        path: a file, a folder of files, or a zip archive.
        since: only projects that started on this day or later; then those without a start are left out.
        until: only projects that started on this day or earlier; likewise.
        progress: told how many rows were read.

    Raises:
        InvalidInputError: no table of projects is there, or a file as a whole cannot be read.
    """
    download = Download()
    rows: dict[str, list[tuple[str, Numbered]]] = defaultdict(list)
    with closing(tables(path)) as found:
        for table in found:
            kind = _TABLES.get(table.name.lower())
            if kind is not None:
                with closing(table.rows) as given:
                    _collect(kind, table.place, given, rows[kind], progress)
    if not rows["project"]:
        raise refuse(
            str(path), "holds no table of projects", "name a folder with project(s) and organization/participants"
        )
    projects = _projects(rows, download, since, until)
    organisations, participants = _organisations(rows["participant"], projects, download)
    for number, (row, place) in projects.items():
        record = _record(Project, {**row, "participants": participants.get(number, [])}, place, row["_row"], download)
        if record:
            download.records.append((record, place))
    download.records += organisations
    return download


def _collect(
    kind: str, place: str, given: Iterable[Numbered], rows: list[tuple[str, Numbered]], progress: Callable[[int], None]
) -> None:
    columns = {"project": _PROJECT, "participant": _PARTICIPANT}.get(kind)
    for first, (number, row) in enumerate(given):
        if first == 0:
            _check_columns(kind, row, place)
        rows.append((place, Numbered(number, _values(row, columns) if columns else row)))
        progress(1)


def _check_columns(kind: str, row: Row, place: str) -> None:
    names = _PROJECT if kind == "project" else _PARTICIPANT
    missing = [" or ".join(names[c]) for c in _LEAST[kind] if not set(names[c]) & set(row)]
    if missing:
        raise refuse(place, f"has no column {', '.join(missing)}", "give a CORDIS download as it came", 1)


def _values(row: Row, columns: dict[str, tuple[str, ...]]) -> Row:
    """The values that are read, under our names; equal texts share their memory."""
    return {
        name: sys.intern(next((row[c].strip() for c in given if row.get(c, "").strip()), ""))
        for name, given in columns.items()
    }


def _projects(
    rows: dict[str, list[tuple[str, Numbered]]], download: Download, since: date | None, until: date | None
) -> dict[str, tuple[dict[str, Any], str]]:
    more: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"topics": [], "euroscivoc": []})
    for _, (_, row) in rows["topic"]:
        more[row.get("projectID", "").strip()]["topics"].append(row.get("topic", "").strip())
    for _, (_, row) in rows["science"]:
        more[row.get("projectID", "").strip()]["euroscivoc"].append(row.get("euroSciVocPath", "").strip())
    projects: dict[str, tuple[dict[str, Any], str]] = {}
    for place, (number, v) in rows["project"]:
        start, end = _day(v["start"]), _day(v["end"])
        if (since or until) and not (start and (since or start) <= start <= (until or start)):
            download.outside += 1
            continue
        if not v["id"]:
            download.faults.append(Fault(place, number, "id", "is missing", "the row is left out"))
            continue
        extra = more[v["id"]]
        projects[v["id"]] = (
            {
                "id": f"cordis:{v['id']}",
                "name": v["title"][:500],
                "acronym": v["acronym"] or None,
                "framework": v["framework"] or None,
                "number": v["id"],
                "start": start,
                "end": end,
                "description": v["objective"] or None,
                "website": SOURCE.format(v["id"]) if v["id"].isdigit() else None,
                "topics": _list(v["topics"], ";") or extra["topics"],
                "keywords": _list(v["keywords"], ",")[:100],
                "euroscivoc": _list(v["science"], "|") or extra["euroscivoc"],
                "_row": number,
            },
            place,
        )
    return projects


def _list(text: str, separator: str) -> list[str]:
    return [part.strip()[:500] for part in text.split(separator) if part.strip()]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _organisations(
    rows: Iterable[tuple[str, Numbered]], projects: dict[str, tuple[dict[str, Any], str]], download: Download
) -> tuple[list[tuple[Record, str]], dict[str, list[dict[str, Any]]]]:
    """One record a PIC, as its newest project tells it, and the participants of each project."""
    participants: dict[str, list[dict[str, Any]]] = defaultdict(list)
    newest: dict[str, tuple[tuple[bool, date], int, Row, str]] = {}
    history: dict[str, list[str]] = defaultdict(list)
    for place, (number, v) in rows:
        if v["project"] not in projects:
            continue
        if not _ID.fullmatch(v["pic"]):
            fault = Fault(place, number, "organisationID", f"is no id: {v['pic']!r}", "the row is left out")
            download.faults.append(fault)
            continue
        # The newest row that names it tells of it; some rows of older frameworks hold nothing but the id.
        told = (bool(v["name"] or v["short"]), projects[v["project"]][0]["start"] or date.min)
        v["name"] = v["name"] or v["short"] or f"PIC {v['pic']}"
        if v["pic"] not in newest or newest[v["pic"]][0] <= told:
            newest[v["pic"]] = (told, number, v, place)
        history[v["pic"]].append(f"cordis:{v['project']}")
        participants[v["project"]].append(
            {
                "name": v["name"][:500],
                "organisation": v["pic"],
                "role": _ROLES.get(v["role"], "participant"),
                **_where(v),
            }
        )
    records: list[tuple[Record, str]] = []
    for pic, (_, number, v, place) in sorted(newest.items()):
        record = _record(Organisation, _organisation(pic, v, history[pic]), place, number, download)
        if record:
            records.append((record, place))
    return records, participants


def _organisation(pic: str, v: dict[str, str], history: list[str]) -> dict[str, Any]:
    kind = _TYPES.get(v["kind"])
    if v["kind"] == "PRC" and v["sme"]:
        kind = "sme" if v["sme"].lower() in ("true", "1", "yes") else "large-company"
    url = v["url"] if v["url"].startswith(("http://", "https://")) and " " not in v["url"] else None
    last = history[-1].removeprefix("cordis:")
    return {
        "id": pic,
        "name": v["name"][:500],
        "short_name": v["short"][:500] or None,
        "type": kind,
        "ids": {"pic": pic} if _PIC.fullmatch(pic) else {},
        "website": url,
        "projects": list(dict.fromkeys(history)),
        "provenance": {"default": {"source": SOURCE.format(last), "status": "unverified"}} if last.isdigit() else {},
        **_where(v),
    }


def _where(v: dict[str, str]) -> dict[str, Any]:
    """Country, and the NUTS 2 region where the codes are known; what is not known is left out."""
    found: dict[str, Any] = {}
    try:
        found["country"] = country(v["country"]) if v["country"] else None
        code = v["nuts2"] or (v["nuts"][:4] if len(v["nuts"]) >= 4 else "")
        place = region(code) if code else None
        if place and place.code[:2] == found["country"]:
            found["region"] = {"code": place.code, "version": place.version}
    except UnknownNameError:
        pass
    return found


def _record(model: type[Record], data: dict[str, Any], place: str, number: int, download: Download) -> Record | None:
    data.pop("_row", None)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            where = ".".join(map(str, detail["loc"]))
            download.faults.append(Fault(place, number, where, detail["msg"], "the row is left out"))
        return None


def known_pics(organisations: Iterable[Organisation]) -> dict[str, str]:
    """Ids of organisations by their PIC."""
    return {o.ids.pic: o.id for o in organisations if o.ids.pic}


def without_known(records: Iterable[tuple[Record, str]], pics: dict[str, str]) -> Iterator[tuple[Record, str]]:
    """Leave out organisations that another record already is, by its PIC, and let projects name that record."""
    for record, origin in records:
        if isinstance(record, Organisation) and pics.get(record.id, record.id) != record.id:
            continue
        if isinstance(record, Project):
            named = tuple(
                p.model_copy(update={"organisation": pics.get(p.organisation or "", p.organisation)})
                for p in record.participants
            )
            yield record.model_copy(update={"participants": named}), origin
        else:
            yield record, origin
