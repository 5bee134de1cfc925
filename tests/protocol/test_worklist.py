"""The work list is read in parts: nothing twice, nothing left out, whatever changes between."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel import protocol as p

NOON = datetime(2026, 3, 2, 12, tzinfo=p.CHINA)
OFFICES = ("", "630100/postal", "510100/window", "-/civil_aviation")
COMMANDS = ("accept", "confirm", "follow_up", "resume", "supply")


@st.composite
def tasks(draw: st.DrawFn) -> p.Task:
    office = draw(st.sampled_from(OFFICES))
    division, _, department = office.partition("/")
    return p.Task(
        case=draw(st.sampled_from(["CASE-1", "CASE-10", "CASE-2", "BJ20260302A"])),
        office=office,
        division=division if division not in ("", "-") else None,
        department=department,
        command=draw(st.sampled_from(COMMANDS)),
        state="arrived",
        item="630000/1-52",
        name="快递业务经营许可",
        since=NOON,
        due=draw(st.none() | st.dates(date(2026, 3, 1), date(2026, 3, 4))),
    )


def lists() -> st.SearchStrategy[list[p.Task]]:
    return st.lists(tasks(), max_size=30, unique_by=lambda task: task.key)


@given(lists(), st.integers(1, 7))
def test_the_parts_together_are_the_whole_list(found: list[p.Task], limit: int) -> None:
    parts: list[p.Task] = []
    after: p.TaskKey | None = None
    while True:
        page = p.task_page(found, limit, after)
        assert page.count == len(found)
        assert len(page.tasks) <= limit
        parts += page.tasks
        if page.after is None:
            break
        after = p.TaskKey.parse(str(page.after))
        assert after == page.after
    assert tuple(parts) == p.task_page(found).tasks
    assert sorted(parts, key=str) == sorted(found, key=str)


@given(lists(), lists(), st.integers(1, 7))
def test_what_stays_is_seen_once_whatever_is_done_between(
    found: list[p.Task], later: list[p.Task], limit: int
) -> None:
    """What was shown may be done, and more may come: the place is not a number in the list."""
    first = p.task_page(found, limit)
    if first.after is None:
        return
    known = {one.key for one in found}
    stays = [one for one in found if one not in first.tasks]
    new = [one for one in later if one.key not in known]
    rest = p.task_page([*stays, *new], after=first.after).tasks
    assert [one for one in rest if one.key in known] == list(p.task_page(stays).tasks)


@given(lists())
def test_what_is_due_first_comes_first_and_what_has_no_day_last(found: list[p.Task]) -> None:
    days = [one.due for one in p.task_page(found).tasks]
    with_day = [one for one in days if one is not None]
    assert days == [*sorted(with_day), *[None] * (len(days) - len(with_day))]


@given(tasks(), st.datetimes(timezones=st.just(p.CHINA)))
def test_an_event_that_leaves_a_task_leaves_its_place(task: p.Task, moment: datetime) -> None:
    assert evolve(task, since=moment).key == task.key


@pytest.mark.parametrize(
    "text",
    ["", "12", "-/CASE-1/accept", "2026-13-01/CASE-1/accept/", "-//accept/", "-/CASE-1/abc/"],
)
def test_what_is_not_a_place_in_the_list_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        p.TaskKey.parse(text)
