"""A joint case from end to end, by typed commands (`make deep`)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Path]:
    """A folder with a program `tongban` that need not start for each command."""
    server = [sys.executable, str(ROOT / "tests" / "program_server.py"), str(tmp_path)]
    with subprocess.Popen(server, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield tmp_path
        process.terminate()


def test_a_joint_case_by_typed_commands(program: Path) -> None:
    """examples/joint-case.sh ends well, with both sides rated and both logs whole."""
    done = subprocess.run(
        ["sh", "examples/joint-case.sh"],
        cwd=ROOT,
        env={**os.environ, "BIN": str(program)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert "已办结 closed: decided, delivered and closed" in done.stdout
    assert "核验通过 genuine" in done.stdout
    assert done.stdout.count("日志自洽 self-consistent") == 2
    assert len(re.findall("好差评 rated · 申请人", done.stdout)) == 2
    assert "下一步 next       无 nothing" in done.stdout
