"""Clocks at the command line: any offset, jumps back and ahead, moments that are none."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

import pytest
from tests.kit.cases.conftest import Desk

POSTAL = "officer:630100/postal"
RAW = {
    "item": "1-52",
    "channel": "online",
    "applicant": {"kind": "enterprise"},
    "places": {"operating_area": "630100"},
}


@pytest.fixture
def case(desk: Desk) -> str:
    """A case of a licence, with the authority."""
    file = desk.file("licence", RAW)
    done = desk.json("case", "submit", file, as_="applicant:a-17")
    return str(done["case"])


@pytest.mark.parametrize("at", ["2026-03-03T00:30", "2026-03-02T16:30Z", "2026-03-02T06:30-10:00"])
@pytest.mark.parametrize("offset", [-10, 0, 8, 14])
def test_a_case_is_accepted_on_the_day_in_china(
    desk: Desk, case: str, at: str, offset: int
) -> None:
    desk.clock[0] = desk.clock[0].astimezone(timezone(timedelta(hours=offset)))
    desk("case", "accept", case, "--at", at, as_=POSTAL)
    shown = desk.json("case", "show", case)
    assert shown["case"]["accepted_on"] == "2026-03-03"
    assert shown["timeline"][-1]["at"] == "2026-03-03T00:30:00+08:00"
    assert shown["next"][0]["since"] == "2026-03-03T00:30:00+08:00"


def test_a_clock_that_jumps_back_is_refused_by_status_and_code(desk: Desk, case: str) -> None:
    no = desk.json("case", "accept", case, "--at", "2025-01-26T09:00", as_=POSTAL, status=4)
    assert no["refused"]["code"] == "clock_back"
    assert "400 days" in no["refused"]["message"]
    assert desk.state(case) == "arrived"
    said = desk("case", "tick", "--at", "2025-01-26T09:00").stderr
    assert case in said
    assert "核对时钟" in said
    assert desk.state(case) == "arrived"


def test_a_clock_that_was_ahead_is_shown_and_the_case_goes_on(desk: Desk, case: str) -> None:
    assert "时钟 clock" in desk("doctor", status=None).output
    desk("case", "accept", case, "--at", "2026-03-08T09:00", as_=POSTAL)
    found = {one["name"]: one for one in desk.json("doctor", status=1)}
    assert found["时钟 clock"]["state"] == "broken"
    assert case in found["时钟 clock"]["says"]
    assert "check-clock" in found["时钟 clock"]["help"]
    examine = ("case", "examine", case, "--finding", "符合")
    desk(*examine, as_=POSTAL, status=4)
    reason = ("--reason", "时钟曾快六天")
    desk("case", "check-clock", case, *reason, as_=POSTAL)
    assert desk.json("case", "show", case)["case"]["accepted_on"] == "2026-03-02"
    desk(*examine, as_=POSTAL)
    assert "时钟曾快六天" in desk("case", "show", case).output
    desk("audit", "verify")
    assert desk.json("case", "rebuild", "--check")["different"] == []


def test_a_leap_ahead_does_not_end_a_case_and_doctor_shows_it(desk: Desk, case: str) -> None:
    ask = ("case", "supplement", case, "--wanted", "授权委托书", "--working-days", "10")
    desk(*ask, as_=POSTAL)
    desk.later(days=400)
    said = desk("case", "tick")
    assert "期限暂不自动届满" in said.stderr
    assert desk.json("case", "tick")[0]["doubt"] == "clock_ahead"
    assert desk.state(case) == "supplementing"
    found = [one for one in desk.json("doctor", status=None) if one["name"] == "时钟 clock"]
    assert [one["state"] for one in found] == ["note"]
    desk("case", "check-clock", case, "--reason", "停机四百天", as_=POSTAL)
    desk("case", "tick")
    assert desk.state(case) == "lapsed"


def test_a_case_that_is_opened_after_the_clock_went_back_is_shown(desk: Desk, case: str) -> None:
    file = desk.file("second", RAW)
    desk.later(days=-20)
    second = desk.json("case", "submit", file, as_="applicant:a-18")["case"]
    desk.later(days=20)
    (found,) = (one for one in desk.json("doctor", status=None) if "回拨" in one["says"])
    assert second in found["says"]


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00", "1970-01-01T08:00", "9999-12-31T23:59", "2200-01-01T00:00"]
)
@pytest.mark.parametrize("command", ["submit", "accept", "tick", "exchange", "list"])
def test_a_moment_at_the_edge_of_the_calendar_is_refused_at_the_door(
    desk: Desk, case: str, command: str, at: str
) -> None:
    what = {"submit": desk.file("more", RAW), "accept": case}
    words = ["case", command, *([what[command]] if command in what else []), "--at", at]
    refused = desk(*words, as_=POSTAL, status=2)
    assert "2000-01-01" in refused.stderr
    assert len(desk.json("case", "list")) == 1 or desk.json("case", "list")["id"] == case
    desk("report")
    desk("case", "next")


@pytest.mark.parametrize("year", [1, 1970, 9999])
def test_so_is_a_clock_that_says_it(desk: Desk, case: str, year: int) -> None:
    right = desk.clock[0]
    desk.clock[0] = right.replace(year=year, tzinfo=UTC)
    for words in (
        ("case", "submit", desk.file("more", RAW)),
        ("case", "accept", case),
        ("case", "tick"),
    ):
        refused = desk(*words, as_="applicant:a-17", status=2)
        assert "2000-01-01" in refused.stderr
    desk.clock[0] = right
    desk("case", "list")
    desk("case", "accept", case, as_=POSTAL)
