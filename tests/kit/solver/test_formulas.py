"""The formulas say what the engine says, for every item and any application."""

from __future__ import annotations

import random

import pytest
import z3
from attrs import evolve

from tongban.kernel import Kernel
from tongban.kernel.engine import Program
from tongban.plugins.kit.solver.inputs import Inputs
from tongban.plugins.kit.solver.outcome import Outcome
from tongban.plugins.kit.solver.witness import (
    Raw,
    application,
    new_solver,
    smallest,
    values_of,
)

DEPARTMENTS = sorted({item.department for item in Kernel().items})
DRAWN = 8
"""Applications for each item."""


@pytest.fixture(scope="module")
def kernel() -> Kernel:
    return Kernel()


def drawn(inputs: Inputs, chance: random.Random) -> object:
    """A model of an application, each part drawn as far as the parts before it leave a choice."""
    solver = new_solver(inputs)
    choices = [*inputs.choices.values()]
    chance.shuffle(choices)
    for choice in choices:
        wanted = choice.is_(chance.choice(choice.values))
        if solver.check(wanted) == z3.sat:
            solver.add(wanted)
    assert solver.check() == z3.sat
    return solver.model()


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_formulas_and_engine_conclude_the_same(kernel: Kernel, department: str) -> None:
    chance = random.Random(department)
    for item in (one for one in kernel.items if one.department == department):
        program = kernel.program(item)
        inputs = Inputs([program])
        outcome = Outcome(program, inputs)
        concluded = {name: outcome.concluded(name) for name in ("eligible", "modes", "delivery")}
        for _ in range(DRAWN):
            model = drawn(inputs, chance)
            values = inputs.values(model)
            raw = application(kernel.rulebook, item, values)
            derived = {name: values[f"facts.{name}"] for name in program.unasked}
            checked = kernel.application(raw)
            checked = evolve(checked, facts={**checked.facts, **derived})
            decision = kernel.decide(checked)
            assert decision.outcome in ("eligible", "ineligible"), raw
            got = {
                name: {value for value, when in values.items() if is_true(model, when)}
                for name, values in concluded.items()
            }
            eligible = decision.outcome == "eligible"
            assert got["eligible"] == ({"true"} if eligible else set()), raw
            assert got["modes"] == set(decision.modes), raw
            assert got["delivery"] == set(decision.delivery), raw
            held = {name for name, when in outcome.holds.items() if is_true(model, when)}
            traced = {one.rule for one in kernel.explain(checked).rules if one.held}
            assert held == traced & set(outcome.holds), raw


def is_true(model: object, formula: object) -> bool:
    return bool(z3.is_true(model.eval(formula, model_completion=True)))  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def moving(kernel: Kernel) -> Program:
    """2-03, which two places handle."""
    return kernel.program("630000/2-03")


def test_nothing_is_given_for_what_cannot_be(moving: Program) -> None:
    inputs = Inputs([moving])
    choices = inputs.choices
    here = choices["places.move_in"].is_("110000")
    assert values_of(inputs, z3.And(here, z3.Not(here))) is None
    nowhere = z3.And(choices["channel"].is_("window"), choices["received_at"].is_(None))
    assert values_of(inputs, nowhere) is None


def test_the_most_usual_application_is_given(kernel: Kernel, moving: Program) -> None:
    inputs = Inputs([moving])
    values = values_of(inputs, Outcome(moving, inputs).eligible)
    assert values is not None
    assert application(kernel.rulebook, moving.item, values) == {
        "item": "2-03",
        "channel": "online",
        "as_of": "2026-01-01",
        "applicant": {"kind": "person"},
        "places": {"move_in": "110000", "move_out": "110000"},
        "facts": {"move_reason": "job_transfer"},
    }


def test_places_that_must_lie_apart_do(kernel: Kernel, moving: Program) -> None:
    inputs = Inputs([moving])
    joint = Outcome(moving, inputs).concluded("modes")["joint"]
    values = values_of(inputs, joint)
    assert values is not None
    decision = kernel.decide(application(kernel.rulebook, moving.item, values))
    assert "joint" in decision.modes
    assert values["places.move_in"] != values["places.move_out"]


def test_the_values_of_an_application_that_was_seen_are_among_the_choices(
    kernel: Kernel, moving: Program
) -> None:
    raw = {
        "item": "2-03",
        "channel": "online",
        "places": {"move_in": "632523"},
        "as_of": "2031-03-05",
    }
    inputs = Inputs([moving], kernel.application(raw))
    assert "632523" in inputs.choices["places.move_in"].values
    assert kernel.application(raw).as_of in inputs.choices["as_of"].values


def test_the_smallest_application_keeps_what_it_shows() -> None:
    raw: Raw = {
        "item": "2-03",
        "channel": "online",
        "received_at": "510100",
        "places": {"move_in": "510100", "move_out": "630100"},
        "facts": {"move_reason": "enrolment"},
    }
    shown = smallest(raw, lambda one: one.get("facts") == {"move_reason": "enrolment"})
    assert shown == {"item": "2-03", "channel": "online", "facts": {"move_reason": "enrolment"}}


def test_two_versions_of_an_item_are_told_apart(kernel: Kernel, moving: Program) -> None:
    """The same application, once with a rule and once without."""
    inputs = Inputs([moving])
    outcome = Outcome(moving, inputs)
    rule = next(one for one in moving.rules if one.id == "2-03.reason")
    less = outcome.without(rule)
    values = values_of(inputs, outcome.differs(less, "eligible"))
    assert values is not None
    assert values["facts.move_reason"] != "job_transfer"
    assert values_of(inputs, outcome.differs(outcome, "eligible")) is None
