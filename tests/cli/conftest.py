"""The command line under test: in this process, or as the program that users run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.conftest import MOVE

from tongban.cli import cli
from tongban.kernel import Kernel

ROOT = Path(__file__).resolve().parents[2]

Run = Callable[..., Result]
Program = Callable[..., "subprocess.CompletedProcess[bytes]"]
Install = Callable[[Path, Mapping[str, str]], dict[str, str]]

INPUT = json.dumps(MOVE).encode() + b"\n"


def hook(body: str, name: str = "derive_facts") -> str:
    """The code of a plugin with one hook."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"from tongban.kernel import hookimpl\n@hookimpl\ndef {name}():\n{lines}"


@pytest.fixture(scope="session")
def kernel() -> Kernel:
    """A kernel with every installed department, on 2026-11-22."""
    return Kernel(clock=lambda: datetime(2026, 11, 22, 9, tzinfo=UTC))


@pytest.fixture(scope="session")
def run(kernel: Kernel) -> Run:
    """Runs a command line in this process, fast: `run("show", "2-03", input=b"")`."""
    runner = CliRunner(catch_exceptions=False)

    def invoke(*args: str, input: bytes | str | None = None, obj: Any = kernel) -> Result:
        return runner.invoke(cli, args, input=input, obj=obj, terminal_width=80)

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
def install() -> Install:
    """Installs plugins into a folder, by name; gives the environment in which they are found.

    The folder holds what pip would have put there: modules, and the entry points that name them.
    """

    def into(folder: Path, code: Mapping[str, str]) -> dict[str, str]:
        for name, text in code.items():
            (folder / f"{name}.py").write_text(text, encoding="utf-8")
            info = folder / f"{name}-1.0.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            (info / "entry_points.txt").write_text(f"[tongban]\n{name} = {name}\n")
        return {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}

    return into
