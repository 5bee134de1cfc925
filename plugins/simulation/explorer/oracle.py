"""Counting working days a second time, from the log alone: a check of the protocol's count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeAlias

from tongban.kernel import protocol as p

Span: TypeAlias = tuple[date, date | None]
"""From the day on which a clock stopped to the day on which it went on; None while it stands."""


def standstills(log: Sequence[p.Event]) -> list[Span]:
    """When the clock of a case stood, by its log.

    Args:
        log: its events.
    """
    spans: list[Span] = []
    for event in log:
        if event.kind == "paused":
            spans.append((p.day_of(event.at), None))
        elif spans and spans[-1][1] is None and event.kind in ("resumed", *_ENDS):
            spans[-1] = (spans[-1][0], p.day_of(event.at))
    return spans


_ENDS = ("withdrawn", "terminated", "returned")


def passed(
    calendar: p.Calendar, started: date, days: int, today: date, spans: Sequence[Span]
) -> bool:
    """Whether a limit has passed.

    Args:
        calendar: of the place that must act.
        started: the day from which it counts, itself not counted.
        days: this many working days are allowed.
        today: the day on which that is asked.
        spans: in which the clock stood: the first day stands, the last one runs.
    """
    used, day = 0, started
    while used < days and day < today:
        day += timedelta(days=1)
        stood = any(since <= day and (until is None or day < until) for since, until in spans)
        used += calendar.works(day) and not stood
    return used == days and day < today


def last_day_of_remedy(
    remedy: str, known: date | None, reconsidered: date | None, calendar: p.Calendar
) -> date | None:
    """Until when a reconsideration or a lawsuit may be lodged, counted day by day.

    Args:
        remedy: `reconsideration` or `litigation`.
        known: the day on which the applicant learned of the act.
        reconsidered: the day on which the decision on its reconsideration came, if one did.
        calendar: of the place whose office acted.

    Returns:
        None where the day from which it counts is not known.
    """
    day = known
    if remedy == "litigation" and reconsidered is not None:
        day = _days_on(reconsidered, 15)
    elif day is not None:
        day = _days_on(day, 60) if remedy == "reconsideration" else _months_on(day, 6)
    while day is not None and not calendar.works(day):
        day += timedelta(days=1)
    return day


def _days_on(day: date, count: int) -> date:
    for _ in range(count):
        day += timedelta(days=1)
    return day


def _months_on(day: date, count: int) -> date:
    """The same day some months later; the last of that month where it has none."""
    wanted = day.day
    for _ in range(count):
        day = day.replace(day=1) + timedelta(days=31)  # somewhere in the next month
    following = day.replace(day=1) + timedelta(days=31)
    last = (following.replace(day=1) - timedelta(days=1)).day
    return day.replace(day=min(wanted, last))
