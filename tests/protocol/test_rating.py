"""Only an office that took part in a case is rated, and answers for a rating."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tongban.kernel import protocol as p

Make = Callable[..., Any]


def keys(world: Any) -> list[str]:
    return [office.key for office in world.here.reached]


def refused_but(world: Any, *reached: str) -> None:
    """Only `reached` is rated; nothing is opened for the others."""
    assert keys(world) == list(reached)
    for office in world.plan.offices:
        body = p.Rate(office.key, "very_dissatisfied")
        if office.key in reached:
            world.do(world.applicant, body)
            continue
        no = world.refused(world.applicant, body)
        assert no.code == "bad_input"
        assert all(one in no.message for one in reached)
        officer = world.officer(office)
        assert world.refused(officer, p.FollowUp(office.key, "已致电")).code == "not_your_step"
    assert {one.side for one in world.here.follow_ups} == set(reached)
    assert {one.receiver for one in world.sent("rating")} == set(reached)


@pytest.mark.parametrize("name", ["licence", "pension", "hukou"])
def test_after_a_withdrawal_at_the_window_only_the_window_is_rated(make: Make, name: str) -> None:
    world = make(name)
    world.received()
    world.do(world.applicant, p.Withdraw())
    refused_but(world, world.plan.way[0].key)


def test_a_letter_on_its_way_makes_no_part(make: Make) -> None:
    world = make("licence")
    world.received()
    world.do(world.window, p.Forward(world.papers, "post", "EMS 1"))
    world.do(world.applicant, p.Withdraw())
    refused_but(world, world.plan.way[0].key)


def test_those_who_had_it_are_rated_and_others_are_not(make: Make) -> None:
    world = make("hukou")
    world.arrived()
    world.do(world.accepting, p.Decline(("不属于受理范围",), article="第三十二条"))
    refused_but(world, *(office.key for office in world.plan.way))


def test_an_authority_that_was_asked_took_part_even_without_an_answer(make: Make) -> None:
    world = make("hukou")
    world.arrived()
    world.do(world.accepting, p.Accept())
    world.do(world.applicant, p.Withdraw())
    refused_but(world, *(office.key for office in world.plan.offices))


def test_a_limit_is_extended_by_the_holder_of_the_case(make: Make) -> None:
    """The authority that decides cannot, while the one that accepts still has it."""
    world = make("licence")
    world.received()
    assert world.plan.lead.key not in keys(world)
    no = world.refused(world.lead, p.Extend(("需要核实",)))
    assert no.code in ("wrong_state", "bad_input")


def test_a_rating_that_an_older_version_took_is_still_answered(make: Make) -> None:
    """Such events may stand in a log; their follow-up stays open for the office."""
    world = make("licence")
    world.received()
    world.do(world.applicant, p.Withdraw())
    lead = world.plan.lead
    case = world.here
    for body in (
        p.Rated(lead.key, "very_dissatisfied"),
        p.FollowUpOpened(lead.key, world.now.date()),
    ):
        event = p.Event("CASE-1", case.version + 1, world.now, world.applicant, "old", body)
        case = p.evolve(case, event)
    command = p.Command("f", "CASE-1", world.lead, p.FollowUp(lead.key, "已致电"))
    assert isinstance(p.handle(case, command, world.context()), p.Step)
