"""Working days over holidays, make-up days, year ends, and beyond the published calendar."""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel import Kernel, WorkingDays
from tongban.kernel import protocol as p
from tongban.kernel.service import calendar_of

CHINA = calendar_of(Kernel().ports.working_days("630100"))
LAW = CHINA.statutory
DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        ("2026-03-02", 5, "2026-03-09"),  # plain weeks; the first day is not counted
        ("2026-02-13", 1, "2026-02-14"),  # the Saturday before the Spring Festival is worked
        ("2026-02-13", 2, "2026-02-24"),  # then nine days are free
        ("2026-02-13", 6, "2026-02-28"),  # and a second Saturday is worked
        ("2026-02-13", 20, "2026-03-19"),
        ("2026-02-18", 5, "2026-02-28"),  # received on a holiday
        ("2025-12-29", 5, "2026-01-06"),  # New Year, and Sunday 4 January is worked
        ("2026-09-30", 5, "2026-10-13"),  # the National Day, Saturday 10 October is worked
        ("2026-09-18", 3, "2026-09-22"),  # Sunday 20 September is worked
    ],
)
def test_working_days_follow_the_published_calendar(start: str, count: int, due: str) -> None:
    found = CHINA.after(date.fromisoformat(start), count)
    assert found == p.Due(date.fromisoformat(due), provisional=False)


def test_beyond_the_last_published_year_it_is_said_that_a_day_is_provisional() -> None:
    last = CHINA.published
    assert last is not None
    end = last[1]
    assert not CHINA.after(end - timedelta(days=20), 5).provisional
    beyond = CHINA.after(end, 5)
    assert beyond.provisional
    assert beyond.day > p.Calendar().after(end, 5).day, "New Year's Day is a holiday by law"


def test_beyond_it_the_holidays_of_the_law_are_known() -> None:
    """2027: eleven weekdays off, those for a day on a weekend among them; no exchange of days."""
    off = [
        (1, 1), (2, 5), (2, 8), (2, 9), (2, 10), (4, 5), (5, 3), (5, 4), (6, 9), (9, 15),
        (10, 1), (10, 4), (10, 5),
    ]  # fmt: skip
    known = p.Calendar(published=(date(2026, 1, 1), date(2026, 12, 31)), statutory=LAW)
    days = (date(2027, 1, 1) + timedelta(n) for n in range(365))
    assert [(d.month, d.day) for d in days if d.weekday() < 5 and not known.works(d)] == off
    due = known.after(date(2026, 12, 29), 30)
    assert (due.day, due.provisional) == (date(2027, 2, 16), True)


def test_what_is_published_is_not_asked_of_the_law() -> None:
    def law(year: int) -> frozenset[date]:
        raise AssertionError(year)

    known = p.Calendar(published=(date(2026, 1, 1), date(2026, 12, 31)), statutory=law)
    assert known.works(date(2026, 10, 1))
    assert known.works(date(2025, 10, 1))
    with pytest.raises(AssertionError, match="2027"):
        known.works(date(2027, 1, 1))


def test_the_whole_span_must_be_published_not_only_its_end() -> None:
    known = p.Calendar(published=(date(2026, 1, 1), date(2026, 12, 31)))
    assert known.after(date(2025, 12, 30), 5).provisional
    assert not known.after(date(2026, 1, 5), 5).provisional


def test_a_day_is_a_day_in_china() -> None:
    moment = datetime(2026, 3, 1, 18, 30, tzinfo=timezone.utc)  # noqa: UP017
    assert p.day_of(moment) == date(2026, 3, 2)


def test_a_moment_without_its_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        p.Context(datetime(2026, 3, 2), lambda division: CHINA)


def test_a_span_in_which_the_clock_stood_does_not_count() -> None:
    still = [(date(2026, 3, 4), date(2026, 3, 11))]
    assert CHINA.after(date(2026, 3, 2), 5, still).day == date(2026, 3, 16)
    assert CHINA.after(date(2026, 3, 2), 1, still).day == date(2026, 3, 3)
    assert CHINA.after(date(2026, 3, 2), 2, still).day == date(2026, 3, 11)


@given(DAYS, st.integers(1, 60))
def test_counting_forth_and_back_agree(start: date, count: int) -> None:
    due = CHINA.after(start, count).day
    assert CHINA.works(due)
    assert CHINA.between(start, due) == count
    assert CHINA.between(start, due - timedelta(days=1)) == count - 1


@given(DAYS, st.integers(1, 30), st.integers(0, 30), st.integers(0, 40))
def test_a_pause_never_shortens_a_limit(start: date, count: int, after: int, long: int) -> None:
    begin = start + timedelta(days=after)
    still = [(begin, begin + timedelta(days=long))]
    plain, paused = CHINA.after(start, count).day, CHINA.after(start, count, still).day
    assert paused >= plain
    assert CHINA.between(start, paused, still) == count
    if begin > plain or not long:
        assert paused == plain


def test_without_the_package_every_date_is_provisional(monkeypatch: pytest.MonkeyPatch) -> None:
    from tongban.plugins import calendar as module

    monkeypatch.setitem(sys.modules, "chinese_calendar", None)
    module._national.cache_clear()
    try:
        known = Kernel().ports.working_days("630100")
        assert calendar_of(known).after(date(2026, 3, 2), 5).provisional
    finally:
        module._national.cache_clear()


def test_what_several_plugins_know_is_put_together() -> None:
    """A region's own holiday beside the national calendar, published for one year only."""
    nation = WorkingDays(
        {date(2026, 2, 17)}, {date(2026, 2, 14)}, (date(2025, 1, 1), date(2026, 12, 31))
    )
    region = WorkingDays({date(2026, 2, 18)}, (), (date(2026, 1, 1), date(2027, 12, 31)))
    both = calendar_of([nation, region])
    assert [both.works(date(2026, 2, day)) for day in (14, 16, 17, 18)] == [
        True,
        True,
        False,
        False,
    ]
    assert both.published == (date(2026, 1, 1), date(2026, 12, 31))
    assert calendar_of([nation, WorkingDays()]).published is None
