"""`tongban diff` in this process, and copies of the rule tree to change."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tongban.cli import cli
from tongban.kernel import Kernel

ROOT = Path(__file__).resolve().parents[3]
Golden = Callable[[str, str], None]


@pytest.fixture(scope="session")
def kernel() -> Kernel:
    """What is installed, on 2026-11-22."""
    return Kernel(clock=lambda: datetime(2026, 11, 22, 9, tzinfo=UTC))


@pytest.fixture
def run(kernel: Kernel) -> Callable[..., Result]:
    """Runs a command line: `run("diff", "old", "new")`."""

    def invoke(*args: str, **more: Any) -> Result:
        runner = CliRunner(catch_exceptions=False)
        return runner.invoke(cli, args, obj=kernel, terminal_width=80, **more)

    return invoke


@pytest.fixture
def old() -> str:
    """The rule tree of the repository."""
    return str(ROOT / "rules")


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., Path]:
    """A copy of the rule tree with changes: `changed(("common.yaml", "old", "new"))`."""

    def make(*changes: tuple[str, str, str]) -> Path:
        tree = tmp_path / "changed"
        shutil.copytree(ROOT / "rules", tree, dirs_exist_ok=True)
        for name, before, after in changes:
            path = tree / name
            text = path.read_text(encoding="utf-8")
            assert before in text, f"{name} no longer holds {before!r}"
            path.write_text(text.replace(before, after, 1), encoding="utf-8")
        return tree

    return make


@pytest.fixture
def golden(golden: Golden, tmp_path: Path) -> Golden:
    """Compares text with a file in golden/; paths are left out."""

    def compare(name: str, text: str) -> None:
        golden(name, text.replace(str(tmp_path), "TMP").replace(str(ROOT), "ROOT"))

    return compare
