"""Files that are none of ours, and rows that this program cannot read: refused, and said so."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite.embedded import SqliteStore, open_store
from tongban.plugins.stores.sqlite.errors import NoStoreError, ReadOnlyError


def test_a_folder_that_is_not_there_is_made_a_file_in_its_way_is_an_error(
    tmp_path: Path, clock: Any
) -> None:
    open_store(tmp_path / "a" / "b" / "cases.db", clock=clock).close()
    (tmp_path / "file").write_text("x")
    with pytest.raises(ReadOnlyError, match="cannot be made"):
        open_store(tmp_path / "file" / "cases.db", clock=clock)
    with pytest.raises(NoStoreError, match="folder"):
        open_store(tmp_path, clock=clock)
    with pytest.raises(NoStoreError, match="no such file"):
        open_store(tmp_path / "none.db", clock=clock, create=False)
    with pytest.raises(NoStoreError, match="no such file"):
        open_store(tmp_path / "none.db", clock=clock, readonly=True)
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("size", [0, 1, 50, 5000])
def test_what_is_no_database_is_refused_untouched(tmp_path: Path, clock: Any, size: int) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(b"Dear clerk, " * (size // 12 + 1) if size else b"")
    before = path.read_bytes()
    if size == 0:
        open_store(path, clock=clock).close()  # an empty file is an empty database
        return
    with pytest.raises(NoStoreError, match="not a database"):
        open_store(path, clock=clock)
    assert path.read_bytes() == before


def test_the_database_of_another_application_is_refused_untouched(
    tmp_path: Path, clock: Any
) -> None:
    path = tmp_path / "other.db"
    conn = sqlite3.connect(path)
    conn.execute("CREATE TABLE events (x)")
    conn.commit()
    conn.close()
    before = path.read_bytes()
    with pytest.raises(NoStoreError, match="another application"):
        open_store(path, clock=clock)
    assert path.read_bytes() == before


def test_an_event_of_a_newer_program_is_a_clear_error_and_no_break(
    desk: Any, store: SqliteStore
) -> None:
    desk.submit("hukou")
    store._conn.execute("DROP TRIGGER events_no_update")
    body = '{"case":"CASE-1","seq":1,"at":"x","kind":"invented"}'
    store._conn.execute("UPDATE events SET body = ?", (body,))
    with pytest.raises(contract.StoreError, match="a newer Tongban wrote it"):
        store.events("CASE-1")
    store._conn.execute("UPDATE events SET body = '{'")
    with pytest.raises(contract.StoreError, match="not JSON"):
        store.events("CASE-1")


def test_a_message_that_cannot_be_read_is_a_clear_error(desk: Any, store: SqliteStore) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive")
    store._conn.execute("UPDATE outbox SET body = '{}'")
    with pytest.raises(contract.StoreError, match="cannot be read"):
        store.outgoing()


def test_a_log_without_the_note_of_its_end_takes_nothing(desk: Any, store: SqliteStore) -> None:
    desk.submit("hukou")
    store._conn.execute("DELETE FROM head")
    with pytest.raises(contract.StoreError, match="tongban audit verify"):
        desk.carry("CASE-1", "receive")
