"""The day on which time alone does something in a case: never later than it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from tongban.kernel import protocol as p

Make = Callable[..., Any]
DAY = timedelta(days=1)


def wakes(world: Any) -> date | None:
    running = p.limits(world.here, world.calendars, world.now)
    return p.wakes_on(world.here, world.calendars, running)


def brings(world: Any, day: date) -> bool:
    """Whether a tick on a day would do anything, or doubt its clock."""
    now = max(datetime.combine(day, time(9), p.CHINA), world.now)
    step = p.tick(world.here, p.Context(now, world.calendars, world.events[-1].at))
    return bool(step.events or step.doubt)


def histories(make: Make) -> Iterator[Any]:
    """Cases at every step of the usual way, and off it."""
    for name in ("licence", "hukou", "pension", "local", "online", "newborn"):
        for steps in ("received", "arrived", "accepted", "decided", "closed"):
            world = make(name)
            getattr(world, steps)()
            yield world
    for days in (None, 5, 30, 300):
        world = make("licence")
        world.arrived()
        world.do(world.accepting, p.RequestSupplement(("证明",), days))
        yield world
    world = make("licence")
    world.arrived()
    world.do(world.accepting, p.Accept())
    world.do(world.lead, p.Pause("hearing", "听证", 5))
    yield world
    world = make("pension")
    world.closed()
    world.do(world.applicant, p.Rate(world.plan.lead.key, "very_dissatisfied"))
    yield world


def test_before_that_day_time_brings_nothing_and_on_it_something(make: Make) -> None:
    seen = 0
    for world in histories(make):
        for _ in range(12):
            found, today = wakes(world), p.day_of(world.now)
            horizon = today + 90 * DAY
            day = today
            while day < min(found or horizon, horizon):
                assert not brings(world, day), (world.kinds(), found, day)
                day += DAY
            if found is None or found >= horizon:
                break
            assert brings(world, found) or _waits_for_a_supply(world, found), world.kinds()
            seen += 1
            world.on(max(found, today))
            if not world.tick().events:
                break
    assert seen > 25, "something was tried"


def _waits_for_a_supply(world: Any, found: date) -> bool:
    """A warning that is not given any more; the day of the lapse is to come."""
    return world.here.state == "supplementing" and found <= p.day_of(world.now)


@pytest.mark.parametrize("name", ["licence", "hukou"])
def test_it_is_safely_early_however_long_nobody_looked(make: Make, name: str) -> None:
    world = make(name)
    world.arrived()
    world.do(world.accepting, p.Accept())
    while (found := wakes(world)) is not None and len(world.events) < 60:
        world.on(max(found, p.day_of(world.now)) + 40 * DAY)
        if not world.tick().events:
            break
    assert "chased" in world.kinds() or "overdue" in world.kinds()


def test_another_calendar_is_another_day(make: Make) -> None:
    world = make("licence")
    world.arrived()
    before = wakes(world)
    assert before is not None
    days = frozenset(before + n * DAY for n in range(-9, 1))
    calendar = p.Calendar(holidays=days, published=(date(2026, 1, 1), date(2026, 12, 31)))
    world.calendars = lambda division: calendar
    after = wakes(world)
    assert after is not None
    assert after > before
    assert calendar.mark != p.Calendar(published=calendar.published).mark
    assert calendar.mark == p.Calendar(days, (), calendar.published).mark
