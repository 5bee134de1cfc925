"""The audit of a file: what the kernel's audit asks of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime

from attrs import frozen

from tongban.kernel.audit import hash_chain, signing
from tongban.kernel.ports import auditing
from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite import lines, log, records

_SEARCHED = 20


@frozen
class FileLog:
    """`auditing.Log` of a file, in a transaction that reads."""

    conn: sqlite3.Connection
    id: str

    @property
    def history(self) -> str:
        """The line of the log."""
        return lines.history(self.conn)

    def verify(self, marks: Iterable[hash_chain.Head]) -> tuple[hash_chain.Finding, ...]:
        """The faults of the chain, compared with heads that were noted."""
        return verify_log(self.conn, self.id, marks)

    def records(self) -> Iterator[hash_chain.Entry]:
        """The entries that are not events of a case, in order."""
        return log.entries(self.conn, "")

    def hash_at(self, position: int) -> str:
        """The hash of the log at a position; "" where nothing stands there."""
        return hash_at(self.conn, position, self.id)

    def checkpoints(self) -> tuple[contract.Checkpoint, ...]:
        """The checkpoints that the store holds itself."""
        rows = self.conn.execute(
            "SELECT position, hash, at, key, signature FROM checkpoints ORDER BY id"
        )
        return tuple(
            contract.Checkpoint(self.id, hash_chain.Head(row[0], row[1]), row[2], row[3], row[4])
            for row in rows
        )

    def counts(self) -> tuple[int, int]:
        """How many entries are events of cases, and how many are records."""
        count = "SELECT count(*) FROM events WHERE case_id"
        events = self.conn.execute(f"{count} > ''").fetchone()[0]
        return events, self.conn.execute(f"{count} = ''").fetchone()[0]


def hash_at(conn: sqlite3.Connection, position: int, store: str) -> str:
    """The hash of the log at a position; "" where nothing stands there."""
    if not position:
        return hash_chain.log_start(store)
    row = conn.execute("SELECT log_hash FROM events WHERE position = ?", (position,)).fetchone()
    return str(row[0]) if row else ""


def verify_log(
    conn: sqlite3.Connection,
    store: str,
    marks: Iterable[hash_chain.Head] = (),
    *,
    tables: bool = True,
) -> tuple[hash_chain.Finding, ...]:
    """Every entry of the log that was changed, removed, added or moved.

    Args:
        conn: in a transaction that reads.
        store: id of the store.
        marks: heads that were noted elsewhere.
        tables: whether there are tables of cases; they help to name what is missing.
    """
    end = conn.execute("SELECT position, hash FROM head").fetchone()
    head = hash_chain.Head(*end) if end else None
    searched: list[int] = []

    def expected_position(entry: hash_chain.Entry) -> int | None:
        searched.append(entry.position)
        if len(searched) > _SEARCHED:
            return None
        last = conn.execute("SELECT max(position) FROM events").fetchone()[0]
        places = range(1, max(last, head.position if head else 0) + 2)
        wanted = (entry.log_before, entry.case_hash)
        return next(
            (
                one
                for one in places
                if hash_chain.entry_hash(wanted[0], one, wanted[1]) == entry.log_hash
            ),
            None,
        )

    rows = "SELECT id, version FROM cases WHERE typeof(version) = 'integer'"
    versions = dict(conn.execute(rows).fetchall()) if tables else {}
    return hash_chain.verify(
        log.entries(conn),
        hash_chain.log_start(store),
        head,
        marks,
        versions=versions,
        expected_position=expected_position,
    )


def checkpoint(
    conn: sqlite3.Connection, store: str, key: signing.SigningKey, at: str
) -> contract.Checkpoint:
    """Signs the head of the log, and keeps that, in the transaction that is open."""
    made = auditing.sign(store, log.head(conn), at, key)
    kept = conn.execute(
        "INSERT INTO checkpoints (position, hash, at, key, signature) VALUES (?, ?, ?, ?, ?)",
        (made.head.position, made.head.hash, at, made.key, made.signature),
    )
    notes = records.Notes()
    notes.add(conn, "signed", kept.lastrowid or 0)
    notes.write(conn, datetime.fromisoformat(at))
    return made
