"""The key of personal data is changed: all of it or nothing, and nothing is lost."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import signal
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongban.kernel import protocol as p
from tongban.kernel.audit import records
from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite import rekeying
from tongban.plugins.stores.sqlite.embedded import SqliteStore, change_key, open_store
from tongban.plugins.stores.sqlite.errors import BusyError, NoSpaceError, ReadOnlyError

Open = Callable[..., SqliteStore]
FORK = multiprocessing.get_context("fork")
OLD, NEW, OTHER = bytes(range(32)), bytes(range(1, 33)), bytes(range(2, 34))
MONDAY = datetime(2026, 3, 2, 9, tzinfo=p.CHINA)
KEEPER = p.Actor("supervisor", "keeper", "630000")
COUNT = 30


def filled(store: SqliteStore, some: list[dict[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The store with these records; each by its reference."""
    with store.transaction() as tx:
        return {tx.keep_personal(one): one for one in some}


def people(count: int = COUNT) -> list[dict[str, Any]]:
    return [{"kind": "person", "name": f"金丝雀{n}", "phone": "13912345678"} for n in range(count)]


def read(store: SqliteStore) -> dict[str, Mapping[str, Any]]:
    """Every record, as it reads."""
    refs = [row[0] for row in store._conn.execute("SELECT ref FROM personal ORDER BY ref")]
    found = {ref: store._vault.read(store._conn, ref) for ref in refs}
    return {ref: one.data for ref, one in found.items() if one is not None}


def payloads(path: Path) -> list[bytes]:
    """The sealed records as they lie in the file."""
    conn = sqlite3.connect(path)
    try:
        return [row[0] for row in conn.execute("SELECT payload FROM personal")]
    finally:
        conn.close()


def on_disk(path: Path) -> bytes:
    files = [path, Path(f"{path}-wal"), Path(f"{path}-shm")]
    return b"".join(file.read_bytes() for file in files if file.exists())


@pytest.fixture
def sealed(open_file: Open) -> tuple[Path, dict[str, Mapping[str, Any]]]:
    """The path of a store under the old key, and what it holds."""
    store = open_file(key=OLD)
    held = filled(store, people())
    store.close()
    return store.path, held


def opens(path: Path, key: bytes, clock: Any) -> bool:
    with open_store(path, clock=clock, readonly=True) as store:
        right = store.has_key(key)
    if right:
        open_store(path, clock=clock, key=key, readonly=True).close()
        return True
    with pytest.raises(contract.StoreError, match="TONGBAN_KEY is not the key of this store"):
        open_store(path, clock=clock, key=key, readonly=True)
    return False


_plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
_records = st.lists(st.dictionaries(st.text(max_size=9), _plain, min_size=1), max_size=8)


