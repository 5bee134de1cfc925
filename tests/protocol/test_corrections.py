"""A decision that is corrected, and a case that is handled anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tongban.kernel import protocol as p
from tongban.kernel.protocol.commands import CommandContext

LAW = "《行政许可法》第三十八条"

Make = Callable[..., Any]
ARTICLE = "《行政许可法》第六十九条"
WRONG = ("原决定认定事实有误",)


def correct(granted: bool = True, **also: Any) -> p.Correct:
    return p.Correct(granted, **{"reasons": WRONG, "article": ARTICLE, **also})


@pytest.fixture
def closed(make: Make) -> Any:
    """A denial, delivered and closed."""
    world = make("licence")
    world.accepted()
    world.do(world.lead, p.Deny(("不符合条件",), article=LAW))
    world.do(world.lead, p.Deliver("electronic"))
    world.do(world.lead, p.Close())
    return world


def test_the_old_result_is_void_and_the_new_one_is_delivered(closed: Any) -> None:
    first = closed.here.decided_at
    closed.wait(10)
    closed.do(closed.lead, correct())
    case = closed.here
    assert (case.state, case.granted, case.result) == ("decided", True, "CASE-1-2")
    assert (case.voided, case.decided_at) == (("CASE-1-1",), first)
    assert (case.delivered_at, case.ended_at) == (None, None)
    assert len(case.deliveries) == 1
    (one,) = case.corrections
    assert (one.was_granted, one.was_reasons, one.granted) == (False, ("不符合条件",), True)
    assert closed.documents()[-2:] == ["更正通知书", "准予决定书"]
    assert closed.sent("notice")[-1].body["void"] == "CASE-1-1"
    closed.do(closed.lead, p.Deliver("post"))
    closed.do(closed.lead, p.Report("arrived"))
    closed.do(closed.lead, p.Close())
    assert closed.here.deliveries[-1].number == "CASE-1-2"


def test_the_limit_of_delivery_counts_from_the_correction(make: Make) -> None:
    world = make("licence")
    world.closed()
    world.on(date(2026, 4, 7))
    world.do(world.lead, correct(False))
    for one in p.limits(world.here, world.calendars, world.now):
        if one.step == "deliver":
            assert one.started == date(2026, 4, 7)
    assert "CASE-1-1" in world.here.voided


def test_a_letter_under_way_is_of_the_old_number(make: Make) -> None:
    world = make("licence")
    world.decided()
    world.do(world.lead, p.Deliver("post"))
    world.do(world.lead, correct(False))
    world.do(world.lead, p.Deliver("post"))
    assert world.do(world.lead, p.Report("arrived", 1)).repeated
    assert world.here.state == "delivering"
    assert [one.number for one in world.here.deliveries] == ["CASE-1-1", "CASE-1-2"]


def test_each_correction_has_another_number(closed: Any) -> None:
    closed.do(closed.lead, correct())
    closed.do(closed.lead, correct(False))
    closed.do(closed.lead, correct(document="证照-7"))
    assert closed.here.result == "CASE-1-4"
    assert closed.here.voided == ("CASE-1-1", "CASE-1-2", "CASE-1-3")


@pytest.mark.parametrize(
    ("also", "says"),
    [
        ({"reasons": ()}, "理由"),
        ({"reasons": (" ",)}, "理由"),
        ({"article": ""}, ""),
        ({"article": "依照有关规定"}, ""),
        ({"remedy": 1}, "没有登记过"),
    ],
)
def test_reasons_article_and_a_remedy_that_there_is(closed: Any, also: Any, says: str) -> None:
    refusal = closed.refused(closed.lead, correct(**also))
    assert refusal.code == "bad_input"
    assert says in refusal.text.zh
    assert refusal.text.en
    assert closed.here.corrections == ()


def test_a_correction_says_something_else(closed: Any) -> None:
    same = correct(False, reasons=("不符合条件",))
    assert "相同" in closed.refused(closed.lead, same).text.zh


@pytest.mark.parametrize("who", ["applicant", "window"])
def test_only_who_decided_corrects(closed: Any, who: str) -> None:
    assert closed.refused(getattr(closed, who), correct()).code == "not_your_step"


def test_before_a_decision_there_is_nothing_to_correct(make: Make) -> None:
    world = make("licence")
    world.accepted()
    assert "尚未作出决定" in world.refused(world.lead, correct()).text.zh


def test_a_remedy_is_carried_out_once(closed: Any) -> None:
    closed.do(closed.applicant, p.Lodge("reconsideration", "市人民政府", "不服"))
    assert "无须执行" in closed.refused(closed.lead, correct(remedy=1)).text.zh
    closed.do(closed.lead, p.Resolve("changed", document="宁复决〔2026〕3号"))
    assert "第1号" in closed.refused(closed.lead, correct()).text.zh
    closed.do(closed.lead, correct(remedy=1))
    (paper,) = [one for one in closed.sent("notice") if one.body["document"] == "更正通知书"]
    assert paper.body["carries_out"]["document"] == "宁复决〔2026〕3号"
    assert "已执行" in closed.refused(closed.lead, correct(False, remedy=1)).text.zh
    assert p.owed(closed.here) == ()


# Handled anew.


def reopen(**also: Any) -> p.Reopen:
    return p.Reopen(**{"reason": "原决定有误", "article": ARTICLE, **also})


def test_returned_for_its_form_it_is_received_anew(make: Make) -> None:
    world = make("licence")
    world.opened()
    by = world.window if world.given.application["channel"] == "window" else p.SYSTEM
    world.do(by, p.Receive(identified=False))
    world.do(world.accepting, reopen())
    assert (world.here.state, world.here.defects, world.here.ended_at) == ("submitted", (), None)
    world.do(by, p.Receive(materials=world.papers))


def test_declined_it_is_to_be_accepted_with_a_limit_from_today(make: Make) -> None:
    world = make("licence")
    world.arrived()
    world.do(world.accepting, p.RequestSupplement(("证明",), 15))
    world.do(world.applicant, p.Supply(("证明",)))
    world.do(world.accepting, p.Decline(("不属于本机关职权",), article=LAW))
    world.on(date(2026, 4, 7))
    world.do(world.accepting, reopen())
    assert world.here.state == "arrived"
    assert world.here.supplement.wanted == ("证明",)
    accept = [
        one
        for one in p.limits(world.here, world.calendars, world.now)
        if one.step in ("accept", "supplement") and one.done is None
    ]
    assert all(one.started == date(2026, 4, 7) for one in accept)
    assert world.documents()[-1] == "重新办理通知书"
    assert world.refused(world.accepting, p.RequestSupplement(("章程",))).code == "once_only"
    world.do(world.accepting, p.Accept())


def test_lapsed_it_goes_on_and_does_not_lapse_again(make: Make) -> None:
    world = make("licence")
    world.arrived()
    world.do(world.accepting, p.RequestSupplement(("证明",), 5))
    world.wait(60)
    world.tick()
    assert world.here.state == "lapsed"
    world.do(world.accepting, reopen())
    world.wait(3)
    world.tick()
    assert world.here.state == "arrived"
    world.do(world.accepting, p.Accept())
    world.do(world.lead, p.Grant())


def test_silence_counts_from_the_reopening(make: Make) -> None:
    world = make("licence")
    world.arrived()
    world.do(world.accepting, p.RequestSupplement(("证明",), 5))
    world.wait(60)
    world.tick()
    world.do(world.accepting, reopen())
    since = p.day_of(world.now)
    world.wait(30)
    world.tick()
    if world.here.accepted_silently:
        assert world.here.accepted_on == since


@pytest.mark.parametrize("on_refusal", ["end", "return"])
def test_who_refused_to_confirm_is_asked_once_more(make: Make, on_refusal: str) -> None:
    world = make("hukou", on_refusal=on_refusal)
    world.arrived()
    world.do(world.accepting, p.Accept())
    (other,) = world.plan.others
    world.do(world.officer(other), p.Refuse("不符合迁出条件"))
    assert world.here.over
    world.wait(3)
    world.do(world.lead, reopen())
    assert (world.here.state, world.here.answers) == ("cohandling", {})
    assert world.here.accepted_on == p.day_of(world.now)
    first, second = world.sent("request")
    assert "round" not in first.body
    assert second.body["round"] == 1
    officer = world.officer(other)
    no = p.Command("c", "CASE-1", officer, p.Refuse("x"))
    answers: list[Any] = [p.pass_on(one, no, world.now) for one in (first, second)]
    assert answers[0].id != answers[1].id
    world.do(officer, p.Confirm())
    world.do(world.lead, p.Grant())
    assert world.here.granted


def test_ended_in_a_special_procedure_its_clock_runs_again(make: Make) -> None:
    world = make("licence")
    world.accepted()
    world.do(world.lead, p.Pause("hearing", "申请人要求", 10))
    world.do(world.lead, p.Terminate("申请人要求终止"))
    world.wait(5)
    world.do(world.lead, reopen())
    assert world.here.state == "accepted"
    assert all(one.state != "stopped" for one in p.limits(world.here, world.calendars, world.now))


def test_what_was_taken_back_or_decided_is_not_reopened(make: Make, closed: Any) -> None:
    world = make("licence")
    world.received()
    world.do(world.applicant, p.Withdraw())
    assert "重新申请" in world.refused(world.accepting, reopen()).text.zh
    assert "更正决定" in closed.refused(closed.lead, reopen()).text.zh


@pytest.mark.parametrize("also", [{"reason": " "}, {"article": ""}, {"remedy": 3}])
def test_reopening_needs_reason_article_and_a_remedy_that_there_is(make: Make, also: Any) -> None:
    world = make("licence")
    world.arrived()
    world.do(world.accepting, p.Decline(("理由",), article=LAW))
    assert world.refused(world.accepting, reopen(**also)).code == "bad_input"
    assert world.here.state == "declined"


# What was decided on a remedy is carried out against the act that it challenged, and no other.


def test_a_remedy_against_another_act_is_not_carried_out_by_a_correction(closed: Any) -> None:
    """The decision was corrected on the authority's own account while the remedy was pending."""
    closed.do(closed.applicant, p.Lodge("reconsideration", "西宁市人民政府", "不服该决定"))
    closed.do(closed.lead, correct(reasons=("另有理由",), granted=False))
    closed.do(closed.lead, p.Resolve("changed"))
    assert p.owed(closed.here) == ()
    refused = closed.refused(closed.lead, correct(remedy=1))
    assert refused.code == "bad_input"
    assert "决定CASE-1-1" in refused.text.zh
    assert "CASE-1-2" in refused.text.zh
    assert "leave --remedy out" in refused.text.en
    closed.do(closed.lead, correct())
    assert closed.here.corrections[-1].remedy == 0


