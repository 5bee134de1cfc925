"""`tongban why-not` in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tongban.cli import cli
from tongban.kernel import Kernel

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def kernel() -> Kernel:
    """What is installed, on 2026-11-22."""
    return Kernel(clock=lambda: datetime(2026, 11, 22, 9, tzinfo=UTC))


@pytest.fixture
def run(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command line: `run("why-not", "-", input="{…}")`."""
    monkeypatch.chdir(ROOT)

    def invoke(*args: str, **more: Any) -> Result:
        runner = CliRunner(catch_exceptions=False)
        return runner.invoke(cli, args, obj=kernel, terminal_width=80, **more)

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
