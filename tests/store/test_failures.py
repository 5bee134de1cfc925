"""A full disk, a read-only file, a damaged page, a locked file: a clear error, the log intact."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import protocol as p
from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite.embedded import (
    SqliteStore,
    change_key,
    open_store,
    salvage,
)
from tongban.plugins.stores.sqlite.errors import (
    BusyError,
    DamagedError,
    NoSpaceError,
    NoStoreError,
    ReadOnlyError,
)

Open = Callable[..., SqliteStore]
FORK = multiprocessing.get_context("fork")


def test_a_full_disk_leaves_the_log_intact(desk: Any, store: SqliteStore) -> None:
    desk.submit("hukou", "CASE-0")
    log = list(store.entries())
    pages = store._conn.execute("PRAGMA page_count").fetchone()[0]
    store._conn.execute(f"PRAGMA max_page_count = {pages + 2}")

    def fill() -> None:
        for number in range(1, 50):
            desk.submit("hukou", f"CASE-{number}")

    with pytest.raises(NoSpaceError, match="make room") as caught:
        fill()
    assert str(store.path) in str(caught.value)
    kept = list(store.entries())
    assert kept[: len(log)] == log
    assert len([one for one in kept if one.case]) == len(store.cases())
    assert not [*store.verify(), *store.differences(), *store.integrity()]
    store._conn.execute("PRAGMA max_page_count = 1000000")
    desk.carry("CASE-0", "receive")


@pytest.fixture
def folder_for_others() -> Iterator[Path]:
    """A folder that a process without privileges can enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755)
    shutil.rmtree(folder)


def _as_anybody(work: Callable[[], str]) -> str:
    """What `work` says in a process without privileges: root may write everything."""
    answers = FORK.Queue()

    def body() -> None:
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        try:
            answers.put(work())
        except contract.StoreError as error:
            answers.put(f"{type(error).__name__}: {error}")

    process = FORK.Process(target=body)
    process.start()
    answer: str = answers.get(timeout=60)
    process.join()
    return answer


@pytest.fixture
def lent(folder_for_others: Path, make_desk: Any, clock: Any) -> Path:
    """A store that anybody may read."""
    path = folder_for_others / "cases.db"
    store = open_store(path, clock=clock)
    make_desk(store).submit("hukou")
    store.close()
    path.chmod(0o644)
    return path


def test_a_read_only_file_is_a_clear_error(lent: Path, clock: Any) -> None:
    folder = lent.parent
    folder.chmod(0o777)
    lent.chmod(0o444)

    def work() -> str:
        store = open_store(lent, clock=clock)
        with store.transaction() as tx:
            tx.keep_personal({"name": "x"})
        return "written"

    answer = _as_anybody(work)
    assert answer.startswith("ReadOnlyError: ")
    assert str(lent) in answer
    assert "permissions" in answer


def test_a_read_only_folder_is_a_clear_error(lent: Path, clock: Any) -> None:
    lent.chmod(0o666)
    lent.parent.chmod(0o555)

    def work() -> str:
        store = open_store(lent, clock=clock)
        with store.transaction() as tx:
            tx.keep_personal({"name": "x"})
        return "written"

    assert _as_anybody(work).startswith("ReadOnlyError: ")


def test_the_key_of_a_store_that_cannot_be_written_stays(lent: Path, clock: Any) -> None:
    lent.chmod(0o444)
    lent.parent.chmod(0o555)
    keeper = p.Actor("supervisor", "keeper", "630000")

    def work() -> str:
        return repr(change_key(lent, None, bytes(32), clock=clock, by=keeper))

    answer = _as_anybody(work)
    assert answer.startswith("ReadOnlyError: ")
    assert "permissions" in answer


def test_a_store_can_be_audited_where_nothing_can_be_written(lent: Path, clock: Any) -> None:
    lent.chmod(0o444)
    lent.parent.chmod(0o555)

    def work() -> str:
        with open_store(lent, clock=clock, readonly=True) as store:
            return f"{len(store.cases())} {store.verify()} {store.differences()}"

    assert _as_anybody(work) == "1 () ()"


def test_read_only_writes_nothing(desk: Any, store: SqliteStore, open_file: Open) -> None:
    desk.submit("hukou")
    reader = open_file(readonly=True)
    assert reader.case("CASE-1") == store.case("CASE-1")
    with pytest.raises(ReadOnlyError), reader.transaction():
        pass
    # It does not hold the writer up either.
    desk.carry("CASE-1", "receive")
    assert reader.case("CASE-1") == store.case("CASE-1")


