"""SQLite's errors, said so that the keeper of the file can mend it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import store as contract


class BusyError(contract.StoreError):
    """Another program holds the file."""


class NoSpaceError(contract.StoreError):
    """The disk is full."""


class ReadOnlyError(contract.StoreError):
    """The file or its folder cannot be written."""


class DamagedError(contract.StoreError):
    """The file is not what was written to it.

    Attributes:
        found: what is missing or another, for an audit; None where SQLite cannot even read.
    """

    def __init__(self, says: str, found: hash_chain.Finding | None = None) -> None:
        self.found = found
        super().__init__(says)


class NoStoreError(contract.StoreError):
    """The file is something else, or was made by a newer Tongban."""


_CODES: Mapping[int, tuple[type[contract.StoreError], str]] = {
    sqlite3.SQLITE_BUSY: (
        BusyError,
        "数据库正被其他程序占用,请稍后重试"
        " (another program holds the store; nothing was written: try again)",
    ),
    sqlite3.SQLITE_LOCKED: (
        BusyError,
        "数据库正被占用,请稍后重试 (the store is in use; nothing was written: try again)",
    ),
    sqlite3.SQLITE_FULL: (
        NoSpaceError,
        "磁盘已满,本次操作未写入 (the disk is full; nothing was written, the log is intact:"
        " make room and try again)",
    ),
    sqlite3.SQLITE_READONLY: (
        ReadOnlyError,
        "数据库只读,未写入 (the file or its folder is read-only; nothing was written:"
        " check its owner and permissions)",
    ),
    sqlite3.SQLITE_PERM: (ReadOnlyError, "没有访问权限 (no permission to use the file)"),
    sqlite3.SQLITE_CANTOPEN: (
        ReadOnlyError,
        "无法打开数据库 (the file cannot be opened: check that its folder is there and may be"
        " written)",
    ),
    sqlite3.SQLITE_IOERR: (
        NoSpaceError,
        "读写磁盘出错,本次操作未写入 (the disk failed or is full; nothing was written:"
        " check the disk, then `tongban audit verify`)",
    ),
    sqlite3.SQLITE_CORRUPT: (
        DamagedError,
        "数据库已损坏 (the file is damaged: keep it as it is and restore the last backup, or save"
        " what can still be read with `salvage`: docs/store.md)",
    ),
    sqlite3.SQLITE_NOTADB: (
        NoStoreError,
        "不是办件数据库 (the file is not a database, or is damaged from its first page on:"
        " name another with --db, or restore a backup)",
    ),
}


@contextmanager
def guarded(path: Path, *, texts: bool = True, values: bool = False) -> Iterator[None]:
    """Turns SQLite's errors into ours.

    Args:
        path: of the file, for the message.
        texts: whether a text that is not UTF-8 can only come from the file.
        values: whether a value of a wrong form can only come from the file: rows are read.

    Raises:
        StoreError: for every error of SQLite. It names the file, never a value.
    """
    try:
        yield
    except sqlite3.Error as error:
        wrong = _translated(path, error)
    except UnicodeDecodeError:
        if not texts:
            raise
        wrong = _damaged(path)
    except (ValueError, TypeError, KeyError):
        if not values:
            raise
        wrong = _damaged(path)
    else:
        return
    # Outside of the handler, so that nothing of the statement hangs on to it.
    raise wrong


def _translated(path: Path, error: sqlite3.Error) -> contract.StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if str(error).startswith("Could not decode"):  # it would go on with the text itself
        return _damaged(path)
    if code in _CODES:
        kind, says = _CODES[code]
        return kind(f"{path}: {says}")
    if code == sqlite3.SQLITE_CONSTRAINT:
        return contract.StoreError(f"{path}: 数据约束不符 (refused by the store: {error})")
    return contract.StoreError(f"{path}: 数据库错误 (SQLite: {error})")


def _damaged(path: Path) -> DamagedError:
    return DamagedError(f"{path}: {_CODES[sqlite3.SQLITE_CORRUPT][1]}")
