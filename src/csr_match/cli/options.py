"""Options and helpers that several commands share."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from csr_match.errors import Fault, InvalidInputError

if TYPE_CHECKING:
    from csr_match.match import Wish

MAX_TEXT_BYTES = 200_000

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def print_json(data: Any) -> None:
    """Data as JSON on standard output."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=1))


def say(message: str) -> None:
    """A note on a slow step, beside the output."""
    click.echo(message, err=True)


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error; silent where nobody looks."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda step: bar.advance(task, step)


_FILTERS = (
    click.option("--country", multiple=True, metavar="CC", help="Only from this country (FR, EL or GR, ...)."),
    click.option("--region", multiple=True, metavar="NUTS", help="Only from this region."),
    click.option("--type", "type_", multiple=True, metavar="TYPE", help="Only this type: sme, university, cluster ..."),
    click.option("--capability", multiple=True, metavar="ID", help="Only with this capability, such as D12.20 or D12."),
    click.option("--s3-area", multiple=True, metavar="ID", help="Only with this S3 area."),
    click.option("--stage", multiple=True, metavar="ID", help="Only at this stage of the value chain."),
    click.option("--language", multiple=True, metavar="LL", help="Only working in this language."),
    click.option("--exclude", multiple=True, metavar="ID", help="Leave this organisation out."),
    click.option("--same-region", is_flag=True, help="Allow partners from the own region too."),
    click.option("--new-only", is_flag=True, help="Leave out who took part in a project with it already."),
    click.option("--most-per-region", type=click.IntRange(0), default=0, help="At most so many from one region."),
    click.option("--top", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many."),
)


def wish_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Filters and the like, handed to the command as one `wish`."""

    @functools.wraps(command)
    def with_wish(*args: Any, **given: Any) -> Any:
        wish = _wish(
            {n: given.pop(n) for n in ("country", "region", "capability", "s3_area", "stage", "language")}
            | {"type": given.pop("type_")},
            given.pop("exclude"),
            given.pop("same_region"),
            given.pop("most_per_region"),
            given.pop("new_only"),
            given.pop("top"),
        )
        return command(*args, wish=wish, **given)

    decorated: Callable[..., Any] = with_wish
    for option in reversed(_FILTERS):
        decorated = option(decorated)
    return decorated


def _wish(
    filters: dict[str, Any], exclude: tuple[str, ...], same_region: bool, most: int, new_only: bool, top: int
) -> Wish:
    from csr_match.match import Filters, Wish

    chosen = Filters.of({name: values for name, values in filters.items() if values})
    return Wish(top, chosen, frozenset(exclude), same_region, most, new_only)


def text_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--text TEXT or --text-file FILE, handed to the command as `text`."""

    @click.option("--text", help="The text itself.")
    @click.option("--text-file", type=click.Path(path_type=Path), help="A UTF-8 text file, or - for standard input.")
    @functools.wraps(command)
    def with_text(*args: Any, text: str | None, text_file: Path | None, **given: Any) -> Any:
        return command(*args, text=read_text(text, text_file), **given)

    return with_text


def read_text(text: str | None, file: Path | None) -> str:
    """The text that was given, checked.

    Raises:
        InvalidInputError: none, two, not readable, too long, or without a word.
    """
    if (text is None) == (file is None):
        raise InvalidInputError(
            [Fault("command line", None, "--text", "one text is expected", "give --text or --text-file")]
        )
    where = "--text" if file is None else str(file)
    if file is not None:
        try:
            raw = sys.stdin.buffer.read(MAX_TEXT_BYTES + 1) if str(file) == "-" else _start_of(file)
            text = raw.decode("utf-8-sig")
        except OSError as error:
            raise InvalidInputError(
                [Fault(where, None, "", f"cannot be read: {error.strerror}", "check the name")]
            ) from error
        except UnicodeDecodeError as error:
            raise InvalidInputError(
                [Fault(where, None, "", "not UTF-8 text", "save it as UTF-8 plain text")]
            ) from error
    assert text is not None  # noqa: S101 - one of the two was given
    return checked_text(text, where)


def checked_text(text: str, where: str, line: int | None = None) -> str:
    """A text that can be matched.

    Raises:
        InvalidInputError: it is too long or holds no word.
    """
    if len(text.encode("utf-8", "replace")) > MAX_TEXT_BYTES:
        raise InvalidInputError([Fault(where, line, "text", f"more than {MAX_TEXT_BYTES:,} bytes", "shorten it")])
    if sum(c.isalpha() for c in text) < 2:
        raise InvalidInputError([Fault(where, line, "text", "holds no word", "describe what you offer and look for")])
    return text


def _start_of(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(MAX_TEXT_BYTES + 1)
