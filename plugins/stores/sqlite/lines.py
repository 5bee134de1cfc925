"""The line of the log: which one it is, that it was put back, how far the lines of others go."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from pathlib import Path

from attrs import asdict

from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import rows
from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite import log


def about(conn: sqlite3.Connection, name: str) -> str:
    """What a store notes about itself.

    Args:
        conn: of the store.
        name: `store` (its id), `history` (the line of its log).

    Raises:
        StoreError: where the note is gone or damaged.
    """
    row = conn.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    if row is None or not isinstance(row[0], str):
        raise contract.StoreError(
            f"库的标识 {name} 缺失或损坏 (the note “{name}” of the store about itself is gone or"
            " damaged: restore a backup)"
        )
    return row[0]


def history(conn: sqlite3.Connection) -> str:
    """The line of the log."""
    return about(conn, "history")


def put_back(
    conn: sqlite3.Connection,
    line: str,
    by: contract.RestoredBy,
    lost: hash_chain.Head | None,
    now: datetime,
) -> None:
    """Begins a new line after a backup or a copy was put in place, in the transaction that is open.

    Args:
        line: the new one.
        by: what was put in place.
        lost: the last head that is known of the line that is left; None where nothing tells.
        now: the moment.
    """
    head, before = log.head(conn), history(conn)
    says = {
        "at": now.isoformat(),
        "head": asdict(head),
        "history": before,
        "lost": asdict(lost) if lost else None,
        "by": by,
    }
    values = {"history": line, "restored": hash_chain.canonical(says)}
    conn.executemany(
        "INSERT INTO meta (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        list(values.items()),
    )
    log.record(conn, now, {"restored": {**says, "to": line}})


def leave(conn: sqlite3.Connection, *some: Path) -> None:
    """Notes files that hold copies of personal data, for an erasure to name.

    Args:
        conn: in a transaction.
        some: what a restore or a salvage left behind.
    """
    known = [*leftovers(conn), *(one.absolute() for one in some)]
    conn.execute(
        "INSERT INTO meta (name, value) VALUES ('leftovers', ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (hash_chain.canonical(sorted(map(str, set(known)))),),
    )


def leftovers(conn: sqlite3.Connection) -> tuple[Path, ...]:
    """The files that were noted by `leave` and are still there."""
    row = conn.execute("SELECT value FROM meta WHERE name = 'leftovers'").fetchone()
    found = (Path(one) for one in json.loads(row[0])) if row else ()
    return tuple(one for one in found if one.exists())


def restored(conn: sqlite3.Connection) -> contract.Restored | None:
    """That a backup or a copy was put in place; None once that was settled."""
    row = conn.execute("SELECT value FROM meta WHERE name = 'restored'").fetchone()
    if row is None:
        return None
    raw = json.loads(row[0])
    lost = hash_chain.Head(**raw["lost"]) if raw["lost"] else None
    at, head = datetime.fromisoformat(raw["at"]), hash_chain.Head(**raw["head"])
    return contract.Restored(at, head, raw["history"], lost, raw["by"])


def recovered(conn: sqlite3.Connection) -> bool:
    """Ends the state `restored`, in the transaction that is open; whether it was in it."""
    return conn.execute("DELETE FROM meta WHERE name = 'restored'").rowcount > 0


def witness(
    conn: sqlite3.Connection, node: str, line: str, head: hash_chain.Head, now: datetime
) -> None:
    """Notes how far another node's log goes, in the transaction that is open.

    Raises:
        MismatchError: where that node told another hash for the same position of that line.
    """
    row = conn.execute(
        "SELECT position, hash FROM witnesses WHERE node = ? AND history = ?", (node, line)
    ).fetchone()
    if rows.is_news(hash_chain.Head(*row) if row else None, node, head):
        conn.execute(
            "INSERT INTO witnesses (node, history, position, hash, at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (node, history) DO UPDATE SET position = excluded.position,"
            " hash = excluded.hash, at = excluded.at",
            (node, line, head.position, head.hash, now.isoformat()),
        )


def witnesses(conn: sqlite3.Connection) -> tuple[contract.Witness, ...]:
    """What other nodes said of their logs, the last of each line."""
    found = conn.execute(
        "SELECT node, history, position, hash, at FROM witnesses ORDER BY node, at, history"
    )
    return tuple(
        contract.Witness(node, line, hash_chain.Head(position, hash), datetime.fromisoformat(at))
        for node, line, position, hash, at in found
    )
