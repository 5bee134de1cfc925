"""The outbox and the inbox: messages between offices, each kept until it is done with."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from tongban.kernel import protocol
from tongban.kernel.ports import rows, store_errors
from tongban.kernel.ports import store as contract

_MESSAGE = "id, case_id, kind, sender, receiver, body"
_OUT = (
    f"INSERT INTO outbox ({_MESSAGE}, status, attempts, reason)"
    " VALUES (?, ?, ?, ?, ?, ?, 'pending', 0, '')"
)
_IN = f"INSERT INTO inbox ({_MESSAGE}, received_at, node, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


def send(conn: sqlite3.Connection, messages: Iterable[protocol.Message]) -> list[str]:
    """Puts messages into the outbox, in the transaction that is open.

    Returns:
        The ids of those that are new; one that is there already stays as it is.
    """
    new = []
    for message in messages:
        if conn.execute(f"{_OUT} ON CONFLICT (id) DO NOTHING", _values(message)).rowcount > 0:
            new.append(message.id)
    return new


def receive(
    conn: sqlite3.Connection, message: protocol.Message, node: str, seal: str, now: datetime
) -> bool:
    """Puts a message into the inbox; whether it is new.

    Raises:
        MismatchError: where a message of this id is there and says anything else.
    """
    row = conn.execute("SELECT body FROM inbox WHERE id = ?", (message.id,)).fetchone()
    if row is None:
        conn.execute(_IN, (*_values(message), now.isoformat(), node, seal))
        return True
    rows.same_message(_message(row[0]), message)
    return False


def _values(message: protocol.Message) -> tuple[str, ...]:
    body = rows.message_text(message)
    return (message.id, message.case, message.kind, message.sender, message.receiver, body)


def handled(conn: sqlite3.Connection, message: str, now: datetime) -> bool:
    """Notes that an incoming message is handled; whether that is new.

    Raises:
        StoreError: where there is none of this id.
    """
    row = conn.execute("SELECT handled_at FROM inbox WHERE id = ?", (message,)).fetchone()
    _there(row, message)
    if row[0] is None:
        conn.execute("UPDATE inbox SET handled_at = ? WHERE id = ?", (now.isoformat(), message))
    return row[0] is None


def mark(
    conn: sqlite3.Connection,
    message: str,
    status: contract.OutgoingStatus,
    reason: str,
    now: datetime,
) -> bool:
    """Notes how it went with an outgoing message; whether it was not delivered before.

    Raises:
        StoreError: where there is none of this id.
    """
    row = conn.execute("SELECT status FROM outbox WHERE id = ?", (message,)).fetchone()
    _there(row, message)
    tried = int(status != "pending")
    conn.execute(
        "UPDATE outbox SET status = CASE status WHEN 'delivered' THEN status ELSE ? END,"
        " reason = CASE status WHEN 'delivered' THEN reason ELSE ? END,"
        " attempts = attempts + ?, tried_at = CASE ? WHEN 1 THEN ? ELSE tried_at END WHERE id = ?",
        (status, reason, tried, tried, now.isoformat(), message),
    )
    return bool(row[0] != "delivered")


def _there(row: tuple[str | None] | None, message: str) -> None:
    if row is None:
        raise store_errors.unknown_message(message)


def outgoing(
    conn: sqlite3.Connection,
    status: contract.OutgoingStatus | None,
    case: str | None,
    limit: int | None,
) -> tuple[contract.Outgoing, ...]:
    """The outbox, in the order in which the messages were sent."""
    wanted = {"status": status, "case_id": case}
    # Said so that the small index of what is not delivered serves.
    extra = "status <> 'delivered'" if status in ("pending", "failed") else ""
    where, values = _where(wanted, extra)
    found = conn.execute(
        "SELECT body, position, status, attempts, reason, tried_at FROM outbox"
        f"{where} ORDER BY position LIMIT ?",
        (*values, -1 if limit is None else limit),
    )
    return tuple(
        contract.Outgoing(_message(body), position, state, attempts, reason, _moment(tried_at))
        for body, position, state, attempts, reason, tried_at in found
    )


def incoming(
    conn: sqlite3.Connection,
    receiver: str | None,
    case: str | None,
    kind: str | None,
    open_only: bool,
) -> tuple[contract.Incoming, ...]:
    """The inbox, in the order in which the messages came."""
    wanted = {"receiver": receiver, "case_id": case, "kind": kind}
    where, values = _where(wanted, "handled_at IS NULL" if open_only else "")
    found = conn.execute(
        f"SELECT body, received_at, handled_at, node, seal FROM inbox{where} ORDER BY position",
        values,
    )
    return tuple(
        contract.Incoming(_message(body), datetime.fromisoformat(at), _moment(done), node, seal)
        for body, at, done, node, seal in found
    )


def find(conn: sqlite3.Connection, message: str) -> protocol.Message | None:
    """A message by its id, from either box."""
    row = conn.execute(
        "SELECT body FROM outbox WHERE id = ? UNION ALL SELECT body FROM inbox WHERE id = ?",
        (message, message),
    ).fetchone()
    return _message(row[0]) if row else None


def _where(wanted: dict[str, str | None], extra: str) -> tuple[str, tuple[str, ...]]:
    given = {name: value for name, value in wanted.items() if value is not None}
    tests = [f"{name} = ?" for name in given] + ([extra] if extra else [])
    return (f" WHERE {' AND '.join(tests)}" if tests else ""), tuple(given.values())


def _message(body: str) -> protocol.Message:
    try:
        return protocol.Message.from_dict(json.loads(body))
    except (protocol.FormatError, ValueError, TypeError):
        pass
    raise contract.StoreError("消息无法读取 (a message in the store cannot be read)")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
