"""Limits 时限: what must be done by when, by whom. Only those that a rule or a notice sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from tongban.kernel.model.moments import day_of
from tongban.kernel.protocol.actors import Office
from tongban.kernel.protocol.calendar import Calendar, Calendars, Due
from tongban.kernel.protocol.case import Case, FollowUpDue, Supplement
from tongban.kernel.protocol.plan import LimitRule
from tongban.kernel.protocol.terms import LIMIT_STEPS

FOLLOW_UP_DAYS = 15
"""Working days for the follow-up of a bad rating."""

LimitState: TypeAlias = Literal["running", "stopped", "met", "late", "overdue", "ended"]


@frozen
class Limit:
    """One limit of a case, as it stands at a moment.

    Attributes:
        step: one of `LIMIT_STEPS`.
        office: who must act; for `supply` the authority that waits for the applicant.
        started: the day from which it counts, itself not counted.
        working_days: with the extension, if there is one.
        due: the last day; None while the clock stands.
        provisional: whether `due` lies beyond the published calendar.
        left: working days left, 0 on the last day and after; of a clock that stands, those to come.
        done: the day on which it was met.
        state: `running`, `stopped` (the clock stands), `met`, `late` (done too late),
            `overdue` (past and not done), `ended` (the case ended first).
    """

    step: str
    office: Office
    started: date
    working_days: int
    due: date | None
    provisional: bool
    left: int
    done: date | None
    state: LimitState
    extended: int = 0
    cite: Mapping[str, Any] = field(factory=dict)
    basis: str = "stated"

    @property
    def official(self) -> str:
        """What it is for, in Chinese."""
        return LIMIT_STEPS[self.step]


def has_limit(case: Case) -> bool:
    """Whether any rule gives a limit for the handling of this case."""
    return bool(case.plan.limits)


def limits(case: Case, calendars: Calendars, now: datetime) -> tuple[Limit, ...]:
    """Every limit that has begun, in the order of the protocol.

    Args:
        case: as it stands.
        calendars: the calendar of each place.
        now: the moment.
    """
    return tuple(_all(case, calendars, day_of(now)))


def limit(case: Case, calendars: Calendars, now: datetime, step: str) -> Limit | None:
    """The limit for one step that is under way, if there is one."""
    found = [one for one in limits(case, calendars, now) if one.step == step]
    open_ones = [one for one in found if one.done is None and one.state != "ended"]
    return open_ones[0] if open_ones else None


def asked_since_arrival(case: Case) -> Supplement | None:
    """What was asked for since the case came to the authority, or was last handled anew."""
    asked = case.supplement
    since = case.reopenings[-1].at if case.reopenings else None
    return asked if asked is None or since is None or asked.asked_at >= since else None


def _all(case: Case, calendars: Calendars, today: date) -> Iterator[Limit]:
    for rule in case.plan.limits:
        for office, since, done in _spans(case, rule.step):
            yield _limit(case, calendars(office.division), rule, office, since, done, today)
    yield from _supply(case, calendars, today)
    for one in case.follow_ups:
        yield _follow_up(case, calendars, one, today)


def _spans(case: Case, step: str) -> Iterator[tuple[Office, datetime | date, datetime | None]]:
    """For whom a limit of a rule runs, since when, and when it was met."""
    acceptance = case.accepted_at or (case.ended_at if case.state == "declined" else None)
    if step in ("supplement", "accept") and case.arrived_at:
        asked = asked_since_arrival(case)
        if asked is None:
            yield case.accepting, case.arrived_at, acceptance
        else:
            yield case.accepting, case.arrived_at, asked.asked_at
            if asked.supplied_at:
                yield case.accepting, asked.supplied_at, acceptance
    if step == "confirm" and case.requested_at:
        for office in case.plan.others:
            answer = case.answers.get(office.key)
            yield office, case.requested_at, answer.at if answer else None
    if step == "examine" and case.accepted_on and not _waits(case):
        yield case.plan.lead, case.completed_at or case.accepted_on, case.examined_at
    if step == "decide" and case.accepted_on:
        since = _decision_since(case)
        if since:
            yield case.plan.lead, since, case.decided_at
    if step == "deliver" and case.decided_at:
        since = case.corrections[-1].at if case.corrections else case.decided_at
        yield case.plan.lead, since, case.delivered_at


def _waits(case: Case) -> bool:
    return bool(case.plan.others) and case.completed_at is None


def _decision_since(case: Case) -> datetime | date | None:
    """The start of the decision's limit: acceptance; after the answers, where they have their own.

    A rule that gives those who are asked a limit of their own (15 + 15 + 15)
    counts each part on its own; the law's 45 days hold for all together.
    """
    own = any(rule.step == "confirm" for rule in case.plan.limits)
    if own and case.plan.others:
        return case.completed_at
    return case.accepted_on


def _limit(
    case: Case,
    calendar: Calendar,
    rule: LimitRule,
    office: Office,
    since: datetime | date,
    done: datetime | None,
    today: date,
) -> Limit:
    started = day_of(since) if isinstance(since, datetime) else since
    extended = case.extensions.get(rule.step, 0)
    days = rule.working_days + extended
    still = [(day_of(p.since), day_of(p.until)) for p in case.pauses if p.until is not None]
    due = calendar.after(started, days, still)
    open_pause = case.pauses[-1] if case.pauses and case.pauses[-1].until is None else None
    stood = day_of(open_pause.since) if open_pause else None
    stands = stood is not None and not case.over and done is None and due.day >= stood
    done_day = day_of(done) if done else None
    state: LimitState
    if done_day:
        state = "late" if done_day > due.day else "met"
    elif case.over:
        state = "ended"
    elif stands:
        state = "stopped"
    else:
        state = "overdue" if today > due.day else "running"
    upto = stood - timedelta(days=1) if stands and stood else today
    left = max(0, days - calendar.between(started, upto, still))
    return Limit(
        rule.step, office, started, days, None if stands else due.day,
        due.provisional and not stands, left, done_day, state, extended, rule.cite, rule.basis,
    )  # fmt: skip


def _supply(case: Case, calendars: Calendars, today: date) -> Iterator[Limit]:
    """What the applicant has to supply, where the notice set a time."""
    asked, due = case.supplement, supply_due(case, calendars)
    if asked is None or due is None:
        return
    calendar = calendars(case.accepting.division)
    started = day_of(asked.asked_at)
    days = asked.working_days or calendar.between(started, due.day)
    done = day_of(asked.given_at or asked.supplied_at) if asked.supplied_at else None
    state: LimitState = "running"
    if done:
        state = "met"
    elif case.over or asked_since_arrival(case) is None:
        state = "ended"
    elif today > due.day:
        state = "overdue"
    yield Limit(
        "supply", case.accepting, started, days, due.day, due.provisional,
        calendar.between(today, due.day), done, state,
    )  # fmt: skip


def _follow_up(case: Case, calendars: Calendars, one: FollowUpDue, today: date) -> Limit:
    """What a bad rating asks of the side that was rated."""
    office = next(office for office in case.plan.offices if office.key == one.side)
    done = day_of(one.followed_at) if one.followed_at else None
    calendar = calendars(office.division)
    due = follow_up_due(one, calendar)
    state: LimitState = "overdue" if today > due.day else "running"
    if done:
        state = "late" if done > due.day else "met"
    return Limit(
        "follow_up", office, day_of(one.opened_at), FOLLOW_UP_DAYS, due.day,
        due.provisional, calendar.between(today, due.day), done, state,
    )  # fmt: skip


def supply_due(case: Case, calendars: Calendars) -> Due | None:
    """The last day to supply what is missing, as it holds now.

    Args:
        case: as it stands.
        calendars: the calendar of each place.

    Returns:
        None where nothing was asked for, or no time is set.
    """
    asked = case.supplement
    if asked is None or asked.due is None:
        return None
    calendar, started = calendars(case.accepting.division), day_of(asked.asked_at)
    told = Due(asked.due, asked.provisional)
    days = asked.working_days
    if days is None and told.provisional:
        days = calendar.published_for(started.year).between(started, told.day)
    return _holds(calendar, started, days or 0, told)


def may_move(due: Due, calendar: Calendar) -> bool:
    """Whether a last day waits for a notice: notices are known, but that of its year is not."""
    return due.provisional and calendar.published is not None


def follow_up_due(one: FollowUpDue, calendar: Calendar) -> Due:
    """The last day of a follow-up, as it holds now."""
    told = Due(one.due, one.provisional)
    return _holds(calendar, day_of(one.opened_at), FOLLOW_UP_DAYS, told)


def _holds(calendar: Calendar, started: date, days: int, told: Due) -> Due:
    """A last day that was announced, where the calendar may have been published since.

    What was counted by the published calendar stays. What was provisional follows it, and
    is never earlier than announced: others relied on it.
    """
    if not told.provisional:
        return told
    now = calendar.after(started, days)
    return Due(max(now.day, told.day), now.provisional)
