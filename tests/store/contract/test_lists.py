"""Cases, limits and tasks, as people ask for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from tongban.kernel import protocol as p
from tongban.kernel.ports import store as contract
from tongban.kernel.ports.store import Store, TaskFilter

Open = Callable[..., Store]
Filter = contract.CaseFilter


def ids(store: Store, **which: Any) -> list[str]:
    return sorted(row.id for row in store.cases(Filter(**which)))


def test_cases_are_found_by_what_people_ask_for(desk: Any, store: Store) -> None:
    desk.submit("hukou", "JOINT", "applicant-1")
    desk.submit("licence", "LICENCE", "applicant-2")
    desk.submit("local", "LOCAL", "applicant-1")
    desk.carry("JOINT", "receive", "accept", "refuse")
    desk.carry("LICENCE", "receive", "forward", "arrive")
    assert ids(store) == ["JOINT", "LICENCE", "LOCAL"]
    assert ids(store, states=("arrived",)) == ["LICENCE"]
    assert ids(store, states=("arrived", "submitted")) == ["LICENCE", "LOCAL"]
    assert ids(store, over=True) == ["JOINT"]
    assert ids(store, place="510100") == ["JOINT", "LICENCE"]
    assert ids(store, place="630000") == ["JOINT", "LICENCE", "LOCAL"]
    assert ids(store, department="postal") == ["LICENCE"]
    assert ids(store, place="510100", department="postal") == []
    assert ids(store, item="630000/2-03") == ["JOINT"]
    assert ids(store, mode="joint") == ["JOINT"]
    assert ids(store, mode="join") == []
    assert len(ids(store, limit=2)) == 2
    assert ids(store, states=("closed",)) == []


def test_mine_is_what_i_have_a_part_in(desk: Any, store: Store) -> None:
    desk.submit("hukou", "JOINT", "applicant-1")
    desk.submit("licence", "LICENCE", "applicant-2")

    def mine(*actor: Any) -> list[str]:
        return ids(store, mine=p.Actor(*actor))

    assert mine("applicant", "applicant-1") == ["JOINT"]
    assert mine("applicant", "somebody") == []
    assert mine("window", "w", "510100") == ["JOINT", "LICENCE"]
    assert mine("window", "w", "110100") == []
    assert mine("officer", "o", "630100", "public_security") == ["JOINT"]
    assert mine("officer", "o", "630100", "postal") == ["LICENCE"]
    assert mine("supervisor", "s", "510000") == ["JOINT", "LICENCE"]
    assert mine("supervisor", "s", "440000") == []
    assert mine("supervisor", "s", None) == []
    assert mine("agent", "a") == []
    assert mine("system") == ["JOINT", "LICENCE"]


def test_overdue_follows_the_clock_and_not_the_last_write(
    desk: Any, store: Store, clock: Any
) -> None:
    desk.submit("licence")
    desk.carry("CASE-1", "receive", "forward", "arrive", "accept")
    assert ids(store, overdue=True) == []
    (limit,) = store.deadlines("CASE-1", open_only=True)
    assert (limit.step, limit.due) == ("decide", date(2026, 3, 30))
    (row,) = store.cases()
    assert (row.due, row.overdue) == (date(2026, 3, 30), False)
    clock.pass_days(28)
    assert ids(store, overdue=True) == []
    clock.pass_days(1)
    assert ids(store, overdue=True) == ["CASE-1"]
    assert ids(store, overdue=False) == []
    (row,) = store.cases()
    assert row.overdue


def test_a_pause_takes_the_last_day_away(desk: Any, store: Store, clock: Any) -> None:
    desk.submit("licence")
    desk.carry("CASE-1", "receive", "forward", "arrive", "accept", "pause")
    decide = [one for one in store.deadlines("CASE-1") if one.step == "decide"]
    assert [(one.status, one.due) for one in decide] == [("stopped", None)]
    clock.pass_days(100)
    assert ids(store, overdue=True) == []


def test_tasks_say_who_has_to_act_next(desk: Any, store: Store, clock: Any) -> None:
    desk.submit("hukou")
    window = p.Actor("window", "w", "510100")
    lead = p.Actor("officer", "o", "510100", "public_security")
    other = p.Actor("officer", "o", "630100", "public_security")
    assert [one.command for one in store.tasks(TaskFilter(window)).tasks] == ["receive"]
    desk.carry("CASE-1", "receive")
    assert store.tasks(TaskFilter(window)).tasks == ()
    (task,) = store.tasks(TaskFilter(lead)).tasks
    assert (task.case, task.command, task.name) == ("CASE-1", "accept", "工作调动户口迁移")
    desk.carry("CASE-1", "accept")
    assert [one.command for one in store.tasks(TaskFilter(other)).tasks] == ["confirm"]
    assert store.tasks(TaskFilter(lead)).tasks == ()
    supervisor = p.Actor("supervisor", "s", "630000")
    assert (
        store.tasks(TaskFilter(supervisor)).tasks
        == store.tasks(TaskFilter(other)).tasks
        == store.tasks(TaskFilter(case="CASE-1")).tasks
    )
    assert store.tasks(TaskFilter(p.SYSTEM)).tasks == store.tasks().tasks
    assert store.tasks(TaskFilter(p.Actor("supervisor", "s"))).tasks == ()
    assert store.tasks(TaskFilter(p.Actor("agent", "a"))).tasks == ()
    desk.carry("CASE-1", "confirm", "examine", "grant", "deliver", "report", "close")
    assert store.tasks().tasks == ()


def test_what_is_urgent_comes_first(desk: Any, store: Store, clock: Any) -> None:
    desk.submit("licence", "EARLY")
    desk.carry("EARLY", "receive", "forward", "arrive", "accept")
    clock.pass_days(7)
    desk.submit("licence", "LATE")
    desk.carry("LATE", "receive", "forward", "arrive", "supplement")
    desk.submit("licence", "THIRD")
    desk.carry("THIRD", "receive", "forward", "arrive", "accept")
    officer = p.Actor("officer", "o", "630100", "postal")
    assert [one.case for one in store.tasks(TaskFilter(officer)).tasks] == ["EARLY", "THIRD"]
    (mine,) = store.tasks(TaskFilter(p.Actor("applicant", "applicant-1"))).tasks
    assert (mine.case, mine.command, mine.due) == ("LATE", "supply", date(2026, 3, 16))


def test_a_disagreement_of_engines_is_the_accepting_authoritys_task(
    desk: Any, store: Store
) -> None:
    desk.submit("hukou")
    desk.do("CASE-1", p.SYSTEM, p.Suspend("durable-rules", ("a",), ("b",)))
    (task,) = store.tasks().tasks
    assert (task.command, task.office) == ("settle", "510100/public_security")


def test_snapshots_are_whole_cases(desk: Any, store: Store) -> None:
    desk.submit("hukou", "A")
    desk.submit("local", "B")
    for case in store.snapshots(Filter(place="630100")):
        assert case == store.case(case.id)
    assert {case.id for case in store.snapshots()} == {"A", "B"}


def test_a_case_of_another_store_goes_on_counting(
    desk: Any, store: Store, open_store: Callable[..., Store], through_json: Any
) -> None:
    desk.submit("licence")
    case = desk.carry("CASE-1", "receive", "forward")
    there = open_store("there.db")
    take = p.Command("m-1", "CASE-1", p.SYSTEM, p.TakeOver(through_json(case.to_dict())))
    step = p.handle(None, take, desk.context())
    assert isinstance(step, p.Step)
    with there.transaction() as tx:
        after = tx.append("CASE-1", 0, step.events)
    assert after is not None
    assert after.version == case.version + 1
    assert there.case("CASE-1") == p.replay(there.events("CASE-1"))
    assert there.verify() == ()
    assert there.rebuild() == 1
    assert there.differences() == ()
