"""An application that the rules refuse: what the desk is told, insisting, departures, figures."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tongban.plugins.casework.naming import task_name

CHENGDU, XINING = "officer:510100/public_security", "officer:630100/public_security"
APPLICANT, WINDOW = "applicant:a-1", "window:510100"
ARTICLE = "《户口登记条例》第十条"
WHY = ("--reason", "确系工作调动", "--article", ARTICLE)


@pytest.fixture
def refused(desk: Any, applications: Any) -> str:
    """A case of Chengdu's window that the rules refuse."""
    return str(desk.receive(applications["refused"]))


def insisted(desk: Any, case: str) -> None:
    desk("case", "insist", case, "--reason", "确系工作调动", as_=APPLICANT)
    desk("case", "receive", case, as_=CHENGDU)
    desk("case", "accept", case, as_=CHENGDU)


def test_the_desk_is_told_why_and_what_can_be_done(
    desk: Any, applications: Any, golden: Callable[[str, str], None]
) -> None:
    given = (desk.file("app", applications["refused"]), "--applicant", "a-1")
    golden("receive-refused.txt", desk("case", "receive", *given, as_=WINDOW).stdout)
    case = str(desk.json("case", "list")["id"])
    golden("show-refused.txt", desk("case", "show", case).stdout)


@pytest.mark.parametrize("name", ["refused", "refused_licence", "refused_online"])
def test_machines_are_told_the_same(desk: Any, applications: Any, name: str) -> None:
    given = (desk.file("app", applications[name]), "--applicant", "a-1")
    by = APPLICANT if name == "refused_online" else WINDOW
    said = desk.json("case", "submit", *given, as_=by)
    ruled = said["ruled_ineligible"]
    assert said["state"] == "ineligible"
    assert said["next"] == []
    assert [one["rule"] for one in ruled["grounds"]]
    assert ruled["stated"]
    assert {one["kind"] for one in ruled["remedies"]} == {"reconsideration", "litigation"}
    assert {one["basis"] for one in ruled["remedies"]} == {"inferred"}
    assert ruled["insist"].startswith(f"tongban case insist {said['case']} --as ")
    shown = desk.json("case", "show", said["case"])
    assert shown["ruled_ineligible"] == ruled
    assert shown["departure"] is None


def test_what_is_typed_to_insist_is_taken(desk: Any, refused: str) -> None:
    command = desk.json("case", "show", refused)["ruled_ineligible"]["insist"]
    desk(*command.split()[1:])
    assert desk.state(refused) == "submitted"
    again = desk("case", "insist", refused, as_=APPLICANT, status=4)
    assert "不能坚持申请" in again.stderr
    stranger = desk("case", "insist", refused, as_="applicant:someone", status=4)
    assert "与本办件无关" in stranger.stderr


def test_an_eligible_case_says_nothing_of_a_refusal(desk: Any, applications: Any) -> None:
    case = desk.receive(applications["hukou"])
    shown = desk.json("case", "show", case)
    assert (shown["ruled_ineligible"], shown["departure"]) == (None, None)
    assert "按规则 by the rules" not in desk("case", "show", case).stdout


def test_who_decides_sees_what_the_rules_say(desk: Any, refused: str) -> None:
    insisted(desk, refused)
    assert "按规则 by the rules" in desk("case", "show", refused).stdout
    for given in (
        (),
        ("--reason", "情况特殊"),
        ("--reason", "情况特殊", "--article", "依照有关规定"),
    ):
        said = desk("case", "grant", refused, *given, as_=CHENGDU, status=4)
        assert "依据" in said.stderr
    desk("case", "grant", refused, *WHY, as_=CHENGDU)
    shown = desk.json("case", "show", refused)
    assert shown["departure"] == {
        "chosen": "granted",
        "outcome": "ineligible",
        "rules": ["2-03.reason"],
        "article": ARTICLE,
        "reasons": ["确系工作调动"],
    }
    screen = desk("case", "show", refused).stdout
    assert "偏离规则 departs" in screen
    assert ARTICLE in screen


def test_a_denial_that_agrees_with_the_rules_is_no_departure(desk: Any, refused: str) -> None:
    insisted(desk, refused)
    desk("case", "deny", refused, "--reason", "不属于工作调动", as_=CHENGDU)
    assert desk.json("case", "show", refused)["departure"] is None
    assert desk.json("report")["total"]["departures"] == 0


@pytest.mark.parametrize(
    ("name", "title"),
    [("refused", "不予办理告知书"), ("refused_licence", "行政许可申请不予受理决定书")],
)
def test_the_refusal_in_writing_is_genuine(
    desk: Any, applications: Any, name: str, title: str
) -> None:
    case = desk.receive(applications[name])
    key, out = str(desk.folder / "office.pem"), str(desk.folder / "out")
    desk("audit", "key", key, "--for", "510000")
    desk("case", "document", case, "ineligible", "--key", key, "-o", out, as_=WINDOW)
    (text,) = Path(out).glob("*.txt")
    said = "".join(text.read_text("utf-8").split())
    assert title in said
    assert "申请人类别：个人" in said
    assert "六十日内" in said
    assert "有关规定" not in said
    for path in Path(out).glob("*.pdf"):
        shown = desk("verify", str(path), "--key", f"{key}.pub").stdout
        assert "  理由 reasons: " in shown
        assert "  救济 remedy: 可以依法申请行政复议" in shown


