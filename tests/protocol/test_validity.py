"""How long a result holds: counted from the decision, said before it lapses, and after."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel import protocol as p
from tongban.kernel.model import Period

Make = Callable[..., Any]
MONDAY = date(2026, 3, 2)


def valid_for(world: Any, **period: int) -> None:
    """The item of this world's case says how long its result holds."""
    world.given = attrs.evolve(world.given, decision={**world.given.decision, "valid_for": period})


def held(world: Any) -> p.Validity:
    found: p.Validity | None = world.here.validity
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("period", "last"),
    [
        ({"days": 30}, date(2026, 4, 1)),
        ({"working_days": 5}, date(2026, 3, 9)),
        ({"months": 3}, date(2026, 6, 2)),
        ({"years": 5}, date(2031, 3, 2)),
    ],
)
def test_it_is_counted_from_the_day_of_the_decision(
    make: Make, period: dict[str, int], last: date
) -> None:
    world = make("local")
    valid_for(world, **period)
    world.decided()
    assert (held(world).since, held(world).until, held(world).basis) == (MONDAY, last, "rule")
    assert world.sent("notice")[-1].body["valid_until"] == last.isoformat()


@pytest.mark.parametrize(
    ("first", "period", "last"),
    [
        (date(2026, 1, 31), Period("months", 1), date(2026, 2, 28)),
        (date(2027, 11, 30), Period("months", 3), date(2028, 2, 29)),
        (date(2028, 2, 29), Period("years", 1), date(2029, 2, 28)),
        (date(2026, 12, 31), Period("months", 12), date(2027, 12, 31)),
    ],
)
def test_a_month_ends_on_the_same_day_or_its_last(first: date, period: Period, last: date) -> None:
    assert period.last_day(first) == last


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 1200))
def test_more_months_never_end_earlier(first: date, count: int) -> None:
    shorter, longer = Period("months", count).last_day(first), Period("months", count + 1)
    assert first < shorter < longer.last_day(first)


def test_the_officer_states_the_last_day_where_the_rules_do_not(make: Make) -> None:
    world = make("local")
    world.accepted()
    world.do(world.lead, p.Grant("符合条件", valid_until=date(2026, 9, 1)))
    assert held(world) == p.Validity(MONDAY, date(2026, 9, 1), "officer")


def test_what_the_paper_says_goes_before_what_the_rules_say(make: Make) -> None:
    world = make("local")
    valid_for(world, years=5)
    world.accepted()
    world.do(world.lead, p.Grant("符合条件", valid_until=MONDAY))
    assert held(world).until == MONDAY


@pytest.mark.parametrize("day", [date(2026, 3, 1), date(1926, 9, 1), date(2126, 3, 3)])
def test_a_validity_that_cannot_be_meant_is_refused(make: Make, day: date) -> None:
    world = make("local")
    world.accepted()
    refused = world.refused(world.lead, p.Grant("符合条件", valid_until=day))
    assert refused.code == "bad_input"
    assert str(day) in refused.text.zh or "100年" in refused.text.zh
    assert world.here.state == "accepted"


def test_where_nobody_says_it_nothing_is_kept(make: Make) -> None:
    world = make("local")
    world.closed()
    assert world.here.validity is None
    assert "validity" not in world.here.to_dict()
    assert all("validity" not in one.to_dict()["data"] for one in world.events)
    world.wait(4000)
    assert not world.tick().events


def test_the_applicant_is_reminded_once_and_told_once_that_it_has_lapsed(make: Make) -> None:
    world = make("local")
    valid_for(world, days=200)
    world.closed()
    last = held(world).until
    world.on(last - timedelta(days=31))
    assert not world.tick().events
    world.on(last - timedelta(days=30))
    world.tick()
    world.on(last)
    assert not world.tick().events
    world.on(last + timedelta(days=1))
    world.tick()
    world.wait(400)
    assert not world.tick().events
    assert world.kinds()[-2:] == ["expiring", "expired"]
    assert world.here.state == "closed"
    said = world.sent("notice")[-2:]
    assert [one.body["document"] for one in said] == ["有效期届满提醒", "有效期届满告知书"]
    assert {one.body["until"] for one in said} == {last.isoformat()}


def test_a_short_validity_is_reminded_of_in_its_last_quarter(make: Make) -> None:
    world = make("local")
    valid_for(world, days=40)
    world.closed()
    assert p.remind_from(held(world)) == held(world).until - timedelta(days=10)


def test_what_lapsed_before_anybody_looked_is_said_without_a_reminder(make: Make) -> None:
    world = make("local")
    valid_for(world, days=40)
    world.closed()
    world.wait(100)
    world.tick()
    assert world.kinds()[-1] == "expired"
    assert "expiring" not in world.kinds()


def test_it_waits_until_the_applicant_has_the_result(make: Make) -> None:
    world = make("local")
    valid_for(world, days=3)
    world.decided()
    world.do(world.lead, p.Deliver("post"))
    world.do(world.lead, p.Report("returned"))
    world.wait(30)
    world.tick()
    assert "expired" not in world.kinds()
    world.do(world.lead, p.Report("arrived"))
    world.tick()
    assert {"expired", "closed"} <= {*world.kinds()}


def test_what_was_denied_has_no_last_day(make: Make) -> None:
    world = make("local")
    valid_for(world, days=3)
    world.accepted()
    world.do(world.lead, p.Deny(("不符合条件",), article="《行政许可法》第三十八条"))
    assert world.here.validity is None


def test_a_clock_that_was_ahead_does_not_take_the_reminder_away(make: Make) -> None:
    world = make("local")
    valid_for(world, days=200)
    world.closed()
    begun, last = world.now, held(world).until
    world.on(last + timedelta(days=1))
    world.tick()
    world.now = begun + timedelta(days=1)
    world.do(world.lead, p.CheckClock("时钟此前过快"))
    world.on(last - timedelta(days=3))
    world.tick()
    world.on(last + timedelta(days=2))
    world.tick()
    assert world.kinds()[-4:] == ["expired", "clock_checked", "expiring", "expired"]


def test_the_store_is_woken_on_both_days(make: Make) -> None:
    world = make("local")
    valid_for(world, months=6)
    world.closed()
    for _ in range(2):
        day = p.wakes_on(world.here, world.calendars, ())
        assert day is not None
        world.on(day - timedelta(days=1))
        assert not world.tick().events
        world.on(day)
        assert world.tick().events
    assert p.wakes_on(world.here, world.calendars, ()) is None


@pytest.mark.parametrize(
    "said", [{}, {"days": 0}, {"days": 1, "months": 1}, {"weeks": 2}, {"years": 101}, "30日", 30]
)
def test_a_decision_with_a_period_that_is_none_opens_no_case(make: Make, said: object) -> None:
    world = make("local")
    world.given = attrs.evolve(world.given, decision={**world.given.decision, "valid_for": said})
    refused = p.handle(
        None, p.Command("c", "CASE-1", world.applicant, world.given), world.context()
    )
    assert isinstance(refused, p.Refusal)
    assert refused.code == "bad_input"


def test_whatever_decides_says_how_long_that_holds() -> None:
    """An event that grants or denies leaves no validity of the decision before."""
    for path in Path(p.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            keys = {getattr(key, "value", "") for key in getattr(node, "keys", ())}
            if isinstance(node, ast.Dict) and {"granted", "state"} <= keys:
                where = f"{path.name}:{node.lineno}"
                assert "validity" in keys, f"{where}: use `validity_from`, or None for a denial"
