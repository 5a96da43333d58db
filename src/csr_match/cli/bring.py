"""Bring in what others wrote: import."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from csr_match.cli.options import as_json, print_json, progress, say
from csr_match.errors import Fault

SHOWN_FAULTS = 20


@contextmanager
def _phase(name: str, seconds: dict[str, float]) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[name] = round(time.perf_counter() - start, 1)
    say(f"{name}: {seconds[name]:.1f} s")


@click.command("import")
@click.argument("form", metavar="FORMAT", type=click.Choice(["cordis"]))
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only projects that started on this day or later.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Only projects that started on this day or earlier.")
@click.option("--dry-run", is_flag=True, help="Say what would be added, changed and left out, and write nothing.")
@click.option("--strict", is_flag=True, help="Load nothing when a row has a fault.")
@as_json
@click.pass_obj
def import_command(
    workspace: Path,
    form: str,
    path: Path,
    since: datetime | None,
    until: datetime | None,
    dry_run: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Import a download of FORMAT from PATH, a file, a folder, or a zip archive.

    cordis: tables project, organization, topics, euroSciVoc (CSV, JSON, zipped), or projects and participants
    (Parquet). Organisations get their 9-digit PIC as id and are portrayed by their projects. Rows with a fault are
    listed and left out. It can be interrupted and run again.
    """
    from csr_match.encode import EncoderConfig
    from csr_match.errors import InvalidInputError
    from csr_match.index import open_directory
    from csr_match.ingest.commit import commit, plan
    from csr_match.ingest.cordis import known_pics, read_cordis, without_known
    from csr_match.portray.opening import encoder_of, encoder_settings, open_portrayer
    from csr_match.store import Workspace

    seconds: dict[str, float] = {}
    with Workspace(workspace) as opened:
        with _phase("reading", seconds), progress(f"reading {form}") as read:
            download = read_cordis(path, since and since.date(), until and until.date(), read)
        if strict and download.faults:
            raise InvalidInputError(download.faults, f"nothing was imported: {len(download.faults)} fault(s)")
        config = encoder_of(opened) or EncoderConfig()
        portrayer = open_portrayer(config, opened.vectors, say)
        with _phase("comparing", seconds):
            pics = known_pics(opened.organisations())
            given = list(without_known(download.records, pics))
            planned = plan(opened, given, portrayer.identity)
        report: dict[str, Any] = {
            "added": len(planned.added),
            "changed": len(planned.changed),
            "unchanged": len(planned.unchanged),
            "already_here_by_pic": len(download.records) - len(given),
            "outside_the_dates": download.outside,
            "faults": [f.as_dict() for f in download.faults],
            "dry_run": dry_run,
            "seconds": seconds,
        }
        if not dry_run:
            with _phase("encoding and storing", seconds), progress("encoding") as encoded:
                commit(opened, planned, portrayer, encoder_settings(config), lambda _, n: encoded(n))
            with _phase("indexing", seconds):
                report["can_be_matched"] = len(open_directory(opened, portrayer))
    if as_json:
        print_json(report)
    else:
        _tell(report, download.faults)


def _tell(report: Mapping[str, Any], faults: Sequence[Fault]) -> None:
    """The report in words, with the first faults."""
    for fault in faults[:SHOWN_FAULTS]:
        click.echo(str(fault))
    if len(faults) > SHOWN_FAULTS:
        click.echo(f"... and {len(faults) - SHOWN_FAULTS} more faults (--json lists all)")
    would = "would be " if report["dry_run"] else ""
    click.echo(
        f"{report['added']} {would}added, {report['changed']} {would}changed, {report['unchanged']} unchanged, "
        f"{report['already_here_by_pic']} already here by their PIC, {report['outside_the_dates']} projects outside "
        f"the dates, {len(faults)} rows with a fault left out"
    )
