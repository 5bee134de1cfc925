"""A last day beyond the published calendar: told, then firm, never to the applicant's harm."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel import protocol as p

Make = Callable[..., Any]

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
SPRING = [date(2027, 2, 5) + timedelta(n) for n in range(8)]
OLD = p.Calendar(published=YEAR)
NEW = p.Calendar([date(2027, 1, 1), *SPRING], published=(YEAR[0], date(2027, 12, 31)))


def asked(world: Any, calendar: p.Calendar = OLD, days: int = 30) -> p.Limit:
    """On 29 December something is missing, to be supplied within a number of working days."""
    world.calendars = lambda division: calendar
    world.on(date(2026, 12, 28))
    world.arrived()
    world.on(date(2026, 12, 29))
    world.do(world.accepting, p.RequestSupplement(("证明",), days))
    found = world.limit("supply")
    assert isinstance(found, p.Limit)
    return found


def publish(world: Any, calendar: p.Calendar = NEW) -> p.Limit:
    world.calendars = lambda division: calendar
    found = world.limit("supply")
    assert isinstance(found, p.Limit)
    return found


def test_a_day_that_was_told_becomes_firm_when_the_calendar_is_published(make: Make) -> None:
    world = make("licence")
    told = asked(world)
    assert (told.due, told.provisional, told.working_days) == (date(2027, 2, 9), True, 30)
    firm = publish(world)
    assert (firm.due, firm.provisional, firm.working_days) == (date(2027, 2, 18), False, 30)
    world.on(date(2027, 2, 16))
    assert "lapsed" not in [event.kind for event in world.tick().events]
    world.do(world.applicant, p.Supply(("证明",)))
    assert world.here.state == "arrived"


def test_after_the_firm_day_it_is_too_late_and_the_case_lapses(make: Make) -> None:
    world = make("licence")
    asked(world)
    publish(world)
    last = NEW.after(date(2027, 2, 18), 5).day  # so long a window's letter may be on its way
    world.on(last, 23)
    assert "lapsed" not in [event.kind for event in world.tick().events]
    assert world.refused(world.applicant, p.Supply(("证明",))).code == "too_late"
    world.on(last + timedelta(days=1), 0)
    lapsed = world.tick().events[-1]
    assert (lapsed.kind, lapsed.body.due) == ("lapsed", date(2027, 2, 18))


@given(
    st.sets(st.dates(date(2027, 1, 1), date(2027, 6, 30)), max_size=40),
    st.sets(st.dates(date(2027, 1, 1), date(2027, 6, 30)), max_size=40),
    st.integers(1, 90),
)
def test_no_publication_moves_a_day_to_the_applicants_harm(
    make: Make, off: set[date], work: set[date], days: int
) -> None:
    world = make("licence")
    told = asked(world, days=days)
    calendar = p.Calendar(off - work, work, (YEAR[0], date(2027, 12, 31)))
    firm = publish(world, calendar)
    right = calendar.after(date(2026, 12, 29), days)
    assert told.due is not None
    assert firm.due == max(told.due, right.day)
    assert firm.provisional == (right.provisional if told.provisional else False)
    assert publish(world, OLD).due == told.due


def test_a_day_that_may_still_move_ends_nothing(make: Make) -> None:
    """The year has come, and its calendar is still not here: doctor says so."""
    world = make("licence")
    asked(world)
    world.on(date(2027, 2, 10))
    assert "lapsed" not in [event.kind for event in world.tick().events]
    world.do(world.applicant, p.Supply(("证明",)))
    assert world.here.state == "arrived"


def test_a_firm_day_stays_whatever_is_published_later(make: Make) -> None:
    world = make("licence")
    told = asked(world, NEW)
    assert not told.provisional
    assert publish(world, p.Calendar(published=NEW.published)).due == told.due


@pytest.mark.parametrize("days", [5, 30, 60])
def test_events_of_an_older_version_follow_the_calendar_too(make: Make, days: int) -> None:
    """They do not say how many working days were given; it follows from the days."""
    world = make("licence")
    asked(world, days=days)
    kept = [json.loads(json.dumps(event.to_dict())) for event in world.events]
    assert kept[-1]["data"].pop("working_days") == days
    case = p.replay([p.Event.from_dict(raw) for raw in kept])
    assert case is not None
    assert [p.Event.from_dict(raw).to_dict() for raw in kept] == kept
    assert "working_days" not in case.to_dict()["supplement"]
    (old,) = (
        one for one in p.limits(case, lambda division: NEW, world.now) if one.step == "supply"
    )
    right = NEW.after(date(2026, 12, 29), days)
    assert (old.due, old.provisional) == (right.day, right.provisional)


def test_a_follow_up_becomes_firm_too(make: Make) -> None:
    world = make("hukou")
    world.calendars = lambda division: OLD
    world.on(date(2026, 12, 29))
    world.closed()
    world.do(world.applicant, p.Rate(world.here.plan.lead.key, "dissatisfied"))
    told = world.limit("follow_up")
    assert (told.due, told.provisional) == (date(2027, 1, 19), True)
    world.calendars = lambda division: NEW
    firm = world.limit("follow_up")
    assert (firm.due, firm.provisional) == (date(2027, 1, 20), False)
    world.on(date(2027, 1, 20), 23)
    assert "overdue" not in [event.kind for event in world.tick().events]
    world.on(date(2027, 1, 21), 0)
    assert [event.body.due for event in world.tick().events if event.kind == "overdue"] == [
        firm.due
    ]