def test_a_locked_file_is_a_clear_error_and_nothing_is_written(
    desk: Any, store: SqliteStore, open_file: Open, make_desk: Any
) -> None:
    desk.submit("hukou")
    impatient = open_file(timeout=0.05)
    with store.transaction(), pytest.raises(BusyError, match="another program"):
        make_desk(impatient).carry("CASE-1", "receive")
    # Who only reads is not held up.
    with store.transaction():
        assert impatient.case("CASE-1") is not None
    make_desk(impatient).carry("CASE-1", "receive")
    assert store.differences() == ()


def weekends(division: str | None) -> p.Calendar:
    return p.Calendar()


def _root_of(path: Path, table: str) -> int:
    """The first page of a table."""
    conn = sqlite3.connect(path)
    (root,) = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    conn.close()
    return int(root)


def _flip(path: Path, page: int) -> None:
    data = bytearray(path.read_bytes())
    start = (page - 1) * 4096
    for offset in range(start, start + 4096):
        data[offset] ^= 0xFF
    path.write_bytes(data)


@pytest.fixture
def closed(desk: Any, store: SqliteStore) -> Path:
    """A store of some cases that nobody has open; everything is in the one file."""
    for number in range(5):
        desk.submit("hukou", f"CASE-{number}")
        desk.carry(f"CASE-{number}", "receive", "accept")
    store.close()
    return store.path


def test_a_damaged_table_is_a_clear_error_and_the_log_is_salvaged(
    closed: Path, clock: Any, open_file: Open
) -> None:
    whole = open_file()
    log, cases, messages = list(whole.entries()), whole.cases(), whole.outgoing()
    whole.close()
    _flip(closed, _root_of(closed, "cases"))
    damaged = open_file()
    with pytest.raises(DamagedError, match="restore the last backup"):
        damaged.cases()
    assert damaged.integrity()
    damaged.close()
    assert salvage(closed, closed.with_name("new.db"), clock=clock, calendars=weekends) == ()
    saved = open_file("new.db")
    assert list(saved.entries())[: len(log)] == log
    assert (saved.cases(), saved.outgoing()) == (cases, messages)
    assert saved.masked("CASE-1")["name"] == "金**"
    assert not [*saved.verify(), *saved.differences(), *saved.integrity()]


