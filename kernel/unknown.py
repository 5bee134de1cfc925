"""What is still missing: the facts that can change the outcome, the modes or the route.

The values that the item's rules tell apart are tried for whatever is open, as a
tree that is pruned as soon as the rest cannot matter. An open input matters
where changing it alone changes what a leaf of that tree comes to. Beyond a
bound it is left to three-valued logic, and the decision says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import define, evolve, frozen

from tongban.kernel.application import Application
from tongban.kernel.conditions import Scalar, evaluate, tests
from tongban.kernel.model import APPLICANTS, CHANNELS, Rule
from tongban.kernel.program import Program, authority_seat
from tongban.kernel.resolution import contesting, resolve, settled
from tongban.kernel.situation import handling_places, open_inputs, situation, with_derived

__all__ = ["MAX_LEAVES", "Leaf", "Prospects", "may_be_eligible", "prospects"]

MAX_LEAVES = 4_000
"""How many pruned completions are tried before three-valued logic takes over."""

_Signature: TypeAlias = tuple[Any, ...]

_ROUTING = ("eligible", "modes", "delivery")
"""Conclusions that outcome, modes and route follow from."""


@frozen
class Leaf:
    """What an application would come to, were some of its open inputs so.

    Attributes:
        guess: input to value, for the inputs that had to be guessed.
        application: the application with the guess filled in.
        handling: the handling places; empty where it is refused before they are chosen.
        known: bit mask over `program.rules` of those whose state is settled.
        signature: the same for what comes to the same.
    """

    guess: Mapping[str, Scalar]
    application: Application
    eligible: bool
    modes: tuple[str, ...]
    handling: tuple[str, ...]
    known: int
    signature: _Signature


@frozen
class Prospects:
    """What an application with open inputs can come to.

    Attributes:
        leaves: the completions that were tried; none where there are too many.
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
    application = with_derived(application, more)
    handling = handling_places(program, application)
    unsaid = open_inputs(program, application, handling)
    search = _Search(program, application, handling is None)
    certain = {"channel", "facts.handle_at", *_route_places(program, application, handling)}
    try:
        leaves = tuple(search.grow(application, {}))
        if not any(leaf.eligible for leaf in leaves):
            return Prospects(leaves, ())
        matters = tuple(
            n for n in unsaid if n != "received_at" and (n in certain or search.matters(n, leaves))
        )
        return Prospects(leaves, matters)
    except _TooMuch:
        looked = _looked_at(program, application, handling, unsaid)
        names = (n for n in unsaid if n != "received_at" and (n in certain or n in looked))
        return Prospects((), tuple(names), exact=False)


def may_be_eligible(program: Program, application: Application, more: Mapping[str, Scalar]) -> bool:
    """Whether some completion is eligible; found as soon as there is one.

    Where there is too much to try it is not ruled out.
    """
    application = with_derived(application, more)
    search = _Search(program, application, handling_places(program, application) is None)
    try:
        return any(leaf.eligible for leaf in search.grow(application, {}))
    except _TooMuch:
        return True


def _route_places(
    program: Program, application: Application, handling: tuple[str, ...] | None
) -> Iterator[str]:
    """The places that the route of an eligible case cannot do without."""
    item, vocabulary = program.item, program.vocabulary
    names = [*(handling or ()), *item.involves.value]
    if item.receives and not (handling and _handed_to_lead(program, application, handling[0])):
        names.append(item.receives.value)
    yield from (f"places.{n}" for n in names if vocabulary.places[n].division)


def _handed_to_lead(program: Program, application: Application, lead: str) -> bool:
    """Whether the lead receives the application itself, so that nobody accepts it for it."""
    one, other = application.received_at, application.places.get(lead)
    divisions = program.vocabulary.divisions
    if one is None or other is None:
        return False
    return divisions[one].seat == authority_seat(program.item, divisions, other)


def _looked_at(
    program: Program,
    application: Application,
    handling: tuple[str, ...] | None,
    unsaid: Sequence[str],
) -> frozenset[str]:
    """What the rules that three-valued logic leaves open look at."""
    now = situation(program, application, {}, handling, unsaid)
    return frozenset(
        name
        for rule in program.rules
        if any(conclusion in rule.then for conclusion in _ROUTING)
        and evaluate(rule.when, now.facts, now.unknown) is None
        for test in tests(rule.when)
        for name in program.inputs(test.attribute, handling)
    )


