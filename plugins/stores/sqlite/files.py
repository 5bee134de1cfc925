"""The files of a store by their names and first bytes, before SQLite touches any of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, TypeAlias

from tongban.plugins.stores.sqlite.errors import DamagedError, ReadOnlyError
from tongban.plugins.stores.sqlite.heads import head_file

APPLICATION = 0x544F4E47
"""Marks our files (`PRAGMA application_id`): TONG."""

BACKUP = 0x544F4E42
"""Marks a backup: TONB. Logs of SQLite that lie beside it are of another file."""

Kind: TypeAlias = Literal["missing", "empty", "backup", "live"]
_LOGS = ("-wal", "-journal", "-shm")


def wal_file(path: Path) -> Path:
    """The write-ahead log of a database."""
    return path.with_name(path.name + "-wal")


def kind(path: Path) -> Kind:
    """What a file is, by its first bytes.

    A live store is in WAL mode, and a backup never is. One of a version before backups were
    marked is known by that alone.

    Args:
        path: of the database.

    Raises:
        ReadOnlyError: where it may not be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    except IsADirectoryError:
        return "live"  # the connection says what is wrong
    except OSError as error:
        raise ReadOnlyError(f"{path}: 无法读取 (cannot be read: {error.strerror})") from None
    if not head:
        return "empty"
    application = int.from_bytes(head[68:72], "big")
    rolls_back = head[18:20] == b"\1\1"
    ours = head.startswith(b"SQLite format 3\0") and application in (APPLICATION, BACKUP)
    return "backup" if ours and (application == BACKUP or rolls_back) else "live"


def no_remains(path: Path, *, head: bool = True) -> None:
    """Refuses where parts of a store are left and its database is not.

    Args:
        path: where a new store would be made.
        head: whether a head file that is there is one of them.

    Raises:
        DamagedError: where anything of an earlier one lies there.
    """
    found = [one for one in _logs(path) if one.stat().st_size]
    found += [head_file(path)] if head and head_file(path).exists() else []
    if found:
        names = "、".join(one.name for one in found)
        raise DamagedError(
            f"{path}: 数据库不在,而 {names} 仍在,不予新建 (the database is gone and {names} lies"
            " there: nothing was written. Keep it; bring the database back, or put a backup in"
            " place with `tongban case restore FILE`. For a new store name another file)"
        )


def _logs(path: Path) -> list[Path]:
    names = (path.with_name(path.name + end) for end in _LOGS)
    return [one for one in names if one.exists()]


def set_aside(some: Iterable[Path], ending: str) -> tuple[Path, ...]:
    """Gives files another name, under which no program takes them for its own.

    Args:
        some: those that are there are renamed.
        ending: of the new names; a number is added where one is taken.

    Raises:
        ReadOnlyError: where a file cannot be renamed.
    """
    renamed = []
    for one in some:
        if not one.exists():
            continue
        target, number = one.with_name(f"{one.name}.{ending}"), 1
        while target.exists():
            number += 1
            target = one.with_name(f"{one.name}.{ending}-{number}")
        try:
            one.rename(target)
        except OSError as error:
            raise ReadOnlyError(f"{one}: 无法改名 (cannot be renamed: {error.strerror})") from None
        renamed.append(target)
    return tuple(renamed)


def logs_aside(path: Path, ending: str) -> tuple[Path, ...]:
    """Sets aside SQLite's logs beside a file that they do not belong to."""
    return set_aside((one for one in _logs(path)), ending)


def sync(*some: Path) -> None:
    """Brings files and folders to the disk.

    Raises:
        OSError: where that fails.
    """
    for one in some:
        handle = os.open(one, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
