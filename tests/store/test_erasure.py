"""Erased is said only where it is done; what an open case needs stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from tests.store.test_personal import CANARIES, on_disk

from tongban.kernel import protocol as p
from tongban.plugins.stores.sqlite.embedded import SqliteStore, restore, salvage

Open = Callable[..., SqliteStore]
LATER = date(2027, 1, 1)


def weekends(division: str | None) -> p.Calendar:
    return p.Calendar()


def ended(desk: Any, case: str = "CASE-1") -> None:
    desk.submit("hukou", case)
    desk.carry(case, "receive", "accept", "refuse")


@contextmanager
def reader(path: Path) -> Iterator[None]:
    """Another program that reads one moment of the store: a backup, a report."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("BEGIN")
        conn.execute("SELECT count(*) FROM events").fetchone()
        yield


def test_while_another_program_reads_it_is_not_done_and_the_next_run_does_it(
    make_desk: Any, open_file: Open
) -> None:
    store = open_file(timeout=0.2)
    ended(make_desk(store))
    with reader(store.path):
        assert store.erase_personal(LATER) == ()
        (says,) = store.remnants()
        assert "another program reads" in says
        assert on_disk(store) == list(CANARIES)
        assert store.masked("CASE-1") == {}
    assert store.erase_personal(LATER) == ("CASE-1",)
    assert store.remnants() == ()
    assert on_disk(store) == []
    assert store.erase_personal(LATER) == ()
    assert not [*store.verify(), *store.differences()]


def test_a_program_that_died_in_between_is_no_end_of_it(make_desk: Any, open_file: Open) -> None:
    store = open_file(timeout=0.2)
    ended(make_desk(store))
    with reader(store.path):
        store.erase_personal(LATER)
        store.close()
    again = open_file()
    assert "not yet" in again.remnants()[0]
    assert again.erase_personal(LATER) == ("CASE-1",)
    assert again.remnants() == ()


def test_data_that_an_open_case_needs_stays(desk: Any, store: SqliteStore) -> None:
    ended(desk, "OVER")
    data = {"kind": "person", "name": CANARIES[0]}
    with store.transaction() as tx:
        ref = tx.keep_personal(data)
    desk.submit("hukou", "OPEN")
    store._conn.execute("UPDATE cases SET personal = ? WHERE id IN ('OVER', 'OPEN')", (ref,))
    erased = store.erase_personal(LATER)
    assert "OVER" not in erased
    assert store.same_personal(ref, data) is True


def test_what_a_restore_set_aside_is_named_until_it_is_deleted(
    desk: Any, store: SqliteStore, tmp_path: Path, clock: Any, open_file: Open
) -> None:
    ended(desk)
    store.backup(tmp_path / "night.db")
    store.close()
    _, aside = restore(tmp_path / "night.db", store.path, clock=clock, calendars=weekends)
    again = open_file()
    assert again.remnants() == ()
    assert again.erase_personal(LATER) == ("CASE-1",)
    left = again.remnants()
    assert [one.split(":")[0] for one in left] == [str(one) for one in aside]
    for one in aside:
        one.unlink()
    assert again.remnants() == ()


def test_the_damaged_file_of_a_salvage_is_named(
    desk: Any, store: SqliteStore, tmp_path: Path, clock: Any, open_file: Open
) -> None:
    ended(desk)
    store.close()
    salvage(store.path, tmp_path / "saved" / "new.db", clock=clock, calendars=weekends)
    saved = open_file("saved/new.db")
    assert saved.erase_personal(LATER) == ("CASE-1",)
    assert [one.split(":")[0] for one in saved.remnants()] == [str(store.path)]


def test_a_set_aside_file_that_holds_none_of_it_is_not_named(
    desk: Any, store: SqliteStore, tmp_path: Path
) -> None:
    store.backup(tmp_path / "cases.db.before-1")
    (tmp_path / "cases.db-wal.before-1").touch()
    ended(desk)
    store.erase_personal(LATER)
    assert store.remnants() == ()
    (tmp_path / "cases.db-wal.before-2").write_bytes(b"x" * 5000)
    assert len(store.remnants()) == 1


def test_sealed_data_is_erased_without_its_key(make_desk: Any, open_file: Open) -> None:
    key = bytes(range(32))
    store = open_file(key=key)
    ended(make_desk(store))
    store.close()
    assert open_file().erase_personal(LATER) == ("CASE-1",)
