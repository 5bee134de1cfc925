"""Whether a file is the store that its head file speaks of, before anything is written to it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Literal, TypeAlias

from tongban.kernel.audit import hash_chain
from tongban.plugins.stores.sqlite import audit, lines, log, schema, wal
from tongban.plugins.stores.sqlite.connection import connect
from tongban.plugins.stores.sqlite.errors import DamagedError, guarded
from tongban.plugins.stores.sqlite.files import wal_file
from tongban.plugins.stores.sqlite.heads import HeadFile, Mark, head_file

Standing: TypeAlias = Literal["live", "old", "copied"]
"""`live`: it goes on where it stopped; `old`: of a version without a line, to be brought up to
date; `copied`: by hand, so that what came after it may be lost."""

_LINES = 5
"""Since which version a store has a line."""

_MENDED = (3, 51, 3)
"""The version of SQLite that has no WAL-reset bug any more."""


def mark_of(conn: sqlite3.Connection, file: tuple[int, int]) -> Mark:
    """What the head file has to say of a store as it stands.

    Args:
        conn: of the store.
        file: size and time of the last change of the database file.
    """
    end = log.head(conn)
    (writes,) = conn.execute("SELECT writes FROM head").fetchone()
    store, line = lines.about(conn, "store"), lines.history(conn)
    return Mark(store, line, end.position, end.hash, writes if isinstance(writes, int) else 0, file)


def lost(conn: sqlite3.Connection, mark: Mark | None) -> hash_chain.Head | None:
    """The last head that is known of the line of a file that was put back; None where none is."""
    if mark is None or mark.history != lines.history(conn):
        return None
    return mark.head if mark.position > log.head(conn).position else None


def cautions(heads: HeadFile, head: hash_chain.Head) -> tuple[str, ...]:
    """What the keeper of a store should know of it: a sentence each.

    Args:
        heads: its head file.
        head: the last entry of its log.
    """
    found = []
    if sqlite3.sqlite_version_info < _MENDED:
        found.append(
            f"SQLite {sqlite3.sqlite_version}: 3.51.3 以前的版本有 WAL 重置缺陷,本程序各进程"
            "轮流写入以避开 (versions before 3.51.3 can lose pages where two programs write and"
            " checkpoint at once, the WAL-reset bug; Tongban takes turns by a lock: let no"
            " other program write to this file)"
        )
    mark = heads.read()
    if mark is None or mark.head != head:
        found.append(
            f"{heads.path.name} 落后于日志 (the head file is behind the log: a program"
            " died after its commit; the next command brings it up to date)"
        )
    return tuple(found)


def standing(path: Path, mark: Mark | None, timeout: float) -> Standing:
    """What a file is beside its head file.

    Args:
        path: of the database, which is not a backup; it is only read.
        mark: what the head file says; read before.
        timeout: how many seconds to wait for another program.

    Raises:
        DamagedError: where commands are missing that were acknowledged, or the file is another one.
        NoStoreError: where it is not a store, or a newer one.
    """
    with closing(connect(path, timeout=timeout, readonly=True, create=False)) as conn:
        version = schema.check(conn, path)
        with guarded(path):
            conn.execute("BEGIN")
            if version < _LINES:
                return "copied" if mark and mark.history else "old"
            return _compared(conn, path, mark)


def _compared(conn: sqlite3.Connection, path: Path, mark: Mark | None) -> Standing:
    here = mark_of(conn, _file(path))
    if mark is None:
        if not here.writes:
            return "live"  # made just now, by a program that died right after
        _no_frames_lost(path)
        return "copied"
    if not mark.history:
        return "live"
    if (mark.store, mark.history) != (here.store, here.history):
        if mark.store == here.store and lines.restored(conn):
            return "live"  # put back by a program that died before it said so in the head file
        raise _another(path, mark, here)
    if here.position < mark.position or here.writes < mark.writes:
        raise _behind(path, mark, here)
    if audit.hash_at(conn, mark.position, here.store) != mark.hash:
        raise _another(path, mark, here)
    if here.file != mark.file and _size(wal_file(path)):
        _belongs_together(conn, path, here)
    return "live"


def _file(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _no_frames_lost(path: Path) -> None:
    """Refuses where SQLite would forget commits that are in the `-wal`."""
    beside = wal_file(path)
    found = wal.examine(beside.read_bytes() if beside.exists() else b"")
    if found.state == "damaged":
        raise DamagedError(
            f"{path}: {beside.name} 已损坏,其中的办理将丢失 ({beside.name} is damaged after"
            f" {found.frames} frames, and commands stand behind them: {_ADVICE})",
            hash_chain.Finding(
                "missing", 0, "", 0, "", f"{found.lost} damaged frames of {beside.name}"
            ),
        )


_ADVICE = (
    "nothing was written. Keep these files as they are; `tongban case salvage NEW` saves what can"
    " be read, `tongban case restore FILE` puts a backup in place: docs/store.md"
)


def _behind(path: Path, mark: Mark, here: Mark) -> DamagedError:
    names = f"{path.name}、{path.name}-wal、{head_file(path).name}"
    return DamagedError(
        f"{path}: 日志止于第 {here.position} 位,此前已到第 {mark.position} 位:已确认的办理丢失,"
        f"请保留 {names} (the log ends at {here.position} after {here.writes} commands, and went to"
        f" {mark.position} after {mark.writes}: what was acknowledged is missing, since the -wal is"
        f" damaged or gone, or an older file was put here; {_ADVICE})",
        hash_chain.Finding("missing", mark.position, "", 0, "", f"{head_file(path).name} knows it"),
    )


def _another(path: Path, mark: Mark, here: Mark) -> DamagedError:
    return DamagedError(
        f"{path}: 与 {head_file(path).name} 不是同一日志 (the log is another one than"
        f" {head_file(path).name} knows, which went to {mark.position} with the hash"
        f" {mark.hash[:12]}…; this one is at {here.position}: another file was put here or events"
        f" were rewritten; {_ADVICE})",
        hash_chain.Finding(
            "changed", mark.position, "", 0, "", f"{head_file(path).name} knows another hash"
        ),
    )


def _belongs_together(conn: sqlite3.Connection, path: Path, here: Mark) -> None:
    """Looks through a file that another program wrote to since the head was noted.

    A checkpoint that was cut off does that, and so does somebody who puts an older file
    beside the `-wal` of a newer one.
    """
    sound = conn.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok"
    if not sound or audit.verify_log(conn, here.store):
        raise DamagedError(
            f"{path}: 数据库与 {path.name}-wal 不相符 (the database is not the one that"
            f" {path.name}-wal belongs to: another file was put here; {_ADVICE})",
            hash_chain.Finding("changed", 0, "", 0, "", f"{path.name}-wal is of another file"),
        )
