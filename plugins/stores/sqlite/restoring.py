"""A backup put in the place of a store: looked through first, and nothing thrown away."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from attrs import evolve

from tongban.kernel import protocol
from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite import audit, lines, schema
from tongban.plugins.stores.sqlite.connection import connect, make_folder
from tongban.plugins.stores.sqlite.errors import DamagedError, NoSpaceError, NoStoreError, guarded
from tongban.plugins.stores.sqlite.files import kind, logs_aside, set_aside, sync
from tongban.plugins.stores.sqlite.heads import HeadFile, Mark
from tongban.plugins.stores.sqlite.opening import open_store, settled
from tongban.plugins.stores.sqlite.standing import mark_of

_TIMEOUT = 10.0


def restore(
    source: Path,
    target: Path,
    *,
    clock: Callable[[], datetime],
    calendars: protocol.Calendars,
    entropy: Callable[[int], bytes] = os.urandom,
) -> tuple[contract.Restored, tuple[Path, ...]]:
    """Puts a backup in the place of a store, damaged or not, or where none is.

    The store has a line of its own from then on and is `restored`, until it was compared
    with what others have.

    Args:
        source: of the backup; it is only read.
        target: of the store.
        clock: the moment.
        calendars: of each place.
        entropy: gives random bytes.

    Returns:
        What was put in place; and what lay there before, under other names.

    Raises:
        StoreError: where `source` is not a whole backup or of another store than the one that lies
            there, another program writes to the store, or the disk is full; then everything
            is as it was.
    """
    if target.exists() and source.exists() and source.samefile(target):
        with open_store(target, clock=clock, calendars=calendars, entropy=entropy) as store:
            return _restored(store.restored, source), ()
    _is_whole(source)
    make_folder(target)
    part = target.with_name(f"{target.name}.restoring")
    heads = HeadFile(target, _TIMEOUT)
    with heads.held() as held:
        _is_ours(source, held.read())
        try:
            _copied(source, part)
            copy = connect(part, timeout=_TIMEOUT, readonly=False, create=False)
            with closing(copy) as conn, guarded(part):
                settled(conn, part, "backup", held.read(), clock, calendars, entropy)
                made = mark_of(conn, (0, 0))
                found = _restored(lines.restored(conn), source)
            sync(part)
            stamp = f"before-{clock():%Y%m%dT%H%M%S}"
            aside = (*set_aside((target,), stamp), *logs_aside(target, stamp))
            part.rename(target)
            sync(target.parent)
        except OSError as error:
            raise NoSpaceError(
                f"{target}: 未能恢复,原文件未动或已改名保留 (the backup could not be put in place:"
                f" {error.strerror}; what was there is kept)"
            ) from None
        finally:
            part.unlink(missing_ok=True)
        held.write(evolve(made, file=held.file()))
    return found, aside


def _restored(found: contract.Restored | None, source: Path) -> contract.Restored:
    if found is None:
        raise contract.StoreError(
            f"{source}: 是正在使用的数据库,不是备份 (this is the store in use and no backup)"
        )
    return found


def _is_whole(source: Path) -> None:
    """Refuses what is not a backup, or a damaged one."""
    what = kind(source)
    if what == "missing":
        raise NoStoreError(f"{source}: 没有此备份文件 (there is no such backup)")
    if what != "backup":
        raise NoStoreError(
            f"{source}: 不是备份文件 (this is not a backup: `tongban case backup FILE` makes one,"
            " of a copy of the live files as well; nothing was changed)"
        )
    with closing(connect(source, timeout=_TIMEOUT, readonly=True, create=False, alone=True)) as old:
        version = schema.check(old, source)
        with guarded(source):
            if _broken(old, version):
                raise DamagedError(
                    f"{source}: 备份已损坏,未予恢复 (the backup is damaged: take an older one;"
                    " nothing was changed)"
                )


def _is_ours(source: Path, there: Mark | None) -> None:
    """Refuses the backup of another store: its cases would go on under a name that is not theirs.

    Args:
        source: of the backup, looked through.
        there: what the head file of the store says that is to be replaced.
    """
    if there is None:
        return
    with closing(connect(source, timeout=_TIMEOUT, readonly=True, create=False, alone=True)) as old:
        store = lines.about(old, "store")
    if store != there.store:
        raise NoStoreError(
            f"{source}: 是另一办件库 {store[:8]}… 的备份,此处为 {there.store[:8]}…,未予恢复"
            " (this is the backup of another store; nothing was changed. Name another place with"
            " --db, or move the files away that lie here, the head file included)"
        )


def _broken(old: sqlite3.Connection, version: int) -> bool:
    if not version or old.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
        return True
    store = lines.about(old, "store")
    return bool(audit.verify_log(old, store, tables=version > 1))


def _copied(source: Path, part: Path) -> None:
    part.unlink(missing_ok=True)
    with (
        source.open("rb") as read,
        os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as written,
    ):
        shutil.copyfileobj(read, written, 1024 * 1024)
