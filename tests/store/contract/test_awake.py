"""The store asks for the cases whose day has come, and no others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tongban.kernel import protocol as p
from tongban.kernel.ports.store import Store

Open = Callable[..., Store]


DAY = timedelta(days=1)


def test_nothing_is_awake_before_its_day(desk: Any, store: Store, clock: Any) -> None:
    for number in range(5):
        desk.submit("licence", f"CASE-{number}")
        desk.carry(f"CASE-{number}", "receive", "forward")
    assert store.awake() == ()
    clock.pass_days(8)
    assert [one.case for one in store.awake()] == [f"CASE-{number}" for number in range(5)]
    holder = store.cases()[0].holder
    assert {one.holder for one in store.awake()} == {holder}
    desk.tick("CASE-3")
    assert "CASE-3" not in [one.case for one in store.awake()]
    clock.pass_days(12)
    assert "CASE-3" in [one.case for one in store.awake()]


def test_a_case_dated_after_now_is_looked_at(desk: Any, store: Store, clock: Any) -> None:
    desk.submit("hukou")
    clock.pass_days(-3)
    assert [one.case for one in store.awake()] == ["CASE-1"]


def test_what_is_over_sleeps(desk: Any, store: Store, clock: Any) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive", "accept", "refuse")
    clock.pass_days(1000)
    assert store.awake() == ()


def test_a_calendar_that_is_published_moves_the_days_of_open_cases(
    make_desk: Any, open_store: Open, clock: Any
) -> None:
    known = [p.Calendar()]
    store = open_store(calendars=lambda division: known[0])
    desk = make_desk(store)
    desk.submit("licence", "OPEN")
    desk.carry("OPEN", "receive", "forward", "arrive")
    desk.submit("hukou", "OVER")
    desk.carry("OVER", "receive", "accept", "refuse")
    (before,) = store.deadlines("OPEN", open_only=True)[:1]
    assert before.due is not None
    assert store.follow_calendar() == 0
    days = frozenset(clock().date() + n * DAY for n in range(1, 8))
    known[0] = p.Calendar(holidays=days, published=(date(2026, 1, 1), date(2026, 12, 31)))
    assert store.follow_calendar() == 1
    (after,) = store.deadlines("OPEN", open_only=True)[:1]
    assert after.due is not None
    assert after.due > before.due
    assert not after.provisional
    assert store.follow_calendar() == 0
    assert store.differences() == ()
    assert store.verify() == ()
