"""The work list says what the protocol's says, to everybody, in parts."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongban.kernel import protocol as p
from tongban.kernel.ports.store import Store, TaskFilter

STOP = p.Suspend("durable-rules", ("a",), ("b",))


SUPERVISOR = p.Actor("supervisor", "s", "510000")


NAMES = ("hukou", "licence", "online", "local", "newborn_elsewhere")


MakeDesk = Callable[[str], AbstractContextManager[Any]]


PEOPLE = (
    p.SYSTEM,
    p.Actor("supervisor", "s"),
    p.Actor("supervisor", "s", "630000"),
    p.Actor("supervisor", "s", "510100"),
    p.Actor("window", "w", "510100"),
    p.Actor("window", "w", "630100"),
    p.Actor("officer", "o", "510100", "public_security"),
    p.Actor("officer", "o", "630100", "public_security"),
    p.Actor("officer", "o", "630100", "postal"),
    p.Actor("officer", "o", None, "civil_aviation"),
    p.Actor("applicant", "applicant-1"),
    p.Actor("applicant", "applicant-2"),
    p.Actor("agent", "applicant-1"),
)


def expected(desk: Any, actor: p.Actor | None) -> p.TaskPage:
    store = desk.store
    return p.task_page(
        task
        for case in store.snapshots()
        for task in p.tasks(case, desk.context().calendars, store.last_moment(case.id))
        if actor is None or p.is_turn(task, case, actor)
    )


def carried(desk: Any, seed: int) -> None:
    """Cases that came as far as a seed says, by commands of those who may."""
    random_ = random.Random(seed)
    for number in range(4):
        case = f"CASE-{number}"
        desk.submit(random_.choice(NAMES), case, f"applicant-{number % 2 + 1}")
        for _ in range(random_.randrange(12)):
            choices = desk.choices(desk.store.case(case))
            if choices:
                desk.do(case, *random_.choice(choices))
        desk.clock.pass_days(random_.randrange(4))


@given(st.integers(0, 10**6), st.integers(1, 3))
@settings(max_examples=12)
def test_rows_answer_as_the_protocol_does(
    desk_in: MakeDesk, tmp_path_factory: Any, seed: int, limit: int
) -> None:
    with desk_in(str(tmp_path_factory.mktemp("list"))) as desk:
        carried(desk, seed)
        for actor in (None, *PEOPLE):
            whole = expected(desk, actor)
            assert desk.store.tasks(TaskFilter(actor)) == whole
            found, after = [], None
            while True:
                page = desk.store.tasks(TaskFilter(actor, limit=limit, after=after))
                assert page.count == whole.count
                found += page.tasks
                if (after := page.after) is None:
                    break
            assert tuple(found) == whole.tasks


def test_the_list_goes_on_behind_a_task_that_was_done(desk: Any, store: Store) -> None:
    for name in ("A", "B", "C"):
        desk.submit("licence", name)
        desk.carry(name, "receive", "forward", "arrive")
    first = store.tasks(TaskFilter(limit=1))
    (task,) = first.tasks
    assert (task.case, first.count) == ("A", 3)
    desk.carry("A", "accept")
    second = store.tasks(TaskFilter(limit=5, after=first.after))
    assert [one.case for one in second.tasks if one.case != "A"] == ["B", "C"]


@given(st.integers(0, 10**6))
@settings(max_examples=12)
def test_who_is_shown_a_task_may_do_it(desk_in: MakeDesk, tmp_path_factory: Any, seed: int) -> None:
    """Each awaited command is one that its office, or the applicant, may give."""
    with desk_in(str(tmp_path_factory.mktemp("list"))) as desk:
        carried(desk, seed)
        for case in desk.store.snapshots():
            for office, command in p.awaited(case):
                who = acting_for(case, office)
                assert command in p.possible(case, who), (case.state, command)
                assert set(p.possible(case, who)) <= set(p.allowed(case, who))


def acting_for(case: p.Case, office: p.Office | None) -> p.Actor:
    if office is None:
        return p.Actor("applicant", case.applicant)
    kinds: dict[str, p.ActorKind] = {"window": "window", "supervisor": "supervisor"}
    kind = kinds.get(office.department, "officer")
    return p.Actor(kind, "somebody", office.division, office.department)


def test_at_a_window_that_only_collects_it_is_the_supervisors(desk: Any, store: Store) -> None:
    """The authority that accepts has not got the case; the window may not settle anything."""
    desk.submit("licence")
    desk.carry("CASE-1", "receive")
    desk.do("CASE-1", p.SYSTEM, STOP)
    (task,) = store.tasks().tasks
    assert (task.command, task.office) == ("settle", "510100/supervisor")
    assert store.tasks(TaskFilter(SUPERVISOR)).tasks == (task,)
    assert store.tasks(TaskFilter(p.Actor("officer", "o", "630100", "postal"))).tasks == ()
    assert store.tasks(TaskFilter(p.Actor("window", "w", "510100"))).tasks == ()
    step = desk.do("CASE-1", SUPERVISOR, p.Adjudicate(True, "以规则为准"))
    assert isinstance(step, p.Step), "who is shown the task can do it"
    assert [one.command for one in store.tasks().tasks] == ["forward"]


def test_where_it_has_arrived_it_is_the_accepting_authoritys(desk: Any, store: Store) -> None:
    desk.submit("licence")
    desk.carry("CASE-1", "receive", "forward", "arrive")
    desk.do("CASE-1", p.SYSTEM, STOP)
    (task,) = store.tasks(TaskFilter(p.Actor("officer", "o", "630100", "postal"))).tasks
    assert task.command == "settle"
    assert store.differences() == ()


@pytest.mark.parametrize("limit", [0, -1])
def test_a_part_has_at_least_one_task(limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        TaskFilter(limit=limit)


def test_a_task_says_who_has_taken_it_and_is_left_out_for_who_stands_back(
    desk: Any, store: Store
) -> None:
    desk.submit("licence")
    desk.carry("CASE-1", "receive", "forward", "arrive")
    case = store.case("CASE-1")
    assert case is not None
    office = case.accepting

    def officer(name: str) -> p.Actor:
        return p.Actor("officer", name, office.division, office.department)

    def found(**which: Any) -> list[str]:
        return [one.taken_by for one in store.tasks(TaskFilter(**which)).tasks]

    assert found(taken_by="") == [""]
    desk.do("CASE-1", officer("甲"), p.Claim())
    assert found(actor=officer("乙"), taken_by="甲") == ["甲"]
    assert found(taken_by="") == []
    (task,) = store.tasks().tasks
    assert task.taken_at is not None
    desk.do("CASE-1", officer("甲"), p.Recuse("与申请人有近亲属关系", instead="乙"))
    assert found(actor=officer("甲")) == []
    assert found(actor=officer("")) == []
    assert found(actor=officer("乙")) == [""]
    assert found(actor=p.Actor("supervisor", "督", office.division)) == [""]
    assert store.rebuild() == 1
    assert found(actor=officer("乙")) == [""]
    assert not store.differences()
