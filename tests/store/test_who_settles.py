"""A disagreement of engines is shown to who can settle it where the case is."""

from __future__ import annotations

from typing import Any

from tongban.kernel import protocol as p
from tongban.kernel.ports.store import TaskFilter
from tongban.plugins.stores.sqlite.embedded import SqliteStore

STOP = p.Suspend("durable-rules", ("a",), ("b",))
SUPERVISOR = p.Actor("supervisor", "s", "510000")


def test_at_a_window_that_only_collects_it_is_the_supervisors(
    desk: Any, store: SqliteStore
) -> None:
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


def test_where_it_has_arrived_it_is_the_accepting_authoritys(desk: Any, store: SqliteStore) -> None:
    desk.submit("licence")
    desk.carry("CASE-1", "receive", "forward", "arrive")
    desk.do("CASE-1", p.SYSTEM, STOP)
    (task,) = store.tasks(TaskFilter(p.Actor("officer", "o", "630100", "postal"))).tasks
    assert task.command == "settle"
    assert store.differences() == ()
