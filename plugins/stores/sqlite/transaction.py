"""One command's writes, inside the transaction that the store opened."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import rows, store_errors
from tongban.kernel.ports import store as contract
from tongban.kernel.protocol import personal_data as private
from tongban.plugins.stores.sqlite import boxes, lines, log, projection, records
from tongban.plugins.stores.sqlite.reader import SqliteReader
from tongban.plugins.stores.sqlite.vault import Vault


class SqliteTransaction(SqliteReader, contract.Transaction):
    """What `store.transaction()` gives, as the contract says.

    Args:
        conn: with an open transaction.
        path: of the file.
        clock: the moment.
        calendars: of each place.
        safe: the personal data.
    """

    def __init__(
        self,
        conn: sqlite3.Connection,
        path: Path,
        clock: Callable[[], datetime],
        calendars: protocol.Calendars,
        safe: Vault,
    ) -> None:
        super().__init__(conn, path, clock, safe)
        self._calendars = calendars
        self._read: dict[str, protocol.Case | None] = {}
        self._notes = records.Notes()
        self.over = False

    def case(self, case: str) -> protocol.Case | None:
        """A case as it stands; nobody else changes it while the transaction is open."""
        if case not in self._read:
            self._read[case] = super().case(case)
        return self._read[case]

    def settle(self) -> None:
        """Adds the record of what went into the boxes, as the last thing before the commit."""
        self._notes.write(self._conn, self._clock())

    def _open(self) -> None:
        if self.over:
            raise store_errors.ended()

    def append(
        self, case: str, expected_version: int, events: Iterable[protocol.Event]
    ) -> protocol.Case | None:
        self._open()
        if not case:
            raise store_errors.without_case()
        new = tuple(events)
        found, before = log.last(self._conn, case)
        if found != expected_version:
            raise contract.ConflictError(case, expected_version, found)
        current = self.case(case)
        if (current.version if current else 0) != found:
            raise contract.StoreError(
                f"办件 {case} 的现状与日志不符 (the tables of case {case} are not at the log's"
                " last event: `tongban case rebuild`)"
            )
        if not new:
            return current
        after = rows.evolved(case, current, new)
        assert after is not None
        log.append(self._conn, before, new)
        projection.write(self._conn, after, new[-1].at, self._calendars, new=current is None)
        self._read[case] = after
        return after

    def send(self, messages: Iterable[protocol.Message]) -> int:
        self._open()
        new = boxes.send(self._conn, messages)
        for one in new:
            self._notes.add(self._conn, "sent", one)
        return len(new)

    def receive(self, message: protocol.Message, node: str = "", seal: str = "") -> bool:
        self._open()
        new = boxes.receive(self._conn, message, node, seal, self._clock())
        if new:
            self._notes.add(self._conn, "taken", message.id)
        return new

    def handled(self, message: str) -> None:
        self._open()
        if boxes.handled(self._conn, message, self._clock()):
            self._notes.add(self._conn, "handled", message)

    def delivered(self, message: str) -> None:
        self._open()
        if boxes.mark(self._conn, message, "delivered", "", self._clock()):
            self._notes.add(self._conn, "delivered", message)

    def failed(self, message: str, reason: str) -> None:
        self._open()
        if not reason.strip():
            raise store_errors.without_reason()
        boxes.mark(self._conn, message, "failed", reason, self._clock())

    def retry(self, message: str) -> None:
        self._open()
        boxes.mark(self._conn, message, "pending", "", self._clock())

    def keep_personal(self, data: Mapping[str, Any]) -> str:
        self._open()
        ref = self._vault.keep(self._conn, data, self._clock())
        if ref:
            self._notes.add(self._conn, "kept", ref)
        return ref

    def adopt_personal(self, personal: private.Personal) -> None:
        self._open()
        if self._vault.adopt(self._conn, personal, self._clock()):
            self._notes.add(self._conn, "kept", personal.ref)

    def note_command(self, id: str, note: contract.CommandNote) -> None:
        self._open()
        self._conn.execute(
            "INSERT INTO commands (id, case_id, fingerprint) VALUES (?, ?, ?)"
            " ON CONFLICT (id) DO NOTHING",
            (id, note.case, note.fingerprint),
        )

    def witness(self, node: str, history: str, head: hash_chain.Head) -> None:
        self._open()
        lines.witness(self._conn, node, history, head, self._clock())

    def put_back(self, lost: hash_chain.Head | None) -> None:
        self._open()
        lines.put_back(self._conn, os.urandom(16).hex(), "copy", lost, self._clock())

    def recovered(self, note: str = "") -> None:
        self._open()
        if private.has_id_number(note):
            raise store_errors.number_in_note()
        if lines.recovered(self._conn):
            self._notes.more["recovered"] = note