@define
class _Search:
    """Tries completions of one application.

    Attributes:
        undecided: whether the applicant has still to choose the handling place.
        count: the leaves so far.
    """

    program: Program
    application: Application
    undecided: bool
    count: int = 0

    def matters(self, name: str, leaves: Sequence[Leaf]) -> bool:
        """Whether changing `name` alone changes what some leaf comes to.

        While the choice of the handling place is open, a place that may be
        chosen matters only in what happens where another one is.
        """
        place = name.removeprefix("places.")
        optional = self.undecided and place in self.program.item.handled_at.value
        tried = set()
        for leaf in leaves:
            others = frozenset(guess for guess in leaf.guess.items() if guess[0] != name)
            if (
                name not in leaf.guess
                or others in tried
                or (optional and leaf.handling == (place,))
            ):
                continue
            tried.add(others)
            rest = self.application
            for other, value in others:
                rest = _fill(rest, other, value)
            for value in self._values(name, rest):
                if value == leaf.guess[name]:
                    continue
                for changed in self.grow(_fill(rest, name, value), {}):
                    if optional and changed.handling == (place,):
                        continue
                    if changed.signature != leaf.signature:
                        return True
        return False

    def grow(self, application: Application, guess: Mapping[str, Scalar]) -> Iterator[Leaf]:
        """Every completion of `application`, as far as it makes a difference."""
        program = self.program
        handling = handling_places(program, application)
        unsaid = open_inputs(program, application, handling)
        now = situation(program, application, {}, handling, unsaid)
        states = [evaluate(rule.when, now.facts, now.unknown) for rule in program.rules]
        eligible = settled(program, states)
        pending = () if eligible is False else _pending(program, states, eligible)
        if eligible is False or (handling is not None and not pending):
            self.count += 1
            if self.count > MAX_LEAVES:
                raise _TooMuch
            yield _leaf(program, application, guess, states, handling or (), eligible)
            return
        name = _next(program, handling, unsaid, pending)
        for value in self._values(name, application):
            yield from self.grow(_fill(application, name, value), {**guess, name: value})

    def _values(self, name: str, application: Application) -> Sequence[Scalar]:
        """Values that stand for all that the item's rules tell apart."""
        program = self.program
        if name == "channel":
            return tuple(CHANNELS)
        if name == "applicant.kind":
            return tuple(APPLICANTS)
        if name == "facts.handle_at":
            return tuple(program.item.handled_at.value)
        family, _, rest = name.partition(".")
        if family == "facts":
            looked = (test for test in program.tests if test.attribute == rest)
            return program.vocabulary.facts[rest].told_apart(looked)
        options = program.item.handled_at.value
        relevant = {*program.needed_places, *options}
        known = [code for place, code in application.places.items() if place in relevant]
        known += [application.received_at] if application.received_at else []
        return program.sampler.sample(known, rest, rest in options)


def _leaf(
    program: Program,
    application: Application,
    guess: Mapping[str, Scalar],
    states: Sequence[bool | None],
    handling: tuple[str, ...],
    eligible: bool | None,
) -> Leaf:
    known = sum(1 << n for n, state in enumerate(states) if state is not None)
    if eligible is False:
        return Leaf(guess, application, False, (), handling, known, (False,))
    held = sum(1 << n for n, state in enumerate(states) if state)
    verdict = resolve(program, held, handling)
    signature = (verdict.eligible, frozenset(verdict.modes), verdict.delivery, handling)
    modes = verdict.modes
    return Leaf(guess, application, verdict.eligible, modes, handling, known, signature)


def _pending(
    program: Program, states: Sequence[bool | None], eligible: bool | None
) -> Sequence[Rule]:
    """The open rules that can still make a difference, those on eligibility first."""
    first = contesting(program, states) if eligible is None else []
    rest = [
        rule
        for rule, state in zip(program.rules, states, strict=True)
        if state is None and ("modes" in rule.then or "delivery" in rule.then)
    ]
    return [*first, *rest]


def _next(
    program: Program,
    handling: tuple[str, ...] | None,
    unsaid: Sequence[str],
    pending: Sequence[Rule],
) -> str:
    """The open input that the open rules look at first, in the order of asking."""
    wanted: dict[str, None] = {}
    for rule in pending:
        for test in tests(rule.when):
            inputs = program.inputs(test.attribute, handling)
            wanted |= dict.fromkeys(name for name in unsaid if name in inputs)
    name = next(iter(wanted), "facts.handle_at")
    needs_channel = name == "received_at" and "channel" in unsaid
    return "channel" if needs_channel else name


def _fill(application: Application, name: str, value: Scalar) -> Application:
    family, _, rest = name.partition(".")
    if family == "facts":
        return evolve(application, facts={**application.facts, rest: value})
    if family == "places":
        return evolve(application, places={**application.places, rest: str(value)})
    if name == "applicant.kind":
        return evolve(application, applicant=evolve(application.applicant, kind=str(value)))
    return evolve(application, **{name: value})  # type: ignore[arg-type]
