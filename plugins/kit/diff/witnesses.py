"""Whether two programs of an item decide alike: proved, or shown by an application."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, TypeAlias

import z3

from tongban.kernel import ApplicationError, Item, Scalar
from tongban.kernel.model import passes
from tongban.plugins.kit.diff.replay import Replay, fitted, replay
from tongban.plugins.kit.diff.rulesets import Side
from tongban.plugins.kit.diff.structure import same_route
from tongban.plugins.kit.solver.choices import Formula
from tongban.plugins.kit.solver.derivation import Derivation
from tongban.plugins.kit.solver.inputs import Inputs
from tongban.plugins.kit.solver.outcome import CONCLUSIONS, Outcome
from tongban.plugins.kit.solver.witness import (
    Raw,
    application,
    new_solver,
    smallest,
    values_of,
)

MAX_ROUTES = 200
"""Applications that are tried where a key of an item changed that only the route follows from."""

_Wanted: TypeAlias = tuple[str, tuple[str, str]]
"""A kind of difference, and the outcomes of both sides."""


def witnesses(old: Side, new: Side, item: Item) -> Iterator[tuple[str, Replay | None]]:
    """One application for each kind of difference between two versions of an item.

    Args:
        old, new: both have the item.
        item: one of them.

    Yields:
        The kind and what both sides decided on the smallest application that
        shows it; None where the engine does not confirm what the solver found.
    """
    programs = [side.kernel.program(item.key) for side in (old, new)]
    inputs = Inputs(programs)
    one, other = (Outcome(program, inputs) for program in programs)
    solver = new_solver(inputs)
    for kind, turned, formula in _differences(old, new, inputs, one, other):
        values = values_of(inputs, formula, solver)
        if values is not None:
            yield kind, _shown(old, new, programs[1].item, values, (kind, turned))
    if not same_route(programs[0].item, programs[1].item):
        both = [_at(s.as_of, inputs, o.eligible) for s, o in ((old, one), (new, other))]
        solver.add(*both)
        yield from _rerouted(old, new, programs[1].item, inputs, solver)


def _rerouted(
    old: Side, new: Side, item: Item, inputs: Inputs, solver: Any
) -> Iterator[tuple[str, Replay]]:
    """An application that takes another way since a key of the item changed, if one is found.

    The way is not a formula, so eligible applications are tried one after the other.
    """
    names = [n for n in inputs.choices if n.startswith("places.") or n == "received_at"]
    for _ in range(MAX_ROUTES):
        values = values_of(inputs, z3.BoolVal(True), solver)
        if values is None:
            return
        for kind in ("handling", "route"):
            found = _shown(old, new, item, values, (kind, ("eligible", "eligible")))
            if found is not None:
                yield kind, found
                return
        solver.add(z3.Not(inputs.is_({name: values[name] for name in (*names, "channel")})))


def _differences(
    old: Side, new: Side, inputs: Inputs, one: Outcome, other: Outcome
) -> Iterator[tuple[str, tuple[str, str], Formula]]:
    """Each kind of difference, with when the two differ in it; eligibility either way."""
    before = _at(old.as_of, inputs, one.eligible)
    after = _at(new.as_of, inputs, other.eligible)
    yield "eligible", ("eligible", "ineligible"), z3.And(before, z3.Not(after))
    yield "eligible", ("ineligible", "eligible"), z3.And(after, z3.Not(before))
    both = ("eligible", "eligible")
    never = z3.BoolVal(False)
    for kind in CONCLUSIONS[1:]:
        mine = {v: _at(old.as_of, inputs, f) for v, f in one.concluded(kind).items()}
        theirs = {v: _at(new.as_of, inputs, f) for v, f in other.concluded(kind).items()}
        differ = [mine.get(v, never) != theirs.get(v, never) for v in {**mine, **theirs}]
        if differ:
            yield kind, both, z3.And(before, after, z3.Or(differ))


def _at(day: date | None, inputs: Inputs, formula: Formula) -> Formula:
    """`formula` with its date put to `day`, by the date among its values that stands for it."""
    choice = inputs.choices["as_of"]
    if day is None or len(choice.values) == 1:
        return formula
    tests = [test for test in inputs.tests if test.attribute == "date"]
    same = [
        value
        for value in choice.values
        if all(passes(test, value) is passes(test, day) for test in tests)
    ]
    puts = [
        (selector, z3.BoolVal(value == same[0]))
        for selector, value in zip(choice.selectors, choice.values, strict=True)
    ]
    return z3.substitute(formula, *puts)


def _shown(
    old: Side, new: Side, item: Item, values: Mapping[str, Scalar | None], wanted: _Wanted
) -> Replay | None:
    """The smallest application that shows the difference in both engines.

    Where plugins derive facts, one of which they derive what is wanted, if one is found; else
    one that shows it where they do.
    """
    facts = new.kernel.rulebook.vocabulary.facts
    older = old.kernel.rulebook.vocabulary.facts
    derived = {
        name: value
        for key, value in values.items()
        if (name := key.removeprefix("facts.")) != key
        and value is not None
        and not (facts.get(name) or older[name]).asked
    }
    said = {k: v for k, v in values.items() if k.removeprefix("facts.") not in derived}
    if old.as_of is not None:
        said["as_of"] = None
    raw = application(new.kernel.rulebook, item, said)
    for real in _realised(new, item, raw, derived) if derived else ():
        found = _smallest(old, new, real, wanted, {})
        if found is not None:
            return found
    return _smallest(old, new, raw, wanted, derived)


def _realised(side: Side, item: Item, raw: Raw, derived: Mapping[str, Scalar]) -> Iterator[Raw]:
    """The application with other facts, of which plugins derive what is wanted."""
    try:
        checked = side.kernel.application(fitted(side, raw)[0])
    except ApplicationError:
        return
    derivation = Derivation(side.kernel, side.kernel.program(item.key), checked)
    known = {name: value for name, value in derived.items() if name in derivation.names}
    for one in derivation.realised(known):
        said = one.facts.items()
        yield {**raw, "facts": {n: v if isinstance(v, bool | int) else str(v) for n, v in said}}


def _smallest(
    old: Side, new: Side, raw: Raw, wanted: _Wanted, derived: Mapping[str, Scalar]
) -> Replay | None:
    """Both decisions on the smallest application that shows the difference; None where none."""
    kind, turned = wanted

    def shows(one: Raw) -> bool:
        try:
            found = replay(old, new, one, derived)
        except ApplicationError:
            return False
        outcomes = (found.old.outcome, found.new.outcome)
        return kind in found.kinds and outcomes == turned

    return replay(old, new, smallest(raw, shows), derived) if shows(raw) else None
