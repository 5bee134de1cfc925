"""Values in the file that no command could have written: named, and never a traceback."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from tongban.kernel.audit import signing
from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite.embedded import SqliteStore, open_store

KEY = signing.SigningKey(bytes(range(32)))


@pytest.fixture
def full(desk: Any, store: SqliteStore) -> SqliteStore:
    """Two cases, of which one was accepted."""
    desk.submit("hukou", "A")
    desk.submit("hukou", "B")
    desk.carry("A", "receive", "accept")
    assert store.verify() == ()
    return store


def tamper(store: SqliteStore, statement: str) -> None:
    """What somebody with the file and without scruples does."""
    conn = sqlite3.connect(store.path)
    triggers = conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (trigger,) in triggers:
        conn.execute(f"DROP TRIGGER {trigger}")
    conn.execute(statement)
    conn.commit()
    conn.close()


@pytest.mark.parametrize(
    "change",
    [
        "checkpoints SET position = NULL",
        "checkpoints SET position = 'x'",
        "checkpoints SET position = x'ff00'",
        "checkpoints SET hash = NULL",
        "checkpoints SET signature = NULL",
        "personal SET ref = NULL",
        "personal SET payload = 'x'",
    ],
)
def test_a_value_of_another_type_is_named(full: SqliteStore, change: str) -> None:
    full.checkpoint(KEY)
    tamper(full, f"UPDATE {change}")
    assert full.audit(key=KEY.public).breaks
    assert full.audit().breaks


def test_a_count_of_another_type_does_not_stop_the_examination(
    full: SqliteStore, desk: Any
) -> None:
    full.close()
    tamper(full, "UPDATE head SET writes = 'x'")
    with open_store(full.path, clock=desk.clock, readonly=True, suspect=True) as looked:
        assert looked.verify()


@pytest.mark.parametrize(
    "change",
    [
        "id = NULL",
        "id = x'ff00'",
        "state = 'abc'",
        "version = 'abc'",
        "modes = NULL",
        "holder = NULL",
        "holder = x'ff00'",
        "item = x'ff00'",
    ],
)
def test_a_row_that_no_command_could_have_written_is_damage(full: SqliteStore, change: str) -> None:
    tamper(full, f"UPDATE cases SET {change} WHERE id = 'A'")
    with pytest.raises(contract.StoreError, match="damaged"):
        full.cases()
    assert full.verify()


@pytest.mark.parametrize("table", ["offices", "tasks", "deadlines"])
def test_a_row_of_a_case_that_there_is_not_is_named(full: SqliteStore, table: str) -> None:
    tamper(full, f"INSERT INTO {table} (case_id) VALUES ('GHOST')")
    assert "GHOST" in [*full.differences()]
    assert "GHOST" in [one.case for one in full.verify()]


def test_a_task_that_is_no_command_is_damage(full: SqliteStore) -> None:
    tamper(full, "UPDATE tasks SET command = 'abc'")
    with pytest.raises(contract.StoreError, match="damaged"):
        full.tasks()
