"""Tables out of files that others wrote: delimited text, JSON, Parquet, and zip archives of them, in bounded memory.

Columns go by name. A row is a plain dict of texts; its number is the line it begins at (or its place in the file).
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from csr_match.errors import Fault, InvalidInputError

MAX_FIELD = 1_000_000
MAX_COLUMNS = 500
MAX_JSON_BYTES = 1_500_000_000
MAX_RATIO = 200
"""A member of an archive that unpacks to more than so many times its size is taken for a bomb."""

Row = dict[str, str]


class Numbered(NamedTuple):
    """A row and where it stands."""

    number: int
    row: Row


class Table(NamedTuple):
    """One table of a download: the stem of its file, where it is, and how to read it."""

    name: str
    place: str
    rows: Generator[Numbered, None, None]


def refuse(place: str, problem: str, remedy: str, line: int | None = None) -> InvalidInputError:
    """An error on a file as a whole."""
    return InvalidInputError([Fault(place, line, "", problem, remedy)])


def tables(path: Path) -> Generator[Table, None, None]:
    """The tables in a file, in a folder, or in the zip archives among them, in the order of their names.

    Raises:
        InvalidInputError: nothing readable is there, or an archive is a bomb or broken.
    """
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    known = [f for f in files if f.suffix.lower() in (".csv", ".json", ".parquet", ".zip")]
    if not known:
        raise refuse(str(path), "holds no CSV, JSON, Parquet or zip file", "name a download or its folder")
    for file in known:
        if not file.is_file():
            raise refuse(str(file), "is not there", "check the name")
        if file.suffix.lower() == ".zip":
            yield from _archive(file)
        else:
            yield Table(file.stem, str(file), _rows(file, str(file)))


def _rows(file: Path, place: str) -> Generator[Numbered, None, None]:
    kind = file.suffix.lower()
    if kind == ".parquet":
        yield from _parquet(file)
    elif kind == ".json":
        with file.open("rb") as opened:
            yield from _json(opened, place, file.stat().st_size)
    else:
        with file.open("rb") as opened:
            yield from _delimited(opened, place)


def _archive(file: Path) -> Iterator[Table]:
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError) as error:
        raise refuse(str(file), f"is no zip archive: {error}", "download it again") from error
    with archive:
        for member in sorted(archive.infolist(), key=lambda m: m.filename):
            name = Path(member.filename)
            if member.is_dir() or name.suffix.lower() not in (".csv", ".json"):
                continue
            place = f"{file}!{member.filename}"
            if member.file_size > MAX_RATIO * max(member.compress_size, 1):
                ratio = member.file_size // max(member.compress_size, 1)
                raise refuse(
                    place, f"unpacks to {ratio:,} times its size", "it is no honest download; unpack it yourself"
                )
            yield Table(name.stem, place, _member(archive, member, place))


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: str) -> Generator[Numbered, None, None]:
    try:
        with archive.open(member) as opened:
            if member.filename.lower().endswith(".json"):
                yield from _json(opened, place, member.file_size)
            else:
                yield from _delimited(opened, place)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise refuse(place, f"cannot be unpacked: {error}", "download it again") from error


def _parquet(file: Path) -> Iterator[Numbered]:
    import polars

    try:
        frame = polars.read_parquet(file)
    except (polars.exceptions.PolarsError, OSError) as error:
        raise refuse(str(file), f"is no Parquet file: {error}", "download it again") from error
    for number, row in enumerate(frame.iter_rows(named=True), 1):
        yield Numbered(number, {k: _text(v) for k, v in row.items()})


def _json(opened: IO[bytes], place: str, size: int) -> Iterator[Numbered]:
    if size > MAX_JSON_BYTES:
        raise refuse(place, f"{size:,} bytes of JSON", "give the CSV download, which is read line by line")
    try:
        data = json.load(opened)
    except (ValueError, RecursionError) as error:
        raise refuse(place, f"is no JSON: {error}", "download it again") from error
    rows = list(data.values()) if isinstance(data, dict) else data
    if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
        raise refuse(place, "is no list of objects", "give a download as it came")
    for number, row in enumerate(rows, 1):
        yield Numbered(number, {str(k): _text(v) for k, v in row.items()})


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ";".join(map(_text, value))
    return str(value)


def _lines(opened: IO[bytes], place: str) -> Generator[str, None, None]:
    """Lines of text, none longer than MAX_FIELD characters."""
    text = io.TextIOWrapper(opened, encoding="utf-8-sig", newline="")
    try:
        while line := text.readline(MAX_FIELD + 1):
            if len(line) > MAX_FIELD:
                raise refuse(place, f"a line of more than {MAX_FIELD:,} characters", "it is no table")
            yield line
    finally:
        text.detach()  # whoever opened it closes it


def _delimited(opened: IO[bytes], place: str) -> Iterator[Numbered]:
    with _limits(), closing(_lines(opened, place)) as lines:
        try:
            first = next(lines, "")
            if "\x00" in first or not first.strip():
                raise refuse(place, "is no text table", "its first line must name the columns")
            delimiter = max(";,\t", key=first.count)
            header = next(csv.reader([first], delimiter=delimiter))
            _check_header(header, place)
            reader = csv.reader(lines, delimiter=delimiter)
            number = 2
            for cells in reader:
                if cells:
                    # A short row leaves its last columns empty; what stands beyond the header has no name.
                    yield Numbered(number, dict(zip(header, cells + [""] * (len(header) - len(cells)), strict=False)))
                number = reader.line_num + 2
        except UnicodeDecodeError as error:
            raise refuse(place, f"is not UTF-8 text (byte {error.start} of a block)", "save it as UTF-8") from error
        except csv.Error as error:
            raise refuse(place, f"is no table: {error}", "check its quotes") from error


def _check_header(header: list[str], place: str) -> None:
    if len(header) > MAX_COLUMNS:
        raise refuse(place, f"{len(header):,} columns", f"a table has at most {MAX_COLUMNS}", 1)
    twice = sorted({h for h in header if header.count(h) > 1})
    if twice:
        raise refuse(place, f"columns that stand twice: {', '.join(twice[:5])}", "name each column once", 1)


@contextmanager
def _limits() -> Iterator[None]:
    before = csv.field_size_limit(MAX_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)
