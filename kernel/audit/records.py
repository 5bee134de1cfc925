"""Records of a store in its log: what went into the boxes, who read personal data, and when.

Messages and readings have rows of their own, which no event holds. A record holds their
hashes: with it the chain covers them, and anybody who changes, takes out or adds one is found.
It stands in the log as an event of the case "", which there is not. Pure.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

from attrs import frozen

from tongban.kernel.audit.hash_chain import Entry, Fault, Finding, canonical, own_fault

__all__ = [
    "MARK",
    "RECORD",
    "TABLES",
    "Note",
    "Rows",
    "digest",
    "key_changed",
    "key_changes",
    "notes",
    "record",
    "restores",
    "verify",
]

RECORD = "recorded"
"""The kind of an entry that is not an event of a case."""

MARK = ""
"""Stands for a mark that a row keeps, where a hash stands for what never changes in it."""

TABLES: Mapping[str, str] = {
    "sent": "outbox",
    "taken": "inbox",
    "read": "personal_reads",
    "signed": "checkpoints",
    "delivered": "outbox",
    "handled": "inbox",
    "kept": "personal",
    "erased": "personal",
}
"""Kinds of notes, with the table whose row each is about."""


def digest(row: Iterable[Any]) -> str:
    """The hash of a row as it was written: of the columns that never change, in order."""
    return sha256("\n".join(map(str, row)).encode()).hexdigest()


def record(seq: int, at: datetime, data: Mapping[str, Any]) -> str:
    """The text of a record.

    Args:
        seq: its number among the records.
        at: the moment.
        data: plain JSON, without personal data.
    """
    head = {"case": "", "seq": seq, "at": at.isoformat(), "kind": RECORD}
    return canonical({**head, "data": data})


@frozen
class Note:
    """One note, as it stands in a record at a position of the log."""

    kind: str
    key: str
    hash: str
    position: int


def _data(entries: Iterable[Entry]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """What each record holds; one that is damaged is left out: the chain shows it."""
    for entry in entries:
        if not own_fault(entry):
            yield entry.position, json.loads(entry.body).get("data", {})


def restores(entries: Iterable[Entry]) -> Iterator[Mapping[str, Any]]:
    """What was noted each time that an older state was put back, in order."""
    return (data["restored"] for _, data in _data(entries) if "restored" in data)


def key_changed(by: Mapping[str, Any] | None, former: str, key: str) -> dict[str, Any]:
    """What a record holds of a change of the key that seals personal data.

    Args:
        by: who did it; None where that is not known.
        former, key: the labels of both keys, which tell nothing of them; "" for no key.
    """
    return {"key_changed": {"by": None if by is None else dict(by), "former": former, "key": key}}


def key_changes(entries: Iterable[Entry]) -> Iterator[Mapping[str, Any]]:
    """What was noted each time that the key of personal data was changed, in order.

    Returns:
        What `key_changed` was given, and `at`, the moment as text.
    """
    for entry in entries:
        if not own_fault(entry):
            body = json.loads(entry.body)
            if "key_changed" in body.get("data", {}):
                yield {"at": body["at"], **body["data"]["key_changed"]}


def notes(entries: Iterable[Entry]) -> Iterator[Note]:
    """All notes of the records."""
    for position, data in _data(entries):
        for kind in TABLES:
            for key, hash in data.get(kind, {}).items():
                yield Note(kind, key, hash, position)


class Rows(Protocol):
    """The rows of a store, for a comparison with its records."""

    def row_hash(self, kind: str, key: str) -> str | None:
        """Of a row as it stands, or `MARK`; None where there is no row, or it lacks the mark."""

    def keys(self, kind: str) -> Iterable[str]:
        """The keys of all rows that a kind is about."""

    def count(self, kind: str) -> int:
        """How many there are."""

    def case(self, kind: str, key: str) -> str:
        """The case that a row is about; "" where nothing tells it."""


def verify(entries: Callable[[], Iterable[Entry]], rows: Rows, *, whole: bool) -> Iterator[Finding]:
    """Every row and mark that is not as the records say.

    Args:
        entries: the records.
        rows: as they stand.
        whole: whether the log is; else it is unknown which rows were added.
    """
    lost = {
        (kind, key)
        for _, data in _data(entries())
        for kind, keys in data.get("lost", {}).items()
        for key in keys
    }
    there = Counter[str]()
    for one in notes(entries()):
        hash = rows.row_hash(one.kind, one.key)
        there[one.kind] += hash is not None
        if hash != one.hash and (one.kind, one.key) not in lost:
            yield _broken(rows, "missing" if hash is None else "changed", one)
    for kind in TABLES if whole else ():
        if rows.count(kind) != there[kind]:
            known = {one.key for one in notes(entries()) if one.kind == kind}
            for key in rows.keys(kind):
                if key not in known:
                    yield _broken(rows, "added", Note(kind, key, "", 0))


def _broken(rows: Rows, what: Fault, one: Note) -> Finding:
    table = TABLES[one.kind]
    detail = f"{one.key[:40]} in {table} is not as the record “{one.kind}” says"
    return Finding(what, one.position, rows.case(one.kind, one.key), 0, table, detail)
