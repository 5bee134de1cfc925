"""What is still missing: the facts that can change the outcome, the modes or the route.

The values that the item's rules tell apart are tried for whatever is open, as a
tree that is pruned as soon as the rest cannot matter. Two leaves that disagree,
and whose values differ in one open input only, show that this input matters.
Beyond a bound it is left to three-valued logic, and the decision says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, TypeAlias

from attrs import evolve, frozen

from tongban.kernel.application import Application
from tongban.kernel.conditions import Scalar, evaluate, tests
from tongban.kernel.divisions import Division
from tongban.kernel.model import APPLICANTS, CHANNELS
from tongban.kernel.program import Program
from tongban.kernel.resolution import resolve, settled
from tongban.kernel.situation import handling_places, open_inputs, situation

__all__ = ["MAX_LEAVES", "Leaf", "Prospects", "prospects"]

MAX_LEAVES = 400
"""How many pruned completions are tried before three-valued logic takes over."""

_Signature: TypeAlias = tuple[Any, ...]


@frozen
class Leaf:
    """What an application would come to, were some of its open inputs so.

    Attributes:
        guess: input to value, for the inputs that had to be guessed.
        application: the application with the guess filled in.
        rules: the rules whose state needed the guess.
    """

    guess: Mapping[str, Scalar]
    application: Application
    eligible: bool
    modes: tuple[str, ...]
    signature: _Signature


@frozen
class Prospects:
    """What an application with open inputs can come to.

    Attributes:
        leaves: the completions that were tried.
        matters: open inputs that can change outcome, modes or route.
        exact: False where there was too much to try.
    """

    leaves: tuple[Leaf, ...]
    matters: tuple[str, ...]
    exact: bool = True


class _TooMuch(Exception):
    """More leaves than the bound."""


def prospects(program: Program, application: Application, more: Mapping[str, Scalar]) -> Prospects:
    """What `application` can come to, by what it leaves open.

    Args:
        program: the item's.
        application: with open inputs.
        more: facts that plugins derived.
    """
    handling = handling_places(program, application)
    unsaid = open_inputs(program, application, handling)
    try:
        leaves = tuple(_grow(program, application, more, {}, [0]))
    except _TooMuch:
        return Prospects((), unsaid, exact=False)
    matters = {
        name
        for one, other in combinations(leaves, 2)
        if one.signature != other.signature
        for name in _single_difference(one.guess, other.guess)
    }
    if any(leaf.eligible for leaf in leaves):
        matters |= {f"places.{n}" for n in _route_places(program, handling)}
    return Prospects(
        leaves,
        tuple(name for name in unsaid if name in matters and _asked(name, handling, program)),
    )


def _asked(name: str, handling: tuple[str, ...] | None, program: Program) -> bool:
    """Whether to ask for `name` now: not for what depends on a choice that is still open."""
    if name == "received_at":
        return False
    item = program.item
    undecided = item.choice and handling is None
    return not (undecided and name.removeprefix("places.") in item.handled_at.value)


def _route_places(program: Program, handling: tuple[str, ...] | None) -> Iterator[str]:
    yield from program.routed
    places = program.vocabulary.places
    yield from (n for n in handling or () if places[n].division)


def _single_difference(one: Mapping[str, Scalar], other: Mapping[str, Scalar]) -> tuple[str, ...]:
    differing = [name for name in one if name in other and one[name] != other[name]]
    return tuple(differing) if len(differing) == 1 else ()


def _grow(
    program: Program,
    application: Application,
    more: Mapping[str, Scalar],
    guess: dict[str, Scalar],
    count: list[int],
) -> Iterator[Leaf]:
    handling = handling_places(program, application)
    unsaid = open_inputs(program, application, handling)
    now = situation(program, application, more, handling, unsaid)
    states = [evaluate(rule.when, now.facts, now.unknown) for rule in program.rules]
    eligible = settled(program, states)
    if eligible is False or (handling is not None and None not in states):
        count[0] += 1
        if count[0] > MAX_LEAVES:
            raise _TooMuch
        yield _leaf(program, application, guess, states, handling or (), eligible)
        return
    name = _next(program, handling, unsaid, states)
    for value in _values(name, program, application):
        filled = _fill(application, name, value)
        yield from _grow(program, filled, more, {**guess, name: value}, count)


def _leaf(
    program: Program,
    application: Application,
    guess: dict[str, Scalar],
    states: Sequence[bool | None],
    handling: tuple[str, ...],
    eligible: bool | None,
) -> Leaf:
    if eligible is False:
        return Leaf(guess, application, False, (), (False,))
    held = sum(1 << n for n, state in enumerate(states) if state)
    verdict = resolve(program, held, handling)
    signature = (verdict.eligible, frozenset(verdict.modes), verdict.delivery, handling)
    return Leaf(guess, application, verdict.eligible, verdict.modes, signature)


def _next(
    program: Program,
    handling: tuple[str, ...] | None,
    unsaid: Sequence[str],
    states: Sequence[bool | None],
) -> str:
    """The open input that the open rules look at; eligibility first, the order of asking next."""
    wanted: dict[str, None] = {}
    ordered = sorted(
        (rule for rule, state in zip(program.rules, states, strict=True) if state is None),
        key=lambda rule: "eligible" not in rule.then,
    )
    for rule in ordered:
        for test in tests(rule.when):
            inputs = program.inputs(test.attribute, handling)
            wanted |= dict.fromkeys(name for name in unsaid if name in inputs)
    return next(iter(wanted), "facts.handle_at")


def _fill(application: Application, name: str, value: Scalar) -> Application:
    family, _, rest = name.partition(".")
    if family == "facts":
        return evolve(application, facts={**application.facts, rest: value})
    if family == "places":
        return evolve(application, places={**application.places, rest: str(value)})
    if name == "applicant.kind":
        return evolve(application, applicant=evolve(application.applicant, kind=str(value)))
    return evolve(application, **{name: value})  # type: ignore[arg-type]


def _values(name: str, program: Program, application: Application) -> Sequence[Scalar]:
    """Values that stand for all that the item's rules tell apart."""
    if name == "channel":
        return tuple(CHANNELS)
    if name == "applicant.kind":
        return tuple(APPLICANTS)
    if name == "facts.handle_at":
        return tuple(program.item.handled_at.value)
    if name.startswith("facts."):
        fact = program.vocabulary.facts[name.removeprefix("facts.")]
        looked = [t for rule in program.rules for t in tests(rule.when) if t.attribute == fact.name]
        return fact.told_apart(looked)
    return _divisions(program, application)


