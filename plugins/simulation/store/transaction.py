"""One command's writes to a store in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import asdict, evolve

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain, records
from tongban.kernel.ports import rows, store_errors
from tongban.kernel.ports import store as contract
from tongban.kernel.protocol import personal_data
from tongban.plugins.simulation.store.contents import (
    Contents,
    Datum,
    Same,
    entry_of,
    kept_of,
    text_of,
)
from tongban.plugins.simulation.store.reader import MemoryReader


class MemoryTransaction(MemoryReader, contract.Transaction):
    """What `store.transaction()` gives, as the contract says.

    Args:
        contents: with an open transaction.
        clock: the moment.
        calendars: of each place.
        id: of the store.
        entropy: gives random bytes.
    """

    def __init__(
        self,
        contents: Contents,
        clock: Callable[[], datetime],
        calendars: protocol.Calendars,
        id: str,
        entropy: Callable[[int], bytes],
    ) -> None:
        super().__init__(contents, clock, calendars)
        self._id = id
        self._entropy = entropy
        self._written: list[tuple[str, str]] = []
        self._more: dict[str, Any] = {}
        self._cases: set[str] = set()
        self.over = False

    def _open(self) -> Contents:
        if self.over:
            raise store_errors.ended()
        return self.contents

    def note(self, kind: str, key: str) -> None:
        """Notes a row that was just written, or a mark that it just got, for the record."""
        self._written.append((kind, key))

    def settle(self) -> None:
        """Adds the record of what went into the boxes, as the last thing before the commit."""
        here, at, notes = self.contents, self._clock(), self._more
        for kind, key in self._written:
            notes.setdefault(kind, {})[key] = here.row_hash(kind, key)
            self._cases.add(here.case(kind, key))
        if not notes:
            return
        before = here.about.record
        seq = before.seq + 1 if before else 1
        text = records.record(seq, at, notes)
        told = ("", seq, at.isoformat(), records.RECORD, text)
        entry = entry_of(told, (before,) if before else (), self.head())
        here.put(here.records, entry.position, entry)
        here.note(record=entry, head=hash_chain.Head(entry.position, entry.log_hash))
        for case in self._cases - {""}:
            here.add(here.records_of, case, entry.position)

    def append(
        self, case: str, expected_version: int, events: Iterable[protocol.Event]
    ) -> protocol.Case | None:
        here = self._open()
        if not case:
            raise store_errors.without_case()
        kept = here.cases.get(case)
        current, found = (kept.case, kept.case.version) if kept else (None, 0)
        if found != expected_version:
            raise contract.ConflictError(case, expected_version, found)
        new = tuple(events)
        if not new:
            return current
        after = rows.evolved(case, current, new)
        assert after is not None
        entries, head = list(kept.entries if kept else ()), self.head()
        for one in new:
            told = (case, one.seq, one.at.isoformat(), one.kind, rows.event_text(one))
            entries.append(entry_of(told, entries, head))
            head = hash_chain.Head(entries[-1].position, entries[-1].log_hash)
        log = (*kept.events, *new) if kept else new
        self._cases.add(case)
        here.note(head=head)
        here.put(here.cases, case, kept_of(after, log, tuple(entries), self._calendars))
        if kept is None:
            for office in after.plan.offices:
                if office.division not in here.calendars:
                    days = self._calendars(office.division)
                    here.put(here.calendars, office.division, days)
        return after

    def send(self, messages: Iterable[protocol.Message]) -> int:
        here, new = self._open(), 0
        for one in messages:
            text_of(Same(one))  # which refuses an ID number
            if one.id not in here.outbox:
                position = here.about.sent + 1
                here.note(sent=position)
                here.put(here.outbox, one.id, contract.Outgoing(one, position, "pending"))
                here.add(here.sent_of, one.case, one.id)
                self.note("sent", one.id)
                new += 1
        return new

    def receive(self, message: protocol.Message, node: str = "", seal: str = "") -> bool:
        here = self._open()
        known = here.inbox.get(message.id)
        if known is not None:
            rows.same_message(known.message, message)
            return False
        text_of(Same(message))  # which refuses an ID number
        came = contract.Incoming(message, self._clock(), None, node, seal)
        here.put(here.inbox, message.id, came)
        here.add(here.came_of, message.case, message.id)
        self.note("taken", message.id)
        return True

    def handled(self, message: str) -> None:
        here = self._open()
        one = _there(here.inbox.get(message), message)
        if one.handled_at is None:
            here.put(here.inbox, message, evolve(one, handled_at=self._clock()))
            self.note("handled", message)

    def delivered(self, message: str) -> None:
        self._mark(message, "delivered", "")

    def failed(self, message: str, reason: str) -> None:
        if not reason.strip():
            raise store_errors.without_reason()
        self._mark(message, "failed", reason)

    def retry(self, message: str) -> None:
        self._mark(message, "pending", "")

    def _mark(self, message: str, status: contract.OutgoingStatus, reason: str) -> None:
        here = self._open()
        one = _there(here.outbox.get(message), message)
        after = one
        if one.status != "delivered":
            after = evolve(one, status=status, reason=reason)
        if status != "pending":
            after = evolve(after, attempts=one.attempts + 1, tried_at=self._clock())
        here.put(here.outbox, message, after)
        if after.status == "delivered" != one.status:
            self.note("delivered", message)

    def keep_personal(self, data: Mapping[str, Any]) -> str:
        self._open()
        if not data:
            return ""
        salt = self._entropy(16)
        one = personal_data.Personal(personal_data.reference(salt, data), dict(data), salt)
        self._keep(one)
        return one.ref

    def adopt_personal(self, personal: personal_data.Personal) -> None:
        self._open()
        if not personal.genuine:
            raise store_errors.changed_personal()
        self._keep(personal)

    def _keep(self, one: personal_data.Personal) -> None:
        """What was erased stays so."""
        here = self.contents
        if one.ref not in here.personal:
            here.put(here.personal, one.ref, Datum(one, self._clock().isoformat()))
            self.note("kept", one.ref)

    def note_command(self, id: str, note: contract.CommandNote) -> None:
        here = self._open()
        if id not in here.commands:
            here.put(here.commands, id, note)
            here.add(here.commands_of, note.case, id)

    def witness(self, node: str, history: str, head: hash_chain.Head) -> None:
        here = self._open()
        known = here.witnesses.get((node, history))
        if rows.is_news(known.head if known else None, node, head):
            seen = contract.Witness(node, history, head, self._clock())
            here.put(here.witnesses, (node, history), seen)

    def put_back(self, lost: hash_chain.Head | None, by: contract.RestoredBy = "copy") -> None:
        """Begins the state `restored`: what this store itself said elsewhere is not in its log.

        Args:
            lost: as the contract says.
            by: what was put in place. Of a store on a file, the way in which it is opened tells;
                in memory only who put it there knows, and says so here.
        """
        here, now = self._open(), self._clock()
        line = f"{self._id}-{next(here.about.lines)}"
        found = contract.Restored(now, self.head(), here.about.line, lost, by)
        said = {**asdict(found), "at": now.isoformat(), "to": line}
        here.note(restored=found, line=line)
        self._more["restored"] = said

    def recovered(self, note: str = "") -> None:
        here = self._open()
        if personal_data.has_id_number(note):
            raise store_errors.number_in_note()
        if here.about.restored is not None:
            here.note(restored=None)
            self._more["recovered"] = note


def _there(one: Any, message: str) -> Any:
    if one is None:
        raise store_errors.unknown_message(message)
    return one
