"""Limits: where they come from, how they run, stop and pass, and what time brings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from attrs import evolve

from tongban.kernel import protocol as p
from tongban.kernel.model import RULE_STEPS
from tongban.plugins.simulation.checks.deadlines import dues

Make = Callable[..., Any]


def test_a_licence_has_the_limits_of_the_law_with_its_articles(make: Make) -> None:
    world = make("licence")
    world.arrived()
    limit = world.limit("supplement")
    assert (limit.working_days, limit.due, limit.state) == (5, date(2026, 3, 9), "running")
    assert limit.cite["source"] == "licensing_law"
    world.wait(1)
    world.do(world.lead, p.Accept())
    assert world.limit("supplement").state == "met"
    assert (world.limit("decide").due, world.limit("decide").extended) == (date(2026, 3, 31), 0)
    world.do(world.lead, p.Grant())
    assert world.limit("deliver").due == date(2026, 3, 17)


def test_a_case_without_a_rule_has_no_limit_and_says_so(make: Make) -> None:
    world = make("hukou")
    world.accepted()
    assert p.limits(world.here, world.calendars, world.now) == ()
    assert not p.has_limit(world.here)
    assert world.sent("notice")[0].body["limits"] == p.NO_LIMIT
    world.wait(400)
    assert world.tick().events == ()


def test_silence_means_accepted_from_the_day_of_receipt(make: Make) -> None:
    world = make("licence")
    world.arrived()
    world.on(date(2026, 3, 9), 23)
    assert world.here.state == "arrived"
    assert "accepted" not in [event.kind for event in world.tick().events]
    world.on(date(2026, 3, 10), 0)
    world.tick()
    assert world.here.state == "accepted"
    assert world.here.accepted_on == date(2026, 3, 2)
    assert world.here.accepted_silently
    assert world.limit("decide").due == date(2026, 3, 30)
    (urge,) = world.sent("urge")
    assert urge.receiver == "630100/supervisor"


def test_silence_counts_from_arrival_at_the_authority(make: Make) -> None:
    world = make("licence")
    world.received()
    world.wait(8)
    world.forwarded()
    world.wait(7)
    world.tick()
    assert world.here.state == "arrived"
    world.wait(1)
    world.tick()
    assert world.here.accepted_on == date(2026, 3, 10)
    assert world.here.received_at.date() == date(2026, 3, 2)


def test_silence_means_nothing_where_no_licence_is_asked_for(make: Make) -> None:
    world = make("pension")
    world.arrived()
    limits = (p.LimitRule("supplement", 5),)
    world.case = evolve(world.here, plan=evolve(world.plan, limits=limits))
    world.wait(60)
    step = p.tick(world.case, world.context())
    assert [event.kind for event in step.events] == ["overdue"]


def test_silence_after_the_supplement_counts_from_the_supply(make: Make) -> None:
    world = make("licence")
    world.arrived()
    world.do(world.lead, p.RequestSupplement(("证明",)))
    world.wait(60)
    world.tick()
    assert world.here.state == "supplementing", "no time was set"
    world.do(world.applicant, p.Supply(("证明",)))
    supplied = world.now.date()
    world.wait(20)
    world.tick()
    assert (world.here.state, world.here.accepted_on) == ("accepted", supplied)


def test_silence_in_a_joint_case_asks_the_others_too(make: Make) -> None:
    world = make("pension")
    limits = (p.LimitRule("supplement", 5),)
    world.arrived()
    world.case = evolve(world.here, plan=evolve(world.plan, limits=limits, licence=True))
    world.wait(20)
    step = p.tick(world.here, world.context())
    kinds = [event.kind for event in step.events]
    assert kinds[:3] == ["overdue", "accepted", "cohandling_requested"]


def test_what_is_not_supplied_in_time_lapses(make: Make) -> None:
    world = make("licence")
    world.arrived()
    world.do(world.lead, p.RequestSupplement(("证明", "章程"), 3))
    assert world.limit("supply").due == date(2026, 3, 5)
    world.do(world.applicant, p.Supply(("章程",)))
    world.on(date(2026, 3, 5), 22)
    world.tick()
    assert world.documents()[-1] == "补正期限提醒"
    world.on(date(2026, 3, 13), 0)  # five working days more for what is on its way
    world.tick()
    assert world.here.state == "lapsed"
    assert world.events[-1].body.outstanding == ("证明",)


def test_paused_time_does_not_count(make: Make) -> None:
    world = make("licence")
    world.accepted()
    assert world.limit("decide").due == date(2026, 3, 30)
    world.on(date(2026, 3, 4))
    world.do(world.lead, p.Pause("expert_review", "需专家评审", 10))
    stopped = world.limit("decide")
    assert (stopped.state, stopped.due, stopped.left) == ("stopped", None, 19)
    world.on(date(2026, 6, 1))
    assert world.tick().events == ()
    assert world.limit("decide").left == 19
    world.on(date(2026, 3, 18))
    world.do(world.lead, p.Resume())
    assert world.limit("decide").due == date(2026, 4, 14)  # 4 to 6 April is a holiday


def test_a_limit_that_had_passed_is_not_saved_by_a_pause(make: Make) -> None:
    world = make("licence")
    world.accepted()
    world.on(date(2026, 3, 31))
    world.do(world.lead, p.Pause("hearing", "听证"))
    assert world.limit("decide").state == "overdue"


def test_a_special_procedure_on_the_last_day_leaves_a_day(make: Make) -> None:
    world = make("licence")
    world.accepted()
    world.on(date(2026, 3, 30))
    world.do(world.lead, p.Pause("hearing", "听证"))
    assert (world.limit("decide").state, world.limit("decide").left) == ("stopped", 1)
    world.on(date(2026, 4, 20))
    world.do(world.lead, p.Resume())
    assert (world.limit("decide").due, world.limit("decide").left) == (date(2026, 4, 20), 0)


def test_each_limit_of_a_rule_counts_from_its_own_day(make: Make) -> None:
    """Examining counts from the last answer; deciding alone does not wait for answers."""
    world = make("hukou")
    world.accepted()
    world.case = evolve(
        world.here,
        accepted_on=date(2026, 2, 2),
        plan=evolve(world.plan, limits=(p.LimitRule("examine", 5), p.LimitRule("decide", 20, 5))),
    )
    assert world.limit("examine").started == date(2026, 3, 2)
    assert world.limit("decide").started == date(2026, 2, 2)
    alone = make("licence")
    alone.accepted()
    rules = (p.LimitRule("confirm", 5), p.LimitRule("decide", 20))
    alone.case = evolve(alone.here, plan=evolve(alone.plan, limits=rules))
    assert alone.limit("decide").started == date(2026, 3, 2)


def test_a_short_limit_is_warned_of_one_day_before(make: Make) -> None:
    world = make("licence")
    world.arrived()
    world.on(date(2026, 3, 5))
    assert world.tick().events == ()
    world.on(date(2026, 3, 6))
    assert [event.kind for event in world.tick().events] == ["warned"]


def test_an_extension_is_given_once_with_reasons_and_in_time(make: Make) -> None:
    world = make("licence")
    world.accepted()
    assert world.refused(world.lead, p.Extend(())).code == "bad_input"
    assert world.refused(world.lead, p.Extend(("复杂",), working_days=11)).code == "bad_input"
    assert world.refused(world.lead, p.Extend(("复杂",), step="deliver")).code == "bad_input"
    world.do(world.lead, p.Extend(("案情复杂",)))
    assert world.limit("decide").due == date(2026, 4, 14)
    assert world.refused(world.lead, p.Extend(("再延",))).code == "once_only"
    late = make("licence")
    late.accepted()
    late.on(date(2026, 3, 31))
    assert late.refused(late.lead, p.Extend(("忘了",))).code == "too_late"


def test_a_warning_before_and_a_report_of_delay_after(make: Make) -> None:
    world = make("licence")
    world.accepted()
    world.on(date(2026, 3, 25))
    assert world.tick().events == ()
    world.on(date(2026, 3, 26))
    assert [event.kind for event in world.tick().events] == ["warned"]
    (warning,) = world.sent("warning")
    assert (warning.receiver, warning.body["due"]) == ("630100/postal", "2026-03-30")
    world.on(date(2026, 3, 30), 23)
    assert world.tick().events == ()
    world.on(date(2026, 3, 31))
    assert [event.kind for event in world.tick().events] == ["overdue"]
    (urge,) = world.sent("urge")
    assert (urge.receiver, urge.body["official"]) == ("630100/supervisor", "作出决定")
    world.wait(30)
    assert world.tick().events == ()
    world.do(world.lead, p.Grant())
    assert world.limit("decide").state == "late"


def test_three_parts_of_fifteen_days_count_each_on_their_own(make: Make) -> None:
    """Accepting, confirming by the other place, deciding: 15 + 15 + 15."""
    world = make("pension")
    world.arrived()
    rules = tuple(
        p.LimitRule(step, 15, basis="inferred") for step in ("accept", "confirm", "decide")
    )
    world.case = evolve(world.here, plan=evolve(world.plan, limits=rules))

    def give(actor: p.Actor, body: p.CommandBody) -> None:
        number = f"part-{world.case.version}"
        step = p.handle(world.case, p.Command(number, "CASE-1", actor, body), world.context())
        assert isinstance(step, p.Step)
        for event in step.events:
            world.case = p.evolve(world.case, event)

    assert world.limit("accept").due == date(2026, 3, 23)
    world.on(date(2026, 3, 10))
    give(world.accepting, p.Accept())
    confirm = world.limit("confirm")
    assert (confirm.office.key, confirm.due) == ("630100/human_resources", date(2026, 3, 31))
    assert not [x for x in p.limits(world.case, world.calendars, world.now) if x.step == "decide"]
    world.on(date(2026, 4, 2))
    late: list[Any] = [
        event.body
        for event in p.tick(world.case, world.context()).events
        if event.kind == "overdue"
    ]
    assert [one.office.division for one in late] == ["630100"], "the place that is late"
    give(world.officer(world.plan.others[0]), p.Confirm())
    assert world.limit("decide").due == date(2026, 4, 24)


def test_a_date_beyond_the_calendar_is_provisional_wherever_it_is_shown(make: Make) -> None:
    world = make("licence")
    world.on(date(2026, 12, 28))
    world.arrived()
    world.do(world.lead, p.RequestSupplement(("证明",), 10))
    assert world.limit("supply").provisional
    (notice,) = [one for one in world.sent("notice") if "wanted" in one.body]
    assert notice.body["provisional"] is True
    world.do(world.applicant, p.Supply(("证明",)))
    world.do(world.lead, p.Accept())
    assert world.limit("decide").provisional


def test_what_does_not_arrive_is_chased(make: Make) -> None:
    world = make("licence")
    world.received()
    world.do(world.window, p.Forward(world.papers))
    world.on(date(2026, 3, 9))
    assert world.tick().events == ()
    world.on(date(2026, 3, 10))
    assert [event.kind for event in world.tick().events] == ["chased"]
    world.wait(7)
    assert world.tick().events == ()
    world.wait(1)
    world.tick()
    assert [one.receiver for one in world.sent("chase")] == ["630100/postal"] * 2
    world.do(world.window, p.Forward(world.papers, tracking="EMS 2"))
    world.do(world.lead, p.Arrive())
    assert [one.arrived_at is None for one in world.here.shipments] == [True, False]


def test_an_answer_that_does_not_come_is_asked_for_again_with_the_request(make: Make) -> None:
    world = make("hukou")
    world.arrived()
    world.do(world.lead, p.Accept())
    world.wait(9)
    world.tick()
    (chase,) = world.sent("chase")
    (request,) = world.sent("request")
    assert chase.body["awaited"] == "answer"
    assert request.body.items() <= chase.body.items()


def test_a_follow_up_that_is_not_done_goes_to_the_supervisor(make: Make) -> None:
    world = make("licence")
    world.closed()
    world.do(world.applicant, p.Rate("630100/postal", "dissatisfied"))
    world.wait(22)
    world.tick()
    assert world.sent("urge")[-1].body["official"] == "差评整改回访"
    assert world.here.state == "closed"


def test_time_closes_what_was_delivered(make: Make) -> None:
    world = make("online")
    world.decided()
    world.do(world.lead, p.Deliver())
    assert [event.kind for event in world.tick().events] == ["closed"]


def test_each_kind_of_limit_runs_in_some_case_and_both_counts_of_it_agree(make: Make) -> None:
    """A kind without a place in `limits`, or in the second count, would never run."""
    world = make("pension")
    stages: list[p.Case] = []

    def stage() -> None:
        stages.append(world.here)
        world.wait(1)

    world.arrived()
    stage()
    world.do(world.accepting, p.RequestSupplement(("证明",), 5))
    stage()
    world.do(world.applicant, p.Supply(("证明",)))
    stage()
    world.do(world.accepting, p.Accept())
    if world.here.at < len(world.plan.way) - 1:
        world.forwarded()
    stage()
    for office in world.plan.others:
        world.do(world.officer(office), p.Confirm())
    stage()
    world.do(world.lead, p.Grant("符合条件"))
    stage()
    world.do(world.lead, p.Deliver())
    if world.here.state == "delivering":
        world.do(world.lead, p.Report("arrived"))
    world.do(world.applicant, p.Rate(world.plan.lead.key, "dissatisfied"))
    stage()
    rules = (None, *(p.LimitRule(step, 5) for step in RULE_STEPS))
    seen = set()
    for case in stages:
        for rule in rules:
            plan = evolve(case.plan, limits=(rule,) if rule else ())
            case = evolve(case, plan=plan)
            running = [one for one in p.limits(case, world.calendars, world.now) if not one.done]
            running = [one for one in running if one.state != "ended"]
            again = dues(case, world.calendars)
            assert {(one.step, one.office.key, one.due) for one in running} == {
                (one.step, one.office, one.day) for one in again
            }
            seen |= {one.step for one in running}
    assert seen == {*p.LIMIT_STEPS}