def test_reports_count_refusals_by_rule_and_departures_by_office(
    desk: Any, applications: Any, refused: str
) -> None:
    desk.receive(applications["refused"])
    insisted(desk, refused)
    desk("case", "grant", refused, *WHY, as_=CHENGDU)
    declined = desk.receive(applications["hukou"])
    desk("case", "decline", declined, *WHY, as_=CHENGDU)
    report = desk.json("report")
    total = report["total"]
    assert (total["ineligible"], total["insisted"], total["departures"]) == (2, 1, 2)
    assert (total["refused"], total["granted"]) == (1, 1), "nobody declined what the rules refuse"
    places = {one["key"]: one["departures"] for one in report["by"]["place"]}
    assert places == {"510100": 2, "630100": 0}, "departures are of the office that decided"
    told = desk("report").stderr
    assert "依规则不予办理 refused by the rules: 2, 坚持申请 insisted 1" in told
    assert "偏离规则 departures: 四川省成都市 510100: 2" in told
    path = desk.folder / "report.csv"
    desk("report", "-o", str(path))
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    assert rows[0]["偏离规则 departures"] == "2"
    page = desk.folder / "report.html"
    desk("report", "-o", str(page))
    assert "依规则不予办理" in page.read_text("utf-8")


@pytest.mark.parametrize("goes_on", ["reopened", "amended"])
def test_what_the_rules_refused_stays_counted_whatever_follows(
    desk: Any, refused: str, goes_on: str
) -> None:
    if goes_on == "reopened":
        desk("case", "reopen", refused, *WHY, as_=CHENGDU)
    else:
        given = (
            "--set",
            "facts.move_reason=job_transfer",
            "--evidence",
            "调令",
            "--reason",
            "误选",
        )
        desk("case", "amend", refused, *given, as_="applicant:a-1")
    total = desk.json("report")["total"]
    assert (total["ineligible"], total["insisted"], total["open"]) == (1, 0, 1)
    desk("case", "withdraw", refused, as_="applicant:a-1")
    total = desk.json("report")["total"]
    assert (total["ineligible"], total["ended"]) == (1, 1)


def test_who_decides_elsewhere_sees_why_the_applicant_insists(desk: Any, refused: str) -> None:
    """The log stays where it was handed in; what the case says goes with it."""
    insisted(desk, refused)
    assert "the applicant insists because: 确系工作调动" in desk("case", "show", refused).stdout


def test_a_store_of_a_former_version_learns_why_the_applicant_insists(
    desk: Any, refused: str
) -> None:
    insisted(desk, refused)
    with closing(sqlite3.connect(desk.db)) as conn:
        former = "json_remove(snapshot, '$.ruled_at', '$.insisted_why')"
        assert conn.execute(f"SELECT snapshot <> {former} FROM cases").fetchall() == [(1,)]
        conn.execute(f"UPDATE cases SET snapshot = {former}")
        conn.execute("PRAGMA user_version = 6")
        conn.commit()
    assert "确系工作调动" in desk("case", "show", refused).stdout
    desk("case", "tick")  # the first that writes brings it up to date
    desk("audit", "verify")
    assert "because: 确系工作调动" in desk("case", "show", refused).stdout


def test_what_is_to_be_decided_is_named_both_ways() -> None:
    """The work list does not lean towards a grant, least of all of what the rules refuse."""
    assert task_name("grant") == "准予 grant、不予 deny"
    assert task_name("accept") == "受理 accept"


def test_a_departure_stays_counted_where_it_was_put_right(desk: Any, applications: Any) -> None:
    denied = desk.receive(applications["hukou"])
    desk("case", "accept", denied, as_=CHENGDU)
    desk("case", "confirm", denied, as_="officer:630100/public_security")
    desk("case", "deny", denied, *WHY, as_=CHENGDU)
    proof = ("--document", "户籍证明", "--granted")
    desk("case", "correct", denied, *WHY, *proof, as_=CHENGDU)
    assert "曾偏离规则 departed from the rules" in desk("case", "show", denied).stdout
    declined = desk.receive(applications["hukou"])
    desk("case", "decline", declined, *WHY, as_=CHENGDU)
    desk("case", "reopen", declined, *WHY, as_=CHENGDU)
    assert "曾偏离规则 departed from the rules" in desk("case", "show", declined).stdout
    report = desk.json("report")
    assert report["total"]["departures"] == 2
    places = {one["key"]: one["departures"] for one in report["by"]["place"]}
    assert places == {"510100": 2, "630100": 0}


def test_the_refusal_in_writing_is_there_after_somebody_insisted(desk: Any, refused: str) -> None:
    key, out = str(desk.folder / "office.pem"), desk.folder / "out"
    desk("audit", "key", key, "--for", "510000")
    first, second = out / "1", out / "2"
    desk("case", "document", refused, "ineligible", "--key", key, "-o", str(first), as_=WINDOW)
    insisted(desk, refused)
    desk("case", "document", refused, "ineligible", "--key", key, "-o", str(second), as_=WINDOW)
    one, other = (next(folder.glob("*.txt")).read_text("utf-8") for folder in (first, second))
    assert one.split("验证码")[0] == other.split("验证码")[0]


def test_what_the_rules_allow_is_refused_in_words_that_say_so(desk: Any, applications: Any) -> None:
    key, out = str(desk.folder / "office.pem"), desk.folder / "out"
    desk("audit", "key", key, "--for", "510000")
    case = desk.receive(applications["hukou"])
    desk("case", "decline", case, *WHY, as_=CHENGDU)
    desk("case", "document", case, "decline", "--key", key, "-o", str(out), as_=CHENGDU)
    (text,) = out.glob("*.txt")
    assert "按本事项规则原为可以办理" in "".join(text.read_text("utf-8").split())
