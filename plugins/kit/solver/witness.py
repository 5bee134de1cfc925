"""From a satisfiable formula to the smallest, most usual application that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import z3

from tongban.kernel import Item, Rulebook, Scalar
from tongban.plugins.kit.solver.choices import Formula
from tongban.plugins.kit.solver.inputs import Inputs

Raw = dict[str, Any]
"""An application as JSON gives it."""


def values_of(
    inputs: Inputs, formula: Formula, solver: Any | None = None
) -> dict[str, Scalar | None] | None:
    """The most usual values of an application for which `formula` holds, None where none does.

    Every part has the first of its values that goes with those of the parts before it.

    Args:
        inputs: the parts of the application.
        formula: what must hold.
        solver: one that has `inputs.valid` already, to be quicker.
    """
    solver = solver or new_solver(inputs)
    solver.push()
    try:
        solver.add(formula)
        if not satisfiable(solver):
            return None
        values = inputs.values(solver.model())
        for name, choice in inputs.choices.items():
            for value in choice.values:
                if value == values[name]:
                    break
                if satisfiable(solver, choice.is_(value)):
                    values = inputs.values(solver.model())
                    break
            solver.add(choice.is_(values[name]))
        return values
    finally:
        solver.pop()


def satisfiable(solver: Any, *assumed: Formula) -> bool:
    """Whether some application satisfies all that is asked.

    Raises:
        RuntimeError: where the solver gives up; that is not proof of anything.
    """
    answer = solver.check(*assumed)
    if answer == z3.unknown:
        raise RuntimeError(f"the solver gave up: {solver.reason_unknown()}")
    return bool(answer == z3.sat)


def new_solver(inputs: Inputs) -> Any:
    """A solver that knows what holds for every application."""
    solver = z3.SolverFor("QF_FD")
    solver.add(inputs.valid)
    return solver


def application(rulebook: Rulebook, item: Item, values: Mapping[str, Scalar | None]) -> Raw:
    """The application that has these values, as `tongban route` takes it."""
    raw: Raw = {"item": rulebook.short(item)}
    for name in ("channel", "received_at", "as_of"):
        if values.get(name) is not None:
            raw[name] = str(values[name])
    raw["applicant"] = {"kind": values["applicant.kind"]}
    derived = {f"facts.{name}" for name, one in rulebook.vocabulary.facts.items() if not one.asked}
    for family in ("places", "facts"):
        given = {
            name.removeprefix(f"{family}."): _json(value)
            for name, value in values.items()
            if name.startswith(f"{family}.") and value is not None and name not in derived
        }
        if given:
            raw[family] = given
    if values.get("deliver_by") is not None:
        raw["deliver_by"] = values["deliver_by"]
    return raw


def smallest(raw: Raw, shows: Callable[[Raw], bool]) -> Raw:
    """`raw` without the parts that it does not need.

    Args:
        raw: an application that shows something.
        shows: whether one does.
    """
    for without in _leaving_out(raw):
        smaller = without(raw)
        if shows(smaller):
            raw = smaller
    return raw


def _leaving_out(raw: Raw) -> Iterator[Callable[[Raw], Raw]]:
    """Ways to leave one part out, each applied to what is left."""
    for family in ("facts", "places"):
        for name in raw.get(family, {}):
            yield lambda one, family=family, name=name: _without(one, family, name)  # type: ignore[misc]
    if raw.get("channel") == "online" and "received_at" in raw:
        yield lambda one: {key: value for key, value in one.items() if key != "received_at"}


def _without(raw: Raw, family: str, name: str) -> Raw:
    rest = {key: value for key, value in raw[family].items() if key != name}
    others = {key: value for key, value in raw.items() if key != family}
    return {**others, family: rest} if rest else others


def _json(value: Any) -> Any:
    return value if isinstance(value, bool | int | str) else str(value)
