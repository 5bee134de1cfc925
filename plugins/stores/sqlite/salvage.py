"""A new store from what a damaged one still holds: the log first, the tables anew from it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import astuple

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite import lines, records, wal
from tongban.plugins.stores.sqlite.connection import connect
from tongban.plugins.stores.sqlite.errors import DamagedError, NoStoreError, guarded
from tongban.plugins.stores.sqlite.files import kind, wal_file
from tongban.plugins.stores.sqlite.heads import HeadFile
from tongban.plugins.stores.sqlite.opening import open_store

_BOXES = (
    "outbox", "inbox", "personal", "personal_reads", "checkpoints", "witnesses", "commands",
)  # fmt: skip
_DAMAGE = (sqlite3.DatabaseError, UnicodeDecodeError)


def salvage(
    source: Path,
    target: Path,
    *,
    clock: Callable[[], datetime],
    calendars: protocol.Calendars,
) -> tuple[str, ...]:
    """Copies everything that can still be read to a new store.

    What a damaged `-wal` holds behind the damage is read too. The new store has a line of
    its own and is `restored`: others may have heard of more than could be saved.

    Args:
        source: the damaged file; it is only read.
        target: a new file.
        clock: the moment.
        calendars: of each place.

    Returns:
        What could not be saved, a sentence each; nothing where all was.

    Raises:
        StoreError: where `target` is there already, or not even the store's name can be read.
    """
    if target.exists():
        raise contract.StoreError(f"{target}: 文件已存在 (this file is there already)")
    if kind(source) == "missing":
        raise NoStoreError(f"{source}: 没有此数据库 (there is no such file)")
    with _readable(source, target.parent) as old:
        id = _name(old, source)
        store = open_store(
            target, clock=clock, calendars=calendars, entropy=lambda n: bytes.fromhex(id)[:n]
        )
        with store, guarded(target), store.transaction():
            new = store._conn
            missing = [*_events(old, new)]
            for table in _BOXES:
                missing += _rows(old, new, table)
            missing += _key(old, new)
            known = HeadFile(source, 0).read()
            records.give_up(new, clock())
            records.adopt(new, clock())
            lines.put_back(
                new, os.urandom(16).hex(), "salvage", known.head if known else None, clock()
            )
            lines.leave(new, source)
            store.remake()
    return tuple(missing)


@contextmanager
def _readable(source: Path, folder: Path) -> Iterator[sqlite3.Connection]:
    """The damaged file as it is, or with its `-wal` mended where more of the log is there then."""
    beside = wal_file(source)
    content = beside.read_bytes() if beside.exists() else b""
    backup = kind(source) == "backup"
    with closing(
        connect(source, timeout=10, readonly=True, create=False, alone=backup)
    ) as as_it_is:
        if backup or wal.examine(content).state != "damaged":
            yield as_it_is
            return
        # Beside the new store, where there is room for it, and for its owner only.
        with TemporaryDirectory(dir=folder, prefix=".salvage-") as place:
            copy = Path(place) / "copy.db"
            shutil.copyfile(source, copy)
            wal_file(copy).write_bytes(wal.mended(content))
            with closing(connect(copy, timeout=10, readonly=True, create=False)) as mended:
                yield max(as_it_is, mended, key=_reach)


def _reach(conn: sqlite3.Connection) -> int:
    """How far a log goes before its first damage."""
    return sum(1 for _ in _sound(conn))


def _name(old: sqlite3.Connection, source: Path) -> str:
    try:
        return lines.about(old, "store")
    except (*_DAMAGE, contract.StoreError):
        pass
    raise DamagedError(
        f"{source}: 损坏过重,无法挽救 (damaged too much to be salvaged: restore a backup)"
    )


def _sound(old: sqlite3.Connection) -> Iterator[hash_chain.Entry]:
    """The log up to the first entry that is damaged: what comes after would not verify."""
    last = 0
    for row in _read(old, "SELECT * FROM events NOT INDEXED ORDER BY position"):
        if row is None or row[0] != last + 1 or hash_chain.own_fault(hash_chain.Entry(*row)):
            return
        yield hash_chain.Entry(*row)
        last = row[0]


def _events(old: sqlite3.Connection, new: sqlite3.Connection) -> Iterator[str]:
    last = hash_chain.Head(0, "")
    for entry in _sound(old):
        row = astuple(entry)
        new.execute(f"INSERT INTO events VALUES ({', '.join('?' * len(row))})", row)
        last = hash_chain.Head(entry.position, entry.log_hash)
    if last.position:
        new.execute("UPDATE head SET position = ?, hash = ?", (last.position, last.hash))
    try:
        (noted,) = old.execute("SELECT position FROM head").fetchone()
    except (*_DAMAGE, TypeError):
        yield f"日志末位记录无法读取 (the note of the log's end; {last.position} events were saved)"
        return
    if noted != last.position:
        yield (
            f"日志第 {last.position + 1} 至 {noted} 位事件未能挽救"
            f" (events {last.position + 1} to {noted} of the log)"
        )


def _rows(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> Iterator[str]:
    names = _columns(old, table)
    if not names:
        return  # of a version that had no such table
    query = f"SELECT {', '.join(names)} FROM {table} NOT INDEXED"
    put = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    for saved, row in enumerate(_read(old, query)):
        if row is None:
            yield f"{table}: 第 {saved} 行之后无法读取 (rows after {saved} of {table})"
            return
        new.execute(put, row)


def _columns(old: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in _read(old, f"PRAGMA table_info({table})") if row]


def _key(old: sqlite3.Connection, new: sqlite3.Connection) -> Iterator[str]:
    for row in _read(old, "SELECT name, value FROM meta WHERE name = 'key'"):
        if row is None:
            yield "密钥标识无法读取 (the mark of the key that seals personal data)"
            return
        new.execute("INSERT INTO meta (name, value) VALUES (?, ?)", row)


def _read(old: sqlite3.Connection, query: str) -> Iterator[tuple[Any, ...] | None]:
    """Rows as long as they can be read; then None."""
    try:
        yield from old.execute(query)
    except _DAMAGE:
        yield None
