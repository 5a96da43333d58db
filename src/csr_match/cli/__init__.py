"""The command line. Commands import what they need when they run, so that --help answers at once."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import click

from csr_match.errors import CsrMatchError

BAD_INPUT = 2

_COMMANDS = {
    "check": "directory",
    "load": "directory",
    "import": "bring",
    "show": "directory",
    "correct": "directory",
    "stats": "directory",
    "match": "find",
    "search": "find",
    "rank": "find",
    "tag": "find",
    "taxonomy": "vocabulary",
    "calibrate": "measure",
    "evaluate": "measure",
}


class _Group(click.Group):
    """Finds commands by name in their modules, and turns errors of the product into exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"csr_match.cli.{_COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CsrMatchError as error:
            click.echo(f"csr-match: {error}", err=True)
            sys.exit(BAD_INPUT)
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(0)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--workspace",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("workspace"),
    envvar="CSR_MATCH_WORKSPACE",
    show_default=True,
    show_envvar=True,
    help="Folder that holds the loaded directory.",
)
@click.version_option(package_name="csr-match")
@click.pass_context
def main(ctx: click.Context, workspace: Path) -> None:
    """Find partners for European cybersecurity regions: ranked, explained, from other regions.

    Begin with `csr-match load` (the shipped directory), then `csr-match match bcsc` or
    `csr-match search --text "..."`.
    """
    ctx.obj = workspace
