"""What a store notices: a `-wal` that is damaged or gone, an older file, remains of another."""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite import wal
from tongban.plugins.stores.sqlite.embedded import SqliteStore, open_store, restore, salvage
from tongban.plugins.stores.sqlite.errors import DamagedError, NoStoreError, ReadOnlyError
from tongban.plugins.stores.sqlite.files import BACKUP

Open = Callable[..., SqliteStore]


def weekends(division: str | None) -> protocol.Calendar:
    return protocol.Calendar()


def files(path: Path) -> dict[str, bytes]:
    """The files of a store and what is in them."""
    some = (beside(path, end) for end in ("", "-wal", "-head", "-journal"))
    return {one.name: one.read_bytes() for one in some if one.exists() and one.stat().st_size}


@pytest.fixture
def killed(desk: Any, store: SqliteStore, tmp_path: Path) -> Path:
    """The files of a program that was killed; its commands stand in the `-wal` alone."""
    store._conn.execute("PRAGMA wal_autocheckpoint = 0")
    for number in range(6):
        desk.submit("hukou", f"CASE-{number}")
        desk.carry(f"CASE-{number}", "receive", "accept")
    folder = tmp_path / "after"
    folder.mkdir()
    for name in ("cases.db", "cases.db-wal", "cases.db-head"):
        shutil.copy(tmp_path / name, folder / name)
    return folder / "cases.db"


@pytest.fixture
def at(clock: Any) -> Callable[..., SqliteStore]:
    """Opens a store anywhere."""

    def opener(path: Path, **options: Any) -> SqliteStore:
        return open_store(path, **{"clock": clock, "calendars": weekends, **options})

    return opener


def beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)


def test_what_a_killed_program_wrote_is_there(killed: Path, at: Open) -> None:
    with at(killed, readonly=True) as store:
        assert len(store.cases()) == 6
    with at(killed) as store:
        assert len(store.cases()) == 6
        assert store.restored is None
        assert not [*store.verify(), *store.differences(), *store.integrity()]


def flipped(content: bytes, place: float) -> bytes:
    changed = bytearray(content)
    changed[int(len(changed) * place)] ^= 1
    return bytes(changed)


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "a bit in the middle": lambda one: flipped(one, 0.5),
    "a bit at the beginning": lambda one: flipped(one, 0.01),
    "a bit in the header": lambda one: flipped(one, 0.00001),
    "a bit in the last frame": lambda one: flipped(one, 0.9999),
    "half of it": lambda one: one[: len(one) // 2],
    "up to a frame": lambda one: one[: 32 + 20 * 4120],
    "nothing": lambda one: b"",
    "zeros": lambda one: bytes(len(one)),
}


@pytest.mark.parametrize("how", DAMAGE)
@pytest.mark.parametrize("readonly", [True, False])
def test_a_damaged_log_beside_it_is_told_and_everything_is_kept(
    killed: Path, at: Open, how: str, readonly: bool
) -> None:
    log = beside(killed, "-wal")
    log.write_bytes(DAMAGE[how](log.read_bytes()))
    before = files(killed)
    with pytest.raises(DamagedError) as caught:
        at(killed, readonly=readonly)
    assert all(word in str(caught.value) for word in ("cases.db-wal", "salvage", "restore"))
    assert files(killed) == before


def test_a_log_that_is_gone_is_told(killed: Path, at: Open) -> None:
    beside(killed, "-wal").unlink()
    before = files(killed)
    for readonly in (True, False):
        with pytest.raises(DamagedError, match="acknowledged"):
            at(killed, readonly=readonly)
    assert files(killed) == before


def test_an_audit_opens_it_all_the_same_and_names_what_is_missing(killed: Path, at: Open) -> None:
    beside(killed, "-wal").unlink()
    with at(killed, readonly=True, suspect=True) as store:
        told = [(one.what, one.detail) for one in store.verify()]
    assert ("missing", "cases.db-head knows it") in told


@pytest.mark.parametrize("left", ["-wal", "-head", "-journal"])
@pytest.mark.parametrize("empty", [True, False])
def test_no_new_store_is_made_over_remains(killed: Path, at: Open, left: str, empty: bool) -> None:
    content = beside(killed, "-wal").read_bytes()
    for end in ("", "-wal", "-head"):
        if end != left:
            beside(killed, end).unlink()
    if left == "-journal":
        beside(killed, left).write_bytes(content)
    if empty:
        killed.touch()
    before = files(killed)
    for options in ({}, {"readonly": True}, {"create": False}):
        with pytest.raises(DamagedError, match=f"cases.db{left}"):
            at(killed, **options)
    assert files(killed) == before


def test_where_nothing_is_left_a_store_is_made_or_not_as_before(tmp_path: Path, at: Open) -> None:
    with pytest.raises(NoStoreError, match="no such file"):
        at(tmp_path / "new.db", create=False)
    assert list(tmp_path.glob("new*")) == []
    (tmp_path / "new.db").touch()
    with at(tmp_path / "new.db") as store:
        assert store.restored is None


