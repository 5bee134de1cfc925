"""What is still missing: the facts that can change the outcome, the modes or the route.

The values that the item's rules tell apart are tried for whatever is open, as a
tree that is pruned as soon as the rest cannot matter, and grown only as far as it
is looked at. An open input matters where changing it alone changes what a leaf of
that tree comes to. Beyond a bound it is left to three-valued logic, and the
decision says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeAlias

from attrs import evolve, frozen

from tongban.kernel.engine.facts import handling_places, open_inputs, situation, with_derived
from tongban.kernel.engine.place_attributes import authority_seat
from tongban.kernel.engine.program import Program, remembered
from tongban.kernel.engine.resolution import contesting, settled, verdict
from tongban.kernel.model.application import Application
from tongban.kernel.model.conditions import Scalar, tests
from tongban.kernel.model.rules import APPLICANTS, CHANNELS, Rule

MAX_LEAVES = 4_000
"""How many pruned completions are tried before three-valued logic takes over."""

_Signature: TypeAlias = tuple[Any, ...]

_ROUTING = ("eligible", "modes", "delivery")
"""Conclusions that outcome, modes and route follow from."""


@frozen
class _Standing:
    """What the rules that hold, and those that may, say of an application.

    Attributes:
        settled: whether it is eligible; None while that is open.
        asks: the open input that is tried next; "" for a leaf, where the rest cannot matter.
        eligible: whether a leaf is.
        modes: of a leaf.
        signature: of a leaf, the same for what comes to the same.
    """

    settled: bool | None
    asks: str = ""
    eligible: bool = False
    modes: tuple[str, ...] = ()
    signature: _Signature = (False,)


@frozen
class Branch:
    """An application some of whose open inputs were guessed.

    Attributes:
        guess: input to value, for the inputs that had to be guessed.
        application: the application with the guess filled in.
        handling: the handling places; None while the choice is open.
        unsaid: the inputs that are open still.
        held: bit mask over `program.rules` of those that hold, whatever is open.
        known: the same of those whose state is settled.
    """

    guess: Mapping[str, Scalar]
    application: Application
    handling: tuple[str, ...] | None
    unsaid: tuple[str, ...]
    held: int
    known: int
    standing: _Standing

    @property
    def eligible(self) -> bool:
        """Whether it is, of a leaf."""
        return self.standing.eligible

    @property
    def modes(self) -> tuple[str, ...]:
        """Of a leaf."""
        return self.standing.modes


class _TooMuchError(Exception):
    """More leaves than the bound."""


@frozen
class Outlook:
    """What an application with open inputs can come to.

    Attributes:
        matters: open inputs that can change outcome, modes or route.
        exact: False where there was too much to try.
    """

    _tree: _Tree
    matters: tuple[str, ...]
    exact: bool = True

    @property
    def leaves(self) -> tuple[Branch, ...]:
        """What it can come to; none where there is too much to try."""
        try:
            return tuple(self._tree.leaves()) if self.exact else ()
        except _TooMuchError:
            return ()


def outlook(program: Program, application: Application, more: Mapping[str, Scalar]) -> Outlook:
    """What `application` can come to, by what it leaves open.

    Args:
        program: the item's.
        application: with open inputs.
        more: facts that plugins derived.
    """
    tree = _Tree(program, with_derived(application, more))
    root = tree.root
    asked = root.unsaid
    if "received_at" in asked:
        asked = tuple(name for name in asked if name != "received_at")
    try:
        if not tree.may_be_eligible():
            return Outlook(tree, ())
        certain = _certain(program, root)
        if certain.issuperset(asked):
            return Outlook(tree, asked)
        return Outlook(tree, tuple(n for n in asked if n in certain or tree.matters(n)))
    except _TooMuchError:
        looked = _certain(program, root) | _looked_at(program, root)
        return Outlook(tree, tuple(n for n in asked if n in looked), exact=False)


def may_be_eligible(program: Program, application: Application, more: Mapping[str, Scalar]) -> bool:
    """Whether some completion is eligible; found as soon as there is one.

    Where there is too much to try it is not ruled out.
    """
    tree = _Tree(program, with_derived(application, more))
    try:
        return tree.may_be_eligible()
    except _TooMuchError:
        return True


def _certain(program: Program, root: Branch) -> frozenset[str]:
    """What every eligible case must say: how it comes, and the places of its route."""
    handling, receives = root.handling, program.receives
    if handling and receives and _handed_to(program, root.application, handling[0]):
        receives = None
    return _certain_inputs(program, handling, receives)


@remembered
def _certain_inputs(
    program: Program, handling: tuple[str, ...] | None, receives: str | None
) -> frozenset[str]:
    places = program.vocabulary.places
    names = [*(handling or ()), *program.involved, *([receives] if receives else [])]
    routed = {f"places.{name}" for name in names if places[name].division}
    return frozenset({"channel", "facts.handle_at", *routed})


def _handed_to(program: Program, application: Application, lead: str) -> bool:
    """Whether the lead receives the application itself, so that no other place accepts it."""
    one, other = application.received_at, application.places.get(lead)
    divisions = program.vocabulary.divisions
    if one is None or other is None:
        return False
    return divisions[one].seat == authority_seat(program.item, divisions, other)


def _looked_at(program: Program, root: Branch) -> frozenset[str]:
    """What the rules that three-valued logic leaves open look at."""
    return frozenset(
        name
        for n, rule in enumerate(program.rules)
        if not root.known >> n & 1 and any(conclusion in rule.then for conclusion in _ROUTING)
        for test in tests(rule.when)
        for name in program.inputs(test.attribute, root.handling)
    )


class _Tree:
    """Tries completions of one application.

    Args:
        program: the item's.
        application: with open inputs.

    Attributes:
        root: the application itself.
    """

    def __init__(self, program: Program, application: Application) -> None:
        self._program = program
        self.root = self._branch({}, application)
        self._left = MAX_LEAVES
        self._found: list[Branch] = []

    @cached_property
    def _growing(self) -> Iterator[Branch]:
        return self._grow(self.root)

    def leaves(self) -> Iterator[Branch]:
        """What the application can come to, found as far as it is asked for."""
        yield from self._found
        for leaf in self._growing:
            self._found.append(leaf)
            yield leaf

    def may_be_eligible(self) -> bool:
        """Whether some completion of the application is eligible."""
        found = self._may_be_eligible(self.root)
        self._left = MAX_LEAVES
        return found

    def _may_be_eligible(self, branch: Branch) -> bool:
        standing = branch.standing
        if standing.settled:
            return True
        if standing.asks:
            return any(map(self._may_be_eligible, self._next(branch)))
        self._count()
        return standing.eligible

    def matters(self, name: str) -> bool:
        """Whether changing `name` alone changes what some leaf comes to.

        While the choice of the handling place is open, a place that may be
        chosen matters only in what happens where another one is.
        """
        place = name.removeprefix("places.")
        options = self._program.item.handled_at.value
        chosen = (place,) if self.root.handling is None and place in options else None
        tried = set()
        for leaf in self.leaves():
            others = frozenset(guess for guess in leaf.guess.items() if guess[0] != name)
            if name not in leaf.guess or others in tried or (chosen and leaf.handling == chosen):
                continue
            tried.add(others)
            for value in self._values(name, leaf.application):
                if value == leaf.guess[name]:
                    continue
                for changed in self._grow(self._branch({}, _fill(leaf.application, name, value))):
                    if chosen and changed.handling == chosen:
                        continue
                    if changed.standing.signature != leaf.standing.signature:
                        return True
        return False

    def _grow(self, branch: Branch) -> Iterator[Branch]:
        """Every completion of `branch`, as far as it makes a difference."""
        if branch.standing.asks:
            for following in self._next(branch):
                yield from self._grow(following)
            return
        self._count()
        yield branch

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _TooMuchError

    def _next(self, branch: Branch) -> Iterator[Branch]:
        """`branch` with each value of the input that it asks for."""
        name = branch.standing.asks
        for value in self._values(name, branch.application):
            yield self._branch(
                {**branch.guess, name: value}, _fill(branch.application, name, value)
            )

    def _branch(self, guess: Mapping[str, Scalar], application: Application) -> Branch:
        program = self._program
        handling = handling_places(program, application)
        unsaid = open_inputs(program, application, handling)
        facts, unknown = situation(program, application, {}, handling, unsaid)
        held, known = program.states(facts, unknown)
        standing = _standing(program, held, known, handling, unsaid)
        return Branch(guess, application, handling, unsaid, held, known, standing)

    def _values(self, name: str, application: Application) -> Sequence[Scalar]:
        """Values that stand for all that the item's rules tell apart."""
        program = self._program
        if name == "channel":
            return tuple(CHANNELS)
        if name == "applicant.kind":
            return tuple(APPLICANTS)
        options = program.item.handled_at.value
        if name == "facts.handle_at":
            return tuple(options)
        family, _, rest = name.partition(".")
        if family == "facts":
            return program.told_apart[rest]
        known = [
            code
            for place, code in application.places.items()
            if place in program.places and place != rest
        ]
        if application.received_at and name != "received_at":
            known.append(application.received_at)
        return program.sampler.sample(known, rest, rest in options)


