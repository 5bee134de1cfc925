"""The last day of a result and the authorisation of an agent, typed."""

from __future__ import annotations

from typing import Any

import pytest

WINDOW, CHENGDU, XINING = (
    "window:510100",
    "officer:510100/public_security",
    "officer:630100/public_security",
)
APPLICANT, AGENT = "applicant:a-1", "agent:g-1/A-1"


def granted(desk: Any, raw: Any, *day: str) -> str:
    """A case whose result the applicant has."""
    case: str = desk.receive(raw)
    desk("case", "accept", case, as_=CHENGDU)
    desk("case", "confirm", case, as_=XINING)
    desk("case", "grant", case, "--finding", "符合条件", *day, as_=CHENGDU)
    desk("case", "deliver", case, "--by", "electronic", as_=CHENGDU)
    desk("case", "close", case, as_=CHENGDU)
    return case


def papers(desk: Any) -> str:
    """The text of every document that was written."""
    found = sorted((desk.folder / "papers").glob("*.txt"))
    return "".join(one.read_text(encoding="utf-8") for one in found).replace("\n", "")


def test_the_last_day_is_shown_listed_and_counted(desk: Any, applications: Any) -> None:
    late = granted(desk, applications["hukou"], "--valid-until", "2026-04-30")
    case = granted(desk, applications["hukou"], "--valid-until", "2026-03-20")
    assert "有效期至 valid until 2026-03-20 (经办人载明" in desk("case", "show", case).stdout
    desk("case", "document", case, "-o", str(desk.folder / "papers"), as_=CHENGDU)
    assert "有效期至2026年3月20日" in papers(desk)
    assert "2026-03-20" in desk("case", "list", "--expiring", "30").stdout
    found = desk.json("case", "list", "--expiring", "60")
    assert [(one["id"], one["valid_until"]) for one in found] == [
        (case, "2026-03-20"),
        (late, "2026-04-30"),
    ]
    assert len(desk.json("case", "list", "--expiring", "60", "--limit", "1")) > 2, "one object"
    assert "valid_until" not in desk.json("case", "list", "--limit", "1")
    report = desk.json("report")
    assert report["expiring"] == [{"office": "510100/public_security", "cases": 1}]
    assert "lapse within 30 days" in desk("report").stderr


def test_time_tells_the_applicant(desk: Any, applications: Any) -> None:
    case = granted(desk, applications["hukou"], "--valid-until", "2026-03-20")
    desk.later(days=15)
    assert "有效期届满提醒" in desk("case", "tick").output
    desk.later(days=5)
    assert "有效期届满" in desk("case", "tick").output
    desk("case", "document", case, "expiry", "-o", str(desk.folder / "papers"), as_=CHENGDU)
    assert "现已届满" in papers(desk)
    assert desk.state(case) == "closed"
    assert desk.json("case", "list", "--expiring", "60") == []


@pytest.mark.parametrize(
    ("day", "status", "says"),
    [
        ("2026-03-01", 4, "早于决定之日"),
        ("2226-03-01", 4, "长期有效"),
        ("30.6.2026", 2, "write it as 2027-06-30"),
    ],
)
def test_a_last_day_that_cannot_be_is_a_sentence(
    desk: Any, applications: Any, day: str, status: int, says: str
) -> None:
    case = desk.receive(applications["hukou"])
    desk("case", "accept", case, as_=CHENGDU)
    desk("case", "confirm", case, as_=XINING)
    done = desk("case", "grant", case, "--valid-until", day, as_=CHENGDU, status=status)
    assert says in done.stderr


def test_the_scope_and_the_days_are_kept_and_shown(desk: Any, applications: Any) -> None:
    letter = ("--agent", "g-1/A-1", "--agent-scope", "补正", "--agent-until", "2026-03-10")
    case = desk.receive(applications["hukou"], *letter, "--agent-kinship", "spouse")
    shown = desk("case", "show", case).stdout
    assert "授权范围 scope: 补正 supplement" in shown
    assert "2026-03-10" in shown
    assert "配偶 spouse" in shown
    done = desk("case", "withdraw", case, as_=AGENT, status=4)
    assert "不含“撤回”" in done.stderr
    desk.later(days=30)
    assert "已于2026-03-10届满" in desk("case", "withdraw", case, as_=AGENT, status=4).stderr
    desk("case", "authorise", case, "--agent", "g-1", "--authorisation", "A-1", as_=APPLICANT)
    assert "授权范围 scope: 未载明" in desk("case", "show", case).stdout
    desk("case", "withdraw", case, as_=AGENT)


@pytest.mark.parametrize(
    ("letter", "status", "says"),
    [
        (("--agent-scope", "withdrow"), 2, "did you mean 'withdraw'"),
        (("--agent-kinship", "uncle"), 2, "spouse 配偶"),
        (("--agent-until", "2026-03-01"), 4, "已于2026-03-01届满"),
        (("--agent-from", "2026-05-01", "--agent-until", "2026-04-01"), 4, "早于起始日"),
    ],
)
def test_a_letter_that_cannot_be_opens_no_case(
    desk: Any, applications: Any, letter: tuple[str, ...], status: int, says: str
) -> None:
    file = desk.file("app", applications["hukou"])
    agent = ("--applicant", "a-1", "--agent", "g-1/A-1")
    done = desk("case", "receive", file, *agent, *letter, as_=WINDOW, status=status)
    assert says in done.stderr


def test_a_mandate_without_an_agent_is_refused(desk: Any, applications: Any) -> None:
    file = desk.file("app", applications["hukou"])
    done = desk("case", "receive", file, "--agent-scope", "rate", as_=WINDOW, status=4)
    assert "须写明代办人" in done.stderr


def test_a_case_that_is_here_gets_its_agent_by_authorise(desk: Any, applications: Any) -> None:
    case = desk.json("case", "submit", desk.file("app", applications["hukou"]), as_=WINDOW)["case"]
    done = desk("case", "receive", case, "--agent", "g-1/A-1", as_=WINDOW, status=2)
    assert "case authorise" in done.stderr