@settings(deadline=None, max_examples=25)
@given(some=_records, first=st.sampled_from([None, OLD]), times=st.integers(1, 3))
def test_every_record_reads_the_same_under_the_new_key(
    some: list[dict[str, Any]], first: bytes | None, times: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, clock = Path(folder) / "cases.db", lambda: MONDAY
        with open_store(path, clock=clock, key=first) as store:
            held = filled(store, some)
        before = first
        for key in (NEW, OTHER, OLD)[:times]:
            done = change_key(path, before, key, clock=clock, by=KEEPER)
            assert (done.changed, done.records, done.emptied) == (True, len(held), True)
            before = key
        with open_store(path, clock=clock, key=before) as store:
            assert read(store) == held
            found = store.audit()
            assert (found.breaks, found.sealed) == ((), 0)
            assert len(list(records.key_changes(store.entries("")))) == times


def test_the_former_key_opens_nothing_that_is_left(
    sealed: tuple[Path, dict[str, Mapping[str, Any]]], clock: Any
) -> None:
    path, _ = sealed
    before = payloads(path)
    assert len(before) == COUNT
    change_key(path, OLD, NEW, clock=clock, by=KEEPER)
    left = on_disk(path)
    assert not [one for one in before if one in left]
    assert not opens(path, OLD, clock)


def test_who_changed_it_and_when_is_on_record_and_no_key(
    sealed: tuple[Path, dict[str, Mapping[str, Any]]], clock: Any, open_file: Open
) -> None:
    path, _ = sealed
    done = change_key(path, OLD, NEW, clock=clock, by=KEEPER)
    with open_file() as store:
        (said,) = records.key_changes(store.entries(""))
        log = "".join(one.body for one in store.entries())
    who = {"kind": "supervisor", "id": "keeper", "division": "630000", "department": ""}
    assert said["at"] == clock().isoformat()
    assert (said["by"], said["former"], said["key"]) == (who, done.former, done.key)
    for key in (OLD, NEW):
        assert key.hex() not in log
        assert key.hex()[:16] not in json.dumps(said)


@pytest.mark.parametrize("record", [1, COUNT // 2, COUNT])
def test_who_is_killed_on_the_way_leaves_the_old_key(
    sealed: tuple[Path, dict[str, Mapping[str, Any]]], clock: Any, record: int
) -> None:
    path, held = sealed
    ready = FORK.Event()

    def body() -> None:
        calls = 0

        def entropy(size: int) -> bytes:
            nonlocal calls
            calls += 1
            if calls == record:
                ready.set()
                signal.pause()
            return os.urandom(size)

        with open_store(path, clock=clock, key=OLD, entropy=entropy) as store:
            store.change_key(NEW, KEEPER)

    killed(body, ready)
    assert (opens(path, OLD, clock), opens(path, NEW, clock)) == (True, False)
    again(path, held, clock, changed=True)


def test_who_is_killed_after_it_leaves_the_new_key(
    sealed: tuple[Path, dict[str, Mapping[str, Any]]], clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, held = sealed
    ready = FORK.Event()

    def body() -> None:
        def stop(store: SqliteStore) -> bool:
            ready.set()
            signal.pause()
            return True

        monkeypatch.setattr(SqliteStore, "_emptied", stop)
        change_key(path, OLD, NEW, clock=clock, by=KEEPER)

    before = payloads(path)
    killed(body, ready)
    assert (opens(path, OLD, clock), opens(path, NEW, clock)) == (False, True)
    again(path, held, clock, changed=False)
    left = on_disk(path)
    assert not [one for one in before if one in left]


def killed(body: Callable[[], None], ready: Any) -> None:
    process = FORK.Process(target=body)
    process.start()
    assert ready.wait(60)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()


def again(path: Path, held: Mapping[str, Any], clock: Any, *, changed: bool) -> None:
    """The same change a second time brings it to its end."""
    done = change_key(path, OLD, NEW, clock=clock, by=KEEPER)
    assert (done.changed, done.emptied) == (changed, True)
    with open_store(path, clock=clock, key=NEW) as store:
        assert read(store) == held
        assert not [*store.verify(), *store.differences(), *store.integrity()]
        assert len(list(records.key_changes(store.entries("")))) == 1


@pytest.mark.parametrize("wrong", [OTHER, None], ids=["another", "none"])
def test_a_wrong_old_key_changes_nothing(
    sealed: tuple[Path, dict[str, Mapping[str, Any]]], clock: Any, wrong: bytes | None
) -> None:
    path, held = sealed
    before = payloads(path)
    with pytest.raises(contract.StoreError, match="TONGBAN_KEY"):
        change_key(path, wrong, NEW, clock=clock, by=KEEPER)
    assert payloads(path) == before
    with open_store(path, clock=clock, key=OLD) as store:
        assert read(store) == held


def test_a_record_that_cannot_be_read_stops_it_and_is_named(
    sealed: tuple[Path, dict[str, Mapping[str, Any]]], clock: Any
) -> None:
    path, held = sealed
    damaged = sorted(held)[-1]
    with open_store(path, clock=clock) as store:
        store._conn.execute("UPDATE personal SET payload = x'00' WHERE ref = ?", (damaged,))
    before = payloads(path)
    with pytest.raises(contract.StoreError, match=damaged[:12]):
        change_key(path, OLD, NEW, clock=clock, by=KEEPER)
    assert payloads(path) == before
    assert opens(path, OLD, clock)


def test_a_full_disk_leaves_the_old_key(open_file: Open, clock: Any) -> None:
    store = open_file(key=OLD)
    held = filled(store, people(300))
    store.close()
    said = FORK.Queue()

    def body() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))
        try:
            change_key(store.path, OLD, NEW, clock=clock, by=KEEPER)
        except NoSpaceError as error:
            said.put(str(error))
        else:
            said.put("")

    process = FORK.Process(target=body)
    process.start()
    assert str(store.path) in said.get(timeout=60)
    process.join()
    with open_file(key=OLD) as store:
        assert read(store) == held
        assert not [*store.verify(), *store.integrity()]


def test_another_program_that_writes_is_waited_for_and_then_named(
    sealed: tuple[Path, dict[str, Mapping[str, Any]]], clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = sealed
    hurried = lambda *args, **more: open_store(*args, **more, timeout=0.05)  # noqa: E731
    monkeypatch.setattr(rekeying, "open_store", hurried)
    with open_store(path, clock=clock) as other, other.transaction(), pytest.raises(BusyError):
        change_key(path, OLD, NEW, clock=clock, by=KEEPER)
    assert opens(path, OLD, clock)


def test_another_program_that_reads_is_told_of(
    sealed: tuple[Path, dict[str, Mapping[str, Any]]], clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, held = sealed
    hurried = lambda *args, **more: open_store(*args, **more, timeout=0.05)  # noqa: E731
    monkeypatch.setattr(rekeying, "open_store", hurried)
    with open_store(path, clock=clock, key=OLD, readonly=True) as other, other._reading():
        assert len(read(other)) == COUNT
        assert not change_key(path, OLD, NEW, clock=clock, by=KEEPER).emptied
        assert read(other) == held  # of its moment, with the key of its moment
    done = change_key(path, OLD, NEW, clock=clock, by=KEEPER)
    assert (done.changed, done.emptied) == (False, True)


def test_a_program_that_still_has_the_former_key_writes_nothing(
    sealed: tuple[Path, dict[str, Mapping[str, Any]]], clock: Any
) -> None:
    path, held = sealed
    with open_store(path, clock=clock, key=OLD) as other:
        change_key(path, OLD, NEW, clock=clock, by=KEEPER)
        with pytest.raises(contract.StoreError, match="TONGBAN_KEY is not the key"):
            filled(other, people(1))
    with open_store(path, clock=clock, key=NEW) as store:
        assert read(store) == held


def test_erased_data_stays_erased(
    sealed: tuple[Path, dict[str, Mapping[str, Any]]], clock: Any
) -> None:
    path, held = sealed
    gone = sorted(held)[0]
    with open_store(path, clock=clock) as store:
        store._conn.execute("UPDATE personal SET payload = NULL WHERE ref = ?", (gone,))
    assert change_key(path, OLD, NEW, clock=clock, by=KEEPER).records == COUNT - 1
    with open_store(path, clock=clock, key=NEW) as store:
        assert gone not in read(store)


def test_a_store_that_cannot_be_written_says_so(
    sealed: tuple[Path, dict[str, Mapping[str, Any]]], clock: Any
) -> None:
    path, held = sealed
    with (
        open_store(path, clock=clock, key=OLD, readonly=True) as store,
        pytest.raises(ReadOnlyError),
    ):
        store.change_key(NEW, KEEPER)
    with open_store(path, clock=clock, key=OLD) as store:
        assert read(store) == held
