"""Reconsiderations and lawsuits: lodged, late, admitted, resolved, and what is owed after them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel import protocol as p
from tongban.kernel.protocol.remedy_terms import months_after

LAW = "《行政许可法》第三十八条"
Make = Callable[..., Any]
GOVERNMENT, COURT = "西宁市人民政府", "西宁市城中区人民法院"
ARTICLE = "《行政许可法》第六十九条"


def lodge(kind: Any = "reconsideration", on: date | None = None) -> p.Lodge:
    organ = GOVERNMENT if kind == "reconsideration" else COURT
    return p.Lodge(kind, organ, "不服该决定", on)


@pytest.fixture
def denied(make: Make) -> Any:
    """A denial that was delivered on Monday 2 March 2026."""
    world = make("licence")
    world.accepted()
    world.do(world.lead, p.Deny(("不符合条件",), article=LAW))
    world.do(world.lead, p.Deliver("electronic"))
    return world


@pytest.fixture
def declined(make: Make) -> Any:
    world = make("licence")
    world.arrived()
    world.do(world.accepting, p.Decline(("不属于本机关职权",), article=LAW))
    return world


def test_it_is_on_record_with_its_last_day_and_what_it_challenges(denied: Any) -> None:
    denied.on(date(2026, 4, 1))
    denied.do(denied.applicant, lodge())
    (one,) = denied.here.remedies
    assert (one.number, one.kind, one.act) == (1, "reconsideration", "CASE-1-1")
    # Sixty days from 2 March end on 1 May, a holiday to 5 May.
    assert (one.due, one.late, one.on) == (date(2026, 5, 6), False, date(2026, 4, 1))
    assert p.pending(denied.here) == (one,)


def test_one_after_its_term_is_recorded_and_marked(denied: Any) -> None:
    denied.on(date(2026, 5, 7))
    denied.do(denied.applicant, lodge())
    assert denied.here.remedies[0].late


def test_one_lodged_in_time_is_not_late_where_it_is_recorded_later(denied: Any) -> None:
    denied.on(date(2026, 6, 1))
    denied.do(denied.lead, lodge(on=date(2026, 5, 6)))
    assert not denied.here.remedies[0].late


def test_six_months_end_on_the_day_of_the_same_number(denied: Any) -> None:
    term = p.remedy_due(denied.here, "litigation", denied.calendars)
    assert term is not None
    assert (term.since, term.due, term.basis) == (date(2026, 3, 2), date(2026, 9, 2), "stated")
    assert "第四十六条" in term.article


def test_an_ending_without_delivery_counts_from_its_notice_as_inferred(declined: Any) -> None:
    term = p.remedy_due(declined.here, "reconsideration", declined.calendars)
    assert term is not None
    assert (term.since, term.basis) == (date(2026, 3, 2), "inferred")


def test_a_term_has_not_begun_while_the_decision_is_not_delivered(make: Make) -> None:
    world = make("licence")
    world.decided()
    assert p.remedy_due(world.here, "reconsideration", world.calendars) is None
    world.do(world.applicant, lodge())
    assert world.here.remedies[0].due is None
    assert not world.here.remedies[0].late


@pytest.mark.parametrize("outcome", ["upheld", "changed", "revoked", "ordered", "dismissed"])
def test_after_a_reconsideration_fifteen_days_are_left_to_sue(denied: Any, outcome: Any) -> None:
    denied.do(denied.applicant, lodge())
    denied.on(date(2026, 5, 11))
    denied.do(denied.lead, p.Resolve(outcome))
    term = p.remedy_due(denied.here, "litigation", denied.calendars)
    assert term is not None
    assert (term.since, term.due) == (date(2026, 5, 11), date(2026, 5, 26))
    assert "第四十五条" in term.article
    denied.on(date(2026, 5, 27))
    denied.do(denied.applicant, lodge("litigation"))
    assert denied.here.remedies[1].late


@pytest.mark.parametrize("outcome", ["withdrawn", "not_admitted"])
def test_what_was_not_decided_on_leaves_the_six_months(denied: Any, outcome: Any) -> None:
    denied.do(denied.applicant, lodge())
    denied.do(denied.lead, p.Resolve(outcome))
    term = p.remedy_due(denied.here, "litigation", denied.calendars)
    assert term is not None
    assert term.due == date(2026, 9, 2)


@given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)), count=st.integers(0, 30))
def test_months_end_in_the_month_that_is_meant_on_no_later_day(day: date, count: int) -> None:
    found = months_after(day, count)
    assert found.year * 12 + found.month == day.year * 12 + day.month + count
    assert found.day == day.day or (found.day < day.day and (found + timedelta(days=1)).day == 1)


@given(wait=st.integers(0, 400))
def test_a_last_day_is_a_working_day_and_never_early(make: Make, wait: int) -> None:
    world = make("licence")
    world.accepted()
    world.do(world.lead, p.Deny(("不符合条件",), article=LAW))
    world.wait(wait)
    world.do(world.lead, p.Deliver("electronic"))
    calendar = world.calendars(None)
    spans: tuple[tuple[p.RemedyKind, int], ...] = (("reconsideration", 60), ("litigation", 181))
    for kind, least in spans:
        term = p.remedy_due(world.here, kind, world.calendars)
        assert term is not None
        assert calendar.works(term.due)
        assert (term.due - term.since).days >= least
        assert term.provisional == (not calendar.knows(term.due))


def test_the_same_kind_twice_names_the_first(denied: Any) -> None:
    denied.do(denied.applicant, lodge())
    refusal = denied.refused(denied.lead, lodge())
    assert refusal.code == "once_only"
    assert "第1号" in refusal.text.zh
    assert "number 1" in refusal.text.en
    denied.do(denied.lead, p.Resolve("upheld"))
    assert denied.refused(denied.applicant, lodge()).code == "once_only"
    denied.do(denied.applicant, lodge("litigation"))


def test_one_that_was_not_admitted_may_be_lodged_where_it_belongs(denied: Any) -> None:
    denied.do(denied.applicant, lodge())
    denied.do(denied.lead, p.Admit(False))
    assert denied.here.remedies[0].outcome == "not_admitted"
    denied.do(denied.applicant, lodge())
    assert [one.number for one in denied.here.remedies] == [1, 2]


def test_a_case_that_is_open_says_what_may_be_done(make: Make) -> None:
    world = make("licence")
    world.accepted()
    refusal = world.refused(world.applicant, lodge())
    assert refusal.code == "wrong_state"
    assert "已受理" in refusal.text.zh
    assert "督办人" in refusal.text.zh
    assert "supervisor" in refusal.text.en


def test_what_the_applicant_took_back_is_no_act(make: Make) -> None:
    world = make("licence")
    world.received()
    world.do(world.applicant, p.Withdraw())
    assert "撤回" in world.refused(world.applicant, lodge()).text.zh


def test_somebody_without_a_part_is_refused_and_recorded(denied: Any) -> None:
    stranger = p.Actor("officer", "o", "110000", "postal")
    assert denied.refused(stranger, lodge()).code == "not_a_party"
    assert denied.kinds()[-1] == "attempt_refused"
    assert denied.here.remedies == ()


@pytest.mark.parametrize(
    ("on", "says"), [(date(2026, 3, 1), "早于"), (date(2026, 3, 20), "尚未到来")]
)
def test_a_day_before_the_act_or_to_come_is_refused(denied: Any, on: date, says: str) -> None:
    denied.on(date(2026, 3, 10))
    refusal = denied.refused(denied.applicant, lodge(on=on))
    assert refusal.code == "bad_input"
    assert says in refusal.text.zh
    assert str(on) in refusal.text.en


@pytest.mark.parametrize("body", [p.Lodge("litigation", " ", "x"), p.Lodge("litigation", "x", "")])
def test_organ_and_reason_are_needed(denied: Any, body: p.Lodge) -> None:
    assert denied.refused(denied.applicant, body).code == "bad_input"


@pytest.mark.parametrize("number", [-1, 2, 99])
@pytest.mark.parametrize("made", [p.Admit, p.Resolve])
def test_a_number_that_is_none_names_those_there_are(denied: Any, made: Any, number: int) -> None:
    what = True if made is p.Admit else "upheld"
    assert "没有登记过" in denied.refused(denied.lead, made(what, number)).text.zh
    denied.do(denied.applicant, lodge())
    refusal = denied.refused(denied.lead, made(what, number))
    assert "1至1号" in refusal.text.zh


def test_steps_come_in_order_each_once(denied: Any) -> None:
    denied.on(date(2026, 3, 10))
    denied.do(denied.applicant, lodge())
    denied.wait(5)
    assert denied.refused(denied.lead, p.Admit(True, on=date(2026, 3, 9))).code == "bad_input"
    denied.do(denied.lead, p.Admit(True, on=date(2026, 3, 12)))
    assert denied.refused(denied.lead, p.Admit(True)).code == "once_only"
    early = p.Resolve("upheld", on=date(2026, 3, 11))
    assert denied.refused(denied.lead, early).code == "bad_input"
    assert "驳回" in denied.refused(denied.lead, p.Resolve("not_admitted")).text.zh
    denied.do(denied.lead, p.Resolve("dismissed", document="宁复决〔2026〕3号"))
    assert denied.refused(denied.lead, p.Resolve("upheld")).code == "once_only"
    assert denied.here.remedies[0].document == "宁复决〔2026〕3号"
    assert p.pending(denied.here) == ()


def test_news_that_came_late_may_be_recorded_without_admission(denied: Any) -> None:
    denied.do(denied.applicant, lodge())
    denied.do(denied.lead, p.Resolve("upheld"))
    assert denied.here.remedies[0].admitted is None


@pytest.mark.parametrize("outcome", sorted(p.REMEDY_OUTCOMES))
def test_only_what_obliges_is_a_task_of_the_lead(denied: Any, outcome: Any) -> None:
    denied.do(denied.applicant, lodge())
    denied.do(denied.lead, p.Resolve(outcome))
    obliges = outcome in ("changed", "revoked", "ordered")
    assert ((denied.plan.lead, "correct") in p.awaited(denied.here)) == obliges
    if obliges:
        denied.do(denied.lead, p.Correct(True, ("复议决定变更",), ARTICLE, 1))
        assert (denied.plan.lead, "correct") not in p.awaited(denied.here)


def test_a_refusal_that_was_revoked_is_a_task_to_reopen(declined: Any) -> None:
    declined.do(declined.applicant, lodge())
    assert declined.here.remedies[0].act == "declined"
    declined.do(declined.accepting, p.Resolve("revoked"))
    assert (declined.here.accepting, "reopen") in p.awaited(declined.here)
    assert "--remedy" in declined.refused(declined.accepting, p.Reopen("x", ARTICLE)).text.en
    declined.do(declined.accepting, p.Reopen("复议决定撤销", ARTICLE, 1))
    declined.do(declined.accepting, p.Decline(("另有理由",), article=LAW))
    declined.do(declined.applicant, lodge())
    assert declined.here.remedies[1].act == "declined-2"


def test_a_lost_result_issued_anew_is_of_the_same_decision(make: Make) -> None:
    world = make("licence")
    world.decided()
    world.do(world.lead, p.Deliver("post"))
    world.do(world.lead, p.Report("lost"))
    world.do(world.lead, p.Deliver("post"))
    assert world.here.result == "CASE-1-2"
    assert p.act_of(world.here) == "CASE-1-1"