def test_of_a_damaged_log_what_can_be_read_is_salvaged(
    closed: Path, clock: Any, open_file: Open
) -> None:
    whole = open_file()
    log = list(whole.entries())
    whole.close()
    offset = closed.read_bytes().find(log[-3].log_hash.encode())
    _flip(closed, offset // 4096 + 1)
    lost = salvage(closed, closed.with_name("new.db"), clock=clock, calendars=weekends)
    assert any("events" in one for one in lost)
    saved = open_file("new.db")
    kept = list(saved.entries())
    events = [one for one in kept if one.case]
    assert events == [one for one in log if one.case][: len(events)]
    assert 0 < len(events) < len([one for one in log if one.case])
    assert not [*saved.verify(), *saved.differences(), *saved.integrity()]


def test_a_damaged_log_is_a_clear_error(closed: Path, open_file: Open) -> None:
    _flip(closed, _root_of(closed, "events"))
    with pytest.raises(DamagedError) as caught:
        open_file().verify()
    assert str(closed) in str(caught.value)


def test_a_damaged_first_page_is_a_clear_error(closed: Path, open_file: Open) -> None:
    _flip(closed, 1)
    with pytest.raises(NoStoreError, match="restore a backup"):
        open_file()


@pytest.mark.parametrize("seed", range(8))
def test_bytes_flipped_anywhere_never_pass_unseen_nor_crash(
    closed: Path, open_file: Open, seed: int
) -> None:
    import random

    chance = random.Random(seed)
    whole = closed.read_bytes()
    data = bytearray(whole)
    page = chance.randrange(1, len(data) // 4096)
    for _ in range(200):
        data[page * 4096 + chance.randrange(4096)] ^= chance.randrange(1, 256)
    closed.write_bytes(data)
    try:
        with open_file() as store:
            seen = [*store.integrity(), *store.verify(), *store.differences()]
            store.outgoing()
    except contract.StoreError:
        return
    # What nobody notices was in room that nothing uses.
    assert seen or _same_content(whole, closed)


def _same_content(whole: bytes, changed: Path) -> bool:
    before = changed.with_suffix(".before")
    before.write_bytes(whole)
    texts = []
    for path in (before, changed):
        conn = sqlite3.connect(path)
        texts.append(list(conn.iterdump()))
        conn.close()
    return texts[0] == texts[1]


def test_a_case_is_not_touched_by_an_error(desk: Any, store: SqliteStore) -> None:
    desk.submit("hukou")
    case = store.case("CASE-1")
    with pytest.raises(contract.StoreError), store.transaction() as tx:
        tx.delivered("nobody")
    assert store.case("CASE-1") == case
    assert isinstance(case, p.Case)


def test_a_text_that_is_none_is_damage_and_is_not_shown(desk: Any, store: SqliteStore) -> None:
    desk.submit("hukou")
    store._conn.execute("UPDATE cases SET snapshot = CAST(x'e98791e4b89dff' AS TEXT)")
    with pytest.raises(DamagedError) as caught:
        store.case("CASE-1")
    assert "金丝" not in str(caught.value)


def test_a_damaged_event_ends_what_is_salvaged(
    closed: Path, clock: Any, open_file: Open, tmp_path: Path
) -> None:
    conn = sqlite3.connect(closed)
    conn.execute("DROP TRIGGER events_no_update")
    conn.execute("UPDATE events SET body = '{' WHERE position = 7")
    conn.commit()
    conn.close()
    (lost,) = salvage(closed, tmp_path / "new.db", clock=clock, calendars=weekends)
    assert "events 7 to" in lost
    saved = open_file("new.db")
    assert [one.position for one in saved.entries() if one.case] == [1, 3, 4, 6]
    assert not [*saved.verify(), *saved.differences(), *saved.integrity()]


def test_what_is_salvaged_goes_to_a_new_file_and_names_what_is_lost(
    closed: Path, clock: Any, open_file: Open, tmp_path: Path
) -> None:
    with pytest.raises(contract.StoreError, match="already"):
        salvage(closed, closed, clock=clock, calendars=weekends)
    for table in ("outbox", "personal", "head"):
        _flip(closed, _root_of(closed, table))
    lost = salvage(closed, tmp_path / "new.db", clock=clock, calendars=weekends)
    assert [one.split(":")[0] for one in lost[1:]] == ["outbox", "personal"]
    assert "note of the log's end" in lost[0]
    saved = open_file("new.db")
    assert len(saved.cases()) == 5
    assert not [*saved.verify(), *saved.differences(), *saved.integrity()]
    _flip(closed, _root_of(closed, "meta"))
    with pytest.raises(DamagedError, match="restore a backup"):
        salvage(closed, tmp_path / "second.db", clock=clock, calendars=weekends)


def test_a_sealed_store_is_salvaged_with_its_seal(
    make_desk: Any, clock: Any, open_file: Open, tmp_path: Path
) -> None:
    key = bytes(range(32))
    store = open_file(key=key)
    make_desk(store).submit("hukou")
    store.close()
    assert salvage(store.path, tmp_path / "new.db", clock=clock, calendars=weekends) == ()
    assert open_file("new.db", key=key).masked("CASE-1")["name"] == "金**"
    with pytest.raises(contract.StoreError, match="TONGBAN_KEY"):
        open_file("new.db").masked("CASE-1")


@pytest.mark.parametrize("value", [None, "z026-11-23T09:00:00+08:00", "\0\0", "", 7])
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("cases", "updated_at"),
        ("cases", "snapshot"),
        ("tasks", "since"),
        ("deadlines", "started"),
        ("outbox", "body"),
        ("inbox", "body"),
    ],
)
def test_a_row_whose_value_is_damaged_is_a_clear_error(
    closed: Path, open_file: Open, table: str, column: str, value: object
) -> None:
    with closing(sqlite3.connect(closed)) as conn, conn:
        for (trigger,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            conn.execute(f"DROP TRIGGER {trigger}")
        conn.execute("PRAGMA writable_schema = ON")
        conn.execute(
            "UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE type = 'table'"
        )
    with closing(sqlite3.connect(closed)) as conn, conn:
        changed = conn.execute(f"UPDATE {table} SET {column} = ?", (value,)).rowcount
    with open_file() as store:
        asked: list[Callable[[], object]] = [
            store.cases,
            lambda: [*store.snapshots()],
            store.tasks,
            store.deadlines,
            store.outgoing,
            store.incoming,
        ]
        refused = 0
        for ask in asked:
            try:
                ask()
            except contract.StoreError:
                refused += 1
        assert refused or not changed
