"""What can be asked of the file, inside a transaction and outside."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite import boxes, lines, log, queries, vault
from tongban.plugins.stores.sqlite.errors import guarded

_ALL = contract.CaseFilter()
_EVERY_TASK = contract.TaskFilter()


class SqliteReader(contract.StoreReader):
    """Reads from one connection, as the contract says.

    Args:
        conn: of the file.
        path: of the file.
        clock: the moment; what is overdue depends on it.
        safe: the personal data.
    """

    def __init__(
        self, conn: sqlite3.Connection, path: Path, clock: Callable[[], datetime], safe: vault.Vault
    ) -> None:
        self._conn = conn
        self.path = path
        self._clock = clock
        self._vault = safe

    def _today(self) -> date:
        return protocol.day_of(self._clock())

    def events(self, case: str) -> tuple[protocol.Event, ...]:
        with guarded(self.path, values=True):
            return log.events(self._conn, case)

    def case(self, case: str) -> protocol.Case | None:
        with guarded(self.path, values=True):
            return queries.case(self._conn, case)

    def last_moment(self, case: str) -> datetime | None:
        with guarded(self.path, values=True):
            return queries.last_moment(self._conn, case)

    def cases(self, which: contract.CaseFilter = _ALL) -> tuple[contract.CaseRow, ...]:
        with guarded(self.path, values=True):
            return queries.cases(self._conn, which, self._today())

    def snapshots(self, which: contract.CaseFilter = _ALL) -> Iterator[protocol.Case]:
        with guarded(self.path, values=True):
            yield from queries.snapshots(self._conn, which, self._today())

    def tasks(self, which: contract.TaskFilter = _EVERY_TASK) -> contract.TaskPage:
        with guarded(self.path, values=True):
            return queries.tasks(self._conn, which)

    def deadlines(
        self, case: str | None = None, *, open_only: bool = False
    ) -> tuple[contract.Deadline, ...]:
        with guarded(self.path, values=True):
            return queries.deadlines(self._conn, case, open_only)

    def outgoing(
        self,
        status: contract.OutgoingStatus | None = None,
        case: str | None = None,
        limit: int | None = None,
    ) -> tuple[contract.Outgoing, ...]:
        with guarded(self.path, values=True):
            return boxes.outgoing(self._conn, status, case, limit)

    def incoming(
        self,
        receiver: str | None = None,
        case: str | None = None,
        kind: str | None = None,
        *,
        open_only: bool = False,
    ) -> tuple[contract.Incoming, ...]:
        with guarded(self.path, values=True):
            return boxes.incoming(self._conn, receiver, case, kind, open_only)

    def entries(self, case: str | None = None) -> Iterator[hash_chain.Entry]:
        with guarded(self.path, values=True):
            yield from log.entries(self._conn, case)

    def message(self, message: str) -> protocol.Message | None:
        with guarded(self.path, values=True):
            return boxes.find(self._conn, message)

    def head(self) -> hash_chain.Head:
        with guarded(self.path, values=True):
            return log.head(self._conn)

    def readings(self, case: str | None = None) -> Iterator[contract.Reading]:
        """Who read personal data, or was refused it, in the order in which that was noted."""
        with guarded(self.path, values=True):
            yield from vault.readings(self._conn, case)

    def witnesses(self) -> tuple[contract.Witness, ...]:
        with guarded(self.path, values=True):
            return lines.witnesses(self._conn)

    def command(self, id: str) -> contract.CommandNote | None:
        with guarded(self.path, values=True):
            row = self._conn.execute(
                "SELECT case_id, fingerprint FROM commands WHERE id = ?", (id,)
            ).fetchone()
        return contract.CommandNote(*row) if row else None

    def same_personal(self, ref: str, data: Mapping[str, Any]) -> bool | None:
        if not ref or not data:
            return not ref and not data
        with guarded(self.path, values=True):
            return self._vault.same(self._conn, ref, data)

    def awake(self) -> tuple[contract.Awake, ...]:
        with guarded(self.path, values=True):
            return queries.awake(self._conn, self._clock())
