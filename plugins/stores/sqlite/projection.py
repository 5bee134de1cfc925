"""The state of the cases beside the log: written with each command, made anew from the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby

from tongban.kernel import chain, protocol
from tongban.plugins.stores.sqlite import log, queries
from tongban.plugins.stores.sqlite.rows import Row, Rows, rows_of
from tongban.plugins.stores.sqlite.schema import TABLES

__all__ = [
    "contradictions",
    "differences",
    "follow_calendar",
    "follows",
    "rebuild",
    "write",
]

_PARTS = ("offices", "tasks", "deadlines")


def write(
    conn: sqlite3.Connection,
    case: protocol.Case,
    updated_at: datetime,
    calendars: protocol.Calendars,
    new: bool,
) -> None:
    """Brings the rows of a case up to date, in the transaction that is open.

    Args:
        conn: in that transaction.
        case: after its last event.
        updated_at: the moment of that event.
        calendars: of each place.
        new: whether there were no rows of it.
    """
    rows = rows_of(case, updated_at, calendars)
    if new:
        _insert(conn, rows)
        return
    names = ", ".join(f"{name} = :{name}" for name in rows.case)
    conn.execute(f"UPDATE cases SET {names} WHERE id = :id", rows.case)
    # The offices of a case never change.
    for name, wanted in (("tasks", rows.tasks), ("deadlines", rows.deadlines)):
        if _stored(conn, name, case.id) != wanted:
            conn.execute(f"DELETE FROM {name} WHERE case_id = ?", (case.id,))
            _put(conn, name, wanted)


def _insert(conn: sqlite3.Connection, rows: Rows) -> None:
    _put(conn, "cases", (rows.case,))
    for name, some in zip(_PARTS, (rows.offices, rows.tasks, rows.deadlines), strict=True):
        _put(conn, name, some)


def _put(conn: sqlite3.Connection, table: str, rows: tuple[Row, ...]) -> None:
    # By hand: sqlite-utils asks for the schema at each row, a third of a command's time.
    if rows:
        names = ", ".join(rows[0])
        marks = ", ".join(f":{name}" for name in rows[0])
        conn.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


def _stored(conn: sqlite3.Connection, table: str, case: str) -> tuple[Row, ...]:
    rows = conn.execute(f"SELECT * FROM {table} WHERE case_id = ? ORDER BY rowid", (case,))
    names = [column[0] for column in rows.description]
    return tuple(dict(zip(names, row, strict=True)) for row in rows)


def _replayed(conn: sqlite3.Connection) -> Iterator[tuple[protocol.Case, datetime]]:
    """Every case as the log says, with the moment of its last event."""
    for _, entries in groupby(log.by_case(conn), key=lambda entry: entry.case):
        events = [log.event_of(entry) for entry in entries]
        case = protocol.replay(events)
        if case is not None:
            yield case, events[-1].at


def rebuild(conn: sqlite3.Connection, calendars: protocol.Calendars) -> int:
    """Makes the tables anew from the log, in the transaction that is open.

    Args:
        conn: in that transaction.
        calendars: of each place; where one was published since, provisional days become firm.

    Returns:
        How many cases there are.
    """
    for table in TABLES:
        conn.execute(f"DELETE FROM {table}")
    count = 0
    for case, updated_at in _replayed(conn):
        _insert(conn, rows_of(case, updated_at, calendars))
        count += 1
    return count


def follows(conn: sqlite3.Connection, calendars: protocol.Calendars) -> bool:
    """Whether the last days in the tables were counted by the calendar as it is published now.

    Args:
        conn: in a transaction that reads.
        calendars: of each place.
    """
    if not conn.execute("SELECT 1 FROM deadlines WHERE provisional = 1 LIMIT 1").fetchone():
        return True
    row = conn.execute("SELECT value FROM meta WHERE name = 'calendar'").fetchone()
    return bool(row) and row[0] == _published(calendars)


def _published(calendars: protocol.Calendars) -> str:
    span = calendars(None).published
    return span[1].isoformat() if span else ""


def follow_calendar(conn: sqlite3.Connection, calendars: protocol.Calendars) -> int:
    """Counts provisional last days again, in the transaction that is open.

    Args:
        conn: in that transaction.
        calendars: of each place; what they say is published is noted.

    Returns:
        How many cases have such days.
    """
    query = "SELECT DISTINCT case_id FROM deadlines WHERE provisional = 1"
    ids = [row[0] for row in conn.execute(query)]
    for case_id in ids:
        case, last = queries.case(conn, case_id), queries.last_moment(conn, case_id)
        if case is not None and last is not None:
            write(conn, case, last, calendars, new=False)
    conn.execute(
        "INSERT INTO meta (name, value) VALUES ('calendar', ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (_published(calendars),),
    )
    return len(ids)


def differences(conn: sqlite3.Connection, calendars: protocol.Calendars) -> Iterator[str]:
    """Ids of cases whose rows are not what the log says, and of cases that it does not know.

    Args:
        conn: in a transaction that reads.
        calendars: of each place.
    """
    return _differing(conn, calendars, without=())


_BY_CALENDAR = ("due", "provisional", "status", "wake")
"""Columns that follow from the calendar as well: where one was published since, they may differ."""


def contradictions(
    conn: sqlite3.Connection, calendars: protocol.Calendars
) -> Iterator[chain.Break]:
    """Cases whose rows contradict the log, whatever the calendar.

    Args:
        conn: in a transaction that reads.
        calendars: of each place.
    """
    for case in _differing(conn, calendars, without=_BY_CALENDAR):
        says = "the tables are not what the log says: `tongban case rebuild`"
        yield chain.Break("changed", 0, case, 0, "cases", says)


def _differing(
    conn: sqlite3.Connection, calendars: protocol.Calendars, without: tuple[str, ...]
) -> Iterator[str]:
    def told(rows: Iterable[Row]) -> list[Row]:
        return [{k: v for k, v in row.items() if k not in without} for row in rows]

    known = 0
    for case, updated_at in _replayed(conn):
        rows = rows_of(case, updated_at, calendars)
        found = conn.execute("SELECT * FROM cases WHERE id = ?", (case.id,))
        names = [column[0] for column in found.description]
        stored = [dict(zip(names, row, strict=True)) for row in found]
        known += len(stored)
        same = told(stored) == told([rows.case]) and all(
            told(_stored(conn, name, case.id)) == told(some)
            for name, some in zip(_PARTS, (rows.offices, rows.tasks, rows.deadlines), strict=True)
        )
        if not same:
            yield case.id
    if known != conn.execute("SELECT count(*) FROM cases").fetchone()[0]:
        logged = "SELECT id FROM cases WHERE id NOT IN (SELECT case_id FROM events) ORDER BY id"
        yield from (row[0] for row in conn.execute(logged))
