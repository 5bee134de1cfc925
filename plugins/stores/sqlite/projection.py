"""The state of the cases beside the log: written with each command, made anew from the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import groupby

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain
from tongban.plugins.stores.sqlite import log, queries
from tongban.plugins.stores.sqlite.rows import Row, Rows, rows_of
from tongban.plugins.stores.sqlite.schema import TABLES

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
        _note(conn, rows, calendars)
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
    for table in (*TABLES, "calendars"):
        conn.execute(f"DELETE FROM {table}")
    count = 0
    for case, updated_at in _replayed(conn):
        rows = rows_of(case, updated_at, calendars)
        _insert(conn, rows)
        _note(conn, rows, calendars)
        count += 1
    return count


def stale(conn: sqlite3.Connection, calendars: protocol.Calendars) -> dict[str, str]:
    """The divisions whose calendar is another than the tables were counted by.

    Args:
        conn: in a transaction that reads.
        calendars: of each place.

    Returns:
        What stands for the calendar as it is published now, by division, "" for none.
    """
    known = conn.execute("SELECT division, mark FROM calendars ORDER BY division").fetchall()
    now = {division: _mark(calendars, division) for division, _ in known}
    return {division: now[division] for division, mark in known if now[division] != mark}


@lru_cache(maxsize=64)
def _marked(calendar: protocol.Calendar) -> str:
    return calendar.mark


def _mark(calendars: protocol.Calendars, division: str) -> str:
    return _marked(calendars(division or None))


def _note(conn: sqlite3.Connection, rows: Rows, calendars: protocol.Calendars) -> None:
    """Notes by which calendars the rows of a new case are counted."""
    for division in {row["division"] or "" for row in rows.offices}:
        known = "SELECT 1 FROM calendars WHERE division = ?"
        if conn.execute(known, (division,)).fetchone() is None:
            values = (division, _mark(calendars, division))
            conn.execute("INSERT INTO calendars (division, mark) VALUES (?, ?)", values)


def counted_by(conn: sqlite3.Connection, division: str) -> list[str]:
    """Ids of the cases whose days follow from the calendar of a division and may still matter."""
    rows = conn.execute(
        "SELECT DISTINCT c.id FROM cases AS c JOIN offices AS o ON o.case_id = c.id"
        " WHERE o.division IS ? AND (c.over = 0 OR c.wake IS NOT NULL OR EXISTS (SELECT 1 FROM"
        " deadlines AS d WHERE d.case_id = c.id AND d.provisional = 1)) ORDER BY c.id",
        (division or None,),
    )
    return [row[0] for row in rows]


def count_again(
    conn: sqlite3.Connection, cases: Iterable[str], calendars: protocol.Calendars
) -> None:
    """Counts the days of cases by the calendars as they are now, in an open transaction."""
    for one in cases:
        case, last = queries.case(conn, one), queries.last_moment(conn, one)
        if case is not None and last is not None:
            write(conn, case, last, calendars, new=False)


def followed(conn: sqlite3.Connection, marks: Mapping[str, str]) -> None:
    """Notes that the tables follow calendars, in the transaction that is open."""
    rows = [(mark, division) for division, mark in marks.items()]
    conn.executemany("UPDATE calendars SET mark = ? WHERE division = ?", rows)


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
) -> Iterator[hash_chain.Finding]:
    """Cases whose rows contradict the log, whatever the calendar.

    Args:
        conn: in a transaction that reads.
        calendars: of each place.
    """
    for case in _differing(conn, calendars, without=_BY_CALENDAR):
        says = "the tables are not what the log says: `tongban case rebuild`"
        yield hash_chain.Finding("changed", 0, case, 0, "cases", says)


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
    for name in _PARTS:
        strange = f"SELECT DISTINCT case_id FROM {name} WHERE case_id NOT IN (SELECT id FROM cases)"
        yield from (row[0] for row in conn.execute(strange).fetchall())
