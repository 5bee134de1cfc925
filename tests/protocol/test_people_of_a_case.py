"""Change of contact, recusal, taken tasks, void letters that turn up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from tongban.kernel import protocol as p
from tongban.kernel.protocol.personal_data import may_read

Make = Callable[..., Any]
NEW, OTHER = "a" * 64, "b" * 64
MOVED = p.ChangeContact(("address",), personal=NEW)


def named(actor: p.Actor, name: str) -> p.Actor:
    return attrs.evolve(actor, id=name)


def lead_of(world: Any, name: str) -> p.Actor:
    return named(world.lead, name)


# Contact


def test_the_next_letter_goes_the_new_way_and_one_under_way_does_not(make: Make) -> None:
    world = make("hukou")
    world.decided()
    before = world.here
    world.do(world.lead, p.Deliver("post"))
    world.do(world.applicant, MOVED)
    assert world.here.personal == NEW
    assert world.here.sent_before_move(1)
    world.do(world.lead, p.Report("returned"))
    world.do(world.applicant, p.ChangeContact(("delivery",), "pickup"))
    world.do(world.lead, p.Deliver())
    assert world.here.deliveries[-1].by == "pickup"
    assert not world.here.sent_before_move(2)
    assert world.here.plan == before.plan


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (p.ChangeContact(), "没有变更内容"),
        (p.ChangeContact(("phone", "phone"), personal=NEW), "没有变更内容"),
        (p.ChangeContact(("phone",)), "与所列项目不符"),
        (p.ChangeContact(("delivery",)), "与所列项目不符"),
        (p.ChangeContact(("phone",), "post", NEW), "与所列项目不符"),
        (p.ChangeContact(("delivery",), "pigeon"), "送达方式须为"),
    ],
)
def test_a_change_says_what_changes(make: Make, body: p.ChangeContact, says: str) -> None:
    world = make("licence")
    world.arrived()
    refused = world.refused(world.applicant, body)
    assert refused.code == "bad_input"
    assert says in refused.message


def test_the_same_change_again_has_no_effect(make: Make) -> None:
    world = make("licence")
    world.arrived()
    world.do(world.applicant, MOVED)
    assert world.do(world.applicant, MOVED).repeated


def test_contact_changes_by_the_applicant_or_the_window_until_the_case_is_over(make: Make) -> None:
    world = make("licence")
    world.arrived()
    assert world.refused(world.lead, MOVED).code == "not_your_step"
    world.do(world.applicant, MOVED)
    world.do(world.window, p.ChangeContact(("phone",), personal=OTHER, note="到窗口办理"))
    world.do(world.applicant, p.Withdraw())
    over = world.refused(world.applicant, MOVED)
    assert over.code == "over"
    assert "变更联系方式" in over.message


# A lost letter that turns up


def test_who_finds_a_void_letter_is_told_so_once_also_after_the_case_was_closed(make: Make) -> None:
    world = make("licence")
    world.decided()
    world.do(world.lead, p.Deliver("post"))
    world.do(world.lead, p.Report("lost"))
    world.do(world.lead, p.Deliver("post"))
    world.do(world.lead, p.Report("arrived"))
    world.do(world.lead, p.Close())
    before = world.here
    found = world.do(world.applicant, p.Report("arrived", 1, "邻居转来"))
    assert [one.kind for one in found.events] == ["void_found"]
    assert world.sent("notice")[-1].body["document"] == "作废告知书"
    assert world.here.state == "closed"
    assert world.here.deliveries == before.deliveries
    assert world.do(world.window, p.Report("arrived", 1)).repeated
    assert world.refused(world.applicant, p.Report("arrived", 2)).code == "over"


# Recusal


def test_who_stands_back_has_no_part_and_a_colleague_acts(make: Make) -> None:
    world = make("licence")
    world.accepted()
    world.do(lead_of(world, "甲"), p.Recuse("与申请人有近亲属关系", instead="乙"))
    kept_off = lead_of(world, "甲")
    refused = world.refused(kept_off, p.Examine("符合条件"))
    assert refused.code == "not_a_party"
    assert "已回避" in refused.message
    assert not p.roles(world.here, kept_off)
    assert not may_read(world.here, kept_off, p.day_of(world.now))
    nameless = world.refused(lead_of(world, ""), p.Examine("符合条件"))
    assert nameless.code == "bad_input"
    assert "须写明办理人" in nameless.message
    assert not may_read(world.here, lead_of(world, ""), p.day_of(world.now))
    found = p.tasks(world.here, world.calendars, world.now)
    assert not any(p.is_turn(one, world.here, kept_off) for one in found)
    assert any(p.is_turn(one, world.here, lead_of(world, "乙")) for one in found)
    world.do(lead_of(world, "乙"), p.Examine("符合条件"))
    assert world.events[-1].actor.id == "乙"


def test_an_account_is_the_same_in_capitals(make: Make) -> None:
    world = make("licence")
    world.accepted()
    world.do(lead_of(world, "li.na"), p.Recuse("与申请人有近亲属关系", instead="wang"))
    for name in ("li.na", "LI.NA", "Li.Na"):
        assert world.refused(lead_of(world, name), p.Examine("符合条件")).code == "not_a_party"
        assert not may_read(world.here, lead_of(world, name), p.day_of(world.now))
    world.do(lead_of(world, "wang"), p.Examine("符合条件"))


def test_a_supervisor_orders_a_recusal_and_lifts_it(make: Make) -> None:
    world = make("licence")
    world.accepted()
    office = world.plan.lead.key
    above = p.Actor("supervisor", "督", world.plan.lead.division)
    world.do(above, p.Recuse("申请人申请回避", "甲", office=office))
    assert world.refused(lead_of(world, "甲"), p.Examine("符合条件")).code == "not_a_party"
    assert world.refused(lead_of(world, "乙"), p.Readmit("甲", "误会")).code == "not_your_step"
    assert world.refused(above, p.Readmit("乙", "误会", office)).code == "bad_input"
    world.do(above, p.Readmit("甲", "经查不属于回避情形"))
    assert world.here.recusals[0].lifted_at is not None
    world.do(lead_of(world, "甲"), p.Examine("符合条件"))


@pytest.mark.parametrize(
    ("who", "body", "code", "says"),
    [
        ("", p.Recuse("理由"), "bad_input", "须写明办理人"),
        ("甲", p.Recuse("  "), "bad_input", "须写明理由"),
        ("甲", p.Recuse("理由", "乙", office="110000/postal"), "not_your_step", "回避"),
        ("甲", p.Recuse("理由", instead="甲"), "bad_input", "不能由其办理"),
    ],
)
def test_what_a_recusal_needs(make: Make, who: str, body: p.Recuse, code: str, says: str) -> None:
    world = make("licence")
    world.accepted()
    refused = world.refused(lead_of(world, who), body)
    assert refused.code == code
    assert says in refused.message


def test_a_second_recusal_and_that_of_the_one_who_decides_instead(make: Make) -> None:
    world = make("licence")
    world.accepted()
    world.do(lead_of(world, "甲"), p.Recuse("理由", instead="乙"))
    again = world.refused(lead_of(world, "乙"), p.Recuse("理由", "甲"))
    assert (again.code, "已于" in again.message) == ("once_only", True)
    last = world.refused(lead_of(world, "乙"), p.Recuse("理由"))
    assert (last.code, "须另行指定" in last.message) == ("bad_input", True)
    world.do(lead_of(world, "乙"), p.Recuse("理由", instead="丙"))
    assert not p.roles(world.here, lead_of(world, "乙"))


def test_an_officer_elsewhere_with_the_same_name_is_another_one(make: Make) -> None:
    world = make("hukou")
    world.arrived()
    world.do(world.lead, p.Accept())
    world.do(lead_of(world, "甲"), p.Recuse("理由", instead="乙"))
    other = named(world.officer(world.plan.others[0]), "甲")
    world.do(other, p.Confirm())


# Taken tasks


def test_a_task_is_taken_by_one_and_its_last_day_stays(make: Make) -> None:
    world = make("licence")
    world.accepted()
    (before,) = p.tasks(world.here, world.calendars, world.now)
    world.do(lead_of(world, "甲"), p.Claim())
    (task,) = p.tasks(world.here, world.calendars, world.now)
    assert (task.taken_by, task.due) == ("甲", before.due)
    assert world.do(lead_of(world, "甲"), p.Claim()).repeated
    refused = world.refused(lead_of(world, "乙"), p.Claim())
    assert (refused.code, "已由 甲" in refused.message) == ("once_only", True)


def test_a_task_is_given_back_by_oneself_or_by_others_with_a_reason(make: Make) -> None:
    world = make("licence")
    world.accepted()
    assert world.refused(lead_of(world, "甲"), p.Release()).code == "wrong_state"
    world.do(lead_of(world, "甲"), p.Claim())
    assert world.refused(lead_of(world, "乙"), p.Release()).code == "bad_input"
    world.do(lead_of(world, "乙"), p.Release("甲已调离"))
    world.do(lead_of(world, "乙"), p.Claim())
    above = p.Actor("supervisor", "督", world.plan.lead.division)
    assert world.refused(above, p.Release()).code == "bad_input"
    world.do(above, p.Release("另行安排"))
    assert world.here.claims == ()


def test_a_hundred_takings_leave_the_days_as_they_were(make: Make) -> None:
    world = make("licence")
    world.accepted()
    before = p.limits(world.here, world.calendars, world.now)
    for _ in range(100):
        world.do(lead_of(world, "甲"), p.Claim())
        world.do(lead_of(world, "甲"), p.Release())
    assert world.kinds().count("claimed") == world.kinds().count("released") == 100
    assert p.limits(world.here, world.calendars, world.now) == before


def test_a_claim_ends_with_the_task_or_where_a_colleague_does_it(make: Make) -> None:
    world = make("licence")
    world.accepted()
    world.do(lead_of(world, "甲"), p.Claim())
    world.do(lead_of(world, "甲"), p.Examine("符合条件"))
    assert [one.account for one in world.here.claims] == ["甲"], "the next task of the office"
    world.do(lead_of(world, "乙"), p.Pause("hearing", "申请人要求"))
    assert world.here.claims == ()
    world.do(lead_of(world, "甲"), p.Claim())
    world.do(world.applicant, p.Withdraw())
    assert world.here.claims == ()


def test_nobody_takes_what_is_not_theirs_to_do(make: Make) -> None:
    world = make("licence")
    world.accepted()
    nameless = world.refused(lead_of(world, ""), p.Claim())
    assert (nameless.code, "须写明办理人" in nameless.message) == ("bad_input", True)
    assert world.refused(world.applicant, p.Claim()).code == "not_your_step"
    world.do(world.applicant, p.Withdraw())
    assert world.refused(lead_of(world, "甲"), p.Claim()).code == "over"


def test_who_stands_back_loses_the_task_that_they_had_taken(make: Make) -> None:
    world = make("licence")
    world.accepted()
    world.do(lead_of(world, "甲"), p.Claim())
    world.do(lead_of(world, "甲"), p.Recuse("理由", instead="乙"))
    assert world.here.claims == ()
    assert world.refused(lead_of(world, "甲"), p.Claim()).code == "not_a_party"
    world.do(lead_of(world, "乙"), p.Claim())
