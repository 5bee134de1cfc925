"""The audit: what the log says of itself, signed statements of it, a case as a signed bundle."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from tongban.kernel import bundle, chain, signing
from tongban.kernel import store as contract
from tongban.plugins.stores.sqlite import log

__all__ = ["checkpoint", "checkpoints", "export", "verify"]

_SEARCHED = 20


def verify(
    conn: sqlite3.Connection,
    store: str,
    given: Iterable[contract.Checkpoint],
    key: signing.PublicKey | None,
) -> tuple[chain.Break, ...]:
    """Every event that was changed, removed, added or moved.

    Args:
        conn: in a transaction that reads.
        store: id of the store.
        given: checkpoints that were kept elsewhere.
        key: that signed checkpoints; without it none counts.

    Raises:
        StoreError: where a checkpoint that was given is not this store's or not signed by the key.
    """
    marks = [*_trusted(checkpoints(conn, store), key), *_given(given, store, key)]
    end = conn.execute("SELECT position, hash FROM head").fetchone()
    head = chain.Head(*end) if end else None
    searched: list[int] = []

    def belongs(entry: chain.Entry) -> int | None:
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
                if chain.entry_hash(wanted[0], one, wanted[1]) == entry.log_hash
            ),
            None,
        )

    rows = conn.execute("SELECT id, version FROM cases WHERE typeof(version) = 'integer'")
    versions = dict(rows.fetchall())
    return chain.verify(
        log.entries(conn),
        chain.log_start(store),
        head,
        marks,
        versions=versions,
        belongs=belongs,
    )


def checkpoints(conn: sqlite3.Connection, store: str) -> tuple[contract.Checkpoint, ...]:
    """The checkpoints that the store holds itself."""
    rows = conn.execute("SELECT position, hash, at, key, signature FROM checkpoints ORDER BY id")
    return tuple(
        contract.Checkpoint(store, chain.Head(row[0], row[1]), row[2], row[3], row[4])
        for row in rows
    )


def _signed(one: contract.Checkpoint, key: signing.PublicKey) -> bool:
    text = bundle.checkpoint_statement(one.store, one.head, one.at)
    return key.verifies(text, one.signature)


def _trusted(
    some: Iterable[contract.Checkpoint], key: signing.PublicKey | None
) -> list[chain.Head]:
    """Those in the store that the key signed: others may be of an older key, or forged."""
    return [one.head for one in some if key is not None and _signed(one, key)]


def _given(
    some: Iterable[contract.Checkpoint], store: str, key: signing.PublicKey | None
) -> list[chain.Head]:
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
    conn.execute(
        "INSERT INTO checkpoints (position, hash, at, key, signature) VALUES (?, ?, ?, ?, ?)",
        (head.position, head.hash, at, key.public.id, signature),
    )
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
