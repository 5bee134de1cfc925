"""Delivery: the result is handed to a channel, reported, issued anew where lost; then closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs
from attrs import frozen

from tongban.kernel.model.rules import DELIVERIES
from tongban.kernel.protocol.actors import Actor
from tongban.kernel.protocol.case import Case, Delivery
from tongban.kernel.protocol.case_parts import FoundLetter
from tongban.kernel.protocol.codec import dump
from tongban.kernel.protocol.commands import (
    CommandBody,
    CommandContext,
    RefusedError,
    command,
    refuse_unless,
)
from tongban.kernel.protocol.ending import ended
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.messages import Draft, notice
from tongban.kernel.protocol.terms import DeliveryStatus

__all__ = [
    "Close",
    "Closed",
    "Deliver",
    "Delivered",
    "DeliveryReported",
    "DeliveryStarted",
    "Reissued",
    "Report",
    "VoidFound",
]


@command("deliver", limits=("deliver",))
@frozen
class Deliver(CommandBody):
    """Hands the result to a channel; a lost one is issued anew first.

    Attributes:
        by: `electronic`, `post`, `pickup`; "" for what the decision says.
        tracking: number of the letter.
    """

    by: str = ""
    tracking: str = ""

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """Hands the result over; a lost one is void, and issued anew under another number."""
        by = self.by or case.delivery
        names = "、".join(f"{key} {name}" for key, name in DELIVERIES.items())
        refuse_unless(by in DELIVERIES, f"送达方式须为:{names}", "no such way of delivery")
        events: list[EventBody] = []
        number = case.result
        if case.state == "undelivered" and case.deliveries[-1].status == "lost":
            number = f"{case.id}-{len(case.voided) + 2}"
            events.append(Reissued(case.result, number))
        nth = len(case.deliveries) + 1
        events.append(DeliveryStarted(nth, by, number, self.tracking))
        if by == "electronic":
            events.append(Delivered(nth, by))
        return events


@event("reissued")
@frozen
class Reissued(EventBody):
    """补发: the lost result is void, `number` takes its place."""

    void: str
    number: str

    def changes(self, case: Case, event: Event) -> Changes:
        return {"result": self.number, "voided": (*case.voided, self.void)}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        yield notice("补发告知书", void=self.void, number=self.number)


@event("delivery_started")
@frozen
class DeliveryStarted(EventBody):
    """送达开始: handed to a channel; `delivery` counts from 1."""

    delivery: int
    by: str
    number: str
    tracking: str = ""

    def origin(self) -> Deliver:
        return Deliver(self.by, self.tracking)

    def changes(self, case: Case, event: Event) -> Changes:
        one = Delivery(self.number, self.by, self.tracking, event.at)
        return {"state": "delivering", "deliveries": (*case.deliveries, one)}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        window = after.plan.way[0]
        if self.by == "pickup" and window.key != after.plan.lead.key:
            yield window.key, "result", {"number": self.number, "delivery": self.delivery}
        yield notice(
            "送达告知书",
            number=self.number,
            by=self.by,
            tracking=self.tracking,
            window=dump(window) if self.by == "pickup" else None,
        )


@command("report", limits=("deliver",))
@frozen
class Report(CommandBody):
    """The result of a delivery.

    Attributes:
        delivery: its number, from 1; 0 for the last one.
    """

    status: DeliveryStatus
    delivery: int = 0
    note: str = ""

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        return case.state in ("delivering", "undelivered") or bool(_not_found(case))

    def as_given(self, case: Case, day: date) -> Report:
        return attrs.evolve(self, delivery=self.delivery or len(case.deliveries))

    def check(self, day: date) -> None:
        refuse_unless(self.delivery >= 0, "没有这次送达", "there was no such delivery")

    def asked_since(self, case: Case) -> datetime | None:
        return case.deliveries[-1].started_at if case.deliveries else None

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """The result of the last delivery, or that a void letter was found; other news is old."""
        last = len(case.deliveries)
        nth = self.delivery or last
        refuse_unless(0 < nth <= last, "没有这次送达", "there was no such delivery")
        if self.status == "arrived" and nth in _void(case):
            if nth not in _not_found(case):
                return []
            return [VoidFound(nth, case.deliveries[nth - 1].number, self.note)]
        if case.state == "closed":
            raise RefusedError(
                "over",
                "本办件已办结,只能报告补发后寻获的作废件",
                "the case is closed: what may still be reported is a lost letter that turns up"
                " after it was issued anew, by its number and as arrived",
            )
        now = case.deliveries[-1]
        if nth != last or case.state == "delivered" or self.status == now.status:
            return []
        if self.status == "arrived":
            return [Delivered(nth, now.by)]
        if self.status == "on_its_way" and case.state == "undelivered":
            return []
        return [DeliveryReported(nth, self.status, self.note)]


@event("delivery_reported")
@frozen
class DeliveryReported(EventBody):
    """The result of a delivery on its way: still under way, come back, lost."""

    delivery: int
    status: DeliveryStatus
    note: str = ""

    def origin(self) -> Report:
        return Report(self.status, self.delivery, self.note)

    def changes(self, case: Case, event: Event) -> Changes:
        lost = self.status in ("returned", "lost")
        return _last(case, self.status) | {"state": "undelivered" if lost else "delivering"}


def _void(case: Case) -> tuple[int, ...]:
    """The lost deliveries whose number is void, from 1."""
    return tuple(
        nth
        for nth, one in enumerate(case.deliveries, 1)
        if one.status == "lost" and one.number in case.voided
    )


def _not_found(case: Case) -> set[int]:
    return {*_void(case)} - {one.delivery for one in case.void_found}


@event("void_found")
@frozen
class VoidFound(EventBody):
    """作废件寻获: a lost letter turned up after its number was void; its holder is told so."""

    delivery: int
    number: str
    note: str = ""

    def origin(self) -> Report:
        return Report("arrived", self.delivery, self.note)

    def changes(self, case: Case, event: Event) -> Changes:
        return {"void_found": (*case.void_found, FoundLetter(self.delivery, event.at))}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        yield notice("作废告知书", void=self.number, number=after.result)


def _last(case: Case, status: DeliveryStatus) -> Changes:
    last = attrs.evolve(case.deliveries[-1], status=status)
    return {"deliveries": (*case.deliveries[:-1], last)}


@event("delivered")
@frozen
class Delivered(EventBody):
    """送达: the applicant has it."""

    delivery: int
    by: str

    def origin(self) -> Report:
        return Report("arrived", self.delivery)

    def changes(self, case: Case, event: Event) -> Changes:
        return _last(case, "arrived") | {"state": "delivered", "delivered_at": event.met_at}


@command("close")
@frozen
class Close(CommandBody):
    """Closes a delivered case (办结)."""

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        return [Closed()]


@event("closed")
@frozen
class Closed(EventBody):
    """办结."""

    def origin(self) -> Close:
        return Close()

    def changes(self, case: Case, event: Event) -> Changes:
        return ended("closed", event.at)
