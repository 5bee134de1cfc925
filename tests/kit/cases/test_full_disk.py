"""A disk that is full leaves no empty file, and what stood there stays."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.kit.cases.conftest import Desk

COMMANDS: dict[str, tuple[str, ...]] = {
    "page": ("report", "-o", "{}.html"),
    "table": ("report", "--by", "place", "-o", "{}.csv"),
    "bundle": ("audit", "export", "{case}", "--key", "{key}", "-o", "{}"),
    "voids": ("audit", "voids", "--key", "{key}", "-o", "{}"),
    "key": ("audit", "key", "{}"),
    "join": ("case", "join", "{folder}/x", "--name", "a", "--serves", "510000", "--key", "{key}"),
}


def full(*_: object) -> None:
    """What the system says where no block is left."""
    raise OSError(28, os.strerror(28))


@pytest.fixture
def ready(desk: Desk, applications: Any) -> tuple[Desk, dict[str, str]]:
    """A desk with a case, a key and a rule file."""
    case = desk.receive(applications["hukou"])
    key = desk.folder / "audit.pem"
    desk("audit", "key", str(key))
    return desk, {"case": case, "key": str(key), "folder": str(desk.folder)}


def typed(command: Sequence[str], target: Path, words: dict[str, str]) -> list[str]:
    return [word.format(target, **words) for word in command]


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("before", [b"", b"before"])
def test_what_stood_there_stays(
    ready: tuple[Desk, dict[str, str]],
    name: str,
    before: bytes,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    desk, words = ready
    made = tmp_path / "made"
    made.mkdir()
    target = made / "out"
    named = Path(str(COMMANDS[name][-1]).format(target, **words))
    if before and name not in ("key", "join"):
        named.write_bytes(before)
    known = {one: one.read_bytes() for one in (*made.iterdir(), *desk.folder.glob("*.json"))}

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        done = desk(*typed(COMMANDS[name], target, words), status=None)
    assert done.exit_code not in (0, 1)
    assert "No space left on device" in done.stderr
    now = {one: one.read_bytes() for one in (*made.iterdir(), *desk.folder.glob("*.json"))}
    assert now == known
    assert desk(*typed(COMMANDS[name], target, words), status=None).exit_code in (0, 1)


def test_a_document_is_whole_or_not_there(
    desk: Desk, applications: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, papers = desk.receive(applications["hukou"]), desk.folder / "papers"
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        command = ("case", "document", case, "receipt", "-o", str(papers))
        done = desk(*command, as_="window:510100", status=None)
    assert done.exit_code not in (0, 1)
    assert [*papers.iterdir()] == []
