"""What the hook `working_days` returns: how the days of a place differ from plain weeks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date

from attrs import field, frozen


def _days(days: Iterable[date]) -> frozenset[date]:
    return frozenset(days)


@frozen
class WorkingDays:
    """The working days of a place, as far as they differ from plain weeks.

    Attributes:
        holidays: weekdays without work.
        workdays: weekend days on which people work (调休).
        published: the first and the last day for which that is known; None for never.
        statutory: the weekdays of a year on which work is free by law; asked for years
            that are not published yet. What is counted with them stays provisional.
    """

    holidays: frozenset[date] = field(converter=_days, factory=frozenset)
    workdays: frozenset[date] = field(converter=_days, factory=frozenset)
    published: tuple[date, date] | None = None
    statutory: Callable[[int], Collection[date]] | None = None
