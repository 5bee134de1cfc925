"""One connection to the file, set up so that what is committed is on the disk."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from tongban.plugins.stores.sqlite.errors import NoStoreError, ReadOnlyError, guarded

_CACHE_KIB = 64 * 1024
_CHECKPOINT_PAGES = 256
"""So little rests on the write-ahead log: a megabyte."""


def connect(
    path: Path, *, timeout: float, readonly: bool, create: bool, alone: bool = False
) -> sqlite3.Connection:
    """Opens the file. No transaction is open, and none is opened unless by name.

    Args:
        path: of the file.
        timeout: how many seconds to wait for another program.
        readonly: whether nothing is to be written, not even beside the file.
        create: whether to make the file where there is none.
        alone: whether nothing that lies beside it is to be taken for its own; with `readonly`.

    Raises:
        StoreError: where it cannot be opened.
    """
    if not path.exists():
        if readonly or not create:
            raise NoStoreError(f"{path}: 没有此数据库 (there is no such file)")
        make(path)
    elif not path.is_file():
        raise NoStoreError(f"{path}: 不是文件 (this is a folder, not a store)")
    with guarded(path):
        return _connected(path, timeout, readonly, alone)


def make_folder(path: Path) -> None:
    """The folder of a file, where it is not there.

    Raises:
        ReadOnlyError: where it cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReadOnlyError(
            f"{path}: 无法创建数据库 (its folder cannot be made: {error.strerror})"
        ) from None


def make(path: Path) -> None:
    """An empty file that only its owner may read: it will hold personal data."""
    make_folder(path)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise ReadOnlyError(
            f"{path}: 无法创建数据库 (the file cannot be made: {error.strerror})"
        ) from None


def _connected(path: Path, timeout: float, readonly: bool, alone: bool) -> sqlite3.Connection:
    if readonly:
        return _alone(path) if alone else _read_only(path, timeout)
    # isolation_level None: Python opens no transactions behind our back.
    conn = sqlite3.connect(path, timeout=timeout, isolation_level=None)
    try:
        conn.execute("PRAGMA synchronous = FULL")
        conn.execute("PRAGMA foreign_keys = ON")
        # REPLACE deletes too: only with this do the triggers of the log see it.
        conn.execute("PRAGMA recursive_triggers = ON")
        # What is erased is overwritten, not only let go.
        conn.execute("PRAGMA secure_delete = ON")
        conn.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        conn.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    except BaseException:
        conn.close()
        raise
    return conn


def write_ahead(conn: sqlite3.Connection, timeout: float) -> None:
    """Lets writers and readers work side by side (WAL).

    It stays in the file, so it must be one of ours. SQLite does not wait when the
    mode changes: we do.

    Args:
        conn: of the file.
        timeout: how many seconds to wait for another program.
    """
    until = time.monotonic() + timeout
    while True:
        try:
            if conn.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                return
            conn.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _read_only(path: Path, timeout: float) -> sqlite3.Connection:
    uri = path.resolve().as_uri()
    conn = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=timeout, isolation_level=None)
    try:
        conn.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        conn.close()
        wal = path.with_name(path.name + "-wal")
        waiting = wal.exists() and wal.stat().st_size > 0
        if error.sqlite_errorcode & 0xFF not in (14, 8) or waiting:
            raise
        # In a folder that cannot be written the shared memory of the WAL has no place.
        return _alone(path)
    except BaseException:
        conn.close()
        raise
    return conn


def _alone(path: Path) -> sqlite3.Connection:
    uri = path.resolve().as_uri()
    return sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None)
