"""Working days in China, from the package chinesecalendar: the State Council's yearly notices."""

from __future__ import annotations

from datetime import date
from functools import cache

from tongban.kernel import WorkingDays, hookimpl


@hookimpl
def working_days(division: str | None) -> WorkingDays | None:
    """The national calendar, for every place; autonomous regions may add days of their own.

    Args:
        division: six digits.

    Returns:
        The days that differ from plain weekends, and the years that are published.
        Without the package none, so that every date is provisional.
    """
    return _national()


@cache
def _national() -> WorkingDays | None:
    try:
        # Large, and only cases need it.
        from chinese_calendar import constants  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError:
        return None
    years = {day.year for day in constants.holidays}
    return WorkingDays(
        holidays=frozenset(constants.holidays),
        workdays=frozenset(constants.workdays),
        published=(date(min(years), 1, 1), date(max(years), 12, 31)),
    )
