"""Commands on the directory: check, load, show, correct."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from csr_match.cli.options import as_json, print_json, progress, say

if TYPE_CHECKING:
    from csr_match.encode import EncoderConfig
    from csr_match.store import Workspace


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@as_json
def check_command(paths: tuple[Path, ...], as_json: bool) -> None:
    """Validate profiles: every fault at once, with file, line, field and remedy.

    PATHS are files or folders of YAML or JSON; by default the shipped directory.
    """
    from csr_match.cli import BAD_INPUT
    from csr_match.ingest.check import check_paths
    from csr_match.resources import shipped

    with progress("reading") as read:
        checked = check_paths(paths or [shipped("profiles")], progress=read)
    if as_json:
        faults = [f.as_dict() for f in checked.faults]
        print_json({"files": checked.files, "records": len(checked.records), "faults": faults})
    else:
        for fault in checked.faults:
            click.echo(str(fault))
        verdict = f"{len(checked.faults)} fault(s)" if checked.faults else "no fault"
        click.echo(f"{checked.files} files, {len(checked.records)} sound records, {verdict}")
    if checked.faults:
        sys.exit(BAD_INPUT)


@click.command("load")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--encoder", help="multilingual (default), english, or a sentence-transformers model by name or folder.")
@click.option("--backend", type=click.Choice(["openvino", "torch"]), help="How the encoder runs (default openvino).")
@click.option("--precision", type=click.Choice(["bf16", "f32"]), help="OpenVINO's arithmetic (default bf16).")
@as_json
@click.pass_obj
def load_command(
    workspace: Path,
    paths: tuple[Path, ...],
    encoder: str | None,
    backend: str | None,
    precision: str | None,
    as_json: bool,
) -> None:
    """Load profiles into the workspace, all or nothing; what did not change is not encoded again.

    PATHS are files or folders of YAML or JSON; by default the shipped directory.
    """
    from csr_match.index import open_directory
    from csr_match.ingest.load import load_paths
    from csr_match.portray.opening import encoder_settings, open_portrayer
    from csr_match.resources import shipped
    from csr_match.store import Workspace

    with Workspace(workspace) as opened:
        config = _encoder(opened, encoder, backend, precision)
        portrayer = open_portrayer(config, opened.vectors, say)
        with progress("reading") as read, progress("encoding") as encoded:
            steps = {"reading": read, "encoding": encoded}
            report = load_paths(
                opened,
                paths or [shipped("profiles")],
                portrayer,
                encoder_settings(config),
                lambda phase, step: steps[phase](step),
            )
        directory = open_directory(opened, portrayer)
        counts = opened.counts()
    if as_json:
        print_json(
            {
                "added": list(report.added),
                "changed": list(report.changed),
                "unchanged": len(report.unchanged),
                "passages": report.passages,
                "records": counts,
            }
        )
        return
    click.echo(
        f"{len(report.added)} added, {len(report.changed)} changed, {len(report.unchanged)} unchanged; "
        f"{report.passages} passages encoded"
    )
    held = ", ".join(f"{n} {kind}{'s' if n > 1 else ''}" for kind, n in counts.items())
    click.echo(f"{workspace} holds {held}; {len(directory)} organisations can be matched")


def _encoder(workspace: Workspace, name: str | None, backend: str | None, precision: str | None) -> EncoderConfig:
    """What was asked for, else what the workspace has, else the default."""
    from dataclasses import replace

    from csr_match.encode import EncoderConfig
    from csr_match.portray.opening import encoder_of

    asked = {k: v for k, v in (("name", name), ("backend", backend), ("precision", precision)) if v}
    return replace(encoder_of(workspace) or EncoderConfig(), **asked)  # type: ignore[arg-type]


@click.command("show")
@click.argument("identity", metavar="ID")
@as_json
@click.pass_obj
def show_command(workspace: Path, identity: str, as_json: bool) -> None:
    """Show a record: its fields with source and state, its tags with the words that prove them, its doubts."""
    from csr_match.cli.render import record_as_dict, render_record
    from csr_match.domain import Organisation
    from csr_match.errors import UnknownNameError
    from csr_match.store import Workspace

    with Workspace(workspace, must_exist=True) as opened:
        try:
            record = opened.get(identity)
        except UnknownNameError:
            record = opened.organisation(identity)
        passages = opened.passages([record.id]).get(record.id, []) if isinstance(record, Organisation) else []
        shown = record_as_dict(record, passages, opened.corrections().get(record.id, {}), opened.origin(record.id))
    if as_json:
        print_json(shown)
    else:
        render_record(shown)


@click.command("correct")
@click.argument("identity", metavar="ORGANISATION")
@click.option("--has", multiple=True, metavar="CONCEPT", help="It has this capability, stage or S3 area.")
@click.option("--lacks", multiple=True, metavar="CONCEPT", help="It has it not, whatever its texts seem to say.")
@click.option("--forget", multiple=True, metavar="CONCEPT", help="Take an earlier word back.")
@as_json
@click.pass_obj
def correct_command(
    workspace: Path,
    identity: str,
    has: tuple[str, ...],
    lacks: tuple[str, ...],
    forget: tuple[str, ...],
    as_json: bool,
) -> None:
    """Correct an organisation's tags by hand; a correction wins over texts and profile, and outlives a reload."""
    from csr_match.errors import Fault, InvalidInputError, UnknownNameError
    from csr_match.portray.portrait import concept_rows
    from csr_match.store import Workspace

    verdicts: dict[str, bool | None] = dict.fromkeys(forget)
    verdicts |= dict.fromkeys(lacks, False) | dict.fromkeys(has, True)
    if len(verdicts) < len(has) + len(lacks) + len(forget):
        raise InvalidInputError(
            [Fault("command line", None, "concept", "stands twice", "say one thing of each concept")]
        )
    for concept in verdicts:
        if concept not in concept_rows():
            raise UnknownNameError("concept", concept, concept_rows())
    with Workspace(workspace, must_exist=True) as opened:
        organisation = opened.organisation(identity)
        if verdicts:
            opened.correct(organisation.id, verdicts)
        now = opened.corrections().get(organisation.id, {})
    if as_json:
        print_json({"organisation": organisation.id, "corrections": now})
        return
    for concept, holds in now.items():
        click.echo(f"{organisation.id}: {'has' if holds else 'lacks'} {concept}")
    if not now:
        click.echo(f"{organisation.id}: no corrections")


@click.command("stats")
@as_json
@click.pass_obj
def stats_command(workspace: Path, as_json: bool) -> None:
    """What the directory covers: by region, type, capability and stage, how complete it is, and where it is thin."""
    from dataclasses import asdict

    from csr_match.cli.render import render_stats
    from csr_match.match import Matcher
    from csr_match.match.stats import stats
    from csr_match.store import Workspace

    with Workspace(workspace, must_exist=True) as opened:
        found = asdict(stats(Matcher(opened, say=say)))
    if as_json:
        print_json(found)
    else:
        render_stats(found)
