"""Opens the file: makes it, brings it up to date, or refuses it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tongban.kernel import protocol
from tongban.plugins.stores.sqlite import projection, schema
from tongban.plugins.stores.sqlite.connection import connect, write_ahead
from tongban.plugins.stores.sqlite.errors import NoStore, guarded
from tongban.plugins.stores.sqlite.store import SqliteStore
from tongban.plugins.stores.sqlite.vault import Vault

__all__ = ["open_store"]

_TIMEOUT = 10.0
_ID = 16


def _no_calendar(division: str | None) -> protocol.Calendar:
    return protocol.Calendar()


def open_store(
    path: Path,
    *,
    clock: Callable[[], datetime],
    calendars: protocol.Calendars = _no_calendar,
    key: bytes | None = None,
    entropy: Callable[[int], bytes] = os.urandom,
    timeout: float = _TIMEOUT,
    create: bool = True,
    readonly: bool = False,
) -> SqliteStore:
    """Opens a store, and makes it where there is none.

    Args:
        path: of the file.
        clock: the moment, with its offset from UTC.
        calendars: of each place, for the limits; without it every last day is provisional.
        key: that seals personal data, from `key_from_environment`; once a store has
            one it is needed to read or keep personal data, and for nothing else.
        entropy: gives so many bytes by chance: for salts, nonces and the store's id.
        timeout: how many seconds to wait for another program that writes.
        create: whether to make it where there is none.
        readonly: whether nothing is to be written; an older store is refused then.

    Raises:
        StoreError: where the file cannot be used; the message says why and what to do.
    """
    conn = connect(path, timeout=timeout, readonly=readonly, create=create)
    try:
        if readonly:
            _up_to_date(conn, path)
        else:
            _prepared(conn, path, entropy, calendars, timeout)
        with guarded(path):
            id = conn.execute("SELECT value FROM meta WHERE name = 'store'").fetchone()[0]
            safe = Vault(id, key, entropy)
            store = SqliteStore(conn, path, id, clock, calendars, safe, readonly)
            if key is not None:
                _unlock(store, conn, safe, readonly)
    except BaseException:
        conn.close()
        raise
    return store


def _up_to_date(conn: sqlite3.Connection, path: Path) -> None:
    version = schema.check(conn, path)
    if version != schema.VERSION:
        raise NoStore(
            f"{path}: 数据库为旧版,请先正常打开一次以升级 (version {version}, this program uses"
            f" {schema.VERSION}; open it once for writing to bring it up to date)"
        )


def _prepared(
    conn: sqlite3.Connection,
    path: Path,
    entropy: Callable[[int], bytes],
    calendars: protocol.Calendars,
    timeout: float,
) -> None:
    schema.check(conn, path)
    with guarded(path):
        write_ahead(conn, timeout)
    schema.migrate(conn, path, entropy(_ID).hex(), lambda: projection.rebuild(conn, calendars))


def _unlock(store: SqliteStore, conn: sqlite3.Connection, safe: Vault, readonly: bool) -> None:
    known = conn.execute("SELECT 1 FROM meta WHERE name = 'key'").fetchone()
    if known or readonly:
        safe.unlock(conn) if known else None
        return
    conn.execute("BEGIN IMMEDIATE")
    try:
        safe.unlock(conn)
        conn.execute("COMMIT")
    except BaseException:
        conn.execute("ROLLBACK")
        raise
    # What was kept in the clear is in the write-ahead log until it is emptied.
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
