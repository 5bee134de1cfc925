"""Validity (有效期) of a result: counted from the day of the decision; a reminder; its lapse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from attrs import evolve, frozen

from tongban.kernel.model.moments import day_of
from tongban.kernel.model.rules import MOST_YEARS, Period
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.case_parts import Validity
from tongban.kernel.protocol.commands import CommandContext, refuse_unless
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.messages import Draft, notice

__all__ = ["Expired", "Expiring", "remind_from", "validity_from"]

REMIND_DAYS = 30
"""So many days before the last one, or a quarter of the period where that is less, the applicant
is reminded. Practice, no rule of law."""

_DAY = timedelta(days=1)


def validity_from(
    case: Case, context: CommandContext, stated: date | None = None
) -> Validity | None:
    """How long a result holds that is decided now.

    Args:
        case: as it stands, with its plan.
        context: with the day of the decision and the calendars.
        stated: the last day as the officer states it; None for what the rules say.

    Returns:
        None where neither the rules nor the officer say it.

    Raises:
        RefusedError: where the last day is before the decision, or too far away to be meant.
    """
    today, rule = context.today, case.plan.valid_for
    if stated is not None:
        refuse_unless(
            stated >= today,
            f"有效期截止日{stated}早于决定之日{today},请核对日期",
            f"the validity ends on {stated}, before the decision of {today}: look at the day",
        )
        refuse_unless(
            stated <= Period("years", MOST_YEARS).last_day(today),
            f"有效期截止日{stated}距决定之日超过{MOST_YEARS}年;长期有效的,不填截止日",
            f"the validity ends more than {MOST_YEARS} years after the decision; leave the day out"
            " where the result holds without end",
        )
        return Validity(today, stated, "officer")
    if rule is None:
        return None
    if rule.period.unit == "working_days":
        due = context.calendars(case.plan.lead.division).after(today, rule.period.count)
        return Validity(today, due.day, "rule", due.provisional)
    return Validity(today, rule.period.last_day(today), "rule")


def same_validity(
    made: Validity | None, found: Validity | None, most: timedelta, *, counted: bool
) -> bool:
    """Whether a validity that another store counted is the one counted here.

    Working days count by the calendar of that place, which may be another here.

    Args:
        made: as it is counted here.
        found: as the other store counted it.
        most: no period takes longer, whatever the calendar says.
        counted: whether the rule gives working days.
    """
    if not counted or made is None or found is None or found.basis != "rule":
        return made == found
    fits = found.since <= found.until <= found.since + most
    return fits and evolve(made, until=found.until, provisional=found.provisional) == found


def remind_from(held: Validity) -> date:
    """The first day on which the applicant is reminded that a result lapses."""
    ahead = min(REMIND_DAYS, (held.until - held.since).days // 4)
    return held.until - ahead * _DAY


def _running(case: Case) -> Validity | None:
    """The validity of a result that the applicant has; None where there is none that counts."""
    counts = case.granted and case.state in ("delivered", "closed")
    return case.validity if counts else None


def _reminded(held: Validity) -> bool:
    # By the day: a clock that was ahead may have been put right since.
    return held.reminded_at is not None and day_of(held.reminded_at) >= remind_from(held)


def _expired(held: Validity) -> bool:
    return held.expired_at is not None and day_of(held.expired_at) > held.until


def validity_of_time(case: Case, today: date) -> Iterator[EventBody]:
    """The reminder before a result lapses, and its lapse; each once.

    Args:
        case: as it stands.
        today: in China.
    """
    held = _running(case)
    if held is None or _expired(held):
        return
    if today > held.until:
        yield Expired(held.until)
    elif today >= remind_from(held) and not _reminded(held):
        yield Expiring(held.until)


def validity_days(case: Case) -> Iterator[date]:
    """The days on which `validity_of_time` finds something next."""
    held = _running(case)
    if held is None or _expired(held):
        return
    yield held.until + _DAY
    if not _reminded(held):
        yield remind_from(held)


def _held(case: Case) -> Validity:
    assert case.validity is not None
    return case.validity


@event("expiring")
@frozen
class Expiring(EventBody):
    """有效期届满提醒: the last day of a result is near. No rule of law asks for it."""

    until: date

    def changes(self, case: Case, event: Event) -> Changes:
        return {"validity": evolve(_held(case), reminded_at=event.at)}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        yield notice("有效期届满提醒", **_says(after))


@event("expired")
@frozen
class Expired(EventBody):
    """有效期届满: the last day of a result has passed. The case stays as it is."""

    until: date

    def changes(self, case: Case, event: Event) -> Changes:
        return {"validity": evolve(_held(case), expired_at=event.at)}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        yield notice("有效期届满告知书", **_says(after))


def _says(case: Case) -> dict[str, Any]:
    held = _held(case)
    return {
        "number": case.result,
        "since": held.since.isoformat(),
        "until": held.until.isoformat(),
    }
