"""Several processes on one file: no event lost, none doubled; a backup while they write."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import protocol as p
from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite.embedded import SqliteStore, open_store
from tongban.plugins.stores.sqlite.errors import DamagedError

Open = Callable[..., SqliteStore]
FORK = multiprocessing.get_context("fork")
WRITERS, EACH = 4, 12


def chases(path: Path, clock: Any, writer: int, conflicts: Any) -> None:
    """Chases one case again and again; all but the first read it anew."""
    supervisor = p.Actor("supervisor", f"s-{writer}", "510000")
    with open_store(path, clock=clock, timeout=60) as store:
        for number in range(EACH):
            command = p.Command(f"{writer}-{number}", "CASE-1", supervisor, p.Chase("请速办"))
            while True:
                case = store.case("CASE-1")
                assert case is not None
                step = p.handle(case, command, p.Context(clock(), weekends))
                try:
                    with store.transaction() as tx:
                        tx.append("CASE-1", case.version, step.events)
                        tx.send(step.messages)
                    break
                except contract.ConflictError:
                    conflicts.put(writer)


def weekends(division: str | None) -> p.Calendar:
    return p.Calendar()


@pytest.fixture
def cohandled(desk: Any, store: SqliteStore) -> SqliteStore:
    """A store with one case that waits for an answer and may be chased."""
    desk.submit("hukou")
    desk.carry("CASE-1", "receive", "accept")
    return store


def test_no_event_of_several_writers_is_lost_or_doubled(cohandled: SqliteStore, clock: Any) -> None:
    conflicts = FORK.Queue()
    writers = [
        FORK.Process(target=chases, args=(cohandled.path, clock, writer, conflicts))
        for writer in range(WRITERS)
    ]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert [one.exitcode for one in writers] == [0] * WRITERS
    causes = Counter(one.cause for one in cohandled.events("CASE-1") if one.kind == "chased")
    assert causes == {f"{w}-{n}": 1 for w in range(WRITERS) for n in range(EACH)}
    sent = Counter(one.message.id for one in cohandled.outgoing() if one.message.kind == "chase")
    assert len(sent) == WRITERS * EACH
    assert not [*cohandled.verify(), *cohandled.differences(), *cohandled.integrity()]


def test_several_processes_make_one_store(tmp_path: Path, clock: Any) -> None:
    answers = FORK.Queue()

    def body() -> None:
        try:
            with open_store(tmp_path / "new.db", clock=clock, timeout=60) as store:
                answers.put(store.id)
        except Exception as error:  # to be seen where it is asked for
            answers.put(repr(error))

    makers = [FORK.Process(target=body) for _ in range(6)]
    for one in makers:
        one.start()
    ids = {answers.get(timeout=60) for _ in makers}
    for one in makers:
        one.join()
    with open_store(tmp_path / "new.db", clock=clock) as store:
        assert ids == {store.id}


def test_a_backup_is_one_moment_while_others_write(
    cohandled: SqliteStore, clock: Any, tmp_path: Path, open_file: Open
) -> None:
    writers = [
        FORK.Process(target=chases, args=(cohandled.path, clock, writer, FORK.Queue()))
        for writer in range(2)
    ]
    for one in writers:
        one.start()
    for number in range(4):
        cohandled.backup(tmp_path / f"backup-{number}.db")
    for one in writers:
        one.join()
        assert one.exitcode == 0
    log = list(cohandled.entries())
    for number in range(4):
        copy = open_file(f"backup-{number}.db")
        entries = list(copy.entries())
        known = copy.restored.head.position if copy.restored else 0
        assert known > 0
        assert entries[:known] == log[:known]
        assert not [*copy.verify(), *copy.differences(), *copy.integrity()]
        assert copy.path.stat().st_mode & 0o077 == 0


def test_a_backup_is_one_file_that_goes_on_as_a_store(
    cohandled: SqliteStore, tmp_path: Path, open_file: Open, make_desk: Any
) -> None:
    cohandled.backup(tmp_path / "copy.db")
    assert sorted(one.name for one in tmp_path.glob("copy*")) == ["copy.db"]
    copy = open_file("copy.db")
    assert copy.id == cohandled.id
    make_desk(copy).carry("CASE-1", "confirm")


def test_a_backup_goes_where_it_can_be_written(cohandled: SqliteStore, tmp_path: Path) -> None:
    with pytest.raises(contract.StoreError, match="cannot be written"):
        cohandled.backup(tmp_path / "nowhere" / "copy.db")


def test_a_damaged_store_makes_no_backup(
    cohandled: SqliteStore, tmp_path: Path, open_file: Open
) -> None:
    (page,) = cohandled._conn.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'tasks'"
    ).fetchone()
    cohandled.close()
    data = bytearray(cohandled.path.read_bytes())
    for offset in range((page - 1) * 4096, page * 4096):
        data[offset] ^= 0xFF
    cohandled.path.write_bytes(data)
    with pytest.raises(DamagedError):
        open_file().backup(tmp_path / "copy.db")
    assert list(tmp_path.glob("copy*")) == []


def test_who_is_killed_in_the_middle_leaves_nothing_half_done(
    cohandled: SqliteStore, clock: Any
) -> None:
    before = list(cohandled.entries())
    ready = FORK.Event()

    def body() -> None:
        store = open_store(cohandled.path, clock=clock)
        case = store.case("CASE-1")
        command = p.Command("x", "CASE-1", p.Actor("supervisor", "s", "510000"), p.Chase())
        step = p.handle(case, command, p.Context(clock(), weekends))
        with store.transaction() as tx:
            tx.append("CASE-1", case.version if case else 0, step.events)
            tx.send(step.messages)
            ready.set()
            signal.pause()

    process = FORK.Process(target=body)
    process.start()
    assert ready.wait(60)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert list(cohandled.entries()) == before
    assert not [*cohandled.verify(), *cohandled.differences(), *cohandled.integrity()]
