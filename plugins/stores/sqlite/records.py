"""Records of the store in its log: what went into the boxes, who read personal data, and when.

Messages and readings have rows of their own, which no event holds. A record holds their
hashes: with it the chain covers them, and anybody who changes, takes out or adds one is found.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from attrs import define, field, frozen

from tongban.kernel.audit import hash_chain
from tongban.plugins.stores.sqlite import log

__all__ = ["Notes", "adopt", "give_up", "restores", "verify"]

_CHUNK = 500
_MESSAGE = "id, case_id, kind, sender, receiver, body"


@frozen
class _Kind:
    """One kind of note: about a row as it was written, or a mark that it got for good.

    Attributes:
        table: where the row stands; `key` is its key.
        columns: what the hash covers: what never changes. "" for a mark.
        test: whether a row has the mark.
        case: the column that names the case, "" where none does.
    """

    table: str
    columns: str = ""
    key: str = "id"
    test: str = "true"
    case: str = "case_id"


_KINDS: Mapping[str, _Kind] = {
    "sent": _Kind("outbox", _MESSAGE),
    "taken": _Kind("inbox", f"{_MESSAGE}, node, seal"),
    "read": _Kind("personal_reads", "id, at, case_id, ref, actor, purpose, allowed"),
    "signed": _Kind("checkpoints", "id, position, hash, at, key, signature", case=""),
    "delivered": _Kind("outbox", test="status = 'delivered'"),
    "handled": _Kind("inbox", test="handled_at IS NOT NULL"),
    "kept": _Kind("personal", key="ref", case=""),
    "erased": _Kind("personal", key="ref", case="", test="payload IS NULL"),
}


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
        hash = _hash(conn, kind, key)
        if hash is not None:
            self.found.setdefault(kind, {})[str(key)] = hash

    def write(self, conn: sqlite3.Connection, at: datetime) -> None:
        """Adds the record to the log, in the transaction that is open; none for nothing."""
        if self.found or self.more:
            log.record(conn, at, {**self.found, **self.more})


@frozen
class _Note:
    """One note, as it stands in a record at a position of the log."""

    kind: str
    key: str
    hash: str
    position: int


def _hash(conn: sqlite3.Connection, kind: str, key: str | int) -> str | None:
    """Of a row as it stands, "" for a mark; None where there is no row, or it has not the mark."""
    of = _KINDS[kind]
    row = conn.execute(
        f"SELECT {of.columns or of.key} FROM {of.table} WHERE {of.key} = ? AND {of.test}", (key,)
    ).fetchone()
    return None if row is None else _digest(of, row)


def _digest(of: _Kind, row: tuple[Any, ...]) -> str:
    return sha256("\n".join(map(str, row)).encode()).hexdigest() if of.columns else ""


def adopt(conn: sqlite3.Connection, at: datetime) -> None:
    """Notes every row and mark that no record holds yet, in the transaction that is open.

    For a store of a version without records, and for one that was salvaged.
    """
    known = {(one.kind, one.key) for one in _notes(conn)}
    notes, count = Notes(), 0
    for kind, of in _KINDS.items():
        for row in _rows(conn, of):
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
    for one in _notes(conn):
        if _hash(conn, one.kind, one.key) != one.hash:
            gone.setdefault(one.kind, {})[one.key] = one.hash
    if gone:
        log.record(conn, at, {"lost": gone})


def _rows(conn: sqlite3.Connection, of: _Kind) -> list[tuple[Any, ...]]:
    query = f"SELECT {of.columns or of.key} FROM {of.table} WHERE {of.test}"
    return conn.execute(query).fetchall()


def _records(conn: sqlite3.Connection) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """What each record holds; one that is damaged is left out: the chain shows it."""
    for entry in log.entries(conn, ""):
        if not hash_chain.own_fault(entry):
            yield entry.position, json.loads(entry.body).get("data", {})


def restores(conn: sqlite3.Connection) -> Iterator[Mapping[str, Any]]:
    """What was noted each time that an older state was put back, in order."""
    for _, data in _records(conn):
        if "restored" in data:
            yield data["restored"]


def _notes(conn: sqlite3.Connection) -> Iterator[_Note]:
    for position, data in _records(conn):
        for kind in _KINDS:
            for key, hash in data.get(kind, {}).items():
                yield _Note(kind, key, hash, position)


def verify(conn: sqlite3.Connection, *, whole: bool) -> Iterator[hash_chain.Break]:
    """Every row and mark that is not as the records say.

    Args:
        conn: in a transaction that reads.
        whole: whether the log is; else nobody can say which rows were added.
    """
    lost = {
        (kind, key)
        for _, data in _records(conn)
        for kind, keys in data.get("lost", {}).items()
        for key in keys
    }
    there = Counter[str]()
    for one in _notes(conn):
        hash = _hash(conn, one.kind, one.key)
        there[one.kind] += hash is not None
        if hash != one.hash and (one.kind, one.key) not in lost:
            yield _broken(conn, "missing" if hash is None else "changed", one)
    for kind, of in _KINDS.items() if whole else ():
        rows = f"SELECT count(*) FROM {of.table} WHERE {of.test}"
        if conn.execute(rows).fetchone()[0] != there[kind]:
            known = {one.key for one in _notes(conn) if one.kind == kind}
            keys = (str(row[0]) for row in _rows(conn, of))
            yield from (
                _broken(conn, "added", _Note(kind, k, "", 0)) for k in keys if k not in known
            )


def _broken(conn: sqlite3.Connection, what: hash_chain.Fault, one: _Note) -> hash_chain.Break:
    of, case = _KINDS[one.kind], ""
    if of.case:
        query = f"SELECT {of.case} FROM {of.table} WHERE {of.key} = ?"
        row = conn.execute(query, (one.key,)).fetchone()
        case = str(row[0]) if row else ""
    detail = f"{one.key[:40]} in {of.table} is not as the record “{one.kind}” says"
    return hash_chain.Break(what, one.position, case, 0, of.table, detail)
