"""When a case is to be looked at next: the first day on which time alone does something in it.

`tick` would find nothing before. A store keeps that day for each case, and asks for those
whose day has come instead of looking into every case.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from tongban.kernel.model.moments import day_of
from tongban.kernel.protocol.apply import signal
from tongban.kernel.protocol.calendar import Calendars
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.limits import Limit, may_move, supply_due
from tongban.kernel.protocol.ticking import CHASE_AFTER, UNDER_WAY, awaited_since, warned_from

__all__ = ["wakes_on"]

_DAY = timedelta(days=1)


def wakes_on(case: Case, calendars: Calendars, running: tuple[Limit, ...]) -> date | None:
    """The first day on which time alone changes something in a case, or signals.

    It holds until the next event of the case, and until another calendar is published.

    Args:
        case: as it stands.
        calendars: of each place.
        running: `limits` of the case, at any moment after its last event.

    Returns:
        A day, which may have passed; None where time brings nothing.
    """
    return min(_days(case, calendars, running), default=None)


def _days(case: Case, calendars: Calendars, running: tuple[Limit, ...]) -> Iterator[date]:
    if case.state == "delivered":
        yield day_of(case.delivered_at or case.submitted_at)
    yield from _lapse(case, calendars)
    for one in running:
        if one.due is not None and one.done is None and one.state != "ended":
            yield from _signals(case, calendars, one)
    since, awaited = awaited_since(case)
    if since is not None:
        # On the first day with more than this many working days behind it.
        yield calendars(awaited[0].division).after(day_of(since), CHASE_AFTER + 1).day


def _lapse(case: Case, calendars: Calendars) -> Iterator[date]:
    """When it is accepted by silence, or lapses."""
    due = supply_due(case, calendars) if case.state == "supplementing" else None
    if due is None:
        return
    calendar = calendars(case.accepting.division)
    if not may_move(due, calendar):
        yield (calendar.after(due.day, UNDER_WAY).day if case.at else due.day) + _DAY


def _signals(case: Case, calendars: Calendars, one: Limit) -> Iterator[date]:
    """When a limit is near, and when it has passed; each is said once."""
    assert one.due is not None

    def said(what: str) -> bool:
        assert one.due is not None
        return signal(what, one.step, one.office.key, one.due) in case.signalled

    silent = case.state == "arrived" and case.plan.licence and one.step == "supplement"
    late = one.step != "supply" and (silent or not said("overdue"))
    if late:
        yield one.due + _DAY
    if not said("warned") and not said("overdue"):
        yield warned_from(one, calendars)
