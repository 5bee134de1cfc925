"""The audit: what the log says of itself, signed statements of it, a case as a signed bundle."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tongban.kernel.audit import bundle, hash_chain, signing
from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite import lines, log, records

__all__ = ["audit", "checkpoint", "checkpoints", "export", "hash_at", "verify_log"]

_SEARCHED = 20


def audit(
    conn: sqlite3.Connection,
    store: str,
    given: Iterable[contract.Checkpoint],
    key: signing.PublicKey | None,
    witnesses: Iterable[contract.Witness],
) -> contract.Audit:
    """Examines the log, and the boxes and readings by its records.

    Args:
        conn: in a transaction that reads.
        store: id of the store.
        given: checkpoints that were kept elsewhere.
        key: that signed checkpoints; without it only their places are compared.
        witnesses: what other nodes say of this log.

    Raises:
        StoreError: where a checkpoint that was given is not this store's or not signed by the key.
    """
    elsewhere = _given(given, store, key)
    own = checkpoints(conn, store)
    checked = len(elsewhere) + sum(key is not None and _signed(one, key) for one in own)
    # One that was changed into something else is told by its record.
    sound = (one.head for one in own if isinstance(one.head.position, int))
    marks = [*elsewhere, *sound]
    broken = verify_log(conn, store, marks)
    rows = records.verify(conn, whole=not broken)
    compared, strangers, told = _witnessed(conn, store, tuple(witnesses))
    entries = "SELECT count(*) FROM events WHERE case_id"
    return contract.Audit(
        (*broken, *rows, *told),
        conn.execute(f"{entries} > ''").fetchone()[0],
        conn.execute(f"{entries} = ''").fetchone()[0],
        checked,
        len(elsewhere) + len(own) - checked,
        compared,
        strangers,
    )


def _witnessed(
    conn: sqlite3.Connection, store: str, some: tuple[contract.Witness, ...]
) -> tuple[int, int, list[hash_chain.Break]]:
    """Compares what others say of this log: how many could be, how many not, what differs."""
    ends, breaks, strangers = _lines(conn), [], 0
    for one in some:
        if one.history not in ends:
            strangers += 1
            continue
        end, place = ends[one.history], one.head.position
        who = f"the node {one.node} was told of it" if one.node else "another node was told of it"
        if end is not None and place > end:
            says = f"{who}; the line was left at {end}, when an older state was put back"
            breaks.append(hash_chain.Break("missing", place, "", 0, "", says))
        elif (hash := hash_at(conn, place, store)) != one.head.hash:
            what: hash_chain.Fault = "changed" if hash else "missing"
            breaks.append(hash_chain.Break(what, place, "", 0, "", who))
    return len(some) - strangers, strangers, breaks


def _lines(conn: sqlite3.Connection) -> dict[str, int | None]:
    """The lines of the log, each with the position at which it was left; None for this one."""
    found: dict[str, int | None] = {}
    for says in records.restores(conn):
        found[says["history"]] = says["head"]["position"]
    found[lines.history(conn)] = None
    return found


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
) -> tuple[hash_chain.Break, ...]:
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

    def belongs(entry: hash_chain.Entry) -> int | None:
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
        belongs=belongs,
    )


def checkpoints(conn: sqlite3.Connection, store: str) -> tuple[contract.Checkpoint, ...]:
    """The checkpoints that the store holds itself."""
    rows = conn.execute("SELECT position, hash, at, key, signature FROM checkpoints ORDER BY id")
    return tuple(
        contract.Checkpoint(store, hash_chain.Head(row[0], row[1]), row[2], row[3], row[4])
        for row in rows
    )


def _signed(one: contract.Checkpoint, key: signing.PublicKey) -> bool:
    text = bundle.checkpoint_statement(one.store, one.head, one.at)
    # What the file holds may be of any type.
    return isinstance(one.signature, str) and key.verifies(text, one.signature)


def _given(
    some: Iterable[contract.Checkpoint], store: str, key: signing.PublicKey | None
) -> list[hash_chain.Head]:
    heads = []
    for one in some:
        if key is None or one.store != store or not _signed(one, key):
            raise contract.StoreError(
                f"检查点无效 (the checkpoint of {one.at} is of another store, or not signed by"
                " the key that was given)"
            )
        heads.append(one.head)
    return heads


def checkpoint(
    conn: sqlite3.Connection, store: str, key: signing.SigningKey, at: str
) -> contract.Checkpoint:
    """Signs the head of the log, and keeps that, in the transaction that is open."""
    head = log.head(conn)
    signature = key.sign(bundle.checkpoint_statement(store, head, at))
    made = conn.execute(
        "INSERT INTO checkpoints (position, hash, at, key, signature) VALUES (?, ?, ?, ?, ?)",
        (head.position, head.hash, at, key.public.id, signature),
    )
    notes = records.Notes()
    notes.add(conn, "signed", made.lastrowid or 0)
    notes.write(conn, datetime.fromisoformat(at))
    return contract.Checkpoint(store, head, at, key.public.id, signature)


def export(
    conn: sqlite3.Connection, store: str, case: str, key: signing.SigningKey, at: str
) -> dict[str, Any]:
    """A case's log as a signed bundle.

    Args:
        conn: in a transaction that reads.
        store: id of the store.
        case: id of the case.
        key: that signs.
        at: the moment, as text.

    Raises:
        StoreError: where there is no such case, or its log is broken.
    """
    entries = tuple(log.entries(conn, case))
    if not entries:
        raise contract.StoreError(f"没有办件 {case} (there is no case {case})")
    made = bundle.sign_bundle(key, store, case, at, entries, log.head(conn))
    try:
        # Nothing is signed away that does not hold.
        bundle.verify_bundle(made, key.public)
    except bundle.BundleError as error:
        raise contract.StoreError(
            f"办件 {case} 的日志不完整,不予导出 (the log of case {case} is broken: {error};"
            " `tongban audit verify` says more)"
        ) from None
    return made
