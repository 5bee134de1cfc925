"""What docs/testing.md shows is what comes out (`make deep`)."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from .test_testing_docs import BLOCKS

PLUGINS = (
    "tongban.plugins.kit.testing.pytest_plugin",
    "tongban.plugins.simulation.pytest_plugin",
)
INSTALLED = {point.value for point in entry_points(group="pytest11")}


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
