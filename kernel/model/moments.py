"""Moments and days: whatever the machine's time zone, a day is a day in China.

Legal days are those of Beijing time (北京时间, UTC+8), which the whole country keeps without
summer time. A moment always carries its offset from UTC.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from tongban.kernel.errors import TongbanError

CHINA = timezone(timedelta(hours=8))
"""One time zone for the whole country."""

EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
"""The days on which something can happen in a case; all others are a clock that is wrong."""


class MomentError(TongbanError, ValueError):
    """A moment at which nothing can happen: without an offset, or outside of the calendar."""


def day_of(moment: datetime) -> date:
    """The day in China of a moment.

    Args:
        moment: with its offset from UTC.

    Raises:
        MomentError: where it has no offset: it would be another day in another zone.
    """
    if moment.tzinfo is None:
        raise MomentError(_NO_OFFSET.format(moment.isoformat()))
    try:
        return moment.astimezone(CHINA).date()
    except OverflowError:  # the first or the last hours that a computer can count
        return moment.date()


def in_china(moment: datetime) -> datetime:
    """A moment at which something happens, in China's time.

    Args:
        moment: with its offset from UTC.

    Raises:
        MomentError: where it has no offset, or its day is not from `EARLIEST` to `LATEST`.
    """
    day = day_of(moment)
    if not EARLIEST <= day <= LATEST:
        raise MomentError(
            f"{moment.isoformat()}:时间应在{EARLIEST}至{LATEST}之间,请检查时钟"
            f" (no moment for a case: it must lie from {EARLIEST} to {LATEST}; check the clock)"
        )
    return moment.astimezone(CHINA)


_NO_OFFSET = (
    "{}:时间须写明时区,如 2026-03-02T09:00+08:00"
    " (a moment needs its offset from UTC, such as 2026-03-02T09:00+08:00)"
)
