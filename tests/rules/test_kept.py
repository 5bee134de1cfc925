"""What was read of our own rule files is kept beside them, and never outlives what it rests on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tongban.kernel.rulefile import kept
from tongban.kernel.rulefile.kept import kept as keep

Read = Callable[[], object]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A rule file in a folder that counts as ours."""
    monkeypatch.setattr(kept, "_OURS", tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / "harbour.yaml"
    path.write_text("x", "utf-8")
    return path


def counting() -> tuple[list[int], Read]:
    calls: list[int] = []

    def read() -> object:
        calls.append(1)
        return {"read": len(calls)}

    return calls, read


def stored(file: Path) -> list[Path]:
    return [*file.parent.glob("__pycache__/*.rules")]


def test_it_is_read_once(file: Path) -> None:
    calls, read = counting()
    assert keep(file, ["x"], read) == keep(file, ["x"], read) == {"read": 1}
    assert len(calls) == len(stored(file)) == 1


def test_another_text_or_base_is_read_anew(file: Path) -> None:
    calls, read = counting()
    keys: list[list[bytes | str]] = [["x", "y"], ["y", "x"], ["x", b"z"], ["xy"]]
    for key in keys:
        keep(file, key, read)
    assert len(calls) == 4


def test_other_code_reads_anew(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, read = counting()
    keep(file, ["x"], read)
    monkeypatch.setattr(kept, "_code", lambda: b"another")
    keep(file, ["x"], read)
    assert len(calls) == 2


@pytest.mark.parametrize("content", [b"", b"nonsense", None])
def test_what_is_broken_is_read_anew(file: Path, content: bytes | None) -> None:
    calls, read = counting()
    keep(file, ["x"], read)
    (store,) = stored(file)
    store.write_bytes(store.read_bytes()[:40] if content is None else content)
    assert keep(file, ["x"], read) == {"read": 2}
    assert keep(file, ["x"], read) == {"read": 2}


def test_mistakes_and_what_is_not_ours_are_not_kept(file: Path, tmp_path: Path) -> None:
    def wrong() -> object:
        raise ValueError("a mistake")

    with pytest.raises(ValueError, match="a mistake"):
        keep(file, ["x"], wrong)
    assert stored(file) == []
    calls, read = counting()
    for path in (Path("/elsewhere/harbour.yaml"), str(file), None):
        keep(path, ["x"], read)
    assert len(calls) == 3
    assert stored(file) == []


def test_nothing_is_written_where_python_writes_no_bytecode(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    calls, read = counting()
    keep(file, ["x"], read)
    keep(file, ["x"], read)
    assert len(calls) == 2
    assert stored(file) == []


def test_a_folder_that_cannot_be_written_is_no_mistake(file: Path) -> None:
    (file.parent / "__pycache__").write_text("a file", "utf-8")
    _, read = counting()
    assert keep(file, ["x"], read) == {"read": 1}


def test_a_decision_is_the_same_before_and_after(tmp_path: Path) -> None:
    """In processes of their own, with a place for bytecode that is empty at first."""
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path / "cache")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "tongban", "route", "--json", "--explain"]
    applications = sorted(map(str, (root / "examples").glob("*.json")))

    def said() -> str:
        done = subprocess.run(
            [*command, *applications], capture_output=True, text=True, env=environment, check=False
        )
        assert "Traceback" not in done.stderr
        return done.stdout

    first = said()
    kept_files = [*(tmp_path / "cache").rglob("*.rules")]
    assert len(kept_files) == len([*(root / "rules").rglob("*.yaml")]) - 2
    assert said() == first
    shutil.rmtree(tmp_path / "cache")
    assert said() == first
