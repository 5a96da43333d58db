"""Commands that find partners: match, search, rank, tag."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from csr_match.cli.options import as_json, checked_text, print_json, progress, say, text_options, wish_options

if TYPE_CHECKING:
    from csr_match.domain import Organisation
    from csr_match.match import Matcher, Ranking, Wish


@click.command("match")
@click.argument("organisation")
@wish_options
@click.option("--why", is_flag=True, help="Show every component of each score.")
@as_json
@click.pass_obj
def match_command(workspace: Path, organisation: str, wish: Wish, why: bool, as_json: bool) -> None:
    """Partners for ORGANISATION (an id or an exact name) from other regions, best first, with the reasons."""
    from csr_match.match import Matcher
    from csr_match.store import Workspace

    with Workspace(workspace, must_exist=True) as opened:
        _show(Matcher(opened, say=say).match(organisation, wish), why, as_json)


@click.command("search")
@text_options
@click.option("--home", metavar="NUTS", help="Your own region: partners are sought in others.")
@wish_options
@click.option("--why", is_flag=True, help="Show every component of each score.")
@as_json
@click.pass_obj
def search_command(workspace: Path, text: str, home: str | None, wish: Wish, why: bool, as_json: bool) -> None:
    """Partners for somebody with no profile yet: describe what you offer and what you look for, in any language."""
    from csr_match.match import Matcher
    from csr_match.regions import region
    from csr_match.store import Workspace

    with Workspace(workspace, must_exist=True) as opened:
        ranking = Matcher(opened, say=say).search(text, region(home) if home else None, wish)
        _show(ranking, why, as_json)


def _show(ranking: Ranking, why: bool, as_json: bool) -> None:
    from csr_match.cli.render import ranking_as_dict, render_ranking

    if as_json:
        print_json(ranking_as_dict(ranking))
    else:
        render_ranking(ranking, why)


@click.command("rank")
@click.option("--queries", type=click.Path(path_type=Path), required=True, help="JSON Lines, one query a line.")
@click.option("--top", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many for each query.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="JSON Lines, one result a line.")
@click.pass_obj
def rank_command(workspace: Path, queries: Path, top: int, out: Path) -> None:
    """Rank partners for many queries at once.

    A query line is {"id", "organisation"} or {"id", "text"}, with optional "exclude": [ids], "filters": {...} as in
    `match`, "home": NUTS code (for a text), "same_region": true and "new_only": true. A result line, in the order of
    the queries, is {"id", "results": [{"organisation", "score"}]}, best first. The file appears whole or not at all.
    """
    from csr_match.match import Matcher
    from csr_match.store import Workspace

    with Workspace(workspace, must_exist=True) as opened:
        matcher = Matcher(opened, say=say)
        asked = _read_queries(queries, top, matcher)
        with progress("ranking", len(asked)) as done:
            results = matcher.rank([(query, wish) for _, query, wish in asked])
            lines = (
                json.dumps({"id": i, "results": [{"organisation": o, "score": round(s, 9)} for o, s in ranked]})
                for (i, _, _), ranked in zip(asked, results, strict=True)
            )
            _write_lines(out, _counted(lines, done))
    click.echo(f"{len(asked)} queries ranked -> {out}", err=True)


def _counted(lines: Iterator[str], done: Any) -> Iterator[str]:
    for line in lines:
        yield line
        done(1)


def _write_lines(out: Path, lines: Iterator[str]) -> None:
    import os
    import tempfile

    from csr_match.errors import Fault, InvalidInputError

    try:
        handle, scratch = tempfile.mkstemp(prefix=out.name, dir=out.parent)
    except OSError as error:
        raise InvalidInputError(
            [Fault(str(out), None, "--out", f"cannot be written: {error.strerror}", "choose another place")]
        ) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)
        os.replace(scratch, out)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


def _read_queries(file: Path, top: int, matcher: Matcher) -> list[tuple[str, Organisation | str, Wish]]:
    """All queries, or all faults of all lines."""
    from csr_match.errors import CsrMatchError, Fault, InvalidInputError

    asked = []
    faults: list[Fault] = []
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise InvalidInputError(
            [Fault(str(file), None, "--queries", f"cannot be read: {error.strerror}", "check the name")]
        ) from error
    for number, line in enumerate(raw.splitlines(), 1):
        if not line.strip():
            continue
        try:
            asked.append(_query(json.loads(line), top, matcher, str(file), number))
        except (ValueError, RecursionError) as error:
            problem = error.msg if isinstance(error, json.JSONDecodeError) else "not a JSON object in UTF-8"
            faults.append(Fault(str(file), number, "", problem, "write one JSON object a line"))
        except InvalidInputError as error:
            faults += [Fault(str(file), number, f.field, f.problem, f.remedy) for f in error.faults]
        except CsrMatchError as error:
            problem, _, remedy = str(error).partition(": ")
            faults.append(Fault(str(file), number, "query", problem, remedy))
    if faults:
        raise InvalidInputError(faults, f"nothing was ranked: {len(faults)} fault(s)")
    return asked


_KEYS = ("id", "organisation", "text", "exclude", "filters", "home", "same_region", "new_only")


def _query(data: Any, top: int, matcher: Matcher, file: str, line: int) -> tuple[str, Organisation | str, Wish]:
    from csr_match.errors import Fault, InvalidInputError, UnknownNameError
    from csr_match.match import Filters, Wish
    from csr_match.portray.passages import organisation_of_text
    from csr_match.regions import region

    def wrong(field: str, problem: str, remedy: str) -> InvalidInputError:
        return InvalidInputError([Fault(file, line, field, problem, remedy)])

    if not isinstance(data, dict):
        raise wrong("", "not a JSON object", 'such as {"id": "q1", "organisation": "tecnalia"}')
    if extra := [k for k in data if k not in _KEYS]:
        raise wrong(extra[0], "no such key", "choose of " + ", ".join(_KEYS))
    identity = data.get("id")
    if not isinstance(identity, str | int) or isinstance(identity, bool):
        raise wrong("id", "is missing or no text", "give each query an id")
    organisation, text = data.get("organisation"), data.get("text")
    if isinstance(organisation, str) == isinstance(text, str):
        raise wrong("organisation", "one of organisation and text is expected", "give one, as text")
    exclude = data.get("exclude", [])
    if not isinstance(exclude, list) or not all(isinstance(e, str) for e in exclude):
        raise wrong("exclude", "is no list of ids", 'such as ["tecnalia"]')
    wish = Wish(
        top,
        Filters.of(data.get("filters", {})),
        frozenset(exclude),
        same_region=bool(data.get("same_region", False)),
        new_only=bool(data.get("new_only", False)),
    )
    if isinstance(organisation, str):
        if organisation not in matcher.directory.row:
            raise UnknownNameError("organisation", organisation, matcher.directory.ids)
        return str(identity), organisation, wish
    home = data.get("home")
    return (
        str(identity),
        organisation_of_text(
            checked_text(str(text), file, line), region(home) if isinstance(home, str) else None, "query"
        ),
        wish,
    )


@click.command("tag")
@text_options
@click.option("--encoder", default=None, help="Encoder to use when there is no workspace.")
@as_json
@click.pass_obj
def tag_command(workspace: Path, text: str, encoder: str | None, as_json: bool) -> None:
    """Capabilities, sectors, technologies, stages and S3 areas of a text, with score and the words that prove them."""
    from csr_match.cli.render import render_tags, tags_as_dicts
    from csr_match.encode import EncoderConfig
    from csr_match.portray.opening import encoder_of, open_portrayer
    from csr_match.portray.passages import sentences
    from csr_match.store import Workspace

    config, cache = None, None
    if encoder is None and (workspace / "directory.sqlite").is_file():
        with Workspace(workspace, must_exist=True) as opened:
            config, cache = encoder_of(opened), opened.vectors
    portrayer = open_portrayer(config or EncoderConfig(encoder or EncoderConfig().name), cache, say)
    texts = list(sentences(text))
    tags = [t for several in portrayer.tagger.tag(texts, portrayer.space.encode(texts)) for t in several]
    shown = tags_as_dicts(tags)
    if as_json:
        print_json({"tags": shown})
    else:
        render_tags(shown)
