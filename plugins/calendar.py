"""Working days in China: the State Council's yearly notices, beyond them the law's holidays.

Notices come from the package chinesecalendar. What a notice has not settled yet follows the
regulation 全国年节及纪念日放假办法 (国务院令第795号: since 2025 thirteen days a year), from the
package holidays: days by the sun, days by the moon, and the weekday off for one that falls on
a weekend (补假). Days off in exchange for others (调休) are known by a notice only.
"""

from __future__ import annotations

from collections.abc import Collection
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
        statutory=_statutory,
    )


@cache
def _statutory(year: int) -> Collection[date]:
    """The weekdays of a year off by law; none where the package is not installed."""
    try:
        # A third of a second: only for a day beyond the last notice.
        from holidays.countries.china import China  # noqa: PLC0415
    except ImportError:
        return frozenset()
    days = China(years=year, language="zh_CN")  # type: ignore[no-untyped-call]
    return frozenset(day for day in days if day.weekday() < 5)
