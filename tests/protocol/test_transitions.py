"""Every command in every state, by everyone: allowed, or refused with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any, get_args

import attrs
import pytest

from tongban.kernel import protocol as p

Make = Callable[..., Any]

PAPERS = (p.Document("申请表"),)
SIDE = "510100/public_security"
BODIES: dict[str, p.CommandBody] = {
    "receive": p.Receive(),
    "forward": p.Forward(PAPERS),
    "arrive": p.Arrive(),
    "chase": p.Chase(),
    "accept": p.Accept(),
    "supplement": p.RequestSupplement(("证明",), 5),
    "supply": p.Supply(("证明",)),
    "decline": p.Decline(("理由",), article="第三十二条"),
    "examine": p.Examine("意见"),
    "confirm": p.Confirm(),
    "refuse": p.Refuse("理由"),
    "pause": p.Pause("hearing", "申请人要求"),
    "resume": p.Resume(),
    "extend": p.Extend(("情况复杂",)),
    "grant": p.Grant(),
    "deny": p.Deny(("理由",), article="第三十八条"),
    "deliver": p.Deliver(),
    "report": p.Report("arrived"),
    "close": p.Close(),
    "insist": p.Insist(),
    "withdraw": p.Withdraw(),
    "terminate": p.Terminate("理由"),
    "amend": p.Amend({}, {}, (p.Document("户口簿"),), "理由"),
    "correct": p.Correct(False, ("理由",), "《行政许可法》第六十九条"),
    "reopen": p.Reopen("理由", "《行政许可法》第三十二条"),
    "lodge": p.Lodge("reconsideration", "市人民政府", "理由"),
    "admit": p.Admit(True),
    "resolve": p.Resolve("upheld"),
    "rate": p.Rate(SIDE, "satisfied"),
    "follow_up": p.FollowUp(SIDE, "已回访"),
    "stop": p.Suspend("durable-rules", ("a",), ()),
    "settle": p.Adjudicate(True, "理由"),
    "authorise": p.Authorise("agent-2", "委2026-2"),
    "check_clock": p.CheckClock("理由"),
    "change_contact": p.ChangeContact(("phone",), personal="0" * 64),
    "recuse": p.Recuse("与申请人有近亲属关系", "officer-9", office="510100/human_resources"),
    "readmit": p.Readmit("officer-9", "理由", "510100/human_resources"),
    "claim": p.Claim(),
    "release": p.Release("理由"),
}
"""A good example of every command that works on a case."""

CONTENT = {"wrong_state", "bad_input", "once_only", "too_late", "over"}
"""Why a command may be refused though its state and its actor are right."""


def reach(make: Make, state: str) -> Any:
    """A joint case, received at a window elsewhere, in a state."""
    return _reached(make, state).copy()


@cache
def _reached(make: Make, state: str) -> Any:
    world = make("refused_pension" if state == "ineligible" else "pension")
    world.opened()
    if state in ("submitted", "returned", "withdrawn", "ineligible"):
        if state == "returned":
            world.do(world.window, p.Receive((p.Defect("materials", "缺申请表"),)))
        if state == "withdrawn":
            world.do(world.applicant, p.Withdraw())
        return world
    world.do(world.window, p.Receive())
    if state == "stopped":
        world.do(p.SYSTEM, BODIES["stop"])
    if state in ("received", "stopped"):
        return world
    world.do(world.window, p.Forward(PAPERS))
    if state == "dispatched":
        return world
    world.do(world.accepting, p.Arrive())
    if state in ("supplementing", "lapsed"):
        world.do(world.accepting, BODIES["supplement"])
    if state == "lapsed":
        world.wait(30)
        world.tick()
    if state in ("declined", "terminated"):
        world.do(world.accepting, BODIES["decline" if state == "declined" else "terminate"])
    if state in ("arrived", "supplementing", "lapsed", "declined", "terminated"):
        return world
    world.do(world.accepting, p.Accept())
    if state == "paused":
        world.do(world.lead, BODIES["pause"])
    if state in ("cohandling", "paused"):
        return world
    world.do(world.officer(world.plan.others[0]), p.Confirm())
    if state == "accepted":
        return world
    world.do(world.lead, p.Examine("意见"))
    if state == "examined":
        return world
    world.do(world.lead, p.Grant())
    if state == "decided":
        return world
    world.do(world.lead, p.Deliver("post"))
    if state == "undelivered":
        world.do(world.lead, p.Report("lost"))
    if state in ("delivering", "undelivered"):
        return world
    world.do(world.lead, p.Report("arrived"))
    if state == "closed":
        world.do(world.lead, p.Close())
    return world


def actors(world: Any) -> dict[str, p.Actor]:
    plan = world.plan
    return {
        "applicant": world.applicant,
        "window": world.window,
        "lead": world.lead,
        "cohandler": world.officer((*plan.others, *plan.way)[0]),
        "supervisor": p.Actor("supervisor", "s", "510000"),
        "system": p.SYSTEM,
        "other department": p.Actor("officer", "o", "510100", "public_security"),
        "other place": p.Actor("officer", "o", "610100", "human_resources"),
        "other applicant": p.Actor("applicant", "applicant-2"),
        "other window": p.Actor("window", "w", "110000"),
        "no agent": p.Actor("agent", "agent-1", authorisation="letter"),
        "other supervisor": p.Actor("supervisor", "s", "110000"),
    }


AFTER = {"rate", "confirm", "refuse", "authorise", "insist", "correct", "reopen", "lodge"}
"""What may still be done in a case that is over."""

STRANGERS = {
    "other department",
    "other place",
    "other applicant",
    "other window",
    "no agent",
    "other supervisor",
}


def test_every_command_that_works_on_a_case_is_tried() -> None:
    assert {*BODIES} == {kind for kind, step in p.COMMANDS.items() if step.states and step.yields}


@pytest.mark.parametrize("state", get_args(p.State))
def test_each_state_can_be_reached(make: Make, state: str) -> None:
    assert reach(make, state).here.state == state


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("state", get_args(p.State))
def test_every_command_in_every_state_by_everyone(make: Make, state: str, kind: str) -> None:
    start = reach(make, state)
    taken = []
    for name, actor in actors(start).items():
        command = p.Command("the-command", start.here.id, actor, BODIES[kind])
        result = p.handle(start.here, command, start.context())
        may = p.roles(start.here, actor) & set(p.COMMANDS[kind].roles)
        if isinstance(result, p.Step):
            taken.append(name)
            assert may
            assert state in p.COMMANDS[kind].states
            assert {one.kind for one in result.events} <= set(p.COMMANDS[kind].yields)
            continue
        assert result.message == f"{result.text.zh} ({result.text.en})", "in both languages"
        if name in STRANGERS:
            assert result.code == "not_a_party"
        elif not may:
            assert result.code == "not_your_step"
        elif state not in p.COMMANDS[kind].states:
            assert result.code == ("over" if start.here.over else "wrong_state")
        else:
            assert result.code in CONTENT | {"not_your_step"}
        recorded = [one.kind for one in result.events]
        # Where a clock is checked nothing is recorded by it but that it was.
        wants_more = result.code in ("not_a_party", "not_your_step") and kind != "check_clock"
        assert recorded == (["attempt_refused"] if wants_more else [])
    assert not STRANGERS & set(taken)
    if start.here.over and kind not in AFTER:
        assert taken == []


@pytest.mark.parametrize("kind", BODIES)
def test_every_command_is_taken_somewhere(make: Make, kind: str) -> None:
    """The table above would pass if nothing were ever allowed."""
    for state in p.COMMANDS[kind].states:
        world = reach(make, state)
        if kind == "follow_up":
            world.do(world.applicant, p.Rate("510100/human_resources", "dissatisfied"))
        if kind == "readmit":
            world.do(actors(world)["supervisor"], BODIES["recuse"])
        if kind == "release" and state == "accepted":
            world.do(world.lead, p.Claim())
        if kind in ("admit", "resolve") and state in p.COMMANDS["lodge"].states:
            world.do(world.applicant, BODIES["lodge"])
        body = {
            "follow_up": p.FollowUp("510100/human_resources", "已回访"),
            "rate": p.Rate("510100/human_resources", "satisfied"),
        }.get(kind, BODIES[kind])
        context = world.context()
        if kind == "check_clock":
            context = attrs.evolve(context, last=context.now + timedelta(days=2))
        for actor in actors(world).values():
            command = p.Command("the-command", world.here.id, actor, body)
            result = p.handle(world.here, command, context)
            if isinstance(result, p.Step) and result.events:
                return
    # No rule of 1-07 allows an extension; test_amendments has what an amendment needs.
    assert kind in ("extend", "amend")


def test_who_has_no_part_is_refused_and_recorded_once(make: Make) -> None:
    world = reach(make, "arrived")
    stranger = p.Actor("officer", "spy", "110000", "human_resources")
    before = world.here
    first = world.attempt(stranger, p.Accept(), id="attempt")
    again = world.attempt(stranger, p.Accept(), id="attempt")
    assert (first.code, len(first.events)) == ("not_a_party", 1)
    assert (again.code, len(again.events)) == ("not_a_party", 0)
    assert world.events[-1].body == p.AttemptRefused("accept", "not_a_party")
    assert world.events[-1].actor == stranger
    assert world.here.state == before.state


def test_an_agent_acts_only_with_the_authorisation(make: Make) -> None:
    world = make("hukou", agent="agent-1", authorisation="letter-9")
    agent = p.Actor("agent", "agent-1", authorisation="letter-9")
    forged = p.Actor("agent", "agent-1", authorisation="letter-8")
    assert world.refused(forged, world.given).code == "not_a_party"
    world.do(agent, world.given)
    world.do(world.window, p.Receive())
    assert world.refused(forged, p.Withdraw()).code == "not_a_party"
    world.do(agent, p.Withdraw())
    assert world.here.state == "withdrawn"


def test_the_window_never_refuses_on_substance(make: Make) -> None:
    world = reach(make, "arrived")
    refused = world.refused(world.window, p.Decline(("不符合条件",), article="第三十二条"))
    assert refused.code == "not_your_step"
    assert "受理机关" in refused.message
    early = make("pension")
    early.opened()
    assert early.refused(early.window, p.Receive((p.Defect("", "不合适"),))).code == "bad_input"


def test_the_same_command_twice_has_the_effect_of_one(make: Make) -> None:
    world = reach(make, "arrived")
    world.do(world.accepting, p.Accept(), id="once")
    version = world.here.version
    again = world.do(world.accepting, p.Accept(), id="once")
    assert again == p.Step(repeated=True)
    assert world.here.version == version


def test_reasons_must_say_something(make: Make) -> None:
    world = reach(make, "arrived")
    for body in (
        p.Decline((), article="第三十二条"),
        p.Decline((" ",), article="第三十二条"),
        p.Terminate(""),
        p.RequestSupplement(()),
    ):
        refused = world.refused(world.accepting, body)
        assert refused.code == "bad_input"
        assert "须写明" in refused.message


def test_an_actor_sees_what_may_be_done_now(make: Make) -> None:
    world = reach(make, "arrived")
    assert p.allowed(world.here, world.accepting) == (
        "accept",
        "supplement",
        "decline",
        "terminate",
        "recuse",
        "claim",
        "release",
    )
    assert p.allowed(world.here, world.applicant) == (
        *("withdraw", "amend", "authorise", "change_contact"),
    )
    assert p.allowed(world.here, p.Actor("officer", "x", "110000", "postal")) == ()


def test_nothing_is_done_in_a_case_that_is_not_there(make: Make) -> None:
    world = make("pension")
    assert world.refused(world.window, p.Receive()).code == "unknown_case"
    world.opened()
    assert world.refused(world.window, world.given).code == "exists"


def test_late_and_repeated_answers_are_harmless(make: Make) -> None:
    world = reach(make, "cohandling")
    other = world.officer(world.plan.others[0])
    world.do(world.applicant, p.Withdraw())
    assert [one.receiver for one in world.sent("cancellation")] == ["630100/human_resources"]
    assert [one.kind for one in world.do(other, p.Confirm()).events] == ["cohandling_confirmed"]
    assert world.events[-1].body.late
    assert world.here.state == "withdrawn"
    assert world.do(other, p.Refuse("迟到")) == p.Step(repeated=True)


def test_an_answer_during_a_special_procedure_counts(make: Make) -> None:
    world = reach(make, "paused")
    world.do(world.officer(world.plan.others[0]), p.Confirm())
    assert world.here.state == "paused"
    world.wait(1)
    world.do(world.lead, p.Resume())
    assert world.here.state == "accepted"


def test_time_comes_before_the_command(make: Make) -> None:
    """A licence about which nothing was said in time is accepted, tick or no tick."""
    world = make("licence")
    world.arrived()
    world.now += timedelta(days=30)
    refused = world.refused(world.accepting, p.Decline(("太晚了",), article="第三十二条"))
    assert refused.code == "wrong_state"
    assert [one.kind for one in refused.events] == ["overdue", "accepted"]
    assert world.here.accepted_silently


def test_an_answer_that_is_repeated_after_the_decision_is_harmless(make: Make) -> None:
    for state in ("examined", "decided", "delivering", "undelivered", "delivered", "closed"):
        world = reach(make, state)
        other = world.officer(world.plan.others[0])
        assert world.do(other, p.Confirm()) == p.Step(repeated=True)
        assert world.do(other, p.Refuse("改口")) == p.Step(repeated=True)
        assert world.here.state == state
