"""The limits of a case, counted a second time, by other code than the protocol's.

What the invariants compare with. Slow and plain on purpose: it walks day by day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import TypeAlias

from attrs import frozen

from tongban.kernel import protocol

_ONE = timedelta(days=1)
_FOLLOW_UP = 15


@frozen
class Due:
    """A limit that is not met: its last day, None while the clock stands."""

    step: str
    office: str
    day: date | None


def dues(case: protocol.Case, calendars: protocol.Calendars) -> tuple[Due, ...]:
    """Every limit of a case that has begun, is not met and did not end with the case."""
    return tuple(_dues(case, calendars))


def _dues(case: protocol.Case, calendars: protocol.Calendars) -> Iterator[Due]:
    if not case.over:
        for rule in case.plan.limits:
            days = rule.working_days + case.extensions.get(rule.step, 0)
            for office, since in BEGUN[rule.step](case):
                yield _due(case, calendars, rule.step, office, since, days)
        asked = case.supplement
        if case.state == "supplementing" and asked and asked.due:
            yield Due("supply", case.accepting.key, asked.due)
    for one in case.follow_ups:
        if not one.result:
            office = next(o for o in case.plan.offices if o.key == one.side)
            yield _due(case, calendars, "follow_up", office, one.opened_at, _FOLLOW_UP, still=False)


_Begun: TypeAlias = Iterator[tuple[protocol.Office, datetime | date]]


def _accept(case: protocol.Case) -> _Begun:
    if case.arrived_at and not case.accepted_at and case.state in ("arrived", "stopped"):
        asked = case.supplement
        if asked and case.reopenings and asked.asked_at < case.reopenings[-1].at:
            asked = None
        supplied = asked.supplied_at if asked else case.arrived_at
        if supplied:
            yield case.accepting, supplied


def _confirm(case: protocol.Case) -> _Begun:
    if case.requested_at:
        for office in case.unanswered:
            yield office, case.requested_at


def _examine(case: protocol.Case) -> _Begun:
    since = case.completed_at if case.plan.others else case.accepted_on
    if case.accepted_on and since and not case.examined_at:
        yield case.plan.lead, since


def _decide(case: protocol.Case) -> _Begun:
    own = any(rule.step == "confirm" for rule in case.plan.limits) and case.plan.others
    begins = case.completed_at if own else case.accepted_on
    if case.accepted_on and begins and not case.decided_at:
        yield case.plan.lead, begins


def _deliver(case: protocol.Case) -> _Begun:
    if case.accepted_on and case.decided_at and not case.delivered_at:
        yield case.plan.lead, case.corrections[-1].at if case.corrections else case.decided_at


BEGUN: Mapping[str, Callable[[protocol.Case], _Begun]] = {
    "supplement": _accept,
    "accept": _accept,
    "examine": _examine,
    "confirm": _confirm,
    "decide": _decide,
    "deliver": _deliver,
}
"""For whom a limit of a rule runs, and since when, by what it is for."""


def _due(
    case: protocol.Case,
    calendars: protocol.Calendars,
    step: str,
    office: protocol.Office,
    since: datetime | date,
    days: int,
    still: bool = True,
) -> Due:
    calendar = calendars(office.division)
    day = protocol.day_of(since) if isinstance(since, datetime) else since
    left = days
    while left > 0:
        day += _ONE
        if still and _stands(case, day):
            if _for_ever(case, day):
                return Due(step, office.key, None)
            continue
        left -= calendar.works(day)
    if still and _for_ever(case, day):
        return Due(step, office.key, None)
    return Due(step, office.key, day)


def _stands(case: protocol.Case, day: date) -> bool:
    """Whether the clock stood on a day: from the first day of a procedure to its last but one."""
    return any(
        protocol.day_of(one.since) <= day
        and (one.until is None or day < protocol.day_of(one.until))
        for one in case.pauses
    )


def _for_ever(case: protocol.Case, day: date) -> bool:
    last = case.pauses[-1] if case.pauses else None
    return last is not None and last.until is None and protocol.day_of(last.since) <= day


def remedy_day(case: protocol.Case, kind: str, calendars: protocol.Calendars) -> date | None:
    """The last day of a remedy against what holds now; None while no term runs.

    Args:
        case: as it stands right before the remedy is lodged.
        kind: `reconsideration` or `litigation`.
        calendars: the working days of places.
    """
    decided = case.decided_at is not None
    office = case.plan.lead if decided else case.holder
    known = case.delivered_at if decided else case.ended_at
    day = protocol.day_of(known) if known else None
    told = _told_of_reconsideration(case) if kind == "litigation" else None
    if told is not None:
        last = told + 15 * _ONE
    elif day is None:
        return None
    elif kind == "reconsideration":
        last = day + 60 * _ONE
    else:
        last = _same_day_later(day, 6)
    calendar = calendars(office.division)
    while not calendar.works(last):
        last += _ONE
    return last


def _told_of_reconsideration(case: protocol.Case) -> date | None:
    """When a decision on a reconsideration came, since the act was made that holds now."""
    since = case.corrections[-1].at if case.corrections else case.decided_at or case.ended_at
    found = None
    for one in case.remedies:
        whole = one.outcome not in (None, "withdrawn", "not_admitted")
        if one.kind == "reconsideration" and whole and since and one.lodged_at >= since:
            found = one.resolved_on
    return found


def _same_day_later(day: date, months: int) -> date:
    """Month by month; where a month is too short, its last day."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    for number in range(day.day, 27, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    return date(year, month, day.day)
