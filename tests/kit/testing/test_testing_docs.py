"""docs/testing.md says what happens: its files are tested, its commands run, its output is real."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import yaml
from attrs import frozen

from tongban.plugins.kit.testing.command import test as command

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = ROOT / "docs" / "testing.md"
PLUGINS = (
    "tongban.plugins.kit.testing.pytest_plugin",
    "tongban.plugins.simulation.pytest_plugin",
)
INSTALLED = {point.value for point in entry_points(group="pytest11")}


@frozen
class Block:
    """A fenced example, with the name of the file that it is, if it is one."""

    language: str
    file: str
    text: str


def _blocks() -> list[Block]:
    text = DOCUMENT.read_text(encoding="utf-8")
    found = re.finditer(
        r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL
    )
    return [Block(one[1], one[2] or "", one[3]) for one in found]


BLOCKS = _blocks()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The files of the document, in a folder of their own."""
    for block in BLOCKS:
        if block.file:
            path = tmp_path / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
    return tmp_path


def _ran(line: str, folder: Path) -> str:
    words = shlex.split(line)
    program = {"tongban": "tongban", "pytest": "pytest"}[words[0]]
    arguments = words[1:]
    if program == "pytest":
        arguments += [word for one in PLUGINS if one not in INSTALLED for word in ("-p", one)]
    ran = subprocess.run(
        [sys.executable, "-m", program, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert ran.returncode in (0, 1), ran.stderr
    return ran.stdout


def test_the_screens_of_the_document_are_real(project: Path) -> None:
    screens = [block.text for block in BLOCKS if block.language == "console"]
    assert screens
    for screen in screens:
        for line, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", screen, re.MULTILINE):
            said = _ran(line, project)
            for expected in shown.splitlines():
                assert expected in ("…", "") or expected in said.splitlines(), f"{line}: {expected}"


def test_every_other_command_is_one() -> None:
    known = {name for one in command.params for name in one.opts}
    for block in BLOCKS:
        for line in re.findall(r"^ *(?:- run: |\$ )?tongban test (.*)$", block.text, re.MULTILINE):
            options = [w.partition("=")[0] for w in shlex.split(line, comments=True) if w[0] == "-"]
            assert set(options) <= known, line


def test_configuration_can_be_read() -> None:
    assert {"toml", "yaml"} <= {block.language for block in BLOCKS}
    for block in BLOCKS:
        if block.language == "toml":
            tomllib.loads(block.text)
        if block.language == "yaml":
            yaml.safe_load(block.text)


def test_every_option_is_told() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for one in command.params:
        if one.param_type_name == "option":
            assert any(f"`{name}" in text for name in one.opts), one.name
