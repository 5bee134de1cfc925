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
