"""One command, one transaction: everything or nothing, and one winner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from tongban.kernel import protocol as p
from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite.embedded import SqliteStore
from tongban.plugins.stores.sqlite.transaction import SqliteTransaction

Open = Callable[..., SqliteStore]


def promised(
    store: SqliteStore, tx: SqliteTransaction
) -> tuple[contract.Store, contract.Transaction]:
    """Holds both to the kernel's interface, when types are checked."""
    return store, tx


def test_what_is_committed_is_there_for_another_connection(
    desk: Any, store: SqliteStore, open_file: Open
) -> None:
    desk.submit("hukou")
    other = open_file()
    assert other.case("CASE-1") == store.case("CASE-1")
    assert other.events("CASE-1") == store.events("CASE-1")
    assert [one.message.id for one in other.outgoing()] == [
        one.message.id for one in store.outgoing()
    ]


def test_a_failure_after_a_write_of_sqlite_utils_rolls_everything_back(
    desk: Any, store: SqliteStore, tables: Callable[..., Any], open_file: Open
) -> None:
    desk.submit("hukou")
    before, log = tables(store), list(store.entries())

    class Broken(Exception):
        pass

    def fail() -> None:
        with store.transaction() as tx:
            found = tx.case("CASE-1")
            command = p.Command("c", "CASE-1", p.Actor("window", "w", "510100"), p.Receive())
            step = p.handle(found, command, desk.context())
            tx.append("CASE-1", 1, step.events)
            tx.send(step.messages)
            # On a connection without an open transaction it would commit, and all before it too.
            Database(store._conn).table("meta").insert({"name": "left", "value": "behind"})
            raise Broken

    with pytest.raises(Broken):
        fail()
    other = open_file()
    assert tables(other) == before
    assert list(other.entries()) == log
    assert other._conn.execute("SELECT * FROM meta WHERE name = 'left'").fetchall() == []
    desk.carry("CASE-1", "receive")


def test_a_commit_from_inside_is_noticed(store: SqliteStore) -> None:
    with pytest.raises(contract.StoreError, match="before its time"), store.transaction():
        store._conn.commit()


def test_the_file_is_for_its_owner_only(store: SqliteStore) -> None:
    assert store.path.stat().st_mode & 0o077 == 0
    assert Path(f"{store.path}-wal").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET body = 'x'",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events SELECT * FROM events LIMIT 1",
        "INSERT INTO events SELECT position + 5, case_id, seq + 5, at, kind, body, case_before,"
        " case_hash, log_before, log_hash FROM events LIMIT 1",
    ],
)
def test_the_log_is_only_added_to_at_its_end(desk: Any, store: SqliteStore, statement: str) -> None:
    import sqlite3

    desk.submit("hukou")
    before = list(store.entries())
    conn = sqlite3.connect(store.path)
    with pytest.raises(sqlite3.IntegrityError):
        conn.execute(statement)
    conn.close()
    assert list(store.entries()) == before
