"""From one office to the next, in this store or another: sent with a list, confirmed, chased."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
from attrs import frozen

from tongban.kernel.errors import Text
from tongban.kernel.protocol.actors import Actor, Office
from tongban.kernel.protocol.case import Case, Shipment
from tongban.kernel.protocol.codec import dump
from tongban.kernel.protocol.cohandling import requested
from tongban.kernel.protocol.commands import (
    CommandBody,
    CommandContext,
    RefusedError,
    command,
    need,
    not_yours,
    refuse_unless,
)
from tongban.kernel.protocol.events import Changes, Event, EventBody, OrderError, event
from tongban.kernel.protocol.messages import Draft, request_of
from tongban.kernel.protocol.plan import Document, LogMark

__all__ = [
    "Arrive",
    "Arrived",
    "Chase",
    "Chased",
    "Dispatched",
    "Forward",
    "Mirror",
    "Recovered",
    "TakeOver",
    "TakenOver",
]

_WAYS = ("post", "message")


@command("forward")
@frozen
class Forward(CommandBody):
    """Sends the materials on, with a list of what was sent.

    Attributes:
        by: `post` or `message`.
        tracking: number of the letter.
    """

    materials: tuple[Document, ...]
    by: str = "post"
    tracking: str = ""

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        return case.at + 1 < len(case.plan.way)

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """Sends what the office has to the next on the way; once more where it was lost."""
        way, at = case.plan.way, case.at
        if at + 1 >= len(way):
            raise RefusedError(
                "wrong_state",
                "本办件已在办理机关,无须转办",
                "it is with the authority that decides",
            )
        actor = context.actor
        has_it = actor.serves(way[at]) or (at == 0 and actor.kind == "window")
        if not has_it:
            raise not_yours(self, "现持件的机关", "the office that has it")
        need(Text("发送清单", "the list of what is sent"), *(one.name for one in self.materials))
        refuse_unless(
            all(one.copies > 0 for one in self.materials),
            "份数须为正数",
            "the number of copies must be positive",
        )
        refuse_unless(
            self.by in _WAYS,
            "发送方式须为 post 或 message",
            "it is sent by post or as a message",
        )
        return [Dispatched(way[at], way[at + 1], self.materials, self.by, self.tracking)]


@event("dispatched")
@frozen
class Dispatched(EventBody):
    """转办: sent on, with a list of what was sent."""

    source: Office
    target: Office
    materials: tuple[Document, ...] = ()
    by: str = "post"
    tracking: str = ""

    def origin(self) -> Forward:
        return Forward(self.materials, self.by, self.tracking)

    def changes(self, case: Case, event: Event) -> Changes:
        sent = Shipment(self.source, self.target, self.materials, self.by, self.tracking, event.at)
        return {"state": "dispatched", "shipments": (*case.shipments, sent), "chased_at": None}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        sent = {"materials": dump(self.materials), "by": self.by, "tracking": self.tracking}
        yield self.target.key, "forward", {**sent, "case": after.to_dict()}


@command("arrive")
@frozen
class Arrive(CommandBody):
    """Confirms that the materials arrived; `missing` names what was listed and is not there."""

    missing: tuple[str, ...] = ()

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """The next office has it, and says what is not there though it was listed."""
        if not context.actor.serves(case.holder):
            raise not_yours(self, "接收机关", "the office that it is sent to")
        listed = {one.name for one in case.shipments[-1].materials}
        unlisted = [name for name in self.missing if name not in listed]
        refuse_unless(
            not unlisted, f"清单中没有:{'、'.join(unlisted)}", "not in the list of what was sent"
        )
        arrived = Arrived(case.holder, self.missing)
        if case.accepted_on is not None and case.holder == case.plan.lead:
            return [arrived, *requested(case)]
        return [arrived]


@event("arrived")
@frozen
class Arrived(EventBody):
    """到达: the next authority has it; `missing` was listed and is not there."""

    office: Office
    missing: tuple[str, ...] = ()

    def origin(self) -> Arrive:
        return Arrive(self.missing)

    def changes(self, case: Case, event: Event) -> Changes:
        index = case.plan.way.index(self.office)
        changes: Changes = {"at": index, "chased_at": None}
        if case.state == "dispatched":
            last = attrs.evolve(case.shipments[-1], arrived_at=event.at, missing=self.missing)
            changes["shipments"] = (*case.shipments[:-1], last)
        if case.accepted_on is not None:
            changes["state"] = "accepted"
        else:
            changes |= {"state": "arrived", "arrived_at": event.at}
        if index == len(case.plan.way) - 1:
            changes["led_at"] = event.at
        return changes

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        if before.state == "dispatched":
            source = after.shipments[-1].source
            yield source.key, "arrival", {"missing": list(self.missing)}


@command("chase")
@frozen
class Chase(CommandBody):
    """Asks again for what is awaited: an arrival, an answer."""

    note: str = ""

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        awaited = (case.holder,) if case.state == "dispatched" else case.unanswered
        return [Chased(awaited, self.note)]


@event("chased")
@frozen
class Chased(EventBody):
    """催办: asked again; `awaited` are the offices whose arrival or answer is awaited."""

    awaited: tuple[Office, ...]
    note: str = ""

    def origin(self) -> Chase:
        return Chase(self.note)

    def changes(self, case: Case, event: Event) -> Changes:
        return {"chased_at": event.at}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        asks = "arrival" if after.state == "dispatched" else "answer"
        again = request_of(after) if asks == "answer" else {}
        for office in self.awaited:
            yield office.key, "chase", {"awaited": asks, "note": self.note, **again}


# Between two stores.


def by_system(actor: Actor) -> None:
    """Check that the machine itself acts.

    Raises:
        RefusedError: where somebody else acts.
    """
    if actor.kind != "system":
        raise RefusedError("not_your_step", "只能由系统办理", "only the system does this")


@command("take_over")
@frozen
class TakeOver(CommandBody):
    """Another store's case arrives here: what a message of the kind `forward` asks for.

    Attributes:
        snapshot: the case as it left.
    """

    snapshot: Mapping[str, Any]

    def open(self, context: CommandContext) -> list[EventBody]:
        by_system(context.actor)
        case = Case.from_dict(self.snapshot)
        refuse_unless(
            case.id == context.case and case.state == "dispatched",
            "转来的办件不符",
            "the case that was sent does not fit",
        )
        return [TakenOver(self.snapshot)]


@event("taken_over")
@frozen
class TakenOver(EventBody):
    """Another store's case arrived here; `snapshot` is the case as it left."""

    snapshot: Mapping[str, Any]

    def opens(self, event: Event) -> Case:
        case = Case.from_dict(self.snapshot)
        if case.id != event.case or event.seq != case.version + 1:
            raise OrderError(f"{event.case}: the case that was taken over does not fit")
        return attrs.evolve(case, version=event.seq, seen=(*case.seen, event.cause))


@command("mirror")
@frozen
class Mirror(CommandBody):
    """What happened to a case since it left: what a message of the kind `progress` brings.

    Attributes:
        before: the log that the events follow on; None in letters of an older version.
    """

    events: tuple[Mapping[str, Any], ...]
    before: LogMark | None = None


@event("recovered")
@frozen
class Recovered(EventBody):
    """灾备补录: an event that was lost with what a backup does not have.

    What happened is not known any more, only how the case left this store afterwards.

    Attributes:
        snapshot: the case after it, as this store's own letter says; None where the next
            event says it.
    """

    snapshot: Mapping[str, Any] | None = None

    def opens(self, event: Event) -> Case:
        return self.replaces(event) or EventBody.opens(self, event)

    def replaces(self, event: Event) -> Case | None:
        if self.snapshot is None:
            return None
        case = Case.from_dict(self.snapshot)
        if case.id != event.case or event.seq != case.version:
            raise OrderError(f"{event.case}: the case that was recovered does not fit")
        return case
