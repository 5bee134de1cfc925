"""Terms of remedies: what may be challenged, until when, and what an authority must do after."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import cast

from attrs import frozen

from tongban.kernel.errors import Text
from tongban.kernel.model.moments import day_of
from tongban.kernel.protocol.actors import Office
from tongban.kernel.protocol.calendar import Calendar, Calendars
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.case_parts import Remedy
from tongban.kernel.protocol.terms import OBLIGING, STATES, RemedyKind, RemedyOutcome, State

RECONSIDERATION_DAYS = 60
"""Calendar days for a reconsideration (行政复议法第二十条)."""

LITIGATION_MONTHS = 6
"""Months for a lawsuit (行政诉讼法第四十六条)."""

AFTER_RECONSIDERATION_DAYS = 15
"""Calendar days for a lawsuit after a decision on reconsideration (行政诉讼法第四十五条)."""

_DECIDED_ON: frozenset[RemedyOutcome] = frozenset(
    {"upheld", "changed", "revoked", "ordered", "dismissed"}
)
"""The outcomes of a reconsideration that are a decision on it."""

_DAY = timedelta(days=1)


@frozen
class RemedyTerm:
    """The time in which a remedy may be lodged.

    Attributes:
        kind: of the remedy.
        since: the day from which it counts, itself not counted.
        due: the last day; the next working day where that is a day off.
        provisional: whether the calendar of `due` is not published.
        article: the law that gives it.
        basis: `stated`; `inferred` where the day from which it counts is.
    """

    kind: RemedyKind
    since: date
    due: date
    provisional: bool
    article: str
    basis: str


def act_of(case: Case) -> str:
    """What a remedy challenges now.

    Args:
        case: as it stands, with a decision or ended without one.

    Returns:
        The number under which the decision was made (a lost result that was issued anew is of
        the same decision), or the state in which the case ended, numbered from the second on.
    """
    if case.decided_at is not None:
        return case.corrections[-1].number if case.corrections else f"{case.id}-1"
    nth = len(case.reopenings) + 1
    return case.state if nth == 1 else f"{case.state}-{nth}"


def act_text(act: str) -> Text:
    """What a remedy challenges, for people.

    Args:
        act: as `act_of` names it.
    """
    state, _, nth = act.partition("-")
    if state not in STATES:
        return Text(f"决定{act}", f"the decision {act}")
    times = Text(f"第{nth}次", f", number {nth}") if nth else Text("", "")
    return Text(f"{times.zh}“{STATES[cast(State, state)].official}”", f"`{state}`{times.en}")


def acts_of(case: Case) -> Mapping[str, Office]:
    """Every act of a case that could be challenged, with the office whose it is or was.

    Args:
        case: as it stands.

    Returns:
        By name, as `act_of` gives it: how it ended before, each decision, what holds now.
    """
    way, lead = case.plan.way, case.plan.lead
    found: dict[str, Office] = {}
    # Refused by rule at the first office; that it was is told by what followed.
    if case.refused_by_rule:
        found["ineligible"] = way[0]
    for nth, one in enumerate(case.reopenings, 1):
        sent = [way[0], *(each.target for each in case.shipments if each.sent_at <= one.at)]
        found[one.ended if nth == 1 else f"{one.ended}-{nth}"] = sent[-1]
    if case.decided_at is not None:
        numbers = (f"{case.id}-1", *(one.number for one in case.corrections))
        found |= dict.fromkeys(numbers, lead)
    if made_at(case) is not None:
        found[act_of(case)] = office_of_act(case)
    return found


def office_of_act(case: Case) -> Office:
    """The office whose act a remedy challenges now: the one that decided, or that ended it."""
    return case.plan.lead if case.decided_at is not None else case.holder


def made_at(case: Case) -> datetime | None:
    """When the act was made that a remedy challenges now; None where there is none yet."""
    if case.corrections:
        return case.corrections[-1].at
    return case.decided_at or case.ended_at


def remedy_due(
    case: Case, kind: RemedyKind, calendars: Calendars, act: str = ""
) -> RemedyTerm | None:
    """The time in which a remedy against an act may be lodged.

    Args:
        case: as it stands.
        kind: of the remedy.
        calendars: the calendar of each place.
        act: one of `acts_of`; "" for the one that holds now.

    Returns:
        None where the day is not known on which the applicant learned of the act: a decision
        that is not delivered yet, or an act of before, of which the case does not keep it.
    """
    now = act_of(case)
    act = act or now
    office = acts_of(case).get(act) or office_of_act(case)
    calendar = calendars(office.division)
    decided = _reconsidered(case, act) if kind == "litigation" else None
    if decided is not None:
        last = decided + AFTER_RECONSIDERATION_DAYS * _DAY
        return _term(kind, decided, last, calendar, "《行政诉讼法》第四十五条", "stated")
    if act != now:
        return None
    if case.decided_at is not None:
        known, basis = case.delivered_at, "stated"
    else:
        # Nothing says when the notice of an ending came: it counts from the day of the notice.
        known, basis = case.ended_at, "inferred"
    if known is None:
        return None
    since = day_of(known)
    if kind == "reconsideration":
        last = since + RECONSIDERATION_DAYS * _DAY
        return _term(kind, since, last, calendar, "《行政复议法》第二十条", basis)
    last = months_after(since, LITIGATION_MONTHS)
    return _term(kind, since, last, calendar, "《行政诉讼法》第四十六条", basis)


def _term(
    kind: RemedyKind, since: date, last: date, calendar: Calendar, article: str, basis: str
) -> RemedyTerm:
    # The first working day from `last` on: that after the day before it.
    due = calendar.after(last - _DAY, 1)
    return RemedyTerm(kind, since, due.day, not calendar.knows(due.day), article, basis)


def _reconsidered(case: Case, act: str) -> date | None:
    """The day on which a decision on reconsideration of an act was received."""
    for one in reversed(case.remedies):
        if one.kind == "reconsideration" and one.act == act and one.outcome in _DECIDED_ON:
            return one.resolved_on
    return None


def months_after(day: date, count: int) -> date:
    """The day of the same number some months later, or the last one of that month.

    Args:
        day: from which is counted.
        count: of months, not negative.
    """
    years, month = divmod(day.month - 1 + count, 12)
    year = day.year + years
    last = months.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def pending(case: Case) -> tuple[Remedy, ...]:
    """The remedies on which nothing was decided yet."""
    return tuple(one for one in case.remedies if one.pending)


def owed(case: Case) -> tuple[Remedy, ...]:
    """The remedies whose outcome the authority has not carried out yet.

    A remedy against an act that was corrected or reopened since asks for nothing more.

    Args:
        case: as it stands.
    """
    return tuple(_owed(case))


def carried_out(case: Case) -> frozenset[int]:
    """The numbers of the remedies that were carried out."""
    corrected = {one.remedy for one in case.corrections}
    return frozenset(corrected | {one.remedy for one in case.reopenings})


def _owed(case: Case) -> Iterator[Remedy]:
    act = act_of(case)
    done = carried_out(case)
    for one in case.remedies:
        if one.outcome in OBLIGING and one.act == act and one.number not in done:
            yield one
