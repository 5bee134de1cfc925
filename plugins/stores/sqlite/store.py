"""The store itself: transactions, and everything that is asked outside of one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tongban.kernel import chain, personal, protocol, signing
from tongban.kernel import store as contract
from tongban.plugins.stores.sqlite import audit, backups, clocks, lines, log, projection, vault
from tongban.plugins.stores.sqlite.errors import ReadOnly, guarded
from tongban.plugins.stores.sqlite.reader import SqliteReader
from tongban.plugins.stores.sqlite.transaction import SqliteTransaction

__all__ = ["SqliteStore"]


class SqliteStore(SqliteReader):
    """A store of cases in one SQLite file; `open_store` makes it.

    One thread uses it; another thread or process opens the file for itself.

    Args:
        conn: of the file, which has the newest version.
        path: of the file.
        id: of the store.
        clock: the moment.
        calendars: of each place.
        safe: the personal data.
        readonly: whether nothing is to be written.
    """

    def __init__(
        self,
        conn: sqlite3.Connection,
        path: Path,
        id: str,
        clock: Callable[[], datetime],
        calendars: protocol.Calendars,
        safe: vault.Vault,
        readonly: bool = False,
    ) -> None:
        super().__init__(conn, path, clock)
        self.id = id
        self._calendars = calendars
        self._vault = safe
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
        with guarded(self.path):
            return lines.restored(self._conn)

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
            finally:
                tx.over = True

    @contextmanager
    def _writing(self) -> Iterator[None]:
        conn = self._conn
        if self._readonly:
            raise ReadOnly(f"{self.path}: 以只读方式打开 (the store was opened for reading only)")
        if conn.in_transaction:
            raise contract.StoreError("事务不可嵌套 (a transaction of this store is open already)")
        with guarded(self.path, texts=False):
            # By hand, and first: sqlite-utils commits what it writes unless one is open.
            conn.execute("BEGIN IMMEDIATE")
            try:
                yield
                if not conn.in_transaction:
                    raise contract.StoreError(
                        "事务已被提前结束 (something ended the transaction before its time)"
                    )
                conn.execute("COMMIT")
            except BaseException:
                if conn.in_transaction:
                    conn.execute("ROLLBACK")
                raise

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

    def personal(self, case: str, actor: protocol.Actor, purpose: str) -> personal.Personal | None:
        """Personal data of a case, for somebody with a part in it; each reading is on record."""
        with self._writing():
            ref, allowed = self._readable(case, actor)
            vault.record(self._conn, case, ref, actor, purpose, allowed, self._clock())
        if not allowed:
            raise contract.NotAllowed(
                f"与办件 {case} 无关,不得查阅个人信息,本次尝试已记录 (this {actor.kind} has no"
                f" part in case {case} that lets them read its personal data; that is on record)"
            )
        with guarded(self.path):
            return self._vault.read(self._conn, ref)

    def _readable(self, case: str, actor: protocol.Actor) -> tuple[str, bool]:
        """The reference of a case's personal data, and whether an actor may read it."""
        found = self.case(case)
        if found is not None:
            return found.personal, personal.may_read(found, actor)
        requests = [one.message for one in self.incoming(case=case, kind="request")]
        refs = [str(one.body.get("personal") or "") for one in requests]
        if not requests:
            raise self._unknown(case)
        return refs[-1], any(personal.was_asked(one, actor) for one in requests)

    def masked(self, case: str) -> dict[str, Any]:
        """What of a case's personal data may be shown; empty where there is none."""
        with guarded(self.path):
            kept = self._vault.read(self._conn, self._readable(case, protocol.SYSTEM)[0])
        return kept.masked() if kept else {}

    def _unknown(self, case: str) -> contract.StoreError:
        return contract.StoreError(f"没有办件 {case} (there is no case {case})")

    def erase_personal(self, ended_before: date) -> tuple[str, ...]:
        """Erases the personal data of cases that ended before a day; the log stays whole."""
        with self._writing():
            gone = vault.erase(self._conn, ended_before, self._clock())
        with guarded(self.path):
            # The old pages are in the write-ahead log until it is emptied.
            self._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def change_key(self, key: bytes) -> None:
        """Seals all personal data with another key.

        Args:
            key: 32 bytes; from now on the key of the store.

        Raises:
            StoreError: where the store was opened without the key that it has now.
        """
        with self._writing():
            changed = self._vault.reseal(self._conn, key)
        self._vault = changed
        with guarded(self.path):
            self._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def rebuild(self) -> int:
        """Makes the tables anew from the log."""
        with self._writing():
            return self.remake()

    def remake(self) -> int:
        """The same, in a transaction that is open."""
        return projection.rebuild(self._conn, self._calendars)

    def differences(self) -> tuple[str, ...]:
        """Ids of cases whose tables are not what the log says."""
        with self._reading():
            return tuple(projection.differences(self._conn, self._calendars))

    def verify(
        self,
        checkpoints: Iterable[contract.Checkpoint] = (),
        key: signing.PublicKey | None = None,
    ) -> tuple[chain.Break, ...]:
        """Every event that was changed, removed, added or moved."""
        with self._reading():
            return audit.verify(self._conn, self.id, checkpoints, key)

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

    def entries(self, case: str | None = None) -> Iterator[chain.Entry]:
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
            return audit.export(self._conn, self.id, case, key, self._clock().isoformat())

    def backup(self, target: Path) -> None:
        """Copies the store to a new file, while others may write."""
        backups.backup(self._conn, self.path, target)
