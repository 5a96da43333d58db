"""Data into records: the model's types, the taxonomies' ids, the regions' codes, and references between records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from csr_match.domain import KINDS, Organisation, OrganisationType, Partnership, Project, Record
from csr_match.errors import Fault, UnknownNameError, did_you_mean
from csr_match.ingest.yaml_reader import Document, FieldPath, field_name, read_documents, yaml_files
from csr_match.regions import country, region
from csr_match.taxonomy import capabilities, s3_areas, stages

_VOCABULARIES: dict[str, Callable[[], Sequence[str]]] = {
    "capabilities": lambda: [c.id for c in capabilities().of_kind("domain", "subdomain")],
    "sectors": lambda: [c.id for c in capabilities().of_kind("sector")],
    "technologies": lambda: [c.id for c in capabilities().of_kind("technology")],
    "stages": lambda: stages().ids,
    "s3_areas": lambda: s3_areas().ids,
}

_REMEDIES = {
    "missing": "add it",
    "extra_forbidden": "remove it, or correct its name",
    "string_type": "write one text",
    "string_too_long": "shorten it",
    "string_too_short": "write something, or remove the field",
    "string_pattern_mismatch": "see profiles/README.md for its form",
    "tuple_type": "write a list",
    "model_type": "write fields, `name: value`",
    "dict_type": "write fields, `name: value`",
    "enum": "choose one of them",
    "literal_error": "choose one of them",
    "date_from_datetime_parsing": "write a date as 2026-11-24",
    "date_parsing": "write a date as 2026-11-24",
}
_PLAIN = {
    "tuple_type": "is no list",
    "model_type": "is no set of fields",
    "dict_type": "is no set of fields",
    "string_type": "is no text",
    "string_pattern_mismatch": "has not the form it must have",
}
_PATTERN_REMEDIES = {
    "id": "letters, digits, and . _ : - between them, at most 80",
    "pic": "nine digits",
    "ror": "https://ror.org/ and nine characters",
    "vat": "the country's two letters and the number, such as ESA12345678",
}


@dataclass(frozen=True)
class Checked:
    """What a set of files holds: the records that are sound, and every fault of the others."""

    records: tuple[Record, ...]
    origins: tuple[str, ...]
    faults: tuple[Fault, ...]
    files: int


def check_paths(
    paths: Iterable[Path], known: Iterable[str] = (), progress: Callable[[int], None] = lambda _: None
) -> Checked:
    """Read and validate all records at or below the paths.

    Args:
        paths: files or folders.
        known: ids of records that exist elsewhere, so that references to them are sound.
        progress: told how many files were read.
    """
    records: list[Record] = []
    documents: list[Document] = []
    faults: list[Fault] = []
    files = 0
    for path in paths:
        found = yaml_files(path)
        if not found:
            faults.append(Fault(str(path), None, "", "holds no YAML or JSON file", "name a file or folder of profiles"))
        for file in found:
            files += 1
            for document in _documents(file):
                record = check_document(document) if not document.faults else None
                faults += document.faults
                if record is not None:
                    records.append(record)
                    documents.append(document)
            progress(1)
    faults += _references(records, documents, set(known))
    faults.sort(key=lambda f: (f.file, f.line or 0, f.field))
    return Checked(tuple(records), tuple(d.file for d in documents), tuple(faults), files)


def _documents(file: Path) -> Iterator[Document]:
    try:
        raw = file.read_bytes()
    except OSError as error:
        unreadable = Document(str(file))
        unreadable.fault((), f"cannot be read: {error.strerror or error}", "check its name and permissions")
        yield unreadable
        return
    yield from read_documents(str(file), raw)


def check_document(document: Document) -> Record | None:
    """One record out of a document, or None with the document's faults filled."""
    data = document.data
    if not isinstance(data, dict):
        document.fault((), "is no record", "write fields, `name: value`, beginning with `kind:`")
        return None
    kind = data.get("kind", "organisation")
    model = KINDS.get(kind) if isinstance(kind, str) else None
    if model is None:
        document.fault(("kind",), f"unknown kind {kind!r}", did_you_mean(str(kind), KINDS))
        return None
    _places(document, data, ())
    for i, item in enumerate(_dicts(data.get("participants")) if kind == "project" else ()):
        _places(document, item, ("participants", i))
    for i, item in enumerate(_dicts(data.get("organisations")) if kind == "partnership" else ()):
        _places(document, item, ("organisations", i))
    _vocabulary(document, data)
    try:
        record = model.model_validate(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_context=True):
            _explain(document, model, detail)
        return None
    except RecursionError:
        document.fault((), "nested too deeply", "a record has at most four levels")
        return None
    return None if document.faults else record


