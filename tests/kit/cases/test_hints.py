"""At receipt: other cases of the same applicant and item, as a hint that never blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tongban.kernel.ports.store import StoreError

CHENGDU, XINING = "officer:510100/public_security", "officer:630100/public_security"
APPLICANT, WINDOW = "applicant:a-1", "window:510100"
DATA = ("金丝雀", "630102199003071231", "13897654321", "金丝路")
Ends = Callable[[Any, str], None]


def withdrawn(desk: Any, case: str) -> None:
    desk("case", "withdraw", case, as_=APPLICANT)


def declined(desk: Any, case: str) -> None:
    desk(
        "case",
        "decline",
        case,
        "--reason",
        "不属于本机关职权",
        "--article",
        "《行政许可法》第三十八条",
        as_=CHENGDU,
    )


def denied(desk: Any, case: str) -> None:
    desk("case", "accept", case, as_=CHENGDU)
    desk("case", "confirm", case, as_=XINING)
    desk(
        "case",
        "deny",
        case,
        "--reason",
        "材料不实",
        "--article",
        "《行政许可法》第三十八条",
        as_=CHENGDU,
    )


def not_confirmed(desk: Any, case: str) -> None:
    desk("case", "accept", case, as_=CHENGDU)
    desk("case", "refuse", case, "--reason", "户口已冻结", as_=XINING)


def hints(
    desk: Any, raw: Any, *more: str, applicant: str = "a-1", as_: str = WINDOW
) -> list[dict[str, Any]]:
    """What one more receipt is told."""
    given = (desk.file("again", raw), "--applicant", applicant, *more)
    found: list[dict[str, Any]] = desk.json("case", "receive", *given, as_=as_)["hints"]
    return found


def test_an_open_case_is_named_and_keeps_nothing_back(desk: Any, applications: Any) -> None:
    first = desk.receive(applications["hukou"])
    (found,) = hints(desk, applications["hukou"])
    assert found == {
        "case": first,
        "item": "630000/2-03",
        "name": "工作调动户口迁移",
        "state": "arrived",
        "why": "open",
        "day": "2026-03-02",
    }
    done = desk(
        "case", "receive", desk.file("third", applications["hukou"]), "--applicant", "a-1",
        as_=WINDOW,
    )  # fmt: skip
    assert done.stderr.count("提示 hint: 同一申请人同一事项有在办件") == 2
    assert first in done.stderr
    assert [one for one in DATA if one in done.output] == []
    assert len(desk.json("case", "list", "--mine", as_=APPLICANT)) == 3


def test_another_applicant_and_another_item_are_no_hint(desk: Any, applications: Any) -> None:
    desk.receive(applications["hukou"])
    assert hints(desk, applications["hukou"], applicant="a-2") == []
    assert hints(desk, applications["licence"]) == []
    assert desk.json("case", "receive", desk.file("new", applications["hukou"]), as_=WINDOW)[
        "hints"
    ] == []  # fmt: skip


@pytest.mark.parametrize(
    ("ends", "why"),
    [
        (withdrawn, "withdrawn"),
        (declined, "declined"),
        (denied, "denied"),
        (not_confirmed, "not_confirmed"),
    ],
)
def test_what_ended_badly_is_named_for_a_month(
    desk: Any, applications: Any, ends: Ends, why: str
) -> None:
    first = desk.receive(applications["hukou"])
    ends(desk, first)
    desk.later(days=31)
    raw = applications["hukou"] | {"as_of": "2026-04-02"}
    command = ("--id", "same")
    found = hints(desk, raw, *command)
    assert [(one["case"], one["why"], one["day"]) for one in found] == [(first, why, "2026-03-02")]
    assert hints(desk, raw, *command) == found, "the same command is told the same"
    desk.later(days=1)
    later = [one["case"] for one in hints(desk, raw)]
    # A denial that nobody has delivered is still under way.
    assert (first in later) is (why == "denied")


def test_a_returned_application_is_named(desk: Any, applications: Any) -> None:
    first = desk.receive(applications["hukou"], "--defect", "phone=电话缺位")
    (found,) = hints(desk, applications["hukou"])
    assert (found["case"], found["why"]) == (first, "returned")


def test_what_the_rules_refused_is_named(desk: Any, applications: Any) -> None:
    first = desk.receive(applications["refused"])
    (found,) = hints(desk, applications["hukou"])
    assert (found["case"], found["why"], found["state"]) == (first, "ineligible", "ineligible")
    desk("case", "insist", first, as_=APPLICANT)
    assert hints(desk, applications["licence"]) == []
    assert "open" in [one["why"] for one in hints(desk, applications["hukou"])]


def test_a_good_end_is_no_hint(desk: Any, applications: Any) -> None:
    first = desk.receive(applications["hukou"])
    desk("case", "accept", first, as_=CHENGDU)
    desk("case", "confirm", first, as_=XINING)
    desk("case", "grant", first, as_=CHENGDU)
    desk("case", "deliver", first, "--by", "electronic", as_=CHENGDU)
    desk("case", "close", first, as_=CHENGDU, status=None)
    assert desk.state(first) == "closed"
    assert hints(desk, applications["hukou"]) == []


def test_handing_in_and_receiving_a_case_say_it_too(desk: Any, applications: Any) -> None:
    first = desk.receive(applications["hukou"])
    given = (desk.file("again", applications["hukou"]), "--applicant", "a-1")
    submitted = desk.json("case", "submit", *given, as_=WINDOW)
    assert [one["case"] for one in submitted["hints"]] == [first]
    received = desk.json("case", "receive", submitted["case"], as_=WINDOW)
    assert [one["case"] for one in received["hints"]] == [first]
    assert "hints" not in desk.json("case", "accept", first, as_=CHENGDU)


def test_an_agent_is_not_told_the_number_of_a_case_of_another(desk: Any, applications: Any) -> None:
    first = desk.receive(applications["hukou"])
    agent = "agent:g-4/委2026-18"
    given = (desk.file("again", applications["hukou"]), "--applicant", "a-1")
    said = desk("case", "submit", *given, as_=agent).stderr
    assert first not in said
    assert "非本次代办" in said
    found = desk.json("case", "submit", *given, as_=agent)["hints"]
    assert sorted(one["case"] is None for one in found) == [False, True]


def test_a_store_that_cannot_look_says_so_and_receives(
    desk: Any, applications: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tongban.plugins.stores.sqlite.embedded import SqliteStore

    def broken(*_: object) -> Any:
        raise StoreError("行已损坏 (a damaged row)")

    monkeypatch.setattr(SqliteStore, "cases", broken)
    given = (desk.file("app", applications["hukou"]), "--applicant", "a-1")
    done = desk("case", "receive", *given, as_=WINDOW)
    assert "未能查找" in done.stderr
    assert "收件" in done.stdout


@pytest.mark.parametrize(
    ("day", "earliest"),
    [("2026-03-31", "2026-02-28"), ("2026-01-15", "2025-12-15"), ("0001-01-09", "0001-01-01")],
)
def test_a_month_is_of_the_calendar(day: str, earliest: str) -> None:
    from datetime import date

    from tongban.plugins.casework.hints import month_before

    assert month_before(date.fromisoformat(day)) == date.fromisoformat(earliest)
