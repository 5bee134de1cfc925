"""Opens the file: makes it, brings it up to date, or refuses it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite import lines, log, projection, records, schema
from tongban.plugins.stores.sqlite.connection import connect, make, make_folder, write_ahead
from tongban.plugins.stores.sqlite.errors import DamagedError, NoStoreError, guarded
from tongban.plugins.stores.sqlite.files import (
    APPLICATION,
    kind,
    logs_aside,
    no_remains,
)
from tongban.plugins.stores.sqlite.heads import HeadFile, Held, Mark
from tongban.plugins.stores.sqlite.standing import Standing, lost, mark_of, standing
from tongban.plugins.stores.sqlite.store import SqliteStore
from tongban.plugins.stores.sqlite.vault import Vault

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
    suspect: bool = False,
) -> SqliteStore:
    """Opens a store, and makes it where there is none.

    Args:
        path: of the file.
        clock: the moment, with its offset from UTC.
        calendars: of each place, for the limits; without it every last day is provisional.
        key: that seals personal data, from `key_from_environment`; once a store has
            one it is needed to read or keep personal data, and for nothing else.
        entropy: gives random bytes: for salts, nonces and the store's id.
        timeout: how many seconds to wait for another program that writes.
        create: whether to make it where there is none.
        readonly: whether nothing is to be written; an older store is refused then.
        suspect: whether to open what is not as its head file says all the same, with
            `readonly`, for an audit.

    Raises:
        StoreError: where the file cannot be used; the message says why and what to do.
    """
    heads = HeadFile(path, timeout)
    if readonly:
        conn, noticed, fault = _read(path, heads, clock, timeout, suspect)
    else:
        noticed = fault = None
        conn = _written(path, heads, create, clock, calendars, entropy)
    try:
        with guarded(path):
            id = lines.about(conn, "store")
            safe = Vault(id, key, entropy)
            store = SqliteStore(conn, heads, id, clock, calendars, safe, readonly, noticed, fault)
            if key is not None:
                store.unlock()
    except BaseException:
        conn.close()
        raise
    return store


def _read(
    path: Path, heads: HeadFile, clock: Callable[[], datetime], timeout: float, suspect: bool
) -> tuple[sqlite3.Connection, contract.Restored | None, hash_chain.Finding | None]:
    """Opens for reading alone.

    Returns:
        The connection; what a writer would note of a file that was put here; what is wrong
        with the file beside its head file, where that is not a reason to refuse it.
    """
    found, mark = kind(path), heads.read()
    if found in ("missing", "empty"):
        no_remains(path, head=mark is not None)
    by: contract.RestoredBy | None = "backup" if found == "backup" else None
    fault = None
    try:
        if found == "live" and standing(path, mark, timeout) == "copied":
            by = "copy"
    except DamagedError as error:
        if not suspect or error.found is None:
            raise
        fault = error.found
    conn = connect(path, timeout=timeout, readonly=True, create=False, alone=found == "backup")
    try:
        _up_to_date(conn, path)
        with guarded(path):
            noticed = _noticed(conn, by, mark, clock()) if by else None
    except BaseException:
        conn.close()
        raise
    return conn, noticed, fault


def _noticed(
    conn: sqlite3.Connection, by: contract.RestoredBy, mark: Mark | None, now: datetime
) -> contract.Restored:
    known = lines.restored(conn)
    if known is not None:
        return known
    line, head = lines.history(conn), log.head(conn)
    return contract.Restored(now, head, line, lost(conn, mark), by)


def _up_to_date(conn: sqlite3.Connection, path: Path) -> None:
    version = schema.check(conn, path)
    if version != schema.VERSION:
        raise contract.OutdatedError(
            f"{path}: 数据库为旧版,请先正常打开一次以升级 (version {version}, this program uses"
            f" {schema.VERSION}; open it once for writing to bring it up to date)"
        )


def _written(
    path: Path,
    heads: HeadFile,
    create: bool,
    clock: Callable[[], datetime],
    calendars: protocol.Calendars,
    entropy: Callable[[int], bytes],
) -> sqlite3.Connection:
    """Opens for writing, under the lock: made, brought up to date or put back where it must be."""
    _ours(path, heads.timeout, create)
    with heads.held() as held:
        mark, found = held.read(), kind(path)
        as_it_was: Standing | None = None
        if found == "backup":
            logs_aside(path, f"aside-{clock():%Y%m%dT%H%M%S}")
        elif found in ("missing", "empty"):
            _room_for_a_new_one(path, held, mark)
        else:
            as_it_was = standing(path, mark, heads.timeout)
        by = _BY.get(found) or _BY.get(as_it_was or "")
        conn = connect(path, timeout=heads.timeout, readonly=False, create=create)
        try:
            with guarded(path):
                if as_it_was != "live" and not by:
                    held.write(Mark("", "", 0, "", 0))  # nothing is lost by dying on the way
                settled(conn, path, by, mark, clock, calendars, entropy)
                # The file itself holds what it is, not only the write-ahead log beside it.
                if as_it_was != "live":
                    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                held.write(mark_of(conn, held.file()))
        except BaseException:
            conn.close()
            raise
    return conn


_BY: Mapping[str, contract.RestoredBy] = {"backup": "backup", "copied": "copy"}
"""What was put in place by hand, by the kind of a file and how it stands."""


def _room_for_a_new_one(path: Path, held: Held, mark: Mark | None) -> None:
    """Refuses to make a store where parts of another lie."""
    try:
        no_remains(path, head=mark is not None and bool(mark.history))
    except DamagedError:
        if mark is None:
            held.discard()
        raise
    make(path)


def _ours(path: Path, timeout: float, create: bool) -> None:
    """Refuses what is not a store before anything is made beside it."""
    found = kind(path)
    if found == "missing" and not create:
        no_remains(path)
        raise NoStoreError(f"{path}: 没有此数据库 (there is no such file)")
    if found in ("missing", "empty"):
        make_folder(path)
        return
    alone = found == "backup"
    with closing(connect(path, timeout=timeout, readonly=True, create=False, alone=alone)) as conn:
        schema.check(conn, path)


def settled(
    conn: sqlite3.Connection,
    path: Path,
    by: contract.RestoredBy | None,
    mark: Mark | None,
    clock: Callable[[], datetime],
    calendars: protocol.Calendars,
    entropy: Callable[[int], bytes],
) -> None:
    """Brings a file up to date, and begins a new line where an older one was put in place.

    Args:
        conn: of the file, for writing.
        path: of the file.
        by: what was put in place; None where the store goes on.
        mark: what the head file said.
        clock: the moment.
        calendars: of each place.
        entropy: gives random bytes.
    """

    def rest() -> None:
        projection.rebuild(conn, calendars)
        records.adopt(conn, clock())

    schema.check(conn, path)
    if by != "backup":  # a backup gets no log beside it while it is marked as one
        write_ahead(conn, _TIMEOUT)
    schema.migrate(conn, path, entropy(_ID).hex(), rest)
    if by:
        _put_back(conn, by, mark, entropy(_ID).hex(), clock())
        write_ahead(conn, _TIMEOUT)


def _put_back(
    conn: sqlite3.Connection,
    by: contract.RestoredBy,
    mark: Mark | None,
    line: str,
    now: datetime,
) -> None:
    """Gives what was put in place a line of its own, and takes the mark of a backup away."""
    conn.execute("BEGIN IMMEDIATE")
    try:
        lines.put_back(conn, line, by, lost(conn, mark), now)
        conn.execute("UPDATE head SET writes = writes + 1")
        conn.execute(f"PRAGMA application_id = {APPLICATION}")
        conn.execute("COMMIT")
    except BaseException:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        raise
