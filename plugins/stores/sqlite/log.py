"""The log of events: added to at its end, read, never changed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain, records
from tongban.kernel.ports import rows
from tongban.kernel.ports import store as contract

_COLUMNS = "position, case_id, seq, at, kind, body, case_before, case_hash, log_before, log_hash"
_INSERT = f"INSERT INTO events ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def head(conn: sqlite3.Connection) -> hash_chain.Head:
    """The last event of the log, as the store noted it down."""
    row = conn.execute("SELECT position, hash FROM head").fetchone()
    if row is None or [type(one) for one in row] != [int, str]:
        raise contract.StoreError(
            "日志末位记录缺失或损坏 (the note of the log's last event is gone or damaged:"
            " `tongban audit verify`)"
        )
    return hash_chain.Head(*row)


def last(conn: sqlite3.Connection, case: str) -> tuple[int, str]:
    """Number and hash of the last event of a case; 0 and its start where there is none."""
    row = conn.execute(
        "SELECT seq, case_hash FROM events WHERE case_id = ? ORDER BY seq DESC LIMIT 1", (case,)
    ).fetchone()
    return (row[0], row[1]) if row else (0, hash_chain.case_start(case))


def append(conn: sqlite3.Connection, case_before: str, events: Sequence[protocol.Event]) -> None:
    """Adds the next events of a case, in the transaction that is open.

    Args:
        case_before: hash of the last event of the case.
        events: in order; that they follow on each other was checked.

    Raises:
        StoreError: where one contains a resident ID number.
    """
    _add(
        conn,
        case_before,
        [
            (event.case, event.seq, event.at.isoformat(), event.kind, rows.event_text(event))
            for event in events
        ],
    )


def _add(
    conn: sqlite3.Connection, case_before: str, new: Sequence[tuple[str, int, str, str, str]]
) -> None:
    """Links the next entries of a case into the log: case, number, moment, kind, text of each."""
    end = head(conn)
    position, log_before = end.position, end.hash
    for case, seq, at, kind, body in new:
        position += 1
        case_hash = hash_chain.link_hash(case_before, body)
        log_hash = hash_chain.entry_hash(log_before, position, case_hash)
        hashes = (case_before, case_hash, log_before, log_hash)
        conn.execute(_INSERT, (position, case, seq, at, kind, body, *hashes))
        case_before, log_before = case_hash, log_hash
    conn.execute("UPDATE head SET position = ?, hash = ?", (position, log_before))


def record(conn: sqlite3.Connection, at: datetime, data: Mapping[str, object]) -> None:
    """Adds a record of the store itself, in the transaction that is open.

    Args:
        at: the moment.
        data: plain JSON, without personal data.
    """
    seq, before = last(conn, "")
    body = records.record(seq + 1, at, data)
    _add(conn, before, [("", seq + 1, at.isoformat(), records.RECORD, body)])


def entries(conn: sqlite3.Connection, case: str | None = None) -> Iterator[hash_chain.Entry]:
    """The log as it stands, of a case or of all, in order."""
    if case is None:
        return read(conn, f"SELECT {_COLUMNS} FROM events ORDER BY position")
    return read(conn, f"SELECT {_COLUMNS} FROM events WHERE case_id = ? ORDER BY seq", case)


def by_case(conn: sqlite3.Connection) -> Iterator[hash_chain.Entry]:
    """The whole log, case by case, each in order."""
    return read(conn, f"SELECT {_COLUMNS} FROM events WHERE case_id > '' ORDER BY case_id, seq")


def read(conn: sqlite3.Connection, query: str, *values: object) -> Iterator[hash_chain.Entry]:
    """Rows of the log, one by one."""
    for row in conn.execute(query, values):
        yield hash_chain.Entry(*row)


def event_of(entry: hash_chain.Entry) -> protocol.Event:
    """The event that an entry holds.

    Raises:
        StoreError: where it is none, or of a kind that this program does not know.
    """
    wrong = ""
    try:
        return protocol.Event.from_dict(json.loads(entry.body))
    except protocol.FormatError as error:
        wrong = str(error)
    except (ValueError, TypeError):
        wrong = "not JSON"
    raise contract.StoreError(
        f"办件 {entry.case} 第 {entry.seq} 个事件无法读取 (event {entry.seq} of case {entry.case}"
        f" cannot be read: {wrong}; `tongban audit verify` says whether it was changed, else"
        " a newer Tongban wrote it)"
    )


def events(conn: sqlite3.Connection, case: str) -> tuple[protocol.Event, ...]:
    """The events of a case, in order."""
    return tuple(event_of(entry) for entry in entries(conn, case))
