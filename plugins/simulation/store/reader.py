"""What can be asked of a store in memory, inside a transaction and outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import rows
from tongban.kernel.ports import store as contract
from tongban.kernel.protocol import personal_data
from tongban.plugins.simulation.store.contents import Contents, KeptCase

_ALL = contract.CaseFilter()
_EVERY_TASK = contract.TaskFilter()


class MemoryReader(contract.StoreReader):
    """Reads what is held, as the contract says.

    Args:
        contents: what is held.
        clock: the moment; what is overdue depends on it.
        calendars: of each place.
    """

    def __init__(
        self, contents: Contents, clock: Callable[[], datetime], calendars: protocol.Calendars
    ) -> None:
        self.contents = contents
        self._clock = clock
        self._calendars = calendars

    def events(self, case: str) -> tuple[protocol.Event, ...]:
        kept = self.contents.cases.get(case)
        return kept.events if kept else ()

    def case(self, case: str) -> protocol.Case | None:
        kept = self.contents.cases.get(case)
        return kept.case if kept else None

    def last_moment(self, case: str) -> datetime | None:
        kept = self.contents.cases.get(case)
        return kept.updated_at if kept else None

    def cases(self, which: contract.CaseFilter = _ALL) -> tuple[contract.CaseRow, ...]:
        today = protocol.day_of(self._clock())
        return tuple(one.row(today) for one in self._listed(which, today))

    def snapshots(self, which: contract.CaseFilter = _ALL) -> Iterator[protocol.Case]:
        return (one.case for one in self._listed(which, protocol.day_of(self._clock())))

    def _listed(self, which: contract.CaseFilter, today: date) -> list[KeptCase]:
        found = [
            one
            for one in self.contents.cases.values()
            if rows.is_among(one.case, one.schedule.deadlines, which, today)
        ]
        found.sort(key=lambda one: (one.case.submitted_at, one.case.id), reverse=True)
        return found[: which.limit]

    def tasks(self, which: contract.TaskFilter = _EVERY_TASK) -> contract.TaskPage:
        found = (
            task
            for id, one in self.contents.cases.items()
            if which.case in (None, id)
            for task in one.schedule.tasks
            if (which.actor is None or protocol.is_turn(task, one.case, which.actor))
            and which.taken_by in (None, task.taken_by)
        )
        return protocol.task_page(found, which.limit, which.after)

    def deadlines(
        self, case: str | None = None, *, open_only: bool = False
    ) -> tuple[contract.Deadline, ...]:
        found = (
            one
            for each in self._some(case)
            for one in each.schedule.deadlines
            if not open_only or one.status == "open"
        )
        key: Callable[[contract.Deadline], Any] = lambda one: (  # noqa: E731
            (one.due is None, one.due or date.max, one.case)
        )
        return tuple(sorted(found, key=key))

    def _some(self, case: str | None) -> list[KeptCase]:
        every = self.contents.cases
        return list(every.values()) if case is None else [every[case]] if case in every else []

    def outgoing(
        self,
        status: contract.OutgoingStatus | None = None,
        case: str | None = None,
        limit: int | None = None,
    ) -> tuple[contract.Outgoing, ...]:
        box, ids = self.contents.outbox, self.contents.sent_of
        some = box.values() if case is None else [box[id] for id in ids.get(case, ())]
        return tuple(one for one in some if status in (None, one.status))[:limit]

    def incoming(
        self,
        receiver: str | None = None,
        case: str | None = None,
        kind: str | None = None,
        *,
        open_only: bool = False,
    ) -> tuple[contract.Incoming, ...]:
        box, ids = self.contents.inbox, self.contents.came_of
        some = box.values() if case is None else [box[id] for id in ids.get(case, ())]
        return tuple(
            one
            for one in some
            if receiver in (None, one.message.receiver)
            and kind in (None, one.message.kind)
            and not (open_only and one.handled_at)
        )

    def message(self, message: str) -> protocol.Message | None:
        one = self.contents.outbox.get(message) or self.contents.inbox.get(message)
        return one.message if one else None

    def head(self) -> hash_chain.Head:
        return self.contents.about.head

    def awake(self) -> tuple[contract.Awake, ...]:
        now = self._clock()
        today = protocol.day_of(now)
        found = (
            contract.Awake(id, one.case.holder.key)
            for id, one in self.contents.cases.items()
            if (one.schedule.wakes is not None and one.schedule.wakes <= today)
            or (one.updated_at > now and not one.case.over)
        )
        return tuple(sorted(found, key=lambda one: one.case))

    def command(self, id: str) -> contract.CommandNote | None:
        return self.contents.commands.get(id)

    def same_personal(self, ref: str, data: Mapping[str, Any]) -> bool | None:
        if not ref or not data:
            return not ref and not data
        datum = self.contents.personal.get(ref)
        if datum is None or datum.personal is None:
            return None
        return personal_data.reference(datum.personal.salt, data) == ref

    def readings(self, case: str | None = None) -> Iterator[contract.Reading]:
        """Who read personal data, or was refused it, in the order in which that was noted."""
        return (one for one in tuple(self.contents.reads.values()) if case in (None, one.case))

    def witnesses(self) -> tuple[contract.Witness, ...]:
        every = self.contents.witnesses.values()
        return tuple(sorted(every, key=lambda one: (one.node, one.at, one.history)))

    def entries(self, case: str | None = None) -> Iterator[hash_chain.Entry]:
        kept, own = self.contents.cases, self.contents.records
        if case:
            return iter(kept[case].entries if case in kept else ())
        every = list(own.values())
        if case is None:
            every += (one for each in kept.values() for one in each.entries)
        return iter(sorted(every, key=lambda one: one.position))
