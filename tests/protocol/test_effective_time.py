"""What was given in time in one store is not late because the post was."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from tongban.kernel import protocol as p

Make = Callable[..., Any]
DUE = date(2026, 3, 5)


def asked(world: Any) -> None:
    """Something is missing, to be supplied until Thursday."""
    world.arrived()
    world.do(world.accepting, p.RequestSupplement(("证明",), 3))
    assert world.limit("supply").due == DUE


def passed_on(
    world: Any, actor: p.Actor, body: p.CommandBody, given_at: datetime
) -> p.Step | p.Refusal:
    """A command that another store took at a moment, and that comes now."""
    command = p.Command(f"command-{next(world.ids)}", "CASE-1", actor, body)
    message = p.relay(world.here, command, "510100/window", given_at)
    there = p.command_of(p.Message.from_dict(json.loads(json.dumps(message.to_dict()))))
    assert there is not None
    result = p.handle(world.here, there, world.context())
    world.keep(result)
    return result


@pytest.mark.parametrize("days", [1, 4, 30])
def test_a_supply_counts_on_the_day_on_which_the_window_took_it(make: Make, days: int) -> None:
    """Even after the last day, where the passing of time was not asked for meanwhile."""
    world = make("licence")
    asked(world)
    world.on(DUE, 17)
    given = world.now
    world.wait(days)
    step = passed_on(world, world.window, p.Supply(("证明",)), given)
    assert isinstance(step, p.Step)
    assert world.here.state == "arrived"
    event = world.events[-1]
    assert (event.kind, event.at, event.given_at) == ("supplied", world.now, given)
    assert (world.limit("supply").done, world.limit("supply").state) == (DUE, "met")
    assert world.limit("supplement").started == world.now.date(), "the authority has it since now"


def test_a_supply_on_its_way_finds_the_case_open_for_five_working_days(make: Make) -> None:
    world = make("licence")
    asked(world)
    world.on(date(2026, 3, 12), 23)
    world.tick()
    assert world.here.state == "supplementing"
    assert "overdue" not in world.kinds(), "the applicant's delay is nobody's"
    world.on(date(2026, 3, 13), 0)
    world.tick()
    assert world.here.state == "lapsed"
    late = passed_on(
        world, world.window, p.Supply(("证明",)), datetime(2026, 3, 5, 9, tzinfo=p.CHINA)
    )
    assert isinstance(late, p.Refusal)
    assert late.code == "over"


@pytest.mark.parametrize("relayed", [True, False])
def test_what_is_given_after_the_last_day_is_too_late(make: Make, relayed: bool) -> None:
    world = make("licence")
    asked(world)
    world.on(date(2026, 3, 6))
    given = world.now
    world.wait(1 if relayed else 0)
    supply = p.Supply(("证明",))
    refusal = (
        passed_on(world, world.window, supply, given)
        if relayed
        else world.attempt(world.window, supply)
    )
    assert isinstance(refusal, p.Refusal)
    assert (refusal.code, "2026-03-05" in refusal.message) == ("too_late", True)
    assert world.here.state == "supplementing", "another, given in time, may still be on its way"


def test_where_nobody_else_has_the_case_it_lapses_the_day_after(make: Make) -> None:
    world = make("local")
    asked(world)
    world.on(date(2026, 3, 6), 0)
    world.tick()
    assert world.here.state == "lapsed"


@pytest.mark.parametrize("wrong", [timedelta(hours=2), timedelta(days=-30)])
def test_a_moment_that_cannot_be_does_not_count(make: Make, wrong: timedelta) -> None:
    """After now, or before anybody asked: then it counts when it comes."""
    world = make("licence")
    asked(world)
    world.on(date(2026, 3, 6))
    refusal = passed_on(world, world.window, p.Supply(("证明",)), world.now + wrong)
    assert isinstance(refusal, p.Refusal)
    assert refusal.code == "too_late"
    world.on(date(2026, 3, 4))
    passed_on(world, world.window, p.Supply(("证明",)), world.now + wrong)
    assert (world.events[-1].kind, world.events[-1].given_at) == ("supplied", None)


def test_an_answer_counts_when_the_authority_gave_it(make: Make) -> None:
    world = make("hukou")
    world.received()
    limits = (p.LimitRule("confirm", 3), p.LimitRule("decide", 5))
    world.case = evolve(world.here, plan=evolve(world.plan, limits=limits))
    step = p.handle(
        world.here, p.Command("a", "CASE-1", world.accepting, p.Accept()), world.context()
    )
    assert isinstance(step, p.Step)
    case = p.evolve(p.evolve(world.here, step.events[0]), step.events[1])
    (request,) = [one for one in step.messages if one.kind == "request"]
    actor = world.officer(case.plan.others[0])
    given = world.now + timedelta(days=3)
    answer = p.answer(request, actor, p.Confirm("同意"), given)
    assert isinstance(answer, p.Message)
    command = p.command_of(answer)
    assert command is not None
    later = p.Context(given + timedelta(days=10), world.calendars)
    step = p.handle(case, command, later)
    assert isinstance(step, p.Step)
    for event in step.events:
        case = p.evolve(case, event)
    confirm, decide = p.limits(case, world.calendars, later.now)
    assert (confirm.done, confirm.state) == (given.date(), "met")
    assert decide.started == later.now.date(), "who decides has the answer since it came"


def test_an_event_without_the_moment_reads_and_is_written_as_it_was(make: Make) -> None:
    """What was stored before moments were kept has the same text, and the same hash."""
    world = make("licence")
    asked(world)
    world.do(world.window, p.Supply(("证明",)))
    raw = world.events[-1].to_dict()
    assert "given_at" not in raw
    assert p.Event.from_dict(raw).to_dict() == raw
    with pytest.raises(p.FormatError):
        p.Event.from_dict({**raw, "given": raw["at"]})


def test_a_remedy_is_of_the_day_on_which_the_window_took_it(make: Make) -> None:
    """Lodged on its last day where the case is not, it is not late because it comes later."""
    world = make("licence")
    world.accepted()
    world.do(world.lead, p.Deny(("不符合条件",), article="《行政许可法》第三十八条"))
    world.do(world.lead, p.Deliver("electronic"))
    world.on(date(2026, 5, 6))
    given = world.now
    world.wait(1)
    lodged = p.Lodge("reconsideration", "西宁市人民政府", "不服该决定")
    assert isinstance(passed_on(world, world.window, lodged, given), p.Step)
    (one,) = world.here.remedies
    assert (one.on, one.due, one.late) == (date(2026, 5, 6), date(2026, 5, 6), False)
    said = [(p.Admit(True), "admitted_on"), (p.Resolve("upheld"), "resolved_on")]
    for body, field in said:
        given = world.now
        world.wait(3)
        assert isinstance(passed_on(world, world.lead, body, given), p.Step)
        assert getattr(world.here.remedies[0], field) == given.date()


def test_a_remedy_keeps_the_day_and_the_act_that_were_stated(make: Make) -> None:
    world = make("licence")
    world.opened()
    case = world.here
    day = date(2026, 4, 1)
    lodged = p.Lodge("litigation", "西宁市城中区人民法院", "不服该决定", day, "CASE-1-1")
    assert lodged.as_given(case, date(2026, 5, 6)) == lodged
    assert p.Withdraw().as_given(case, date(2026, 5, 6)) == p.Withdraw()


# Between the window and the office that has the case another decision may have been made.


def denied_by_mail(make: Make) -> Any:
    world = make("licence")
    world.accepted()
    world.do(world.lead, p.Deny(("不符合条件",), article="《行政许可法》第三十八条"))
    world.do(world.lead, p.Deliver("electronic"))
    return world


def corrected(world: Any) -> None:
    world.do(world.lead, p.Correct(False, ("另有理由",), "《行政许可法》第六十九条"))


def late(world: Any, known: p.Case, body: p.CommandBody) -> p.Command:
    """A command that another store took while the case was as that store knows it."""
    command = p.Command(f"command-{next(world.ids)}", "CASE-1", world.window, body)
    message = p.relay(known, command, "510100/window", world.now)
    there = p.command_of(p.Message.from_dict(json.loads(json.dumps(message.to_dict()))))
    assert there is not None
    return there


LODGED = p.Lodge("reconsideration", "西宁市人民政府", "不服该决定")


def test_a_remedy_challenges_the_act_that_held_where_it_was_lodged(make: Make) -> None:
    world = denied_by_mail(make)
    sent = late(world, world.here, LODGED)
    world.wait(1)
    corrected(world)
    world.keep(p.handle(world.here, sent, world.context()))
    (one,) = world.here.remedies
    assert (one.act, one.office) == ("CASE-1-1", world.here.plan.lead.key)
    # The case keeps no more on which day the decision of before was delivered.
    assert (one.due, one.late) == (None, False)
    assert p.owed(world.here) == ()
    world.do(world.lead, p.Resolve("changed"))
    assert p.owed(world.here) == ()


def test_one_of_a_former_version_says_no_act_and_challenges_the_decision_that_holds(
    make: Make,
) -> None:
    world = denied_by_mail(make)
    assert "act" not in p.Command("c", "CASE-1", world.window, LODGED).to_dict()["data"]
    corrected(world)
    world.do(world.window, LODGED)
    assert world.here.remedies[0].act == "CASE-1-2"


def test_one_against_how_the_case_ended_is_recorded_against_the_office_that_ended_it(
    make: Make,
) -> None:
    world = make("licence")
    world.arrived()
    world.do(world.accepting, p.Decline(("不属于本机关职权",), "《行政许可法》第三十二条"))
    by = world.here.holder.key
    sent = late(world, world.here, LODGED)
    world.do(world.accepting, p.Reopen("有误", "《行政许可法》第三十二条"))
    world.do(world.accepting, p.Accept())
    world.do(world.lead, p.Deny(("不符合条件",), article="《行政许可法》第三十八条"))
    world.keep(p.handle(world.here, sent, world.context()))
    (one,) = world.here.remedies
    assert (one.act, one.office) == ("declined", by)


def test_an_act_that_the_case_does_not_have_is_refused_with_those_that_it_has(make: Make) -> None:
    world = denied_by_mail(make)
    refused = world.refused(world.window, evolve(LODGED, act="CASE-1-7"))
    assert refused.code == "bad_input"
    assert "CASE-1-7" in refused.text.zh
    assert "CASE-1-1" in refused.text.zh


def test_the_result_of_a_delivery_is_of_the_one_that_was_the_last_where_it_was_given(
    make: Make,
) -> None:
    """The letter that was lost arrived after all: the one that was sent since is under way."""
    world = make("licence")
    world.decided()
    world.do(world.lead, p.Deliver("post"))
    sent = late(world, world.here, p.Report("arrived"))
    world.do(world.lead, p.Report("lost"))
    world.do(world.lead, p.Deliver("post"))
    world.keep(p.handle(world.here, sent, world.context()))
    assert world.here.state == "delivering"
    assert world.here.delivered_at is None
    assert [one.delivery for one in world.here.void_found] == [1]
    assert late(world, world.here, p.Report("returned", 1)).do == p.Report("returned", 1)
    assert late(world, world.here, p.Report("returned")).do == p.Report("returned", 2)
