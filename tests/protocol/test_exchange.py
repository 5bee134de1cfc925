"""Between two stores: a case moves, answers and commands travel, both sides know the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from tongban.kernel import protocol as p

Make = Callable[..., Any]


class Node:
    """The store of some places: its cases, its inbox, and messages that must wait."""

    def __init__(self, world: Any, divisions: set[str]) -> None:
        self.world = world
        self.divisions = divisions
        self.log: list[p.Event] = []
        self.case: Any = None
        self.outbox: list[p.Message] = []
        self.inbox: set[str] = set()
        self.read: list[p.Message] = []
        self.ids = 0

    def serves(self, address: str) -> bool:
        return address.partition("/")[0] in self.divisions

    def handle(self, command: p.Command) -> p.Step | p.Refusal:
        result = p.handle(self.case, command, self.world.context())
        for event in result.events:
            self.case = p.evolve(self.case, event)
            self.log.append(event)
        self.outbox += [one for one in result.messages if not self.serves(one.receiver)]
        return result

    def give(self, actor: p.Actor, body: p.CommandBody) -> None:
        """What a person does here; where the case is elsewhere, it is passed on."""
        self.ids += 1
        command = p.Command(f"{min(self.divisions)}-{self.ids}", "CASE-1", actor, body)
        if self.case is not None and not self.serves(self.case.holder.key):
            sender = f"{actor.division or min(self.divisions)}/window"
            self.outbox.append(p.relay(self.case, command, sender, self.world.now))
            return
        result = self.handle(command)
        assert isinstance(result, p.Step), result

    def receive(self, message: p.Message) -> bool:
        """Whether the message was taken; one that comes too early has to come again."""
        if message.id in self.inbox:
            return True
        command = p.command_of(message)
        if command is None:
            self.read.append(message)
        else:
            result = self.handle(command)
            if isinstance(result, p.Refusal) and result.code in ("early", "unknown_case"):
                return False
        self.inbox.add(message.id)
        return True


def exchange(nodes: tuple[Node, ...], chance: random.Random) -> None:
    """Carries every message at least once, in any order, some twice, some only later."""
    waiting: list[tuple[Node, p.Message]] = []
    while waiting or any(node.outbox for node in nodes):
        for node in nodes:
            for message in node.outbox:
                raw = message.to_dict()
                waiting += [
                    (other, p.Message.from_dict(raw))
                    for other in nodes
                    if other.serves(message.receiver)
                    for _ in range(chance.randint(1, 3))
                ]
            node.outbox = []
        chance.shuffle(waiting)
        waiting = [
            (node, message)
            for node, message in waiting
            if chance.random() < 0.3 or not node.receive(message)
        ]


@pytest.mark.parametrize("seed", range(30))
def test_a_collected_case_moves_to_the_authority_and_both_stores_know_the_same(
    make: Make, seed: int
) -> None:
    world, chance = make("licence"), random.Random(seed)
    here, there = Node(world, {"510100"}), Node(world, {"630100"})
    nodes = (here, there)
    here.give(world.window, world.given)
    here.give(world.window, p.Receive(materials=world.papers))
    here.give(world.window, p.Forward(world.papers))
    assert there.case is None
    exchange(nodes, chance)
    assert there.case == here.case
    officer = p.Actor("officer", "o", "630100", "postal")
    there.give(officer, p.Arrive())
    there.give(officer, p.RequestSupplement(("证明",), 10))
    exchange(nodes, chance)
    assert here.case.state == "supplementing"
    here.give(world.window, p.Supply(("证明",)))
    exchange(nodes, chance)
    assert here.case.state == "arrived"
    there.give(officer, p.Accept())
    there.give(officer, p.Grant("符合条件"))
    there.give(officer, p.Deliver("pickup"))
    exchange(nodes, chance)
    assert "result" in [one.kind for one in here.read]
    here.give(world.window, p.Report("arrived"))
    exchange(nodes, chance)
    there.give(officer, p.Close())
    here.give(world.applicant, p.Rate("510100/window", "satisfied"))
    exchange(nodes, chance)
    assert here.case == there.case
    assert (here.case.state, here.case.ratings[0].grade) == ("closed", "satisfied")
    assert [one.seq for one in here.log] == list(range(1, len(here.log) + 1))
    tail = [event for event in here.log if event.seq >= there.log[0].seq]
    assert tail == there.log


def test_a_case_that_is_forwarded_within_one_store_stays_one(make: Make) -> None:
    world = make("licence")
    node = Node(world, {"510100", "630100"})
    node.give(world.window, world.given)
    node.give(world.window, p.Receive())
    step = p.handle(
        node.case, p.Command("f", "CASE-1", world.window, p.Forward(world.papers)), world.context()
    )
    assert isinstance(step, p.Step)
    for event in step.events:
        node.case = p.evolve(node.case, event)
    before = node.case
    for message in step.messages:
        command = p.command_of(message)
        if command:
            assert node.handle(command) == p.Step(repeated=True)
    assert node.case == before


@pytest.mark.parametrize("body", [p.Confirm("同意"), p.Refuse("已冻结")])
def test_an_answer_is_given_where_the_case_is_not(make: Make, body: Any) -> None:
    world = make("hukou")
    world.arrived()
    world.do(world.lead, p.Accept())
    (request,) = world.sent("request")
    officer = p.Actor("officer", "o", "630100", "public_security")
    stranger = p.Actor("officer", "o", "630100", "postal")
    refused = p.answer(request, stranger, body, world.now)
    assert isinstance(refused, p.Refusal)
    assert refused.code == "not_your_step"
    answer = p.answer(request, officer, body, world.now)
    assert isinstance(answer, p.Message)
    assert answer.kind == ("confirmation" if body.kind == "confirm" else "refusal")
    assert answer.receiver == "510100/public_security"
    assert answer == p.answer(request, officer, body, world.now), "the same answer, the same id"
    command = p.command_of(p.Message.from_dict(answer.to_dict()))
    assert command is not None
    world.do(command.actor, command.do, id=command.id)
    assert world.here.state == ("accepted" if body.kind == "confirm" else "terminated")
    assert world.do(command.actor, command.do, id=command.id).repeated


def test_a_chase_can_be_answered_where_the_request_was_lost(make: Make) -> None:
    world = make("hukou")
    world.arrived()
    world.do(world.lead, p.Accept())
    world.do(world.lead, p.Chase())
    (chase,) = world.sent("chase")
    officer = p.Actor("officer", "o", "630100", "public_security")
    answer = p.answer(chase, officer, p.Confirm(), world.now)
    assert isinstance(answer, p.Message)
    (request,) = world.sent("request")
    assert answer == p.answer(request, officer, p.Confirm(), world.now)


def test_an_answer_in_another_name_is_refused(make: Make) -> None:
    world = make("hukou")
    world.arrived()
    world.do(world.lead, p.Accept())
    officer = p.Actor("officer", "o", "630100", "public_security")
    answer = p.answer(world.sent("request")[0], officer, p.Confirm(), world.now)
    assert isinstance(answer, p.Message)
    with pytest.raises(p.FormatError):
        p.command_of(evolve(answer, sender="630100/postal"))


def test_only_the_system_brings_in_what_other_stores_say(make: Make) -> None:
    world = make("licence")
    world.received()
    world.do(world.window, p.Forward(world.papers))
    snapshot = world.here.to_dict()
    officer = p.Actor("officer", "o", "630100", "postal")
    for body in (p.TakeOver(snapshot), p.Mirror(())):
        case = None if body.kind == "take_over" else world.here
        result = p.handle(case, p.Command("x", "CASE-1", officer, body), world.context())
        assert isinstance(result, p.Refusal)
        assert result.code == "not_your_step"
    forged = p.TakeOver({**snapshot, "id": "CASE-2"})
    result = p.handle(None, p.Command("x", "CASE-1", p.SYSTEM, forged), world.context())
    assert isinstance(result, p.Refusal)


def test_messages_that_only_people_read_are_no_commands(make: Make) -> None:
    world = make("hukou")
    world.accepted()
    for kind in ("notice", "request"):
        assert world.sent(kind)
        assert all(p.command_of(one) is None for one in world.sent(kind))


def test_progress_that_comes_too_early_waits_for_what_is_before_it(make: Make) -> None:
    world = make("licence")
    here, there = Node(world, {"510100"}), Node(world, {"630100"})
    here.give(world.window, world.given)
    here.give(world.window, p.Receive())
    here.give(world.window, p.Forward(world.papers))
    (forward,) = [one for one in here.outbox if one.kind == "forward"]
    assert there.receive(forward)
    officer = p.Actor("officer", "o", "630100", "postal")
    there.give(officer, p.Arrive())
    first, second = [one for one in there.outbox if one.kind == "progress"]
    assert not here.receive(second)
    assert here.receive(first)
    assert here.receive(second)
    assert here.case == there.case
    again = p.command_of(evolve(second, id="another"))
    assert again is not None
    assert here.handle(again) == p.Step(repeated=True)
    broken = p.Mirror(({"kind": "arrived"},))
    result = p.handle(here.case, p.Command("x", "CASE-1", p.SYSTEM, broken), world.context())
    assert isinstance(result, p.Refusal)
    assert result.code == "bad_input"


def test_only_a_request_can_be_answered_and_a_refusal_needs_its_reason(make: Make) -> None:
    world = make("hukou")
    world.arrived()
    world.do(world.lead, p.Accept())
    officer = p.Actor("officer", "o", "630100", "public_security")
    for message, body in (
        (world.sent("notice")[0], p.Confirm()),
        (world.sent("request")[0], p.Refuse(" ")),
    ):
        result = p.answer(message, officer, body, world.now)
        assert isinstance(result, p.Refusal)
        assert result.code == "bad_input"
    empty = evolve(world.sent("request")[0], kind="forward", body={})
    with pytest.raises(p.FormatError):
        p.command_of(empty)


def test_the_lead_asks_the_others_when_what_another_place_accepted_arrives(make: Make) -> None:
    world = make("newborn")
    world.received()
    other = p.Office("spouse_hukou", "610100", "public_security")
    case = evolve(world.here, plan=evolve(world.plan, others=(other,)))
    kinds = []
    for actor, body in (
        (world.accepting, p.Accept()),
        (world.accepting, p.Forward(world.papers)),
        (world.lead, p.Arrive()),
    ):
        step = p.handle(case, p.Command(body.kind, "CASE-1", actor, body), world.context())
        assert isinstance(step, p.Step), step
        for event in step.events:
            case = p.evolve(case, event)
            kinds.append(event.kind)
    assert kinds == ["accepted", "dispatched", "arrived", "cohandling_requested"]
