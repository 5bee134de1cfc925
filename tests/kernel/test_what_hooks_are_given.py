"""What a hook is given is a copy: what a plugin changes there is named, and changes nothing."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from tests.conftest import MOVE

from tongban.kernel import Application, Kernel, hookimpl
from tongban.plugins import identity
from tongban.plugins.departments import human_resources, public_security

APPLICANT = {
    "kind": "person",
    "name": "金示例",
    "agent": {"kind": "person", "name": "乌示例"},
}
RAW = {**MOVE, "applicant": APPLICANT}
PENSION = {
    "item": "1-07",
    "channel": "online",
    "as_of": "2026-11-22",
    "applicant": {"kind": "person"},
    "places": {"transfer_in": "510100", "transfer_out": "630100"},
    "facts": {"transferable": True},
}


def plugin(**hooks: Callable[..., Any]) -> object:
    return SimpleNamespace(
        __name__="meddler", **{name: hookimpl(function) for name, function in hooks.items()}
    )


def kernel_with(**hooks: Callable[..., Any]) -> Kernel:
    return Kernel([public_security, human_resources, identity, plugin(**hooks)])


def problems(kernel: Kernel) -> list[str]:
    return [
        problem
        for one in kernel.ports.failures
        if one.name == "meddler"
        for problem in one.problems
    ]


@pytest.fixture(scope="module")
def alone() -> Kernel:
    return Kernel([public_security, human_resources, identity])


def put(target: object, name: str, value: object) -> None:
    object.__setattr__(target, name, value)


class Leak:
    """Is given the dict behind a read-only view, by comparing the two."""

    def __init__(self, change: Mapping[str, Any]) -> None:
        self.change = change

    def __eq__(self, other: object) -> bool:
        if isinstance(other, dict):
            other.update(self.change)
        return True

    __hash__ = None  # type: ignore[assignment]


class Another(Application):
    """An application that says something else whenever it is asked."""

    __slots__ = ()


IN_AN_APPLICATION: dict[str, tuple[Callable[[Application], object], str]] = {
    "item": (lambda a: put(a, "item", "630000/1-04"), "application.item"),
    "date": (lambda a: put(a, "as_of", None), "application.as_of"),
    "channel": (lambda a: put(a, "channel", "online"), "application.channel"),
    "received": (lambda a: put(a, "received_at", None), "application.received_at"),
    "delivery": (lambda a: put(a, "deliver_by", "post"), "application.deliver_by"),
    "facts": (lambda a: put(a, "facts", {"move_reason": "x"}), "application.facts"),
    "places": (lambda a: put(a, "places", {}), "application.places"),
    "no facts": (lambda a: object.__delattr__(a, "facts"), "application.facts"),
    "a fact": (
        lambda a: gc.get_referents(a.facts)[0].update(move_reason="none"),
        "application.facts.move_reason",
    ),
    "a fact by comparing": (
        lambda a: a.facts == Leak({"move_reason": "none"}),
        "application.facts.move_reason",
    ),
    "one fact more": (
        lambda a: gc.get_referents(a.facts)[0].update(pilot_area=True),
        "application.facts",
    ),
    "a place": (
        lambda a: gc.get_referents(a.places)[0].update(move_in="110000"),
        "application.places.move_in",
    ),
    "applicant": (lambda a: put(a, "applicant", None), "application.applicant"),
    "kind": (lambda a: put(a.applicant, "kind", "enterprise"), "application.applicant.kind"),
    "agent": (lambda a: put(a.applicant.agent, "name", "某"), "application.applicant.agent.name"),
    "class": (lambda a: put(a, "__class__", Another), "application"),
}


@pytest.mark.parametrize("name", IN_AN_APPLICATION)
@pytest.mark.parametrize("hook", ["derive_facts", "receive", "route"])
def test_an_application(name: str, hook: str, alone: Kernel) -> None:
    change, path = IN_AN_APPLICATION[name]

    def changes(application: Application) -> None:
        change(application)

    kernel = kernel_with(**{hook: changes})
    application = kernel.application(RAW)
    before = alone.application(RAW)
    assert kernel.decide(application) == alone.decide(RAW)
    kernel.ports.examine(application)
    assert application == before
    assert problems(kernel) == [f"{hook} changed {path}; it is given to be read"]


IN_A_DECISION: dict[str, tuple[Callable[[Any], object], str]] = {
    "outcome": (lambda d: put(d, "outcome", "ineligible"), "decision.outcome"),
    "its dict": (lambda d: d.__dict__.update(outcome="ineligible"), "decision.outcome"),
    "no legs": (lambda d: put(d, "legs", ()), "decision.legs"),
    "a leg": (lambda d: put(d.legs[0], "by", "post"), "decision.legs[0].by"),
    "an authority": (
        lambda d: put(d.handling[0], "department", "mine"),
        "decision.handling[0].department",
    ),
    "an authority's dict": (
        lambda d: d.handling[0].__dict__.update(department="mine"),
        "decision.handling[0].department",
    ),
    "the item": (lambda d: d.item.update(id="9-99"), "decision.item.id"),
    "the window": (lambda d: put(d.receiving, "place", "mine"), "decision.receiving.place"),
    "a reason": (lambda d: put(d.reasons[0], "because", "no"), "decision.reasons[0].because"),
    "words": (lambda d: put(d.reasons[0].cite, "words", "no"), "decision.reasons[0].cite.words"),
    "a time limit": (
        lambda d: d.time_limit[0].update(working_days=1),
        "decision.time_limit[0].working_days",
    ),
    "a list in a reason": (
        lambda d: next(r for r in d.reasons if r.conclusion == "time_limit").value.clear(),
        "decision.reasons[",
    ),
}


@pytest.mark.parametrize("name", IN_A_DECISION)
def test_a_decision(name: str, alone: Kernel) -> None:
    """What decisions share is not changed either: the next one is right as well."""
    change, path = IN_A_DECISION[name]
    calls = []

    def changes(decision: Any) -> None:
        calls.append(name)
        change(decision)

    kernel = kernel_with(route=changes)
    expected = alone.decide(PENSION).to_dict()
    assert kernel.decide(PENSION).to_dict() == expected
    assert kernel.decide(PENSION).to_dict() == expected
    (problem,) = problems(kernel)
    assert problem.startswith(f"route changed {path}")
    assert len(calls) == 2


IN_A_PROGRAM: dict[str, tuple[Callable[[Any], object], str]] = {
    "no rules": (lambda p: put(p, "rules", ()), "item.rules"),
    "conditions": (
        lambda p: put(p.rules[1], "when", p.rules[0].when),
        "item.rules[1].when",
    ),
    "a conclusion": (lambda p: p.rules[0].then.update(eligible=False), "item.rules[0].then"),
    "a value in a condition": (
        lambda p: put(first_test(p.rules[0].when), "attribute", "x"),
        "item.rules[0].when",
    ),
    "the item": (lambda p: put(p.item, "handled_at", None), "item.item.handled_at"),
    "all rules": (lambda p: put(p, "whole", ()), "item.whole"),
}
UNSEEN: dict[str, Callable[[Any], object]] = {
    "the vocabulary": lambda p: put(p.vocabulary, "facts", {}),
    "a division": lambda p: put(p.vocabulary.divisions["510100"], "province", "630000"),
    "what is remembered": lambda p: p.memo.update(dict.fromkeys(range(9))),
    "the engine": lambda p: put(p, "match", lambda facts: 0),
}


def first_test(condition: Any) -> Any:
    while not hasattr(condition, "attribute"):
        condition = condition.parts[0] if hasattr(condition, "parts") else condition.part
    return condition


@pytest.mark.parametrize("name", [*IN_A_PROGRAM, *UNSEEN])
def test_the_rules(name: str, alone: Kernel) -> None:
    """A second engine sees rules with which nobody decides."""
    change, path = IN_A_PROGRAM.get(name, (UNSEEN.get(name), ""))
    assert change is not None

    def changes(item: Any, facts: Any) -> list[str]:
        change(item)
        return [rule.id for rule in item.rules]

    kernel = kernel_with(second_opinion=changes)
    application = kernel.application(RAW)
    opinions = kernel.engines.opinions(application)
    assert kernel.decide(application) == alone.decide(RAW)
    assert kernel.explain(application) == alone.explain(RAW)
    if path:
        assert opinions == {"meddler": None}
        assert problems(kernel)[0].startswith(f"second_opinion changed {path}")


def test_facts_of_a_second_engine() -> None:
    kernel = kernel_with(second_opinion=lambda facts: facts.clear())
    assert kernel.engines.opinions(kernel.application(RAW)) == {"meddler": None}
    assert problems(kernel) == ["second_opinion changed facts; it is given to be read"]


def test_an_event_and_a_case() -> None:
    """Observers one after the other see the same; so does the deliverer."""
    seen: list[Any] = []

    def observe(event: Any) -> None:
        seen.append(event["data"]["reasons"][:])
        event["data"]["reasons"].append("mine")

    def deliver(case: Any, result: Any) -> dict[str, Any]:
        case["plan"]["offices"].clear()
        result["personal"].clear()
        return {"by": "post"}

    kernel = Kernel([plugin(observe=observe, deliver=deliver)])
    event = {"kind": "submitted", "data": {"reasons": ["theirs"]}}
    kernel.ports.observed(event)
    kernel.ports.observed(event)
    assert seen == [["theirs"], ["theirs"]]
    case, result = {"plan": {"offices": ["a"]}}, {"personal": {"name": "金示例"}}
    assert kernel.ports.deliver(case, result) is None
    assert (case, result) == ({"plan": {"offices": ["a"]}}, {"personal": {"name": "金示例"}})
    assert problems(kernel) == [
        "observe changed event.data.reasons; it is given to be read",
        "deliver changed case.plan.offices; it is given to be read",
    ]


def test_what_was_kept_for_later(alone: Kernel) -> None:
    """A reference from one call changes nothing in the next, nor the decision."""
    kept: list[Any] = []

    def derive_facts(application: Application) -> None:
        for one in kept:
            put(one, "facts", {})
        kept.append(application)

    kernel = kernel_with(derive_facts=derive_facts)
    for _ in range(3):
        assert kernel.decide(RAW) == alone.decide(RAW)
    assert problems(kernel) == []


def test_nobody_is_blamed_for_reading(alone: Kernel) -> None:
    def reads(application: Application) -> dict[str, Any]:
        assert hash(application.applicant) is not None
        assert dict(application.facts) == RAW["facts"]
        return {"meddler.seen": True}

    kernel = kernel_with(derive_facts=reads, route=lambda application, decision: None)
    assert kernel.decide(RAW) == alone.decide(RAW)
    assert problems(kernel) == []


@pytest.mark.parametrize(
    ("part", "value"), [("outcome", "ineligible"), ("as_of", None), ("item", {"id": "9-99"})]
)
def test_a_route_is_no_other_decision(part: str, value: object, alone: Kernel) -> None:
    """What a hook returns may change the way, never what was decided."""

    def route(decision: Any) -> Any:
        changed = type(decision)(**vars(decision))
        put(changed, part, value)
        return changed

    kernel = kernel_with(route=route)
    assert kernel.decide(RAW) == alone.decide(RAW)
    (problem,) = problems(kernel)
    assert problem.startswith("route returned a Decision with")