def test_a_new_store_stands_in_the_file_itself(tmp_path: Path, at: Open) -> None:
    with at(tmp_path / "new.db") as store:
        conn = sqlite3.connect(f"file:{tmp_path / 'new.db'}?immutable=1", uri=True)
        (id,) = conn.execute("SELECT value FROM meta WHERE name = 'store'").fetchone()
        conn.close()
        assert id == store.id


def test_little_rests_on_the_log_beside_the_file(desk: Any, store: SqliteStore) -> None:
    for number in range(60):
        desk.submit("hukou", f"CASE-{number}")
    assert beside(store.path, "-wal").stat().st_size < 2_000_000


def test_who_dies_between_the_commit_and_the_head_is_no_alarm(
    desk: Any, store: SqliteStore, open_file: Open
) -> None:
    desk.submit("hukou")
    head = beside(store.path, "-head").read_bytes()
    desk.carry("CASE-1", "receive", "accept")
    beside(store.path, "-head").write_bytes(head)
    assert open_file().restored is None
    desk.submit("licence", "CASE-2")
    assert open_file(readonly=True).verify() == ()


@pytest.mark.parametrize("half", [0, 1])
def test_a_head_that_was_cut_off_leaves_the_one_before(
    desk: Any, store: SqliteStore, open_file: Open, half: int
) -> None:
    desk.submit("hukou")
    head = bytearray(beside(store.path, "-head").read_bytes())
    head[half * 512 + 100] ^= 0xFF
    beside(store.path, "-head").write_bytes(head)
    assert open_file().restored is None


# Older files, and files of others.


def test_an_older_copy_of_the_live_file_is_found(
    desk: Any, store: SqliteStore, tmp_path: Path, open_file: Open
) -> None:
    desk.submit("hukou")
    store._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(store.path, tmp_path / "night.db")
    desk.carry("CASE-1", "receive", "accept")
    store.close()
    shutil.copy(tmp_path / "night.db", store.path)
    with pytest.raises(DamagedError, match="older file"):
        open_file()


def test_an_older_copy_beside_the_log_of_a_newer_one_is_found(
    desk: Any, store: SqliteStore, tmp_path: Path, at: Open
) -> None:
    for number in range(20):
        desk.submit("hukou", f"CASE-{number}")
    store._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(store.path, tmp_path / "night.db")
    for number in range(20, 40):
        desk.submit("hukou", f"CASE-{number}")
    store._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    desk.submit("hukou", "LAST")
    killed = tmp_path / "killed"
    killed.mkdir()
    for end in ("-wal", "-head"):
        shutil.copy(beside(store.path, end), killed)
    shutil.copy(tmp_path / "night.db", killed / "cases.db")
    before = files(killed / "cases.db")
    for readonly in (True, False):
        with pytest.raises(DamagedError):
            at(killed / "cases.db", readonly=readonly)
    assert files(killed / "cases.db") == before


def test_the_file_of_another_store_is_found(
    desk: Any, store: SqliteStore, tmp_path: Path, open_file: Open, make_desk: Any
) -> None:
    desk.submit("hukou")
    other = open_file("other.db")
    for number in range(5):
        make_desk(other).submit("hukou", f"CASE-{number}")
    other.close()
    store.close()
    shutil.copy(tmp_path / "other.db", store.path)
    with pytest.raises(DamagedError, match="another one"):
        open_file()


def test_a_log_that_was_rewritten_with_all_its_hashes_does_not_fit_its_head(
    desk: Any, store: SqliteStore, open_file: Open
) -> None:
    desk.submit("hukou")
    store.close()
    conn = sqlite3.connect(store.path)
    conn.execute("DROP TRIGGER events_no_update")
    conn.execute("UPDATE events SET log_hash = 'x' WHERE position = 2")
    conn.execute("UPDATE head SET hash = 'x'")
    conn.commit()
    conn.close()
    with pytest.raises(DamagedError, match="rewritten"):
        open_file()


def test_a_file_that_is_replaced_under_an_open_store_takes_nothing(
    desk: Any, store: SqliteStore, open_file: Open, tmp_path: Path
) -> None:
    desk.submit("hukou")
    shutil.copy(store.path, tmp_path / "copy.db")
    (tmp_path / "copy.db").replace(store.path)
    with pytest.raises(contract.StoreError, match="open it again"):
        desk.submit("licence", "CASE-2")


def test_a_copy_without_its_head_goes_on_only_when_that_was_settled(
    desk: Any, store: SqliteStore, tmp_path: Path, open_file: Open
) -> None:
    desk.submit("hukou")
    store.close()
    shutil.copy(store.path, tmp_path / "copy.db")
    looked = open_file("copy.db", readonly=True)
    assert looked.restored is not None
    assert looked.restored.by == "copy"
    assert [one.what for one in looked.verify()] == ["missing"]
    before = (looked.history, looked.head())
    copy = open_file("copy.db")
    assert copy.restored is not None
    assert (copy.restored.history, copy.restored.head) == before
    assert copy.history != before[0]
    assert [one.what for one in copy.verify()] == ["missing"]
    with copy.transaction() as tx:
        tx.recovered("已与其他节点核对")
    assert copy.restored is None
    assert copy.verify() == ()
    assert "已与其他节点核对" in [*copy.entries()][-1].body


