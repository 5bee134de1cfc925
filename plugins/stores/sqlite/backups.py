"""Copies of a live store, and a new store from what a damaged one still holds."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite.errors import DamagedError, guarded
from tongban.plugins.stores.sqlite.files import BACKUP, sync


def backup(conn: sqlite3.Connection, path: Path, target: Path) -> None:
    """Copies a store to a new file: one moment of it, while others write.

    Args:
        conn: of the store; no transaction is open.
        path: of the store.
        target: of the copy; it appears when it is whole and on the disk.

    Raises:
        StoreError: where `target` is there already, cannot be written or came out damaged.
    """
    if target.exists():
        raise contract.StoreError(
            f"{target}: 文件已存在,未备份 (this file is there already; name another)"
        )
    part = target.with_name(target.name + ".part")
    try:
        # Before SQLite does: only the owner may read what holds personal data.
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise contract.StoreError(
            f"{part}: 无法写入备份 (the backup cannot be written: {error.strerror})"
        ) from None
    try:
        _copy(conn, path, part)
        os.link(part, target)
        sync(target, target.parent)
    except OSError as error:
        raise contract.StoreError(
            f"{target}: 无法写入备份 (the backup cannot be written: {error.strerror})"
        ) from None
    finally:
        part.unlink(missing_ok=True)


def _copy(conn: sqlite3.Connection, path: Path, part: Path) -> None:
    with guarded(part), closing(sqlite3.connect(part, isolation_level=None)) as copy:
        # All pages in one step: a view of one moment that no writer makes begin again.
        conn.backup(copy, pages=-1)
        # One file that can be carried about, without a write-ahead log beside it; marked, so
        # that one which is put in place by hand is known before SQLite opens it.
        copy.execute("PRAGMA journal_mode = DELETE")
        copy.execute(f"PRAGMA application_id = {BACKUP}")
        found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise DamagedError(
            f"{path}: 备份校验未通过 (the copy is damaged, so the store is: `tongban audit verify`)"
        )