def _dicts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _places(document: Document, data: Any, path: FieldPath) -> None:
    """Bring country and region to Eurostat's codes, in place."""
    if not isinstance(data, dict):
        return
    if isinstance(data.get("country"), str):
        try:
            data["country"] = country(data["country"])
        except UnknownNameError as error:
            document.fault((*path, "country"), *_split(error))
            del data["country"]
    place = data.get("region")
    code, version = (place.get("code"), place.get("version")) if isinstance(place, dict) else (place, None)
    if isinstance(code, str) and (version is None or isinstance(version, str)):
        try:
            found = region(code, version)
        except UnknownNameError as error:
            document.fault((*path, "region"), *_split(error))
            del data["region"]
        else:
            extra = {k: v for k, v in place.items() if k not in ("code", "version")} if isinstance(place, dict) else {}
            data["region"] = {"code": found.code, "version": found.version, **extra}
            data.setdefault("country", found.code[:2])


def _split(error: UnknownNameError) -> tuple[str, str]:
    problem, _, remedy = str(error).partition(": ")
    return problem, remedy


def _vocabulary(document: Document, data: dict[str, Any]) -> None:
    """Check ids of concepts at the record and at its statements."""
    places: list[tuple[FieldPath, Any]] = [((), data)]
    for name in ("offers", "needs", "priorities"):
        places += [((name, i), item) for i, item in enumerate(_dicts(data.get(name)))]
    for path, holder in places:
        if not isinstance(holder, dict):
            continue
        for name, valid in _VOCABULARIES.items():
            for i, concept in enumerate(_dicts(holder.get(name))):
                if isinstance(concept, str) and concept not in valid():
                    document.fault((*path, name, i), f"unknown {name} id {concept!r}", did_you_mean(concept, valid()))


def _explain(document: Document, model: type[Record], detail: Any) -> None:
    path: FieldPath = tuple(p for p in detail["loc"] if not str(p).startswith(("function-", "tuple[")))
    kind, message = detail["type"], detail["msg"].removeprefix("Value error, ")
    given = detail.get("input")
    last = next((p for p in reversed(path) if isinstance(p, str)), "")
    remedy = _REMEDIES.get(kind, "see profiles/README.md")
    if kind == "extra_forbidden" and len(path) == 1:
        remedy = f"remove it, or {did_you_mean(str(path[-1]), model.model_fields)}"
    if kind == "string_pattern_mismatch":
        remedy = _PATTERN_REMEDIES.get(last, remedy)
    if kind == "enum" and last == "type":
        remedy = "choose one of " + ", ".join(OrganisationType)
    shown = (
        f", not {str(given)[:60]!r}" if isinstance(given, str) and kind not in ("missing", "extra_forbidden") else ""
    )
    message = _PLAIN.get(kind, message)
    problem = {"missing": "is missing", "extra_forbidden": "is no field of this kind of record"}.get(
        kind, message + shown
    )
    document.fault(path, problem, remedy)


def _references(records: Sequence[Record], documents: Sequence[Document], known: set[str]) -> Iterator[Fault]:
    """Ids that stand twice, and ids that name no record."""
    first: dict[str, str] = {}
    for record, document in zip(records, documents, strict=True):
        if record.id in first:
            yield Fault(
                document.file, document.line(("id",)), "id",
                f"{record.id!r} is also the id in {first[record.id]}", "give each record an id of its own",
            )  # fmt: skip
        first.setdefault(record.id, document.file)
    ids = known | set(first)
    for record, document in zip(records, documents, strict=True):
        for path, target in _targets(record):
            if target not in ids:
                yield Fault(
                    document.file, document.line(path), field_name(path),
                    f"no record has the id {target!r}", did_you_mean(target, ids) + " Or load that record too.",
                )  # fmt: skip


def _targets(record: Record) -> Iterator[tuple[FieldPath, str]]:
    """Where a record names another by its id; `cordis:` numbers name projects outside the directory."""
    if isinstance(record, Organisation | Partnership):
        for i, project in enumerate(record.projects):
            if not project.startswith("cordis:"):
                yield ("projects", i), project
    if isinstance(record, Partnership):
        for name in ("lead", "regions"):
            for i, target in enumerate(getattr(record, name)):
                yield (name, i), target
        for i, listed in enumerate(record.organisations):
            if listed.organisation:
                yield ("organisations", i, "organisation"), listed.organisation
    if isinstance(record, Project):
        for i, participant in enumerate(record.participants):
            if participant.organisation:
                yield ("participants", i, "organisation"), participant.organisation