@remembered
def _standing(
    program: Program,
    held: int,
    known: int,
    handling: tuple[str, ...] | None,
    unsaid: tuple[str, ...],
) -> _Standing:
    """What follows from the rules' states."""
    eligible = settled(program, held, known)
    if eligible is False:
        return _Standing(False)
    pending = _pending(program, held, known, eligible)
    if handling is None or pending:
        return _Standing(eligible, _next(program, handling, unsaid, pending))
    found = verdict(program, held, handling)
    signature = (found.eligible, frozenset(found.modes), found.delivery, handling)
    return _Standing(eligible, "", found.eligible, found.modes, signature)


def _pending(program: Program, held: int, known: int, eligible: bool | None) -> Sequence[Rule]:
    """The open rules that can still make a difference, those on eligibility first."""
    first = contesting(program, held, known) if eligible is None else []
    rest = [
        rule
        for n, rule in enumerate(program.rules)
        if not known >> n & 1 and ("modes" in rule.then or "delivery" in rule.then)
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
    one = application
    channel, received_at, applicant = one.channel, one.received_at, one.applicant
    places, facts = one.places, one.facts
    family, _, rest = name.partition(".")
    if family == "facts":
        facts = MappingProxyType(facts | {rest: value})
    elif family == "places":
        places = MappingProxyType(places | {rest: str(value)})
    elif name == "channel":
        channel = str(value)
    elif name == "received_at":
        received_at = str(value)
    else:
        applicant = evolve(applicant, kind=str(value))
    return Application(
        one.item, one.as_of, channel, received_at, applicant, places, facts, one.deliver_by
    )


def possible_modes(program: Program, as_of: date) -> frozenset[str]:
    """Every mode in which an item can be handled on a date, for any applicant in any place."""
    ahead = outlook(program, Application(program.item.key, as_of), {})
    return frozenset(mode for leaf in ahead.leaves for mode in leaf.modes)
