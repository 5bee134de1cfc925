"""The command line under test: in this process, or as the program that users run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tongban.cli import cli
from tongban.kernel import Kernel

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).parent / "golden"
UPDATE = "TONGBAN_UPDATE_GOLDEN"

Run = Callable[..., Result]
Program = Callable[..., "subprocess.CompletedProcess[bytes]"]
Golden = Callable[[str, str], None]


@pytest.fixture(scope="session")
def kernel() -> Kernel:
    """A kernel with every installed department, on 2026-11-22."""
    return Kernel(clock=lambda: datetime(2026, 11, 22, 9, tzinfo=UTC))


@pytest.fixture(scope="session")
def run(kernel: Kernel) -> Run:
    """Runs a command line in this process, fast: `run("show", "2-03", input=b"")`."""
    runner = CliRunner()

    def invoke(*args: str, input: bytes | str | None = None, obj: Any = kernel) -> Result:
        result = runner.invoke(cli, args, input=input, obj=obj, terminal_width=80)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture(scope="session")
def program() -> Program:
    """Runs the real program in the repository's folder; output as bytes."""

    def call(
        *args: str | bytes,
        input: bytes | None = b"",
        env: dict[str, str] | None = None,
        **more: Any,
    ) -> subprocess.CompletedProcess[bytes]:
        streams = {} if "stdout" in more else {"capture_output": True}
        return subprocess.run(
            [sys.executable, "-m", "tongban", *args],
            input=input,
            env={**os.environ, **(env or {})},
            cwd=ROOT,
            timeout=120,
            check=False,
            **{**streams, **more},
        )

    return call


@pytest.fixture(scope="session")
def golden() -> Golden:
    """Compares text with a file in tests/cli/golden.

    With TONGBAN_UPDATE_GOLDEN=1 in the environment the files are written
    instead; read the difference before you commit it.
    """

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if UPDATE in os.environ:
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"{path}: {UPDATE}=1 writes it anew"

    return compare
