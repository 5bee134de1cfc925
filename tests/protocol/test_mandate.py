"""What a letter of authorisation lets an agent do, when, and who takes its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import attrs
import pytest

from tongban.kernel import protocol as p
from tongban.kernel.protocol import personal_data

Make = Callable[..., Any]
AGENT = p.Actor("agent", "agent-1", authorisation="委1")
ANOTHER = p.Actor("agent", "agent-2", authorisation="委2")
MONDAY = date(2026, 3, 2)


def opened(make: Make, *scope: Any, **days: Any) -> Any:
    """A case in which an agent acts."""
    said = p.mandate_of(scope, **days)
    world = make("local", agent="agent-1", authorisation="委1", mandate=said)
    world.opened()
    return world


def test_every_command_that_agents_may_give_needs_something_of_the_scope() -> None:
    given = {kind for kind, step in p.COMMANDS.items() if "agent" in step.roles}
    assert given == {*p.SCOPE_OF}
    assert {*p.SCOPE_OF.values()} <= {*p.SCOPES}


def test_a_letter_that_says_nothing_lets_the_agent_do_everything(make: Make) -> None:
    world = opened(make)
    assert world.here.mandate is None
    assert "mandate" not in world.here.to_dict()
    assert p.allowed(world.here, AGENT, date(2099, 1, 1))[:1] == ("withdraw",)
    world.do(AGENT, p.Withdraw())


def test_what_is_not_in_the_scope_is_refused_and_recorded(make: Make) -> None:
    world = opened(make, "apply", "supplement")
    refused = world.refused(AGENT, p.Withdraw())
    assert refused.code == "not_your_step"
    assert "申请、补正" in refused.text.zh
    assert "撤回" in refused.text.zh
    assert "authorise" in refused.text.en
    assert world.kinds()[-1] == "attempt_refused"
    assert p.allowed(world.here, AGENT) == ()


def test_on_the_last_day_it_holds_and_on_the_day_after_it_does_not(make: Make) -> None:
    world = opened(make, "withdraw", until=MONDAY + timedelta(days=3))
    world.wait(3)
    assert p.allowed(world.here, AGENT, p.day_of(world.now))[:1] == ("withdraw",)
    world.wait(1)
    assert p.allowed(world.here, AGENT, p.day_of(world.now)) == ()
    refused = world.refused(AGENT, p.Withdraw())
    assert refused.code == "not_your_step"
    assert str(MONDAY + timedelta(days=3)) in refused.text.zh


def test_before_the_first_day_it_does_not_hold(make: Make) -> None:
    world = opened(make, since=MONDAY + timedelta(days=2))
    assert "尚未生效" in world.refused(AGENT, p.Withdraw()).text.zh
    world.wait(2)
    world.do(AGENT, p.Withdraw())


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (p.Mandate(until=MONDAY - timedelta(days=1)), "bad_input"),
        (p.Mandate(since=date(2026, 5, 1), until=date(2026, 4, 1)), "bad_input"),
        (p.Mandate(("apply", "apply")), "bad_input"),
        (p.Mandate(("rate",)), "not_your_step"),
        (p.Mandate(since=MONDAY + timedelta(days=1)), "not_your_step"),
    ],
)
def test_an_agent_hands_in_with_a_letter_that_holds(make: Make, said: p.Mandate, code: str) -> None:
    given = make("local", agent="agent-1", authorisation="委1", mandate=said)
    refused = p.handle(None, p.Command("c", "CASE-1", AGENT, given.given), given.context())
    assert isinstance(refused, p.Refusal)
    assert refused.code == code


def test_an_applicant_may_name_an_agent_for_later(make: Make) -> None:
    world = opened(make, "receive", since=MONDAY + timedelta(days=1))
    assert world.here.mandate == p.Mandate(("receive",), MONDAY + timedelta(days=1))


def test_whose_authorisation_has_ended_reads_no_personal_data(make: Make) -> None:
    world = opened(make, until=MONDAY)
    assert personal_data.may_read(world.here, AGENT, MONDAY)
    assert not personal_data.may_read(world.here, AGENT, MONDAY + timedelta(days=1))
    assert personal_data.may_read(world.here, world.applicant, MONDAY + timedelta(days=1))


def test_another_agent_takes_the_place_of_the_one_before(make: Make) -> None:
    world = opened(make)
    world.do(world.applicant, p.Authorise("agent-2", "委2", ("withdraw",)))
    assert world.refused(AGENT, p.Withdraw()).code == "not_a_party"
    assert world.documents()[-1] == "委托变更告知书"
    world.do(ANOTHER, p.Withdraw())


def test_a_new_letter_lets_the_same_agent_go_on(make: Make) -> None:
    world = opened(make, until=MONDAY)
    world.wait(1)
    world.refused(AGENT, p.Withdraw())
    letter = p.Authorise("agent-1", "委3", until=MONDAY + timedelta(days=9))
    world.do(world.applicant, letter)
    world.do(p.Actor("agent", "agent-1", authorisation="委3"), p.Withdraw())


def test_with_nothing_nobody_acts_for_the_applicant_any_more(make: Make) -> None:
    world = opened(make, "apply", kinship="parent")
    world.do(world.applicant, p.Authorise())
    assert (world.here.agent, world.here.authorisation, world.here.mandate) == ("", "", None)
    assert world.refused(AGENT, p.Withdraw()).code == "not_a_party"
    assert world.refused(world.applicant, p.Authorise()).code == "bad_input"


@pytest.mark.parametrize(
    "body",
    [
        p.Authorise("agent-2"),
        p.Authorise("", "委2"),
        p.Authorise("", "", ("apply",)),
        p.Authorise("agent-2", "委2", until=MONDAY - timedelta(days=1)),
        p.Authorise("agent-2", "委2", since=date(2026, 5, 2), until=date(2026, 5, 1)),
    ],
)
def test_a_letter_that_cannot_be_changes_nothing(make: Make, body: p.Authorise) -> None:
    world = opened(make)
    before = world.here
    refused = world.refused(world.applicant, body)
    assert refused.code == "bad_input"
    assert refused.text.zh
    assert refused.text.en
    assert attrs.evolve(world.here, version=before.version) == before


def test_an_agent_names_no_other_agent(make: Make) -> None:
    world = opened(make)
    assert world.refused(AGENT, p.Authorise("agent-2", "委2")).code == "not_your_step"


def test_the_same_again_has_no_effect(make: Make) -> None:
    world = opened(make)
    assert not world.do(world.applicant, p.Authorise("agent-1", "委1")).events


@pytest.mark.parametrize(
    ("days", "scope"),
    [
        ({"until": MONDAY - timedelta(days=1)}, ()),
        ({"since": MONDAY + timedelta(days=1)}, ()),
        ({}, ("withdraw",)),
    ],
)
def test_at_receipt_there_is_no_case_in_which_a_letter_could_be_replaced(
    make: Make, days: Any, scope: Any
) -> None:
    """What does not hold is answered by a letter that does, or by the applicant in person."""
    said = p.mandate_of(scope, **days)
    world = make("local", agent="agent-1", authorisation="委1", mandate=said)
    refused = world.attempt(AGENT, world.given)
    assert isinstance(refused, p.Refusal)
    assert "变更委托" not in refused.text.zh
    assert "申请人" in refused.text.zh
    assert "授权委托书" in refused.text.zh
    assert "authorise" not in refused.text.en


def test_in_a_case_a_letter_that_has_ended_is_replaced_by_one_that_holds(make: Make) -> None:
    world = opened(make, until=MONDAY)
    world.wait(1)
    assert "变更委托" in world.refused(AGENT, p.Withdraw()).text.zh
    ended = p.Authorise("agent-2", "委2", until=MONDAY)
    refused = world.refused(world.applicant, ended)
    assert "变更委托" not in refused.text.zh
    assert "有效的授权委托书" in refused.text.zh
