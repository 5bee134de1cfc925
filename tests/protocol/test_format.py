"""The stable JSON form: strict, versioned, and the version of the rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel import Kernel
from tongban.kernel import protocol as p
from tongban.kernel.engine import rules_version
from tongban.kernel.model import Text
from tongban.kernel.protocol import terms

Make = Callable[..., Any]


@pytest.fixture
def event(make: Make) -> dict[str, Any]:
    world = make("hukou")
    world.received()
    whole: dict[str, Any] = world.events[1].to_dict()
    return whole


def test_the_form_of_an_event_is_fixed(event: dict[str, Any]) -> None:
    event["data"].pop("materials")
    assert event == {
        "case": "CASE-1",
        "seq": 2,
        "at": "2026-03-02T09:00:00+08:00",
        "actor": {
            "kind": "window",
            "id": "window-1",
            "division": "510100",
            "department": "",
            "authorisation": "",
        },
        "cause": "command-2",
        "kind": "received",
        "version": 1,
        "data": {
            "receipt": "SJ202603021D868784",
            "office": {
                "place": "move_in",
                "division": "510100",
                "department": "public_security",
            },
            "warnings": [],
        },
    }


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "eaten"},
        {"kind": ["received"]},
        {"version": 2},
        {"version": True},
        {"seq": "2"},
        {"seq": True},
        {"at": "2026-03-02T09:00:00"},
        {"at": "2026-03-02 09:00:00+08:00"},
        {"at": None},
        {"actor": {"kind": "mayor"}},
        {"actor": "window"},
        {"data": {}},
        {"data": []},
        {"more": 1},
    ],
    ids=str,
)
def test_anything_else_is_refused(event: dict[str, Any], change: dict[str, Any]) -> None:
    with pytest.raises(p.FormatError):
        p.Event.from_dict({**event, **change})


def test_an_unknown_field_is_named_and_no_value_is_shown(event: dict[str, Any]) -> None:
    event["data"]["office"]["id_number"] = "630102199003071231"
    with pytest.raises(p.FormatError, match="office: unknown field 'id_number'") as found:
        p.Event.from_dict(event)
    assert "630102" not in str(found.value)
    event["data"]["office"] = "630102199003071231"
    with pytest.raises(p.FormatError) as found:
        p.Event.from_dict(event)
    assert "630102" not in str(found.value)


@pytest.mark.parametrize("raw", [None, [], "x", {}, {"kind": "accept"}], ids=str)
def test_what_is_no_command_no_event_no_message_is_refused(raw: Any) -> None:
    for cls in (p.Command, p.Event, p.Message, p.Case):
        with pytest.raises(p.FormatError):
            cls.from_dict(raw)


def test_events_must_follow_on_each_other(make: Make) -> None:
    world = make("hukou")
    world.accepted()
    with pytest.raises(p.OrderError):
        p.replay([*world.events[:3], *world.events[4:]])
    with pytest.raises(p.OrderError):
        p.replay([*world.events, world.events[-1]])
    with pytest.raises(p.OrderError):
        p.replay(world.events[1:])
    assert p.replay([]) is None


def test_nobody_is_named_where_values_are_printed(make: Make) -> None:
    world = make("hukou", agent="agent-77", authorisation="letter-88", personal="hash")
    world.received()
    shown = repr(world.here) + repr(world.applicant)
    assert "CASE-1" in shown
    assert not [word for word in ("applicant-1", "agent-77", "letter-88") if word in shown]


def test_the_version_of_the_rules_changes_with_the_rules_alone(kernel: Kernel) -> None:
    again = Kernel()
    keys = [item.key for item in kernel.items]
    versions = {key: rules_version(kernel.program(key)) for key in keys}
    assert len(set(versions.values())) == len(keys)
    assert versions == {key: rules_version(again.program(key)) for key in keys}
    program = kernel.program(keys[0])
    moved = evolve(program.item, line=program.item.line + 9, file="elsewhere.yaml")
    assert rules_version(evolve(program, item=moved)) == versions[keys[0]]
    renamed = evolve(program.item, name="另一事项")
    assert rules_version(evolve(program, item=renamed)) != versions[keys[0]]


def test_every_item_that_can_be_applied_for_makes_a_case(kernel: Kernel) -> None:
    """The examples beside the rules: each eligible one opens, is received, and has a way."""
    opened = 0
    for item in kernel.items:
        program = kernel.program(item)
        for example in item.cases:
            raw = {"item": item.key, "applicant": {"kind": item.applicant.value[0]}}
            raw |= {"as_of": "2026-01-01", **example.given}
            application = kernel.application(raw)
            decision = kernel.decide(application)
            if decision.outcome != "eligible":
                continue
            body = p.submit(
                decision, item, application, rules=rules_version(program), applicant="a"
            )
            context = p.Context(kernel.clock(), lambda division: p.Calendar())
            actor = p.Actor("applicant", "a")
            step = p.handle(None, p.Command("1", "C", actor, body), context)
            assert isinstance(step, p.Step), step
            (event,) = step.events
            assert p.Event.from_dict(json.loads(json.dumps(event.to_dict()))) == event
            case = p.evolve(None, event)
            lead = next(one for one in decision.handling if one.lead)
            assert case.plan.lead == p.Office(lead.place, lead.division, lead.department)
            asked = {leg.target for leg in decision.legs if leg.what == "request"}
            assert {one.place for one in case.plan.others} == asked
            received = p.handle(case, p.Command("2", "C", p.SYSTEM, p.Receive()), context)
            assert isinstance(received, p.Step)
            opened += 1
    assert opened > 150


@pytest.mark.parametrize(
    "fixed", [terms.NOT_CONFIRMED, terms.EXAMINED_WITH_DECISION, terms.UNIDENTIFIED]
)
def test_a_stored_sentence_of_the_protocol_comes_apart_again(fixed: Text) -> None:
    assert p.sentence(f"{fixed.zh} ({fixed.en})") == fixed


@given(st.text())
def test_what_a_person_wrote_is_shown_whole(text: str) -> None:
    said = f"{text} (see page 2)"
    assert p.sentence(said) == Text(said)
