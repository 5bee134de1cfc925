"""From events back to the command that they came of, so that the command can be tried again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tongban.kernel.protocol.command_bodies as do
from tongban.kernel.protocol.command_bodies import CommandBody
from tongban.kernel.protocol.event_body import EventBody

__all__ = ["origin"]


def origin(events: Sequence[EventBody]) -> CommandBody | None:
    """The command that yields these events, if any does in some case.

    A limit that the command set is not among what is found: it depends on the calendar.

    Args:
        events: that one command brought, in order.
    """
    first = events[0].kind
    # What comes before the event that tells the command.
    leading = first == "reissued" or (first == "examined" and len(events) > 1)
    tells: Any = events[1] if leading and len(events) > 1 else events[0]
    finding = getattr(events[0], "finding", "") if leading else ""
    made = _ORIGINS.get(tells.kind)
    return made(tells, finding) if made else None


def _decide(event: Any, finding: str) -> CommandBody:
    if event.granted:
        return do.Grant(finding, event.document)
    return do.Deny(event.reasons, finding, event.document)


_ORIGINS: Mapping[str, Callable[[Any, str], CommandBody]] = {
    "dispatched": lambda event, _: do.Forward(event.materials, event.by, event.tracking),
    "arrived": lambda event, _: do.Arrive(event.missing),
    "chased": lambda event, _: do.Chase(event.note),
    "accepted": lambda event, _: do.Accept(),
    "supplement_requested": lambda event, _: do.RequestSupplement(event.wanted, event.working_days),
    "supplied": lambda event, _: do.Supply(event.given),
    "declined": lambda event, _: do.Decline(event.reasons),
    "examined": lambda event, _: do.Examine(event.finding),
    "cohandling_confirmed": lambda event, _: do.Confirm(event.note),
    "cohandling_refused": lambda event, _: do.Refuse(event.reason),
    "paused": lambda event, _: do.Pause(event.procedure, event.reason, event.expected),
    "resumed": lambda event, _: do.Resume(event.note),
    "extended": lambda event, _: do.Extend(event.reasons, event.step, event.working_days),
    "decided": _decide,
    "delivery_started": lambda event, _: do.Deliver(event.by, event.tracking),
    "delivery_reported": lambda event, _: do.Report(event.status, event.delivery, event.note),
    "delivered": lambda event, _: do.Report("arrived", event.delivery),
    "closed": lambda event, _: do.Close(),
    "withdrawn": lambda event, _: do.Withdraw(event.reason),
    "terminated": lambda event, _: do.Terminate(event.reason),
    "rated": lambda event, _: do.Rate(event.side, event.grade, event.comment),
    "followed_up": lambda event, _: do.FollowUp(event.side, event.result),
    "stopped": lambda event, _: do.Suspend(event.engine, event.ours, event.theirs),
    "clock_checked": lambda event, _: do.CheckClock(event.reason),
    "settled": lambda event, _: do.Adjudicate(event.goes_on, event.reason),
}
