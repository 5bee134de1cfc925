"""Every older version is brought up to date with what it holds; a newer one is refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import astuple, evolve
from sqlite_utils import Database

from tongban.kernel import protocol as p
from tongban.kernel.audit import hash_chain
from tongban.kernel.ports.store import OutdatedError
from tongban.kernel.protocol import personal_data
from tongban.plugins.stores.sqlite import schema
from tongban.plugins.stores.sqlite.embedded import SqliteStore
from tongban.plugins.stores.sqlite.errors import NoStoreError
from tongban.plugins.stores.sqlite.files import APPLICATION

Open = Callable[..., SqliteStore]
HELD_SINCE = {"checkpoints": 1, "outbox": 2, "inbox": 2, "personal": 3}
"""Since which version a table that is not made from the log is there."""


@pytest.fixture
def full(make_desk: Any, open_file: Open) -> SqliteStore:
    """A store of the newest version with something in every table."""
    store = open_file("full.db")
    desk = make_desk(store)
    desk.submit("hukou")
    desk.submit("licence", "CASE-2")
    desk.carry("CASE-1", "receive", "accept")
    desk.carry("CASE-2", "receive", "forward", "arrive", "supplement")
    with store.transaction() as tx:
        tx.receive(store.outgoing()[0].message)
    return store


def without_records(full: SqliteStore) -> list[hash_chain.Entry]:
    """The log as a program left it that kept no records of its boxes."""
    made, before = [], hash_chain.log_start(full.id)
    for position, one in enumerate((one for one in full.entries() if one.case), 1):
        hash = hash_chain.entry_hash(before, position, one.case_hash)
        made.append(evolve(one, position=position, log_before=before, log_hash=hash))
        before = hash
    return made


def build(path: Path, version: int, full: SqliteStore) -> None:
    """A store as a program of an older version left it."""
    conn = sqlite3.connect(path, isolation_level=None)
    db = Database(conn, recursive_triggers=False, execute_plugins=False)
    for step in schema.MIGRATIONS[:version]:
        step(db, full.id)
    for one in without_records(full):
        conn.execute(f"INSERT INTO events VALUES ({', '.join('?' * 10)})", astuple(one))
    conn.execute("UPDATE head SET position = ?, hash = ?", (one.position, one.log_hash))
    for table, since in HELD_SINCE.items():
        if since <= version:
            names = ", ".join(row[1] for row in conn.execute(f"PRAGMA table_info({table})"))
            for row in full._conn.execute(f"SELECT {names} FROM {table}"):
                marks = ", ".join("?" * len(row))
                conn.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", row)
    conn.execute(f"PRAGMA application_id = {APPLICATION}")
    conn.execute(f"PRAGMA user_version = {version}")
    conn.close()


@pytest.mark.parametrize("version", range(1, schema.VERSION))
def test_an_older_store_is_brought_up_to_date(
    full: SqliteStore, open_file: Open, tmp_path: Path, make_desk: Any, version: int
) -> None:
    build(tmp_path / "old.db", version, full)
    store = open_file("old.db")
    assert store._conn.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
    kept = without_records(full)
    assert list(store.entries())[: len(kept)] == kept
    assert store.cases() == full.cases()
    assert store.tasks().tasks == full.tasks().tasks
    assert not [*store.verify(), *store.differences(), *store.integrity()]
    assert store.outgoing() == (full.outgoing() if version >= 2 else ())
    make_desk(store).carry("CASE-1", "confirm")
    make_desk(store).submit("local", "CASE-3")


def test_a_new_store_has_the_same_tables_as_one_brought_up_to_date(
    full: SqliteStore, open_file: Open, tmp_path: Path
) -> None:
    build(tmp_path / "old.db", 1, full)
    texts = [
        sorted(row[0] or "" for row in store._conn.execute("SELECT sql FROM sqlite_master"))
        for store in (open_file("old.db"), open_file("new.db"))
    ]
    assert texts[0] == texts[1]


def test_a_step_that_fails_leaves_the_old_version(
    full: SqliteStore, open_file: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path / "old.db", 1, full)

    class Broken(Exception):
        pass

    def broken(db: Database, store: str) -> None:
        db.table("half").insert({"done": 1})
        raise Broken

    conn = sqlite3.connect(tmp_path / "old.db")
    before = list(conn.iterdump())
    conn.close()
    steps = (*schema.MIGRATIONS[:2], broken)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", steps)
        with pytest.raises(Broken):
            open_file("old.db")
    conn = sqlite3.connect(tmp_path / "old.db")
    assert list(conn.iterdump()) == before
    assert conn.execute("PRAGMA user_version").fetchone() == (1,)
    conn.close()
    assert not open_file("old.db").differences()


def test_a_newer_store_is_refused_untouched(open_file: Open, tmp_path: Path) -> None:
    open_file().close()
    path = tmp_path / "cases.db"
    conn = sqlite3.connect(path)
    conn.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    conn.close()
    before = path.read_bytes()
    for options in ({}, {"readonly": True}):
        with pytest.raises(NoStoreError, match="upgrade"):
            open_file(**options)
    assert path.read_bytes() == before


def test_an_older_store_is_not_read_without_being_brought_up_to_date(
    full: SqliteStore, open_file: Open, tmp_path: Path
) -> None:
    build(tmp_path / "old.db", 1, full)
    with pytest.raises(OutdatedError, match="open it once for writing"):
        open_file("old.db", readonly=True)


def test_opening_again_changes_nothing(full: SqliteStore, open_file: Open) -> None:
    id, dump = full.id, list(full._conn.iterdump())
    again = open_file("full.db")
    assert again.id == id
    assert list(again._conn.iterdump()) == dump


def test_every_case_survives_with_its_personal_reference(
    full: SqliteStore, open_file: Open, tmp_path: Path
) -> None:
    build(tmp_path / "old.db", 2, full)
    case = open_file("old.db").case("CASE-1")
    assert isinstance(case, p.Case)
    kept = full.personal("CASE-1", p.SYSTEM, "核对")
    assert isinstance(kept, personal_data.Personal)
    assert case.personal == kept.ref
