"""What time itself brings: silence, lapses, warnings, delay, closing; and when it does next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from attrs import frozen

from tongban.kernel.model.moments import day_of
from tongban.kernel.protocol.acceptance import Lapsed, silently_accepted
from tongban.kernel.protocol.actors import Office, supervisor_of
from tongban.kernel.protocol.calendar import Calendars, Due
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.commands import CommandContext
from tongban.kernel.protocol.delivery import Closed
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.limits import Limit, limit, limits, may_move, supply_due
from tongban.kernel.protocol.messages import Draft, last_day, notice, time_limit
from tongban.kernel.protocol.transfer import Chased
from tongban.kernel.protocol.validity import validity_days, validity_of_time

__all__ = ["Overdue", "Warned", "wakes_on"]

_DAY = timedelta(days=1)

CHASE_AFTER = 5
"""After this many working days without news, what is awaited is asked for again. No legal limit."""


UNDER_WAY = CHASE_AFTER
"""A supply that a window took in time may come this many working days after its last day."""


def signal(kind: str, step: str, office: str, due: object) -> str:
    """What marks a warning or a report of delay as given."""
    return f"{kind} {step} {office} {due}"


@event("warned", by_machine=True)
@frozen
class Warned(EventBody):
    """临期预警: a limit is near."""

    step: str
    due: date
    office: Office
    provisional: bool = False

    def changes(self, case: Case, event: Event) -> Changes:
        said = signal("warned", self.step, self.office.key, self.due)
        return {"signalled": (*case.signalled, said)}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        if self.step == "supply":
            yield notice("补正期限提醒", **last_day(self.due, self.provisional))
        else:
            says = time_limit(self.step, self.office, self.due, self.provisional)
            yield self.office.key, "warning", says


@event("overdue", by_machine=True)
@frozen
class Overdue(EventBody):
    """督办: a limit has passed; the supervisor of the place that is late is told."""

    step: str
    due: date
    office: Office
    provisional: bool = False

    def changes(self, case: Case, event: Event) -> Changes:
        said = signal("overdue", self.step, self.office.key, self.due)
        return {"signalled": (*case.signalled, said)}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        says = time_limit(self.step, self.office, self.due, self.provisional)
        yield supervisor_of(self.office.division), "urge", says
        yield self.office.key, "warning", says


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
            continue  # the applicant's own, and not a delay
        if one.state == "overdue":
            found += _overdue(case, one)
        elif one.state == "running":
            found += _warned(case, one, context)
    found += _chased(case, context)
    found += validity_of_time(case, context.today)
    if case.state == "delivered":
        found.append(Closed())
    return found


def _overdue(case: Case, late: Limit) -> Iterator[EventBody]:
    assert late.due is not None
    if signal("overdue", late.step, late.office.key, late.due) not in case.signalled:
        yield Overdue(late.step, late.due, late.office, late.provisional)


def _warned(case: Case, near: Limit, context: CommandContext) -> Iterator[EventBody]:
    assert near.due is not None
    if context.today < _warned_from(near, context.calendars):
        return
    if signal("warned", near.step, near.office.key, near.due) not in case.signalled:
        yield Warned(near.step, near.due, near.office, near.provisional)


def _warned_from(near: Limit, calendars: Calendars) -> date:
    """The first day on which a limit is near enough for a warning.

    Args:
        near: with a last day.
        calendars: of each place.
    """
    assert near.due is not None
    ahead = 2 if near.working_days > 5 else 1
    return calendars(near.office.division).before(near.due, ahead)


def _awaited_since(case: Case) -> tuple[datetime | None, tuple[Office, ...]]:
    """Since when a case waits for other offices, and for which; None where it does not."""
    if case.state == "dispatched":
        return case.chased_at or case.shipments[-1].sent_at, (case.holder,)
    if case.state == "cohandling" and case.requested_at and case.unanswered:
        return case.chased_at or case.requested_at, case.unanswered
    return None, ()


def _chased(case: Case, context: CommandContext) -> Iterator[EventBody]:
    """Asks again, where nothing was heard for a while since it was last asked."""
    since, awaited = _awaited_since(case)
    if since is None:
        return
    calendar = context.calendars(awaited[0].division)
    if calendar.between(day_of(since), context.today) > CHASE_AFTER:
        yield Chased(awaited)


def wakes_on(case: Case, calendars: Calendars, running: tuple[Limit, ...]) -> date | None:
    """The first day on which time alone changes something in a case, or signals.

    `tick` would find nothing before. A store keeps that day for each case, and asks for those
    whose day has come instead of looking into every case.

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
    yield from validity_days(case)
    for one in running:
        if one.due is not None and one.done is None and one.state != "ended":
            yield from _signals(case, calendars, one)
    since, awaited = _awaited_since(case)
    if since is not None:
        # On the first day with more than this many working days behind it.
        yield calendars(awaited[0].division).after(day_of(since), CHASE_AFTER + 1).day


def _lapse(case: Case, calendars: Calendars) -> Iterator[date]:
    """When it lapses."""
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
        yield _warned_from(one, calendars)