# Backups.


def test_a_backup_put_in_place_by_hand_is_known_beside_the_log_of_another(
    desk: Any, store: SqliteStore, tmp_path: Path, at: Open
) -> None:
    for number in range(3):
        desk.submit("hukou", f"CASE-{number}")
    before = (store.history, store.head())
    store.backup(tmp_path / "night.db")
    assert int.from_bytes((tmp_path / "night.db").read_bytes()[68:72], "big") == BACKUP
    for number in range(3, 8):
        desk.submit("hukou", f"CASE-{number}")
    lost = store.head()
    killed = tmp_path / "killed"
    killed.mkdir()
    for end in ("-wal", "-head"):
        shutil.copy(beside(store.path, end), killed)
    path = killed / "cases.db"
    shutil.copy(tmp_path / "night.db", path)
    with at(path, readonly=True) as looked:
        assert len(looked.cases()) == 3
        assert looked.restored is not None
        assert (looked.restored.head, looked.restored.lost) == (before[1], lost)
    assert path.read_bytes() == (tmp_path / "night.db").read_bytes()
    with at(path) as found:
        restored = found.restored
        assert len(found.cases()) == 3
        assert restored is not None
        assert (restored.history, restored.head, restored.lost) == (*before, lost)
        assert found.history != before[0]
        assert not [*found.verify(), *found.differences(), *found.integrity()]
    aside = list(killed.glob("cases.db-wal.aside-*"))
    assert [one.stat().st_size > 0 for one in aside] == [True]
    with at(path) as found:
        assert found.restored == restored, "it stays so until somebody settles it"


def test_the_backup_of_another_store_is_refused(
    desk: Any, store: SqliteStore, tmp_path: Path, at: Open, clock: Any
) -> None:
    desk.submit("hukou")
    with at(tmp_path / "other.db") as other:
        other.backup(tmp_path / "night.db")
    store.close()
    before = files(store.path)
    with pytest.raises(NoStoreError, match="backup of another store"):
        restore(tmp_path / "night.db", store.path, clock=clock, calendars=weekends)
    assert files(store.path) == before
    with at(store.path) as same:
        assert len(same.cases()) == 1
    found, _ = restore(tmp_path / "night.db", tmp_path / "new.db", clock=clock, calendars=weekends)
    assert found.by == "backup"


@pytest.mark.parametrize("readonly", [True, False])
def test_a_pipe_in_place_of_the_head_file_is_not_waited_for(
    killed: Path, at: Open, readonly: bool
) -> None:
    head = beside(killed, "-head")
    head.unlink()
    os.mkfifo(head)
    with pytest.raises(ReadOnlyError, match="not a regular file"):
        at(killed, readonly=readonly)


def test_a_backup_of_an_earlier_version_is_known_by_its_form(
    killed_of_before: Path, at: Open
) -> None:
    with at(killed_of_before) as store:
        assert store.restored is not None
        assert store.verify() == ()


@pytest.fixture
def killed_of_before(tmp_path: Path, desk: Any, store: SqliteStore) -> Path:
    """A backup as an earlier version made it, beside the log of a program that was killed."""
    desk.submit("hukou", "LATE")
    folder = tmp_path / "killed"
    folder.mkdir()
    shutil.copy(beside(store.path, "-wal"), folder)
    data = Path(__file__).parent / "data" / "cases-4.db.gz"
    (folder / "cases.db").write_bytes(gzip.decompress(data.read_bytes()))
    conn = sqlite3.connect(f"file:{folder / 'cases.db'}?immutable=1", uri=True)
    copy = sqlite3.connect(folder / "night.db")
    conn.backup(copy)
    copy.execute("PRAGMA journal_mode = DELETE")
    conn.close()
    copy.close()
    (folder / "night.db").replace(folder / "cases.db")
    return folder / "cases.db"


# Salvage.


@pytest.mark.parametrize("place", [0.02, 0.3, 0.5, 0.8])
def test_what_stands_behind_the_damage_is_salvaged(
    killed: Path, at: Open, clock: Any, place: float
) -> None:
    with at(killed, readonly=True) as store:
        log = list(store.entries())
    content = flipped(beside(killed, "-wal").read_bytes(), place)
    beside(killed, "-wal").write_bytes(content)
    assert wal.examine(content).state == "damaged"
    before = files(killed)
    new = killed.with_name("new.db")
    salvage(killed, new, clock=clock, calendars=weekends)
    assert files(killed) == before
    with at(new) as saved:
        events = [one for one in saved.entries() if one.case]
        restored = saved.restored
        assert events == [one for one in log if one.case][: len(events)]
        assert len(events) >= 8, "far more than SQLite would have taken"
        assert restored is not None
        assert restored.by == "salvage"
        assert restored.lost == hash_chain.Head(log[-1].position, log[-1].log_hash)
        assert not [*saved.verify(), *saved.differences(), *saved.integrity()]
    assert sorted(one.name for one in killed.parent.iterdir() if "salvage" in one.name) == []
