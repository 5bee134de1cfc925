"""Jumps of the clock, as far as the log tells."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from tongban.kernel import protocol

# A case is opened here, and every event of a case follows on the one before it. What another
# store says of a case comes late, so that other events tell nothing of the clock of this one.
_JUMPS = """
    SELECT case_id, seq, before, at FROM (
        SELECT position, case_id, seq, kind, at,
            CASE WHEN seq = 1 THEN lag(at) OVER (ORDER BY position)
                ELSE lag(at) OVER (PARTITION BY case_id ORDER BY seq) END AS before
        FROM events WHERE case_id > '')
    WHERE kind <> 'clock_checked' AND (julianday(at) < julianday(before) - ?
        OR seq = 1 AND julianday(at) > julianday(before) + ?)
    ORDER BY position DESC LIMIT ?"""

_DAY = 86_400


def jumps(conn: sqlite3.Connection, most: int) -> tuple[tuple[str, int, datetime, datetime], ...]:
    """Events before those that they follow on, and cases opened after a leap; the newest first.

    Args:
        conn: of the file.
        most: at most this many.

    Returns:
        Of each: case, number, the moment of the event before, its own.
    """
    back = protocol.TOLERANCE.total_seconds() / _DAY
    leap = protocol.LEAP.total_seconds() / _DAY
    return tuple(
        (case, seq, datetime.fromisoformat(before), datetime.fromisoformat(at))
        for case, seq, before, at in conn.execute(_JUMPS, (back, leap, most))
    )
