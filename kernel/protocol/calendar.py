"""Working days: a calendar is given from outside; counting is here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from hashlib import sha256
from typing import TypeAlias

from attrs import field, frozen

_DAY = timedelta(days=1)


@frozen
class Due:
    """A last day.

    Attributes:
        provisional: whether it was counted beyond the published calendar, by weekends alone.
    """

    day: date
    provisional: bool = False


def _days(days: Iterable[date]) -> frozenset[date]:
    return frozenset(days)


def _none(year: int) -> Collection[date]:
    return ()


@frozen
class Calendar:
    """The working days of a place.

    Attributes:
        holidays: weekdays without work.
        workdays: weekend days on which people work (调休).
        published: the first and the last day for which it is known; what is counted
            beyond them is provisional.
        statutory: the weekdays of a year on which work is free by law; asked for what
            lies after `published`, where the yearly notice may move them, and adds days
            off with others to work instead.
    """

    holidays: frozenset[date] = field(converter=_days, factory=frozenset)
    workdays: frozenset[date] = field(converter=_days, factory=frozenset)
    published: tuple[date, date] | None = None
    statutory: Callable[[int], Collection[date]] = field(default=_none, repr=False, eq=False)

    def works(self, day: date) -> bool:
        """Whether `day` is a working day, as far as it is known."""
        if day.weekday() > 4 or day in self.holidays:
            return day in self.workdays
        later = self.published is not None and day > self.published[1]
        return not later or day not in self.statutory(day.year)

    def published_for(self, year: int) -> Calendar:
        """What was known when it was published for `year` and no further; then weekends alone."""
        return Calendar(
            (day for day in self.holidays if day.year <= year),
            (day for day in self.workdays if day.year <= year),
        )

    @property
    def mark(self) -> str:
        """Stands for the days that are published: where it is the same, they are."""
        days = (sorted(self.holidays), sorted(self.workdays), self.published or ())
        text = "\n".join(" ".join(day.isoformat() for day in some) for some in days)
        return sha256(text.encode()).hexdigest()[:32]

    def knows(self, day: date) -> bool:
        """Whether the calendar for `day` is published."""
        return self.published is not None and self.published[0] <= day <= self.published[1]

    def after(self, start: date, count: int, still: Iterable[tuple[date, date]] = ()) -> Due:
        """The last of `count` working days after `start`; the first day is not counted.

        Args:
            start: the day on which the period begins.
            count: how many working days.
            still: spans in which the clock stood: from the first day to the day before the last.
        """
        spans = tuple(still)
        day, left, sure = start, count, self.knows(start)
        while left > 0:
            day += _DAY
            sure = sure and self.knows(day)
            if self.works(day) and not (spans and _stands(day, spans)):
                left -= 1
        return Due(day, not sure)

    def between(self, start: date, end: date, still: Iterable[tuple[date, date]] = ()) -> int:
        """How many working days lie after `start` up to `end`, `end` included."""
        spans = tuple(still)
        days = (start + _DAY * n for n in range(1, (end - start).days + 1))
        return sum(self.works(day) and not (spans and _stands(day, spans)) for day in days)

    def before(self, day: date, count: int) -> date:
        """The day from which on `count` working days are left up to `day`."""
        left = count
        while left > 0:
            day -= _DAY
            left -= self.works(day)
        return day


Calendars: TypeAlias = Callable[[str | None], Calendar]
"""The calendar of a place, by its division code; None where no code names it."""


def _stands(day: date, spans: tuple[tuple[date, date], ...]) -> bool:
    return any(first <= day < last for first, last in spans)
