"""Change of contact, recusal and taken tasks at the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

LEAD, ABOVE = "officer:510100/public_security", "supervisor:510000@督"
WANG, LI = f"{LEAD}@wang", f"{LEAD}@li"
MOVED = "四川省成都市武侯区人民南路四段1号"


@pytest.fixture
def case(desk: Any, applications: Any) -> str:
    """A case that the lead has to accept."""
    return str(desk.receive(applications["hukou"]))


def test_a_new_address_is_on_the_label_and_not_in_the_log(desk: Any, case: str) -> None:
    words = ("case", "change-contact", case, "--address", MOVED, "--phone", "13900000000")
    done = desk(*words, as_="applicant:a-1")
    assert "变更联系方式" in done.stdout
    assert MOVED not in done.stdout
    assert "无变化" in desk(*words, as_="applicant:a-1").stdout
    shown = desk("case", "show", case, "--personal", "核对", as_=WANG)
    assert MOVED in shown.stdout
    assert MOVED not in desk("case", "show", case).stdout


@pytest.mark.parametrize(
    ("words", "who", "says"),
    [
        (("--phone", "abc"), "applicant:a-1", "电话有误"),
        (("--address", "四川省不存在市1号"), "applicant:a-1", "不存在市"),
        (("--phone", "13900000000"), WANG, "“变更联系方式”应由"),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    desk: Any, case: str, words: tuple[str, ...], who: str, says: str
) -> None:
    assert says in desk("case", "change-contact", case, *words, as_=who, status=4).stderr


def test_a_change_of_nothing_is_not_passed_on(desk: Any, case: str) -> None:
    nothing = desk("case", "change-contact", case, as_="applicant:a-1", status=2)
    assert "没有变更内容" in nothing.stderr


def test_a_letter_under_way_is_shown_as_sent_to_the_former_address(desk: Any, case: str) -> None:
    desk("case", "accept", case, as_=LEAD)
    desk("case", "confirm", case, as_="officer:630100/public_security")
    desk("case", "grant", case, as_=LEAD)
    desk("case", "deliver", case, "--by", "post", as_=LEAD)
    desk("case", "change-contact", case, "--address", MOVED, as_="window:510100")
    assert "寄往变更前地址" in desk("case", "show", case).stdout
    desk("case", "report", case, "--status", "lost", as_=LEAD)
    desk("case", "deliver", case, "--by", "post", as_=LEAD)
    desk("case", "report", case, "--delivery", "1", "--status", "arrived", as_="applicant:a-1")
    shown = desk("case", "show", case).stdout
    assert "已寻获,作废" in shown
    assert shown.count("寄往变更前地址") == 1


def test_who_stands_back_sees_no_personal_data_and_no_task(desk: Any, case: str) -> None:
    desk("case", "recuse", case, "--reason", "近亲属", "--instead", "li", as_=WANG)
    assert desk.json("case", "next", as_=WANG) == []
    assert desk.json("case", "next", as_=LEAD) == []
    assert desk.json("case", "list", "--mine", as_=WANG) == []
    assert desk.json("case", "list", "--mine", as_=LI)["id"] == case
    assert desk.json("case", "next", as_=LI)["case"] == case
    kept_off = desk("case", "show", case, "--personal", "核对", as_=WANG, status=2)
    assert "已回避" in kept_off.stderr
    nameless = desk("case", "show", case, "--personal", "核对", as_=LEAD, status=2)
    assert "须写明办理人" in nameless.stderr
    assert "已回避" in desk("case", "accept", case, as_=WANG, status=4).stderr
    (one,) = desk.json("case", "show", case)["case"]["recusals"]
    assert (one["officer"], one["instead"]) == ("wang", "li")
    shown = desk("case", "show", case).stdout
    assert "改由 instead li" in shown
    desk("case", "readmit", case, "--officer", "wang", "--reason", "经查不属回避", as_=ABOVE)
    assert desk.json("case", "list", "--mine", as_=WANG)["id"] == case
    desk("case", "accept", case, as_=WANG)


def test_work_lists_by_person_and_by_office(desk: Any, case: str) -> None:
    desk("case", "claim", case, as_=WANG)
    assert desk.json("case", "next", "--mine", as_=WANG)["taken_by"] == "wang"
    assert desk.json("case", "next", "--untaken", as_=LI) == []
    assert "领办 wang" in desk("case", "next", as_=LI).stdout
    refused = desk("case", "claim", case, as_=LI, status=4)
    assert "已由 wang" in refused.stderr
    by_person = desk.json("case", "next", "--by", "person", as_=ABOVE)
    assert by_person == {
        "office": "510100/public_security", "account": "wang", "tasks": 1, "overdue": 0,
    }  # fmt: skip
    assert "未领办" not in desk("case", "next", "--by", "person", as_=ABOVE).stdout
    desk("case", "next", "--by", "person", as_=WANG, status=2)
    desk("case", "next", "--mine", as_=LEAD, status=2)
    desk("case", "next", "--mine", "--untaken", as_=WANG, status=2)


def test_what_is_overdue_is_counted_by_office(desk: Any, applications: Any) -> None:
    case = desk.receive(applications["licence"])
    desk("case", "forward", case, "--all", "--by", "post", as_="window:510100")
    desk("case", "arrive", case, as_="officer:630100/postal")
    desk("case", "accept", case, as_="officer:630100/postal")
    desk.later(days=90)
    late = desk.json("case", "next", "--by", "office", as_="supervisor:630000")
    assert late == {"office": "630100/postal", "tasks": 1, "overdue": 1}


def test_a_label_has_the_address_of_now(desk: Any, case: str, tmp_path: Path) -> None:
    desk("case", "accept", case, as_=LEAD)
    desk("case", "confirm", case, as_="officer:630100/public_security")
    desk("case", "grant", case, as_=LEAD)
    moved = ("--address", MOVED, "--delivery", "post")
    desk("case", "change-contact", case, *moved, as_="window:510100")
    desk("audit", "key", str(tmp_path / "office.pem"))
    key = ("--key", str(tmp_path / "office.pem"))
    desk("case", "document", case, *key, "-o", str(tmp_path / "out"), as_=LEAD)
    (label,) = (tmp_path / "out").glob("*-label.txt")
    assert MOVED in label.read_text("utf-8")
