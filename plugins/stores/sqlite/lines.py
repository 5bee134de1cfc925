"""The line of the log: which one it is, that it was put back, how far the lines of others go."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from tongban.kernel import chain
from tongban.kernel import store as contract

__all__ = ["history", "recovered", "restored", "witness", "witnesses"]


def history(conn: sqlite3.Connection) -> str:
    """The line of the log."""
    found: str = conn.execute("SELECT value FROM meta WHERE name = 'history'").fetchone()[0]
    return found


def restored(conn: sqlite3.Connection) -> contract.Restored | None:
    """That a backup or a copy was put in place; None once that was settled."""
    row = conn.execute("SELECT value FROM meta WHERE name = 'restored'").fetchone()
    if row is None:
        return None
    raw = json.loads(row[0])
    lost = chain.Head(**raw["lost"]) if raw["lost"] else None
    at, head = datetime.fromisoformat(raw["at"]), chain.Head(**raw["head"])
    return contract.Restored(at, head, raw["history"], lost)


def recovered(conn: sqlite3.Connection) -> None:
    """Ends the state `restored`, in the transaction that is open."""
    conn.execute("DELETE FROM meta WHERE name = 'restored'")


def witness(
    conn: sqlite3.Connection, node: str, line: str, head: chain.Head, now: datetime
) -> None:
    """Notes how far another node's log goes, in the transaction that is open.

    Raises:
        Mismatch: where that node told another hash for the same position of that line.
    """
    row = conn.execute(
        "SELECT position, hash FROM witnesses WHERE node = ? AND history = ?", (node, line)
    ).fetchone()
    if row is not None and row[0] == head.position and row[1] != head.hash:
        raise contract.Mismatch(
            f"节点 {node} 的日志第 {head.position} 位前后不一 (the node {node} told another hash"
            f" before for position {head.position} of its log: that log forked)",
            row[1],
        )
    if row is None or row[0] < head.position:
        conn.execute(
            "INSERT INTO witnesses (node, history, position, hash, at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (node, history) DO UPDATE SET position = excluded.position,"
            " hash = excluded.hash, at = excluded.at",
            (node, line, head.position, head.hash, now.isoformat()),
        )


def witnesses(conn: sqlite3.Connection) -> tuple[contract.Witness, ...]:
    """What other nodes said of their logs, the last of each line."""
    rows = conn.execute(
        "SELECT node, history, position, hash, at FROM witnesses ORDER BY node, at, history"
    )
    return tuple(
        contract.Witness(node, line, chain.Head(position, hash), datetime.fromisoformat(at))
        for node, line, position, hash, at in rows
    )
