"""The calendar of a year is published while limits run: lists, screens and tables follow it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.kit.cases.conftest import Desk

from tongban.kernel import Kernel, WorkingDays, hookimpl, protocol

POSTAL = "officer:630100/postal"
SPRING = [date(2027, 2, 5) + timedelta(n) for n in range(8)]
RAW = {
    "item": "1-52",
    "channel": "online",
    "applicant": {"kind": "enterprise"},
    "places": {"operating_area": "630100"},
}


class Notices:
    """A calendar that is published to the end of a year."""

    until = 2026

    @hookimpl
    def working_days(self, division: str | None) -> WorkingDays:
        days = [date(2027, 1, 1), *SPRING] if self.until > 2026 else []
        return WorkingDays(days, (), (date(2026, 1, 1), date(self.until, 12, 31)))


@pytest.fixture
def notices() -> Notices:
    return Notices()


@pytest.fixture
def desk(tmp_path: Path, plugins: list[Any], notices: Notices) -> Desk:
    clock = [datetime(2026, 12, 29, 9, tzinfo=protocol.CHINA)]
    names = (f"{number:032x}" for number in range(1, 1_000))
    others = [one for one in plugins if not hasattr(one, "working_days")]
    kernel = Kernel([*others, notices], clock=lambda: clock[0], ids=lambda: next(names))
    return Desk(tmp_path, kernel, clock)


@pytest.fixture
def case(desk: Desk) -> str:
    """Something is missing, to be supplied within 30 working days."""
    id = str(desk.json("case", "submit", desk.file("app", RAW), as_="applicant:a-17")["case"])
    asks = ("--wanted", "授权委托书", "--working-days", "30")
    desk("case", "supplement", id, *asks, as_=POSTAL)
    return id


def told(desk: Desk, case: str) -> list[tuple[str, bool]]:
    """The last day, everywhere that it is shown."""
    shown = desk.json("case", "show", case)
    (limit,) = (one for one in shown["limits"] if one["step"] == "supply")
    row, task = desk.json("case", "list"), desk.json("case", "next", as_="applicant:a-17")
    return [(one["due"], one["provisional"]) for one in (limit, row, shown["next"][0], task)]


def test_every_list_follows_the_calendar_after_the_next_tick(
    desk: Desk, notices: Notices, case: str
) -> None:
    assert set(told(desk, case)) == {("2027-02-09", True)}
    notices.until = 2027
    desk("case", "tick")
    assert set(told(desk, case)) == {("2027-02-18", False)}
    assert desk.json("case", "rebuild", "--check")["different"] == []
    desk("case", "tick", "--at", "2027-02-17T09:00")
    assert desk.state(case) == "supplementing"
    assert "overdue" not in desk("case", "list", "--overdue", "--at", "2027-02-17T09:00").stdout
    desk("case", "supply", case, "--all", "--at", "2027-02-18T20:00", as_="applicant:a-17")
    assert desk.state(case) == "arrived"


def test_doctor_says_that_the_calendar_has_run_out(desk: Desk, case: str) -> None:
    def calendar(*at: str) -> Any:
        found = {one["name"]: one for one in desk.json("doctor", *at, status=None)}
        return found["工作日历 calendar"]

    assert calendar()["state"] == "ok"
    assert "2026-12-31" in calendar()["says"]
    late = calendar("--at", "2027-01-04T09:00")
    assert late["state"] == "broken"
    assert "chinesecalendar" in late["help"]


@pytest.mark.parametrize("day", ["2027-02-10", "2027-03-10"])
def test_a_provisional_day_ends_no_case(desk: Desk, case: str, day: str) -> None:
    desk("case", "tick", "--at", f"{day}T09:00")
    assert desk.state(case) == "supplementing"
    desk("case", "supply", case, "--all", "--at", f"{day}T10:00", as_="applicant:a-17")
    assert desk.state(case) == "arrived"