def _divisions(program: Program, application: Application) -> Sequence[str]:
    """Divisions that stand for all others: known ones, their neighbours, and each sort afar."""
    divisions = program.vocabulary.divisions
    known = [*application.places.values()]
    known += [application.received_at] if application.received_at else []
    values = dict.fromkeys(divisions[code].seat for code in known)
    looked = {aspect for a in program.tested for aspect in _aspect(a)}
    named = {
        value
        for rule in program.rules
        for test in tests(rule.when)
        if test.attribute.endswith(".province")
        for value in getattr(test, "values", ())
    }
    homes = {divisions[code].province for code in known}
    for home in homes:
        near = (d.code for d in divisions.seats if d.province == home and d.code not in values)
        values |= dict.fromkeys(list(near)[:2])
    sorts: dict[tuple[Any, ...], list[Division]] = {}
    for division in divisions.seats:
        if division.province not in homes:
            aspects = tuple(getattr(division, aspect) for aspect in sorted(looked))
            sort = (aspects, division.province if division.province in named else "")
            sorts.setdefault(sort, []).append(division)
    for members in sorts.values():
        apart = [members[0], *[m for m in members if m.province != members[0].province][:1]]
        values |= dict.fromkeys(member.code for member in apart)
    return tuple(values)


def _aspect(attribute: str) -> tuple[str, ...]:
    aspect = attribute.rpartition(".")[2]
    return (aspect,) if aspect in ("level", "standing") else ()
