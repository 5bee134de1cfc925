"""The working-day calendars of the places, put together from what plugins know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tongban.kernel import protocol
from tongban.kernel.kernel import Kernel
from tongban.kernel.ports.working_days import WorkingDays

__all__ = ["calendar_of", "calendars"]


def calendars(kernel: Kernel) -> protocol.Calendars:
    """The calendar of each place: what every plugin knows of it, put together once."""
    known: dict[str | None, protocol.Calendar] = {}

    def calendar(division: str | None) -> protocol.Calendar:
        if division not in known:
            known[division] = calendar_of(kernel.ports.working_days(division))
        return known[division]

    return calendar


def calendar_of(found: Sequence[WorkingDays]) -> protocol.Calendar:
    """One calendar of what several plugins know; without any, no day is known.

    Args:
        found: of one place. A holiday of one is a holiday; a day is published where each knows it.
    """
    if not found:
        return protocol.Calendar()
    spans = [one.published for one in found]
    known = None
    if all(spans):
        known = (max(span[0] for span in spans if span), min(span[1] for span in spans if span))
    holidays = frozenset().union(*(one.holidays for one in found))
    workdays = frozenset().union(*(one.workdays for one in found)) - holidays
    laws = [one.statutory for one in found if one.statutory]

    def statutory(year: int) -> frozenset[date]:
        return frozenset().union(*(law(year) for law in laws))

    return protocol.Calendar(holidays, workdays, known, statutory)
