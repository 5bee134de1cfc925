"""A store in memory that keeps what `tongban.kernel.ports.store` promises to a node.

It is durable as far as the simulation goes: a node that is killed finds in it what was
committed, and nothing else. It forgets cases that are settled, so that a run's memory
follows the open cases; the chain goes on over what was forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from attrs import define, evolve, field

from tongban.kernel import protocol
from tongban.kernel.audit import bundle, hash_chain, signing
from tongban.kernel.ports import store as contract
from tongban.kernel.protocol import personal_data as private
from tongban.plugins.simulation.store.gaps import Unasked
from tongban.plugins.simulation.store.notes import Notes
from tongban.plugins.simulation.store.rows import Kept, counted, entry_of, is_same, row_of

__all__ = ["MemoryStore"]

_LAST = date.max
_ALL = contract.CaseFilter()
_EVERY_TASK = contract.TaskFilter()


@define(eq=False)
class _Tables:
    kept: dict[str, Kept] = field(factory=dict)
    outbox: dict[str, contract.Outgoing] = field(factory=dict)
    inbox: dict[str, contract.Incoming] = field(factory=dict)
    personal: dict[str, private.Personal] = field(factory=dict)
    boxes: dict[str, list[str]] = field(factory=dict)
    """Ids of the messages of a case."""


class MemoryStore(Notes, Unasked):
    """The store of one node. It is its own transaction: there is one writer.

    Args:
        id: its own name.
        clock: of the node.
        calendars: of each place.
        salts: gives 16 bytes for each personal datum.
    """

    def __init__(
        self,
        id: str,
        clock: Callable[[], datetime],
        calendars: protocol.Calendars,
        salts: Callable[[int], bytes],
    ) -> None:
        super().__init__(id, clock)
        self._calendars = calendars
        self._salts = salts
        self._tables = _Tables()
        self._head = hash_chain.Head(0, hash_chain.log_start(id))
        self._sent = 0

    # Transactions

    @contextmanager
    def transaction(self) -> Iterator[MemoryStore]:
        """One command's writes; taken back when anything is raised inside."""
        if self._undo is not None:
            raise contract.StoreError("事务不可嵌套 (a transaction of this store is open already)")
        self._undo = []
        try:
            yield self
        except BaseException:
            for back in reversed(self._undo):
                back()
            raise
        finally:
            self._undo = None

    # What a transaction writes

    def append(
        self, case: str, expected_version: int, events: Iterable[protocol.Event]
    ) -> protocol.Case | None:
        """Adds events to the log of a case."""
        kept = self._tables.kept.get(case)
        found = kept.case.version if kept else 0
        if found != expected_version:
            raise contract.ConflictError(case, expected_version, found)
        new = tuple(events)
        if not new:
            return kept.case if kept else None
        after = kept.case if kept else None
        entries = list(kept.entries) if kept else []
        head = self._head
        for event in new:
            try:
                after = protocol.evolve(after, event)
            except protocol.OrderError as error:
                raise contract.StoreError(f"{case}: {error}") from None
            entry = entry_of(event, entries, head, case)
            entries.append(entry)
            head = hash_chain.Head(entry.position, entry.log_hash)
        assert after is not None
        assert self._undo is not None
        before, self._head = self._head, head
        self._undo.append(lambda: setattr(self, "_head", before))
        self._set(self._tables.kept, case, counted(after, entries, new[-1].at, self._calendars))
        return after

    def send(self, messages: Iterable[protocol.Message]) -> int:
        """Puts messages into the outbox."""
        count = 0
        for message in messages:
            if message.id in self._tables.outbox:
                continue
            self._sent += 1
            self._set(
                self._tables.outbox, message.id, contract.Outgoing(message, self._sent, "pending")
            )
            self._of_case(message)
            count += 1
        return count

    def receive(self, message: protocol.Message, node: str = "", seal: str = "") -> bool:
        """Puts a message into the inbox."""
        known = self._tables.inbox.get(message.id)
        if known is not None:
            if contract.content(known.message) != contract.content(message):
                raise contract.MismatchError(
                    f"消息 {message.id} 与先前收到的不一致 (other content)"
                )
            return False
        came = contract.Incoming(message, self._clock(), None, node, seal)
        self._set(self._tables.inbox, message.id, came)
        self._of_case(message)
        return True

    def _of_case(self, message: protocol.Message) -> None:
        # Not undone: an id too many does no harm.
        self._tables.boxes.setdefault(message.case, []).append(message.id)

    def handled(self, message: str) -> None:
        """Notes that nobody has to act on an incoming message any more."""
        one = self._tables.inbox.get(message)
        if one is None:
            raise contract.StoreError(f"没有此消息 (there is no message {message})")
        if one.handled_at is None:
            self._set(self._tables.inbox, message, evolve(one, handled_at=self._clock()))

    def delivered(self, message: str) -> None:
        """Notes that an outgoing message was delivered."""
        self._mark(message, "delivered", "")

    def failed(self, message: str, reason: str) -> None:
        """Notes that an outgoing message could not be delivered, and why."""
        self._mark(message, "failed", reason)

    def retry(self, message: str) -> None:
        """Puts a message that failed back among those that are to be delivered."""
        self._mark(message, "pending", "")

    def _mark(self, message: str, status: contract.OutgoingStatus, reason: str) -> None:
        one = self._tables.outbox.get(message)
        if one is None:
            raise contract.StoreError(f"没有此消息 (there is no message {message})")
        if one.status != "delivered":
            tried = one.attempts + (status != "pending")
            changed = evolve(
                one, status=status, reason=reason, attempts=tried, tried_at=self._clock()
            )
            self._set(self._tables.outbox, message, changed)

    def keep_personal(self, data: Mapping[str, Any]) -> str:
        """Keeps personal data apart from the log; its reference."""
        if not data:
            return ""
        salt = self._salts(16)
        one = private.Personal(private.reference(salt, data), dict(data), salt)
        self._set(self._tables.personal, one.ref, one)
        return one.ref

    def adopt_personal(self, personal: private.Personal) -> None:
        """Keeps personal data that came with a case."""
        if not personal.genuine:
            raise contract.StoreError("个人信息与其摘要不符 (not what its reference was made of)")
        self._set(self._tables.personal, personal.ref, personal)

    # What can be asked

    def head(self) -> hash_chain.Head:
        """The last event of the log."""
        return self._head

    def same_personal(self, ref: str, data: Mapping[str, Any]) -> bool | None:
        """Whether personal data is what is kept under a reference."""
        return is_same(self._tables.personal.get(ref), ref, data)

    def events(self, case: str) -> tuple[protocol.Event, ...]:
        """The log of a case."""
        return tuple(protocol.Event.from_dict(_loaded(one)) for one in self.entries(case))

    def case(self, case: str) -> protocol.Case | None:
        """A case as it stands."""
        kept = self._tables.kept.get(case)
        return kept.case if kept else None

    def follow_calendar(self) -> int:
        """Nothing: the calendar of a simulated world does not change."""
        return 0

    def last_moment(self, case: str) -> datetime | None:
        """The moment of the last event of a case; None where there is none."""
        kept = self._tables.kept.get(case)
        return kept.updated_at if kept else None

    def cases(self, which: contract.CaseFilter = _ALL) -> tuple[contract.CaseRow, ...]:
        """Cases in a list, by `over` and `overdue`, the newest first."""
        today = protocol.day_of(self._clock())
        some = [
            kept
            for kept in self._tables.kept.values()
            if which.over is None or kept.case.over == which.over
        ]
        some.sort(key=lambda kept: (kept.case.submitted_at, kept.case.id), reverse=True)
        rows = [row_of(kept.case, kept.updated_at, kept.deadlines, today) for kept in some]
        return tuple(one for one in rows if which.overdue is None or one.overdue == which.overdue)

    def awake(self) -> tuple[contract.Awake, ...]:
        """Cases in which time may have brought something by now, by id."""
        now = self._clock()
        today = protocol.day_of(now)
        found = (
            contract.Awake(case, kept.case.holder.key)
            for case, kept in self._tables.kept.items()
            if (kept.wakes is not None and kept.wakes <= today)
            or (kept.updated_at > now and not kept.case.over)
        )
        return tuple(sorted(found, key=lambda one: one.case))

    def snapshots(self, which: contract.CaseFilter = _ALL) -> Iterator[protocol.Case]:
        """Whole cases."""
        for row in self.cases(which):
            yield self._tables.kept[row.id].case

    def tasks(self, which: contract.TaskFilter = _EVERY_TASK) -> contract.TaskPage:
        """What must be done next, the most urgent first."""
        found = (
            task
            for id, one in self._tables.kept.items()
            if which.case in (None, id)
            for task in protocol.tasks(one.case, self._calendars, one.updated_at)
            if which.actor is None or protocol.is_turn(task, one.case, which.actor)
        )
        return protocol.task_page(found, which.limit, which.after)

    def deadlines(
        self, case: str | None = None, *, open_only: bool = False
    ) -> tuple[contract.Deadline, ...]:
        """Limits of a case, or of all."""
        kept = self._tables.kept
        some = kept.values() if case is None else [kept[case]] if case in kept else []
        rows = [
            one for each in some for one in each.deadlines if not open_only or one.status == "open"
        ]
        return tuple(sorted(rows, key=lambda one: (one.due is None, one.due or _LAST, one.case)))

    def outgoing(
        self,
        status: contract.OutgoingStatus | None = None,
        case: str | None = None,
        limit: int | None = None,
    ) -> tuple[contract.Outgoing, ...]:
        """The outbox."""
        found = [
            one
            for one in self._messages(self._tables.outbox, case)
            if status is None or one.status == status
        ]
        return tuple(sorted(found, key=lambda one: one.position)[:limit])

    def incoming(
        self,
        receiver: str | None = None,
        case: str | None = None,
        kind: str | None = None,
        *,
        open_only: bool = False,
    ) -> tuple[contract.Incoming, ...]:
        """The inbox."""
        return tuple(
            one
            for one in self._messages(self._tables.inbox, case)
            if (receiver is None or one.message.receiver == receiver)
            and (kind is None or one.message.kind == kind)
            and (not open_only or one.handled_at is None)
        )

    def _messages(self, box: dict[str, Any], case: str | None) -> list[Any]:
        if case is None:
            return list(box.values())
        ids = dict.fromkeys(self._tables.boxes.get(case, ()))
        return [box[id] for id in ids if id in box]

    def message(self, message: str) -> protocol.Message | None:
        """A message by its id, from either box."""
        one = self._tables.outbox.get(message) or self._tables.inbox.get(message)
        return one.message if one else None

    def personal(self, case: str, actor: protocol.Actor, purpose: str) -> private.Personal | None:
        """Personal data of a case, for somebody with a part in it, or who was asked to confirm."""
        ref, allowed = self._readable(case, actor)
        if not allowed:
            raise contract.NotAllowedError(f"与办件 {case} 无关 (no part in the case)")
        return self._tables.personal.get(ref)

    def _readable(self, case: str, actor: protocol.Actor) -> tuple[str, bool]:
        found = self.case(case)
        if found is not None:
            return found.personal, private.may_read(found, actor)
        requests = [one.message for one in self.incoming(case=case, kind="request")]
        if not requests:
            raise contract.StoreError(f"没有办件 {case} (there is no case {case})")
        ref = str(requests[-1].body.get("personal") or "")
        return ref, any(private.was_asked(one, actor) for one in requests)

    def masked(self, case: str) -> dict[str, Any]:
        """What of a case's personal data may be shown."""
        kept = self._tables.personal.get(self._readable(case, protocol.SYSTEM)[0])
        return kept.masked() if kept else {}

    # The audit

    def entries(self, case: str | None = None) -> Iterator[hash_chain.Entry]:
        """The log with its hashes, of a case or of all that are still here."""
        kept = self._tables.kept
        if case is not None:
            yield from kept[case].entries if case in kept else ()
            return
        every = (one for each in kept.values() for one in each.entries)
        yield from sorted(every, key=lambda one: one.position)

    def verify(
        self, checkpoints: Iterable[contract.Checkpoint] = (), key: Any = None
    ) -> tuple[hash_chain.Finding, ...]:
        """What of the log that is still here does not fit its own hashes."""
        return tuple(
            hash_chain.Finding("changed", one.position, one.case, one.seq, one.kind, fault)
            for one in self.entries()
            if (fault := hash_chain.own_fault(one))
        )

    def rebuild(self) -> int:
        """Makes the tables anew from the log."""
        for id, kept in self._tables.kept.items():
            self._tables.kept[id] = self._again(id, kept)
        return len(self._tables.kept)

    def differences(self) -> tuple[str, ...]:
        """Ids of cases whose tables are not what the log says."""
        some = sorted(self._tables.kept.items())
        return tuple(id for id, kept in some if kept != self._again(id, kept))

    def _again(self, case: str, kept: Kept) -> Kept:
        found = protocol.replay(self.events(case))
        assert found is not None, "a case that is kept has events"
        return counted(found, kept.entries, kept.updated_at, self._calendars)

    def export(self, case: str, key: signing.SigningKey) -> dict[str, Any]:
        """A case's log as a signed bundle."""
        entries = tuple(self.entries(case))
        if not entries:
            raise contract.StoreError(f"没有办件 {case} (there is no case {case})")
        at = self._clock().isoformat()
        return bundle.sign_bundle(key, self.id, case, at, entries, self._head)

    def forget(self, case: str) -> None:
        """Lets a settled case go."""
        super().forget(case)
        kept = self._tables.kept.pop(case, None)
        requests = self.incoming(case=case, kind="request")
        refs = [str(one.message.body.get("personal") or "") for one in requests]
        for ref in (*refs, kept.case.personal if kept else ""):
            self._tables.personal.pop(ref, None)
        for id in self._tables.boxes.pop(case, ()):
            self._tables.outbox.pop(id, None)
            self._tables.inbox.pop(id, None)

    def close(self) -> None:
        """Nothing to let go."""


def _loaded(entry: hash_chain.Entry) -> Any:
    import json  # noqa: PLC0415 - only where somebody reads a log

    return json.loads(entry.body)