def test_one_against_how_the_case_ended_does_not_correct_what_was_decided_since(make: Make) -> None:
    world = make("refused_elsewhere")
    world.opened()
    world.do(world.applicant, p.Lodge("reconsideration", "成都市人民政府", "不服"))
    world.do(world.applicant, p.Insist("调令在手"))
    world.do(world.window, p.Receive(materials=world.papers))
    while world.here.state == "received":
        world.forwarded()
    world.do(world.accepting, p.Accept())
    world.do(world.lead, p.Resolve("ordered"))
    world.do(world.lead, p.Deny(("不符合条件",)))
    refused = world.refused(world.lead, correct(remedy=1))
    assert p.STATES["ineligible"].official in refused.text.zh
    assert "决定CASE-1-1" in refused.text.zh


def test_where_another_remedy_must_be_carried_out_the_refusal_names_it(closed: Any) -> None:
    closed.do(closed.applicant, p.Lodge("reconsideration", "西宁市人民政府", "不服该决定"))
    closed.do(closed.lead, p.Resolve("changed"))
    closed.do(closed.lead, correct(reasons=("另有理由",), granted=False, remedy=1))
    closed.do(closed.applicant, p.Lodge("litigation", "西宁市城中区人民法院", "不服该决定"))
    closed.do(closed.lead, p.Resolve("ordered"))
    assert "已执行" in closed.refused(closed.lead, correct(remedy=1)).text.zh
    closed.do(closed.lead, correct(remedy=2))


def test_a_former_version_may_have_carried_one_out_against_another_act(closed: Any) -> None:
    """Its log is taken as it is."""
    closed.do(closed.applicant, p.Lodge("reconsideration", "西宁市人民政府", "不服该决定"))
    closed.do(closed.lead, correct(reasons=("另有理由",), granted=False))
    closed.do(closed.lead, p.Resolve("changed"))
    said = (closed.here.id, closed.lead, closed.now, closed.calendars)
    made = correct(remedy=1).handle(closed.here, CommandContext(*said, elsewhere=True))
    assert [one.kind for one in made] == ["corrected", "decision_replaced"]
