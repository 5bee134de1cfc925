"""`tongban why-not` in this process."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tongban.cli import cli
from tongban.kernel import Kernel

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = Path(__file__).parent / "golden"
UPDATE = "TONGBAN_UPDATE_GOLDEN"


@pytest.fixture(scope="session")
def kernel() -> Kernel:
    """What is installed, on 2026-11-22."""
    return Kernel(clock=lambda: datetime(2026, 11, 22, 9, tzinfo=UTC))


@pytest.fixture
def run(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command line: `run("why-not", "-", input="{…}")`."""
    monkeypatch.chdir(ROOT)

    def invoke(*args: str, **more: Any) -> Result:
        result = CliRunner().invoke(cli, args, obj=kernel, terminal_width=80, **more)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture
def found(run: Callable[..., Result]) -> Callable[..., dict[str, Any]]:
    """What --json says of one application: `found({"item": …}, "--want", "modes=online")`."""

    def ask(raw: dict[str, Any], *options: str) -> dict[str, Any]:
        result = run("why-not", "--json", *options, "-", input=json.dumps(raw))
        assert result.exit_code in (0, 1), result.stderr
        shown: dict[str, Any] = json.loads(result.stdout)
        return shown

    return ask


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compares text with a file in golden/; TONGBAN_UPDATE_GOLDEN=1 writes it anew."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if UPDATE in os.environ:
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"{path}: {UPDATE}=1 writes it anew"

    return compare
