"""Shell completion: what a shell is told, and what it is offered."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from tongban.cli import cli

Program = Callable[..., "subprocess.CompletedProcess[bytes]"]


def offered(words: str, number: int) -> list[str]:
    """What bash is offered for word `number` of the line `words`."""
    return [line.partition(",")[2] for line in told("bash", words, number)]


def told(shell: str, words: str, number: int) -> list[str]:
    """The lines that the shell gets."""
    env = {
        "_TONGBAN_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(number),
    }
    done = CliRunner(catch_exceptions=False).invoke(cli, env=env, prog_name="tongban")
    assert done.exit_code == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_source(shell: str, program: Program) -> None:
    done = program(env={"_TONGBAN_COMPLETE": f"{shell}_source"})
    assert done.returncode == 0
    assert b"_TONGBAN_COMPLETE=" + shell.encode() + b"_complete" in done.stdout


def test_bash_takes_the_source(program: Program, tmp_path: Path) -> None:
    """It is evaluated by a real bash, as docs/cli.md says, and completes a command there."""
    bash = shutil.which("bash")
    assert bash, "these tests need bash"
    (tmp_path / "tongban").write_text(f'#!/bin/sh\nexec {sys.executable} -m tongban "$@"\n')
    (tmp_path / "tongban").chmod(0o755)
    script = (
        f'PATH="{tmp_path}:$PATH"\n'
        'eval "$(_TONGBAN_COMPLETE=bash_source tongban)"\n'
        "COMP_WORDS=(tongban show 3-0) COMP_CWORD=2\n"
        "_tongban_completion tongban\n"
        'echo "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run([bash, "-c", script], capture_output=True, check=True)
    assert done.stdout.decode().split() == [f"3-0{n}" for n in range(1, 9)]


@pytest.mark.parametrize(
    ("words", "number", "expected"),
    [
        ("tongban sc", 1, {"schema"}),
        ("tongban sh", 1, {"show"}),
        ("tongban --st", 1, {"--strict"}),
        ("tongban show 2-0", 2, {f"2-0{n}" for n in range(1, 10)}),
        ("tongban ask 结婚", 2, {"结婚登记"}),
        ("tongban items --department po", 3, {"postal"}),
        ("tongban items --kind 公", 3, {"公证"}),
        ("tongban items --batch ", 3, {"1", "2", "3"}),
        ("tongban items --mode j", 3, {"joint"}),
        ("tongban items --applicant ", 3, {"person", "enterprise", "institution"}),
        ("tongban route --engine c", 3, {"compiled"}),
        ("tongban route --ex", 2, {"--explain"}),
    ],
)
def test_offers(words: str, number: int, expected: set[str]) -> None:
    assert set(offered(words, number)) == expected


def test_offers_ids_until_a_name_is_begun() -> None:
    words = offered("tongban show ", 2)
    assert len(words) == 138
    assert all(word[0].isdigit() for word in words)


def test_offers_files() -> None:
    """The shell itself then lists them."""
    assert told("bash", "tongban route ex", 2) == ["file,ex"]


def test_offers_explain_themselves_where_the_shell_shows_it() -> None:
    assert told("zsh", "tongban show 3-03", 2) == ["plain", "3-03", "结婚登记"]
