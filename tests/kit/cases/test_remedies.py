"""Remedies, corrections, reopenings and amendments at the command line."""

from __future__ import annotations

from typing import Any

import pytest

LEAD, ABOVE = "officer:510100/public_security", "supervisor:510000"
APPLICANT, WINDOW = "applicant:a-1", "window:510100"
ORGAN, ARTICLE = "成都市人民政府", "《行政许可法》第六十九条"
LODGE = ("--remedy", "reconsideration", "--organ", ORGAN, "--reason", "不服该决定")
CORRECT = ("--granted", "--reason", "复议决定变更", "--article", ARTICLE)
PROOF = ("--evidence", "录用通知书:copy", "--reason", "填写有误")


@pytest.fixture
def denied(desk: Any, applications: Any) -> str:
    """A case that the lead denied on an article, and delivered."""
    case = str(desk.receive(applications["hukou"]))
    desk("case", "accept", case, as_=LEAD)
    desk("case", "confirm", case, as_="officer:630100/public_security")
    desk("case", "deny", case, "--reason", "不符合条件", "--article", ARTICLE, as_=LEAD)
    desk("case", "deliver", case, "--by", "electronic", as_=LEAD)
    return case


def listed(desk: Any) -> list[dict[str, Any]]:
    found = desk.json("case", "list", "--remedy")
    return found if isinstance(found, list) else [found]


def test_from_a_denial_by_a_remedy_to_the_corrected_result(desk: Any, denied: str) -> None:
    assert listed(desk) == []
    desk("case", "lodge", denied, *LODGE, as_=APPLICANT)
    (row,) = listed(desk)
    assert (row["id"], row["remedies"][0]["organ"]) == (denied, ORGAN)
    assert "待处理 pending" in desk("case", "list", "--remedy").stdout
    desk("case", "admit", denied, "--admitted", as_=LEAD)
    assert listed(desk)[0]["remedies"][0]["admitted"] is True
    desk(
        "case", "resolve", denied, "--outcome", "变更", "--document", "成府复〔2026〕3号", as_=LEAD
    )
    shown = desk("case", "show", denied).stdout
    assert "第 1 号 行政复议" in shown
    assert "须执行" in shown
    assert f"correct {denied} --as {LEAD} --granted|--denied --reason … --article … --remedy 1" in (
        shown
    )
    tasks = desk.json("case", "next", as_=LEAD)
    assert "correct" in [one["command"] for one in (tasks if isinstance(tasks, list) else [tasks])]
    assert len(listed(desk)) == 1, "it is not carried out yet"
    refused = desk("case", "correct", denied, *CORRECT, as_=LEAD, status=4)
    assert "--remedy" in refused.stderr
    desk("case", "correct", denied, *CORRECT, "--remedy", "1", as_=LEAD)
    assert listed(desk) == []
    desk("case", "deliver", denied, "--by", "electronic", as_=LEAD)
    shown = desk("case", "show", denied).stdout
    assert f"{denied}-1 不予 denied → {denied}-2 准予 granted" in shown
    assert f"作废 void: {denied}-1" in shown
    found = desk.json("case", "show", denied)
    assert (found["case"]["granted"], found["remedies_owed"]) == (True, [])


def test_figures_are_of_the_office_whose_act_it_was(desk: Any, denied: str) -> None:
    desk.later(days=100)
    desk("case", "lodge", denied, *LODGE, as_=WINDOW)
    report = desk.json("report")
    assert report["total"]["remedies"]["lodged"] == report["total"]["remedies"]["late"] == 1
    desk("case", "resolve", denied, "--outcome", "changed", as_=LEAD)
    desk("case", "correct", denied, *CORRECT, "--remedy", "1", as_=LEAD)
    report = desk.json("report")
    places = {one["key"]: one for one in report["by"]["place"]}
    assert report["total"]["remedies"]["outcomes"]["changed"] == 1
    assert report["total"]["remedies"]["pending"] == 0
    assert places["510100"]["remedies"]["lodged"] == places["510100"]["corrections"] == 1
    assert places["630100"]["remedies"]["lodged"] == places["630100"]["corrections"] == 0
    path = desk.folder / "report.html"
    desk("report", "-o", str(path))
    assert "逾期提起 late 1" in path.read_text("utf-8")
    assert "变更 1" in desk("report", "--format", "csv").stdout


