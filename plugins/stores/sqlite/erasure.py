"""Personal data whose time is up: which it is, that it is erased, and where it may be left."""

from __future__ import annotations

import glob
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import TypeAlias

from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import custody
from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite import lines
from tongban.plugins.stores.sqlite.connection import connect
from tongban.plugins.stores.sqlite.errors import guarded

_WAITING = "erasing"
"""The note of the cases whose data is erased, and not yet from every page of the files."""


IsOurs: TypeAlias = Callable[[str, str], bool]
"""Whether data was given to the store for a case, by the case's id and the reference."""


def due(
    conn: sqlite3.Connection, ended_before: date, is_ours: IsOurs
) -> dict[str, tuple[str, ...]]:
    """`custody.due` of what the store keeps; `is_ours` as `custody.is_ours`."""
    kept = conn.execute("SELECT ref, kept_at FROM personal WHERE payload IS NOT NULL").fetchall()
    return custody.due(dict(kept), (*_of_cases(conn, is_ours), *_of_requests(conn)), ended_before)


_SENT = """
WITH sent AS MATERIALIZED (
    SELECT position, case_id, kind, received_at, handled_at, seal <> :unsealed AS brought,
        coalesce(json_extract(body, '$.body.case.personal'),
                 json_extract(body, '$.body.personal'), '') AS ref
    FROM inbox WHERE kind IN ('forward', 'request', 'chase', 'cancellation')
)
"""
"""Letters about cases; the data that one names it brought, or only named."""


def _of_cases(conn: sqlite3.Connection, is_ours: IsOurs) -> Iterator[tuple[str, custody.Use]]:
    """The cases here. One that names data that was not given here for it needs none."""
    # Of most cases the first event, or a letter, tells at once.
    rows = conn.execute(
        _SENT + "SELECT c.personal, c.id, iif(c.over, c.ended_at, NULL),"
        " json_extract(c.snapshot, '$.validity.until'),"
        " (SELECT kind FROM events WHERE case_id = c.id ORDER BY seq LIMIT 1) <> 'taken_over'"
        " OR EXISTS (SELECT 1 FROM sent WHERE case_id = c.id AND brought AND ref = c.personal)"
        " FROM cases AS c WHERE c.personal <> ''",
        {"unsealed": contract.UNSEALED},
    ).fetchall()
    for ref, case, ended_at, valid_until, sure in rows:
        if sure or is_ours(case, ref):
            yield ref, custody.Use.of(case, ended_at, valid_until)


def _of_requests(conn: sqlite3.Connection) -> Iterator[tuple[str, custody.Use]]:
    """What was brought with requests to confirm, of cases that other stores have."""
    rows = conn.execute(
        _SENT + "SELECT case_id, kind, iif(brought, ref, ''), received_at, handled_at FROM sent"
        " WHERE case_id NOT IN (SELECT id FROM cases) ORDER BY position",
        {"unsealed": contract.UNSEALED},
    )
    return custody.requested(custody.Letter(*row) for row in rows)


def erase(conn: sqlite3.Connection, refs: dict[str, tuple[str, ...]], now: datetime) -> None:
    """Erases data with its salt, in the transaction that is open, with `secure_delete`.

    Args:
        refs: `due`.
        now: the moment, to be noted.
    """
    for ref in refs:
        conn.execute(
            "UPDATE personal SET payload = NULL, erased_at = ? WHERE ref = ?",
            (now.isoformat(), ref),
        )
    if refs:
        cases = {case for some in refs.values() for case in some}
        _wait(conn, sorted({*waiting(conn), *cases}))


def waiting(conn: sqlite3.Connection) -> tuple[str, ...]:
    """Cases whose data is erased, and whose old pages may still be in the write-ahead log."""
    row = conn.execute("SELECT value FROM meta WHERE name = ?", (_WAITING,)).fetchone()
    return tuple(json.loads(row[0])) if row else ()


def _wait(conn: sqlite3.Connection, cases: list[str]) -> None:
    conn.execute(
        "INSERT INTO meta (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (_WAITING, hash_chain.canonical(cases)),
    )


def settle(conn: sqlite3.Connection) -> None:
    """Notes that no page holds any of it any more, in the transaction that is open."""
    conn.execute("DELETE FROM meta WHERE name = ?", (_WAITING,))


def is_erased(conn: sqlite3.Connection, case: str) -> bool:
    """Whether personal data of a case was here and is erased."""
    row = conn.execute(
        "SELECT count(*), count(payload) FROM personal WHERE ref IN (SELECT personal FROM cases"
        " WHERE id = ? UNION SELECT json_extract(body, '$.body.personal') FROM inbox"
        " WHERE case_id = ?)",
        (case, case),
    ).fetchone()
    return bool(row[0] and not row[1])


def beside(conn: sqlite3.Connection, path: Path) -> Iterator[str]:
    """Files that a restore or a salvage left, and that may hold what is erased here.

    Args:
        conn: of the store.
        path: of the store.
    """
    erased = {row[0] for row in conn.execute("SELECT ref FROM personal WHERE payload IS NULL")}
    if not erased:
        return
    for one in copies(conn, path):
        if not _is_clean(one, erased):
            yield (
                f"{one}: 可能仍含已清除的个人信息,不再需要时请删除 (may still hold personal data"
                " that was erased: delete it when it is no longer needed)"
            )


def copies(conn: sqlite3.Connection, path: Path) -> list[Path]:
    """Files that a restore or a salvage of a store left."""
    name = glob.escape(path.name)
    patterns = (f"{name}*.before-*", f"{name}*.aside-*", f"{name}.restoring", ".salvage-*/*")
    names = (one for pattern in patterns for one in path.parent.glob(pattern))
    return sorted({*names, *lines.leftovers(conn)})


def _is_clean(path: Path, erased: set[str]) -> bool:
    """Whether a file is a store that holds none of it. What cannot be read may hold it."""
    if not path.stat().st_size:
        return True
    try:
        with (
            guarded(path),
            closing(connect(path, timeout=1, readonly=True, create=False, alone=True)) as conn,
        ):
            kept = conn.execute("SELECT ref FROM personal WHERE payload IS NOT NULL")
            return erased.isdisjoint(row[0] for row in kept)
    except contract.StoreError:
        return False
