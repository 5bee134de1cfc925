"""A new store from what a damaged one still holds: the log first, the tables anew from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from tongban.kernel import chain, protocol
from tongban.kernel import store as contract
from tongban.plugins.stores.sqlite.connection import connect
from tongban.plugins.stores.sqlite.errors import Damaged, guarded
from tongban.plugins.stores.sqlite.opening import open_store

__all__ = ["salvage"]

_BOXES = ("outbox", "inbox", "personal", "personal_reads", "checkpoints")
_DAMAGE = (sqlite3.DatabaseError, UnicodeDecodeError)


def salvage(
    source: Path,
    target: Path,
    *,
    clock: Callable[[], datetime],
    calendars: protocol.Calendars,
) -> tuple[str, ...]:
    """Copies everything that can still be read to a new store.

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
    with closing(connect(source, timeout=10, readonly=True, create=False)) as old:
        id = _name(old, source)
        store = open_store(
            target, clock=clock, calendars=calendars, entropy=lambda n: bytes.fromhex(id)[:n]
        )
        with store, guarded(target), store.transaction():
            lost = [*_events(old, store._conn)]
            for table in _BOXES:
                lost += _rows(old, store._conn, table)
            lost += _key(old, store._conn)
            store.remake()
    return tuple(lost)


def _name(old: sqlite3.Connection, source: Path) -> str:
    try:
        return str(old.execute("SELECT value FROM meta WHERE name = 'store'").fetchone()[0])
    except (*_DAMAGE, TypeError):
        pass
    raise Damaged(
        f"{source}: 损坏过重,无法挽救 (damaged too much to be salvaged: restore a backup)"
    )


def _events(old: sqlite3.Connection, new: sqlite3.Connection) -> Iterator[str]:
    """The log up to the first event that is damaged: what comes after would not verify."""
    last = chain.Head(0, "")
    found = _read(old, "SELECT * FROM events NOT INDEXED ORDER BY position")
    for row in found:
        if row is None or row[0] != last.position + 1 or chain.own_fault(chain.Entry(*row)):
            break
        new.execute(f"INSERT INTO events VALUES ({', '.join('?' * len(row))})", row)
        last = chain.Head(row[0], row[-1])
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
    for saved, row in enumerate(_read(old, f"SELECT * FROM {table} NOT INDEXED")):
        if row is None:
            yield f"{table}: 第 {saved} 行之后无法读取 (rows after {saved} of {table})"
            return
        new.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


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
