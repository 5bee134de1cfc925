"""Delivery, closing, withdrawal, termination, rating."""

from __future__ import annotations

from tongban.kernel.model.rules import DELIVERIES
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.command_bodies import (
    Close,
    Deliver,
    FollowUp,
    Rate,
    Report,
    Terminate,
    Withdraw,
)
from tongban.kernel.protocol.command_context import CommandContext, need, not_yours, refuse_unless
from tongban.kernel.protocol.event_body import EventBody
from tongban.kernel.protocol.handling_events import (
    Closed,
    Delivered,
    DeliveryReported,
    DeliveryStarted,
    FollowedUp,
    FollowUpOpened,
    Rated,
    Reissued,
    Terminated,
    Withdrawn,
)
from tongban.kernel.protocol.limits import FOLLOW_UP_DAYS
from tongban.kernel.protocol.results import RefusedError
from tongban.kernel.protocol.terms import LOW_GRADES

__all__ = ["close", "deliver", "follow_up", "rate", "report", "terminate", "withdraw"]


def deliver(case: Case, body: Deliver, context: CommandContext) -> list[EventBody]:
    """Hands the result over; a lost one is void, and issued anew under another number."""
    by = body.by or case.plan.delivery
    names = "、".join(f"{key} {name}" for key, name in DELIVERIES.items())
    refuse_unless(by in DELIVERIES, f"送达方式须为:{names} (no such way of delivery)")
    events: list[EventBody] = []
    number = case.result
    if case.state == "undelivered" and case.deliveries[-1].status == "lost":
        number = f"{case.id}-{len(case.voided) + 2}"
        events.append(Reissued(case.result, number))
    nth = len(case.deliveries) + 1
    events.append(DeliveryStarted(nth, by, number, body.tracking))
    if by == "electronic":
        events.append(Delivered(nth, by))
    return events


def report(case: Case, body: Report, context: CommandContext) -> list[EventBody]:
    """The result of the last delivery; news of an earlier one, or old news, is harmless."""
    last = len(case.deliveries)
    nth = body.delivery or last
    refuse_unless(0 < nth <= last, "没有这次送达 (there was no such delivery)")
    now = case.deliveries[-1]
    if nth != last or case.state == "delivered" or body.status == now.status:
        return []
    if body.status == "arrived":
        return [Delivered(nth, now.by)]
    if body.status == "on_its_way" and case.state == "undelivered":
        return []
    return [DeliveryReported(nth, body.status, body.note)]


def close(case: Case, body: Close, context: CommandContext) -> list[EventBody]:
    """Closes it."""
    return [Closed()]


def withdraw(case: Case, body: Withdraw, context: CommandContext) -> list[EventBody]:
    """Taken back; no reason is asked for."""
    return [Withdrawn(body.reason)]


def terminate(case: Case, body: Terminate, context: CommandContext) -> list[EventBody]:
    """Ended without a decision."""
    (reason,) = need("理由", body.reason)
    return [Terminated(reason)]


def rate(case: Case, body: Rate, context: CommandContext) -> list[EventBody]:
    """One side, once; a bad rating opens a follow-up."""
    office = next((one for one in case.reached if one.key == body.side), None)
    if office is None:
        sides = "、".join(one.key for one in case.reached)
        raise RefusedError(
            "bad_input",
            f"只能评价办理过本办件的机关,须写明被评价方:{sides}"
            " (name the side that is rated: only an office that took part can be)",
        )
    if any(one.side == body.side for one in case.ratings):
        raise RefusedError("once_only", "已评价过该方 (this side has been rated)")
    rated = Rated(body.side, body.grade, body.comment)
    if body.grade not in LOW_GRADES:
        return [rated]
    due = context.calendars(office.division).after(context.today, FOLLOW_UP_DAYS)
    return [rated, FollowUpOpened(body.side, due.day, due.provisional)]


def follow_up(case: Case, body: FollowUp, context: CommandContext) -> list[EventBody]:
    """What the rated side did about it."""
    (result,) = need("处理结果", body.result)
    due = next((one for one in case.follow_ups if one.side == body.side), None)
    if due is None or due.result:
        raise RefusedError("bad_input", "该方没有待处理的差评 (no follow-up of this side is open)")
    office = next(one for one in case.plan.offices if one.key == body.side)
    if not context.actor.serves(office):
        raise not_yours(body, "被评价方", "the side that was rated")
    return [FollowedUp(body.side, result)]
