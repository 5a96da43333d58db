"""Every command and every line of Python in the README runs."""

from __future__ import annotations

import re
import shlex

import pytest

from csr_match.match.config import COMPONENTS
from tests.conftest import ROOT, invoke

README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines() if line.strip()
]


@pytest.mark.parametrize("command", COMMANDS)
def test_command(command: str, shipped_workspace, monkeypatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("CSR_MATCH_WORKSPACE", str(shipped_workspace))
    program, *arguments = shlex.split(command)
    assert program == "csr-match"
    result = invoke(*arguments)
    assert result.exit_code == 0, result.output
    assert result.output.strip()


def test_python(shipped_workspace, capsys) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(code.replace('"workspace"', repr(str(shipped_workspace))), {})  # noqa: S102
    assert capsys.readouterr().out.strip()


def test_the_table_of_components_is_true() -> None:
    for name, spec in COMPONENTS.items():
        assert f"| `{name}` | {spec.weight:.2f} | {spec.about} |" in README


def test_the_notebook_and_its_script_are_one() -> None:
    import jupytext

    for script in (ROOT / "notebooks").glob("*.py"):
        cells = [[c.source for c in jupytext.read(f).cells] for f in (script, script.with_suffix(".ipynb"))]
        assert cells[0] == cells[1], script
