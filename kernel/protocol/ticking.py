"""What time itself brings: silence, lapses, warnings, delay, closing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from tongban.kernel.model.moments import day_of
from tongban.kernel.protocol.acceptance import silently_accepted
from tongban.kernel.protocol.actors import Office
from tongban.kernel.protocol.apply import signal
from tongban.kernel.protocol.calendar import Calendars, Due
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.command_context import CommandContext
from tongban.kernel.protocol.event_body import EventBody
from tongban.kernel.protocol.handling_events import Closed, Overdue, Warned
from tongban.kernel.protocol.intake_events import Chased, Lapsed
from tongban.kernel.protocol.limits import Limit, limit, limits, may_move, supply_due

__all__ = [
    "CHASE_AFTER",
    "UNDER_WAY",
    "awaited_since",
    "changes_of_time",
    "signals_of_time",
    "warned_from",
]

CHASE_AFTER = 5
"""After this many working days without news, what is awaited is asked for again. No legal limit."""


UNDER_WAY = CHASE_AFTER
"""A supply that a window took in time may come this many working days after its last day."""


def changes_of_time(case: Case, context: CommandContext) -> list[EventBody]:
    """What changes the state because a limit has passed: acceptance by silence, lapse.

    Args:
        case: as it stands.
        context: with the moment and the calendars.
    """
    if case.state == "arrived" and case.plan.licence:
        open_limit = limit(case, context.calendars, context.now, "supplement")
        if open_limit and open_limit.state == "overdue":
            return [*_overdue(case, open_limit), *silently_accepted(case)]
    due = supply_due(case, context.calendars) if case.state == "supplementing" else None
    if due and case.supplement and _lapsed(case, due, context):
        return [Lapsed(due.day, case.supplement.outstanding)]
    return []


def _lapsed(case: Case, due: Due, context: CommandContext) -> bool:
    """Whether what is missing can no longer come, not even from a window elsewhere.

    A day that may still move, to the applicant's favour, ends nothing.
    """
    calendar = context.calendars(case.accepting.division)
    if may_move(due, calendar) or (context.given is not None and day_of(context.given) <= due.day):
        return False
    last = calendar.after(due.day, UNDER_WAY).day if case.at else due.day
    return context.today > last


def signals_of_time(case: Case, context: CommandContext) -> list[EventBody]:
    """Warnings before a limit, reports of delay after it, asking again, closing.

    Args:
        case: after `changes_of_time`.
        context: with the moment and the calendars.
    """
    found: list[EventBody] = []
    for one in limits(case, context.calendars, context.now):
        if one.step == "supply" and one.state == "overdue":
            continue  # the applicant's own, and nobody's delay
        if one.state == "overdue":
            found += _overdue(case, one)
        elif one.state == "running":
            found += _warned(case, one, context)
    found += _chased(case, context)
    if case.state == "delivered":
        found.append(Closed())
    return found


def _overdue(case: Case, late: Limit) -> Iterator[EventBody]:
    assert late.due is not None
    if signal("overdue", late.step, late.office.key, late.due) not in case.signalled:
        yield Overdue(late.step, late.due, late.office, late.provisional)


def _warned(case: Case, near: Limit, context: CommandContext) -> Iterator[EventBody]:
    assert near.due is not None
    if context.today < warned_from(near, context.calendars):
        return
    if signal("warned", near.step, near.office.key, near.due) not in case.signalled:
        yield Warned(near.step, near.due, near.office, near.provisional)


def warned_from(near: Limit, calendars: Calendars) -> date:
    """The first day on which a limit is near enough for a warning.

    Args:
        near: with a last day.
        calendars: of each place.
    """
    assert near.due is not None
    ahead = 2 if near.working_days > 5 else 1
    return calendars(near.office.division).before(near.due, ahead)


def awaited_since(case: Case) -> tuple[datetime | None, tuple[Office, ...]]:
    """Since when a case waits for other offices, and for which; None where it does not."""
    if case.state == "dispatched":
        return case.chased_at or case.shipments[-1].sent_at, (case.holder,)
    if case.state == "cohandling" and case.requested_at:
        return case.chased_at or case.requested_at, case.unanswered
    return None, ()


def _chased(case: Case, context: CommandContext) -> Iterator[EventBody]:
    """Asks again, where nothing was heard for a while since it was last asked."""
    since, awaited = awaited_since(case)
    if since is None:
        return
    calendar = context.calendars(awaited[0].division)
    if calendar.between(day_of(since), context.today) > CHASE_AFTER:
        yield Chased(awaited)
