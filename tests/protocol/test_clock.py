"""Clocks that jump: nothing is dated before what it follows on, and no leap ends a case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel import protocol as p

Make = Callable[..., Any]
JUMPS = [timedelta(minutes=6), timedelta(hours=3), timedelta(days=1), timedelta(days=400)]


def supplementing(world: Any) -> date:
    """Something is missing, to be supplied within 10 working days; the last day."""
    world.arrived()
    world.do(world.accepting, p.RequestSupplement(("证明",), 10))
    due = world.limit("supply").due
    assert due is not None
    return due  # type: ignore[no-any-return]


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_command_before_the_last_event_is_refused_and_leaves_nothing(
    make: Make, jump: timedelta
) -> None:
    world = make("licence")
    world.accepted()
    known, right = len(world.events), world.now
    world.now -= jump
    pause = p.Pause("hearing", "听证")
    no = world.refused(world.lead, pause)
    assert no.code == "clock_back"
    assert "核对时钟" in no.message
    assert f"{right:%Y-%m-%d %H:%M}" in no.message
    stranger = p.Actor("officer", "x", "110000", "postal")
    assert world.refused(stranger, pause).code == "clock_back"
    assert p.tick(world.here, world.context()).doubt == "clock_back"
    assert len(world.events) == known
    world.now = right
    world.do(world.lead, pause)


def test_the_refusal_says_by_how_much(make: Make) -> None:
    world = make("licence")
    world.arrived()
    world.now -= timedelta(days=400, hours=2)
    assert "400 days" in world.refused(world.accepting, p.Accept()).message
    world.now += timedelta(days=400, hours=1)
    assert "60 minutes" in world.refused(world.accepting, p.Accept()).message


def test_within_the_tolerance_an_event_takes_the_moment_of_the_one_before(make: Make) -> None:
    """The clocks of the machines of one office are never quite the same."""
    world = make("licence")
    world.arrived()
    last = world.now
    world.now = last - p.TOLERANCE
    world.do(world.accepting, p.Accept())
    event = world.events[-1]
    assert (event.at, event.clock) == (last, last - p.TOLERANCE)
    assert world.here.accepted_at == last
    assert "clock" not in world.events[-2].to_dict()
    world.now = last + timedelta(minutes=1)
    world.do(world.lead, p.Examine("符合"))
    assert world.events[-1].clock is None


@given(st.lists(st.integers(-30 * 24 * 60, 60 * 24 * 60), max_size=12), st.integers(-12, 14))
def test_whatever_a_clock_does_events_never_go_back(
    make: Make, jumps: list[int], offset: int
) -> None:
    """Except where a person has looked at the clock."""
    world = make("licence")
    world.received()
    for jump in jumps:
        moved = world.now + timedelta(minutes=jump)
        world.now = moved.astimezone(timezone(timedelta(hours=offset)))
        world.keep(p.tick(world.here, world.context()))
        if world.here.over:
            break
        for body in (
            p.Accept(),
            p.Extend(("需要核实",)),
            p.Examine("符合"),
            p.Deny(("不符",), article="第三十八条"),
        ):
            world.attempt(world.lead, body)
    moments = [event.at for event in world.events]
    assert moments == sorted(moments)


def test_no_leap_of_the_clock_ends_a_case_in_silence(make: Make) -> None:
    world = make("licence")
    supplementing(world)
    known = list(world.events)
    world.wait(400)
    assert p.tick(world.here, world.context()).doubt == "clock_ahead"
    no = world.refused(world.applicant, p.Supply(("证明",)))
    assert (no.code, world.here.state) == ("clock_ahead", "supplementing")
    assert world.events == known
    world.wait(-398)  # the clock was put right: the applicant is in time
    world.do(world.applicant, p.Supply(("证明",)))
    assert world.here.state == "arrived"


def test_where_so_much_time_has_really_passed_a_person_says_so(make: Make) -> None:
    world = make("licence")
    supplementing(world)
    world.wait(400)
    assert world.refused(world.accepting, p.CheckClock("")).code == "bad_input"
    assert world.refused(world.applicant, p.CheckClock("停机")).code == "not_your_step"
    world.do(world.accepting, p.CheckClock("本机关系统停机四百天"))
    assert world.events[-1].kind == "clock_checked"
    assert [event.kind for event in world.tick().events] == ["lapsed"]


def test_after_a_clock_that_was_ahead_the_case_goes_on_from_the_right_day(make: Make) -> None:
    world = make("licence")
    world.arrived()
    right = world.now
    world.wait(3)
    world.do(world.accepting, p.Accept())
    world.now = right + timedelta(hours=1)
    assert world.limit("decide").started == p.day_of(right) + timedelta(days=3)
    assert world.refused(world.lead, p.Examine("符合")).code == "clock_back"
    world.do(world.lead, p.CheckClock("时钟曾快三天,已校准"))
    assert world.here.accepted_at == world.now
    assert world.here.accepted_on == p.day_of(right)
    assert world.limit("decide").started == p.day_of(right), "no day is given away"
    world.do(world.lead, p.Grant("符合"))


def test_a_lapse_by_a_clock_that_was_ahead_is_undone(make: Make) -> None:
    world = make("licence")
    due = supplementing(world)
    right = world.now
    world.wait(100)
    assert [event.kind for event in world.tick().events] == ["lapsed"]
    world.now = right + timedelta(days=1)
    assert world.refused(world.applicant, p.Supply(("证明",))).code == "clock_back"
    world.do(world.accepting, p.CheckClock("时钟曾快100天"))
    assert (world.here.state, world.here.ended_at) == ("supplementing", None)
    assert world.limit("supply").due == due
    assert world.documents()[-1] == "更正告知书"
    world.do(world.applicant, p.Supply(("证明",)))
    assert world.here.state == "arrived"


def test_a_lapse_by_the_right_clock_stays(make: Make) -> None:
    """What came later by a wrong clock does not undo it."""
    world = make("licence")
    supplementing(world)
    world.wait(40)
    world.tick()
    lapsed = world.now
    world.wait(300)
    world.do(world.applicant, p.Rate(world.here.accepting.key, "satisfied"))
    world.now = lapsed + timedelta(days=2)
    world.do(world.accepting, p.CheckClock("时钟曾快300天"))
    assert world.here.state == "lapsed"
    assert world.here.ratings[-1].at == world.now


def test_a_clock_that_is_not_in_doubt_is_not_checked(make: Make) -> None:
    world = make("licence")
    world.arrived()
    assert world.refused(world.accepting, p.CheckClock("例行")).code == "wrong_state"


def test_a_case_that_is_over_may_be_rated_much_later(make: Make) -> None:
    world = make("licence")
    world.closed()
    world.wait(500)
    world.do(world.applicant, p.Rate(world.here.plan.lead.key, "satisfied"))


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1, 1, 1, tzinfo=p.CHINA),
        datetime(1970, 1, 1, 8, tzinfo=p.CHINA),
        datetime(2200, 1, 1, tzinfo=p.CHINA),
        datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-12))),
        datetime(2026, 3, 2, 9),
    ],
    ids=str,
)
def test_a_moment_at_which_nothing_can_happen_is_no_context(moment: datetime) -> None:
    with pytest.raises(p.MomentError):
        p.Context(moment, lambda division: p.Calendar())
