"""The store itself: transactions, and everything that is asked outside of one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from attrs import evolve

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain, keys, signing
from tongban.kernel.audit import records as noted
from tongban.kernel.ports import auditing, custody, storage, store_errors
from tongban.kernel.ports import store as contract
from tongban.kernel.protocol import personal_data
from tongban.plugins.stores.sqlite import (
    audit,
    backups,
    clocks,
    erasure,
    lines,
    log,
    projection,
    records,
    vault,
)
from tongban.plugins.stores.sqlite.errors import ReadOnlyError, guarded
from tongban.plugins.stores.sqlite.heads import HeadFile, Mark
from tongban.plugins.stores.sqlite.reader import SqliteReader
from tongban.plugins.stores.sqlite.standing import cautions, mark_of
from tongban.plugins.stores.sqlite.transaction import SqliteTransaction

_PORTION = 200


class SqliteStore(SqliteReader):
    """A store of cases in one SQLite file; `open_store` makes it.

    One thread uses it; another thread or process opens the file for itself.

    Args:
        conn: of the file, which has the newest version.
        heads: the file beside it that says how far the log goes.
        id: of the store.
        clock: the moment.
        calendars: of each place.
        safe: the personal data.
        readonly: whether nothing is to be written.
        noticed: that the file was put here by hand, where nobody could write that down yet.
        fault: what is wrong with the file beside its head file.
    """

    def __init__(
        self,
        conn: sqlite3.Connection,
        heads: HeadFile,
        id: str,
        clock: Callable[[], datetime],
        calendars: protocol.Calendars,
        safe: vault.Vault,
        readonly: bool = False,
        noticed: contract.Restored | None = None,
        fault: hash_chain.Finding | None = None,
    ) -> None:
        super().__init__(conn, heads.database, clock, safe)
        self.id = id
        self._heads = heads
        self._file = heads.database.stat().st_ino
        self._noticed = noticed
        self._fault = fault
        self._calendars = calendars
        self._readonly = readonly

    def __repr__(self) -> str:
        return f"SqliteStore({str(self.path)!r})"

    def __enter__(self) -> SqliteStore:
        return self

    def __exit__(self, *wrong: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets the file go."""
        self._conn.close()

    @property
    def history(self) -> str:
        """The line of the log."""
        with guarded(self.path):
            return lines.history(self._conn)

    @property
    def restored(self) -> contract.Restored | None:
        """That a backup or a copy was put in place; None once that was settled."""
        with guarded(self.path, values=True):
            return self._noticed or lines.restored(self._conn)

    @contextmanager
    def transaction(self) -> Iterator[SqliteTransaction]:
        """One command's writes: all of them, on the disk, or none.

        Raises:
            StoreError: where one is open already, or the file cannot be written.
        """
        with self._writing():
            tx = SqliteTransaction(self._conn, self.path, self._clock, self._calendars, self._vault)
            try:
                yield tx
                tx.settle()
            finally:
                tx.over = True

    @contextmanager
    def _writing(self) -> Iterator[None]:
        conn = self._conn
        if self._readonly:
            raise ReadOnlyError(
                f"{self.path}: 以只读方式打开 (the store was opened for reading only)"
            )
        if conn.in_transaction:
            raise store_errors.nested()
        with guarded(self.path, texts=False), self._heads.held() as held:
            # By hand, and first: sqlite-utils commits what it writes unless one is open.
            conn.execute("BEGIN IMMEDIATE")
            try:
                self._still_the_same(held.read())
                yield
                if not conn.in_transaction:
                    raise contract.StoreError(
                        "事务已被提前结束 (something ended the transaction before its time)"
                    )
                conn.execute("UPDATE head SET writes = writes + 1")
                conn.execute("COMMIT")
            except BaseException:
                if conn.in_transaction:
                    conn.execute("ROLLBACK")
                raise
            held.write(mark_of(conn, held.file()))

    def _still_the_same(self, mark: Mark | None) -> None:
        """That nobody put another file in place while this one was open.

        Raises:
            StoreError: where somebody did.
        """
        there = self.path.stat().st_ino if self.path.exists() else None
        here = mark_of(self._conn, (0, 0))
        known = mark is not None and mark.history == here.history
        if there != self._file or (mark and not (known and mark.writes <= here.writes)):
            raise contract.StoreError(
                f"{self.path}: 数据库已被替换,本次操作未写入 (another file was put in place, or"
                " this one taken away, while it was open; nothing was written: open it again)"
            )

    def _emptied(self) -> bool:
        """Brings the write-ahead log into the file and empties it; whether that was possible."""
        with guarded(self.path), self._heads.held() as held:
            busy = self._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            held.write(mark_of(self._conn, held.file()))
        return not busy

    def unlock(self) -> None:
        """Checks that the key of personal data is the store's; the first one seals what is there.

        Raises:
            StoreError: where the store has another key.
        """
        known = self._conn.execute("SELECT 1 FROM meta WHERE name = 'key'").fetchone()
        if known:
            self._vault.unlock(self._conn)
        elif not self._readonly:
            with self._writing():
                self._vault.unlock(self._conn)
            # What was kept in the clear is in the write-ahead log until it is emptied.
            self._emptied()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """One view of the file, however long it takes and whatever others write."""
        with guarded(self.path):
            if self._conn.in_transaction:
                yield
                return
            self._conn.execute("BEGIN")
            try:
                yield
            finally:
                if self._conn.in_transaction:
                    self._conn.execute("ROLLBACK")

    def personal(
        self, case: str, actor: protocol.Actor, purpose: str, ref: str = ""
    ) -> personal_data.Personal | None:
        """Personal data of a case, for somebody with a part in it; each reading is on record."""
        with self._writing():
            now, notes = self._clock(), records.Notes()
            ref, allowed = custody.readable(self, case, actor, now, ref)
            said = custody.reading(case, ref, actor, purpose, allowed, now)
            notes.add(self._conn, "read", vault.record(self._conn, said))
            notes.write(self._conn, now)
        if not allowed:
            raise custody.no_part(self, case, actor, now)
        with guarded(self.path):
            return self._vault.read(self._conn, ref)

    def masked(self, case: str) -> dict[str, Any]:
        """What of a case's personal data may be shown; empty where there is none."""
        with guarded(self.path):
            ref, _ = custody.readable(self, case, protocol.SYSTEM, self._clock())
            kept = self._vault.read(self._conn, ref)
        return kept.masked() if kept else {}

    def erase_personal(self, ended_before: date) -> tuple[str, ...]:
        """Erases the personal data of cases that ended before a day; the log stays whole."""
        with self._writing():
            refs = erasure.due(self._conn, ended_before, self._is_ours)
            erasure.erase(self._conn, refs, self._clock())
            notes = records.Notes()
            for ref in refs:
                notes.add(self._conn, "erased", ref)
            notes.write(self._conn, self._clock())
            done = erasure.waiting(self._conn)
        # The old pages are in the write-ahead log until it is emptied.
        if not self._emptied():
            return ()
        if done:
            with self._writing():
                erasure.settle(self._conn)
        return done

    def _is_ours(self, case: str, ref: str) -> bool:
        found = self.case(case)
        return found is not None and custody.is_ours(self, found, ref)

    def remnants(self) -> tuple[str, ...]:
        """Where personal data may be left that was erased: a sentence each, with what to do."""
        with self._reading():
            left = erasure.waiting(self._conn)
            found = list(erasure.beside(self._conn, self.path))
        if left:
            found.insert(
                0,
                f"{self.path}-wal: 尚未清除,其他程序正在读取,请稍后再次运行 (not yet: another"
                f" program reads the store, and the data of {len(left)} cases is still in its"
                " -wal; run `tongban case erase` again)",
            )
        return tuple(found)

    def erased(self, case: str) -> bool:
        """Whether personal data of a case was here and is erased."""
        with guarded(self.path):
            return erasure.is_erased(self._conn, case)

    def has_key(self, key: bytes) -> bool | None:
        """Whether a key is that of the personal data; None where that is in the clear."""
        with guarded(self.path):
            return self._vault.is_sealed_by(self._conn, key)

    def change_key(self, key: bytes, by: protocol.Actor | None = None) -> storage.KeyChange:
        """Seals all personal data with another key, in one transaction; that is on record.

        Args:
            key: 32 bytes; from now on the key of the store.
            by: who does it.

        Raises:
            StoreError: where the store was opened without the key that it has now.
        """
        former = self._vault.label
        with self._writing():
            changed, count = self._vault.reseal(self._conn, key)
            who = None if by is None else custody.who(by)
            says = noted.key_changed(who, former, changed.label)
            records.Notes(more=says).write(self._conn, self._clock())
        self._vault = changed
        return storage.KeyChange(True, count, former, changed.label, *self._left_by_key())

    def settle_key(self) -> storage.KeyChange:
        """Finishes what a change to the key of now left to do."""
        label = self._vault.label
        return storage.KeyChange(False, 0, label, label, *self._left_by_key())

    def _left_by_key(self) -> tuple[bool, tuple[Path, ...]]:
        """Whether the write-ahead log, which the former key opens, is empty; files beside."""
        return self._emptied(), tuple(erasure.copies(self._conn, self.path))

    def rebuild(self) -> int:
        """Makes the tables anew from the log."""
        with self._writing():
            return self.remake()

    def remake(self) -> int:
        """The same, in a transaction that is open."""
        return projection.rebuild(self._conn, self._calendars)

    def follow_calendar(self) -> int:
        """Brings last days, and when to look again, up to date where a calendar was published."""
        with self._reading():
            marks = projection.stale(self._conn, self._calendars)
            ids = dict.fromkeys(
                case for one in marks for case in projection.counted_by(self._conn, one)
            )
        for some in _portions(tuple(ids)):
            with self._writing():
                projection.count_again(self._conn, some, self._calendars)
        if marks:
            with self._writing():
                projection.followed(self._conn, marks)
        return len(ids)

    def differences(self) -> tuple[str, ...]:
        """Ids of cases whose tables are not what the log says."""
        with self._reading():
            return tuple(projection.differences(self._conn, self._calendars))

    def verify(
        self,
        checkpoints: Iterable[contract.Checkpoint] = (),
        key: keys.Signers = None,
    ) -> tuple[hash_chain.Finding, ...]:
        """What was changed, removed, added or moved: `audit(checkpoints, key).breaks`."""
        return self.audit(checkpoints, key).breaks

    def audit(
        self,
        checkpoints: Iterable[contract.Checkpoint] = (),
        key: keys.Signers = None,
        witnesses: Iterable[contract.Witness] = (),
    ) -> contract.Audit:
        """Examines the log, the boxes, the readings and the tables."""
        with self._reading():
            file, rows = audit.FileLog(self._conn, self.id), records.Rows(self._conn)
            found = auditing.audit(file, rows, checkpoints, key, witnesses)
            more = [self._fault] if self._fault else []
            more += auditing.unsettled(self.restored)
            bad, sealed = self._vault.examine(self._conn)
            more += bad
            tables = not found.breaks
            if tables:
                more += projection.contradictions(self._conn, self._calendars)
        return evolve(found, breaks=(*found.breaks, *more), sealed=sealed, tables=tables)

    def integrity(self) -> tuple[str, ...]:
        """What SQLite finds wrong with the file as a file; nothing where it is sound."""
        try:
            rows = self._conn.execute("PRAGMA integrity_check(20)").fetchall()
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            return ("the file is damaged so far that it cannot be examined",)
        return tuple(row[0] for row in rows if row[0] != "ok")

    def clock_jumps(self, most: int) -> tuple[tuple[str, int, datetime, datetime], ...]:
        """Events before those that they follow on, and cases opened after a leap of the clock."""
        with self._reading():
            return clocks.jumps(self._conn, most)

    def entries(self, case: str | None = None) -> Iterator[hash_chain.Entry]:
        """The log as it stands with its hashes, of a case or of all."""
        with self._reading():
            yield from log.entries(self._conn, case)

    def checkpoint(self, key: signing.SigningKey) -> contract.Checkpoint:
        """Signs how far the log goes now, and keeps that."""
        with self._writing():
            return audit.checkpoint(self._conn, self.id, key, self._clock().isoformat())

    def export(self, case: str, key: signing.SigningKey) -> dict[str, Any]:
        """A case's log as a signed bundle."""
        with self._reading():
            every, at = log.entries(self._conn, case), self._clock().isoformat()
            return auditing.export(self.id, case, every, log.head(self._conn), at, key)

    def notes(self) -> tuple[str, ...]:
        """What its keeper should know of it: a sentence each."""
        return cautions(self._heads, self.head())

    def backup(self, target: Path) -> None:
        """Copies the store to a new file, while others may write."""
        backups.backup(self._conn, self.path, target)


def _portions(some: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Few enough at once that nobody waits long for the file."""
    for start in range(0, len(some), _PORTION):
        yield some[start : start + _PORTION]