@pytest.mark.parametrize(
    ("words", "who", "says"),
    [
        (("lodge", *LODGE, "--on", "2099-01-01"), APPLICANT, "尚未到来"),
        (("lodge", *LODGE, "--on", "2020-01-01"), APPLICANT, "早于"),
        (("lodge", *LODGE), "officer:110000/postal", "与本办件无关"),
        (("resolve", "--outcome", "upheld"), LEAD, "没有登记过"),
        (("correct", "--granted", "--reason", "有误", "--article", "依照有关规定"), LEAD, "依据"),
        (("correct", "--denied", "--reason", "不符合条件", "--article", ARTICLE), LEAD, "相同"),
        (("correct", *CORRECT, "--remedy", "3"), LEAD, "没有登记过"),
        (("reopen", "--reason", "有误", "--article", ARTICLE), LEAD, "更正决定"),
        (("amend", "--set", "facts.move_reason=enrolment", *PROOF), APPLICANT, "决定已作出"),
    ],
)
def test_what_cannot_be_is_refused(
    desk: Any, denied: str, words: tuple[str, ...], who: str, says: str
) -> None:
    command, *rest = words
    assert says in desk("case", command, denied, *rest, as_=who, status=4).stderr


def test_a_remedy_on_an_open_case_says_what_may_be_done(desk: Any, applications: Any) -> None:
    case = desk.receive(applications["hukou"])
    assert "督办人" in desk("case", "lodge", case, *LODGE, as_=APPLICANT, status=4).stderr


def test_the_same_remedy_twice_names_the_first(desk: Any, denied: str) -> None:
    desk("case", "lodge", denied, *LODGE, as_=APPLICANT)
    assert "第1号" in desk("case", "lodge", denied, *LODGE, as_=WINDOW, status=4).stderr


def test_a_refusal_is_reopened(desk: Any, applications: Any) -> None:
    case = desk.receive(applications["hukou"])
    why = ("--reason", "不属于本机关职权", "--article", ARTICLE)
    desk("case", "decline", case, *why, as_=LEAD)
    desk("case", "reopen", case, "--reason", "原处理有误", "--article", ARTICLE, as_=ABOVE)
    assert desk.state(case) == "arrived"
    assert "重新办理 reopened" in desk("case", "show", case).stdout


def test_a_corrected_fact_makes_a_refused_application_a_case(desk: Any, applications: Any) -> None:
    raw = {**applications["hukou"], "facts": {"move_reason": "enrolment"}}
    case = str(desk.receive(raw))
    assert desk.state(case) == "ineligible"
    given = ("case", "amend", case, "--set", "facts.move_reason=job_transfer")
    assert "证明材料" in desk(*given, "--reason", "填写有误", as_=APPLICANT, status=4).stderr
    desk(*given, *PROOF, as_=APPLICANT)
    assert desk.state(case) == "submitted"
    shown = desk("case", "show", case).stdout
    assert "更正申请信息 amended" in shown
    assert "facts.move_reason" in shown


def test_of_a_name_the_field_alone_is_told(desk: Any, applications: Any) -> None:
    case = str(desk.receive(applications["hukou"]))
    desk("case", "amend", case, "--set", "applicant.name=金改名", *PROOF, as_=APPLICANT)
    shown = desk("case", "show", case).stdout
    assert "applicant.name" in shown
    assert "金改名" not in shown
    assert "金改名" in desk("case", "show", case, "--personal", "核对", as_=LEAD).stdout


@pytest.mark.parametrize(
    ("values", "status", "says"),
    [
        (("item=2-03",), 2, "撤回后重新申请"),
        (("applicant.phone=1",), 2, "不能更正此项"),
        (("facts.move_reason=boat",), 2, "move_reason"),
        (("facts.nothing=1",), 2, "nothing"),
        (("move_reason",), 2, "FIELD=VALUE"),
        (("places.move_in=630100", "places.move_out=510100"), 4, "另一机关"),
        (("facts.move_reason=job_transfer",), 4, "没有更正任何内容"),
    ],
)
def test_an_amendment_that_cannot_be_says_why(
    desk: Any, applications: Any, values: tuple[str, ...], status: int, says: str
) -> None:
    case = str(desk.receive(applications["hukou"]))
    given = [word for one in values for word in ("--set", one)]
    result = desk("case", "amend", case, *given, *PROOF, as_=APPLICANT, status=status)
    assert says in result.stderr
    assert "Traceback" not in result.stderr
    assert desk.json("case", "show", case)["case"].get("amendments", []) == []


@pytest.mark.parametrize("number", ["1", "510102199001011235"])
def test_a_number_that_cannot_be_is_refused(desk: Any, applications: Any, number: str) -> None:
    case = str(desk.receive(applications["hukou"]))
    before = desk.json("case", "show", case)["case"]["version"]
    given = ("case", "amend", case, "--set", f"applicant.id_number={number}", *PROOF)
    assert "id_number" in desk(*given, as_=APPLICANT, status=2).stderr
    assert desk.json("case", "show", case)["case"]["version"] == before


def test_evidence_is_needed(desk: Any, applications: Any) -> None:
    case = str(desk.receive(applications["hukou"]))
    given = ("case", "amend", case, "--set", "applicant.name=金示例", "--reason", "有误")
    assert "证明材料" in desk(*given, as_=APPLICANT, status=4).stderr
