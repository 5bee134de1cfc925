"""The rows that records of the log cover, and the records that one transaction writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from attrs import define, field, frozen

from tongban.kernel.audit import records
from tongban.plugins.stores.sqlite import log

_CHUNK = 500
_MESSAGE = "id, case_id, kind, sender, receiver, body"


@frozen
class _Kind:
    """One kind of note.

    Attributes:
        columns: what the hash covers. "" for a mark.
        key: of the table.
        test: whether a row has the mark.
        case: the column that names the case, "" where none does.
    """

    columns: str = ""
    key: str = "id"
    test: str = "true"
    case: str = "case_id"


_KINDS: Mapping[str, _Kind] = {
    "sent": _Kind(_MESSAGE),
    "taken": _Kind(f"{_MESSAGE}, node, seal"),
    "read": _Kind("id, at, case_id, ref, actor, purpose, allowed"),
    "signed": _Kind("id, position, hash, at, key, signature", case=""),
    "delivered": _Kind(test="status = 'delivered'"),
    "handled": _Kind(test="handled_at IS NOT NULL"),
    "kept": _Kind(key="ref", case=""),
    "erased": _Kind(key="ref", case="", test="payload IS NULL"),
}


@frozen
class Rows:
    """`records.Rows` of a file."""

    conn: sqlite3.Connection

    def row_hash(self, kind: str, key: str | int) -> str | None:
        """Of a row as it stands, or the mark; None where there is no row, or it lacks the mark."""
        of = _KINDS[kind]
        row = self.conn.execute(
            f"SELECT {of.columns or of.key} FROM {records.TABLES[kind]}"
            f" WHERE {of.key} = ? AND {of.test}",
            (key,),
        ).fetchone()
        return None if row is None else _digest(of, row)

    def keys(self, kind: str) -> Iterator[str]:
        """The keys of all rows that a kind is about."""
        return (str(row[0]) for row in self.rows(kind))

    def count(self, kind: str) -> int:
        """How many there are."""
        query = f"SELECT count(*) FROM {records.TABLES[kind]} WHERE {_KINDS[kind].test}"
        return int(self.conn.execute(query).fetchone()[0])

    def case(self, kind: str, key: str) -> str:
        """The case that a row is about; "" where nothing tells it."""
        of = _KINDS[kind]
        if not of.case:
            return ""
        query = f"SELECT {of.case} FROM {records.TABLES[kind]} WHERE {of.key} = ?"
        row = self.conn.execute(query, (key,)).fetchone()
        return str(row[0]) if row else ""

    def rows(self, kind: str) -> list[tuple[Any, ...]]:
        """All rows that a kind is about, each as far as its hash covers it."""
        of = _KINDS[kind]
        query = f"SELECT {of.columns or of.key} FROM {records.TABLES[kind]} WHERE {of.test}"
        return self.conn.execute(query).fetchall()


def _digest(of: _Kind, row: tuple[Any, ...]) -> str:
    return records.digest(row) if of.columns else records.MARK


@define
class Notes:
    """What one transaction wrote that belongs in a record.

    Attributes:
        found: hash of each row by its key, by the names of the kinds.
        more: what happened to the store itself.
    """

    found: dict[str, dict[str, str]] = field(factory=dict)
    more: dict[str, Any] = field(factory=dict)

    def add(self, conn: sqlite3.Connection, kind: str, key: str | int) -> None:
        """Notes a row that was just written, or a mark that it just got."""
        hash = Rows(conn).row_hash(kind, key)
        if hash is not None:
            self.found.setdefault(kind, {})[str(key)] = hash

    def write(self, conn: sqlite3.Connection, at: datetime) -> None:
        """Adds the record to the log, in the transaction that is open; none for nothing."""
        if self.found or self.more:
            log.record(conn, at, {**self.found, **self.more})


def adopt(conn: sqlite3.Connection, at: datetime) -> None:
    """Notes every row and mark that no record holds yet, in the transaction that is open.

    For a store of a version without records, and for one that was salvaged.
    """
    known = {(one.kind, one.key) for one in records.notes(log.entries(conn, ""))}
    notes, count = Notes(), 0
    for kind, of in _KINDS.items():
        for row in Rows(conn).rows(kind):
            if (kind, str(row[0])) not in known:
                notes.found.setdefault(kind, {})[str(row[0])] = _digest(of, row)
                count += 1
            if count == _CHUNK:
                notes.write(conn, at)
                notes, count = Notes(), 0
    notes.write(conn, at)


def give_up(conn: sqlite3.Connection, at: datetime) -> None:
    """Notes that what records hold and is not here any more was lost, with a damaged file."""
    gone: dict[str, dict[str, str]] = {}
    for one in records.notes(log.entries(conn, "")):
        if Rows(conn).row_hash(one.kind, one.key) != one.hash:
            gone.setdefault(one.kind, {})[one.key] = one.hash
    if gone:
        log.record(conn, at, {"lost": gone})
