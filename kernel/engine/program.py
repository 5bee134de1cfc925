"""An item's program: its rules, put together and specialised once.

Common, department and item rules come together, the item's constants are folded
in, and what cannot matter to it is dropped. What remains is all that a decision
of the item looks at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, wraps
from typing import Any, TypeAlias, TypeVar, TypeVarTuple, Unpack

from attrs import define, evolve, field

from tongban.kernel.engine.codegen import (
    Deriver,
    Holding,
    Judge,
    Matcher,
    compile_holding,
    compile_rules,
    compile_states,
)
from tongban.kernel.engine.place_attributes import deriver, named_places, seat_aspect
from tongban.kernel.engine.representatives import Sampler
from tongban.kernel.model.conditions import FALSE, Scalar, Test, attributes, simplify, tests
from tongban.kernel.model.divisions import Division, Level
from tongban.kernel.model.rules import Item, Rule
from tongban.kernel.model.vocabulary import RECEIVED, Vocabulary
from tongban.kernel.rulefile.rulebook import Rulebook

AGENT = "applicant.agent"
"""The fact that an agent acts for the applicant; the kernel derives it."""

_MEMO = 1_000
"""How much a function remembers of an item; nearly every one needs less than a hundred."""

_Key = TypeVarTuple("_Key")
_Found = TypeVar("_Found")
_Memo: TypeAlias = defaultdict[Callable[..., object], dict[tuple[Any, ...], Any]]


def remembered(
    find: Callable[[Program, Unpack[_Key]], _Found],
) -> Callable[[Program, Unpack[_Key]], _Found]:
    """Makes a function of a program keep what it found, by all that this follows from.

    Args:
        find: of names, rules and the like, never of a division, a date or a value of the
            applicant's, so that it has few answers.

    Returns:
        The same function, whose memory begins anew before it grows large.
    """

    @wraps(find)
    def look(program: Program, *key: *_Key) -> _Found:
        known: dict[tuple[Any, ...], _Found] = program.memo[find]
        try:
            return known[key]
        except KeyError:
            if len(known) >= _MEMO:
                known.clear()
        found = known[key] = find(program, *key)
        return found

    return look


@define(eq=False)
class Program:
    """What decides one item.

    Attributes:
        short: the item's id as rules' ids begin with it.
        rules: in the order of the engine's bits.
        whole: every rule before specialising, for explanations.
        derived: attributes that follow from places, with what derives them.
        memo: what functions of it found before, see `remembered`.
    """

    item: Item
    short: str
    rules: tuple[Rule, ...]
    whole: tuple[Rule, ...]
    vocabulary: Vocabulary
    derived: tuple[tuple[str, Deriver], ...]
    memo: _Memo = field(init=False, factory=lambda: defaultdict(dict), repr=False)

    @cached_property
    def match(self) -> Matcher:
        """The compiled engine for these rules."""
        return compile_rules(self.rules)

    @cached_property
    def holding(self) -> Holding:
        """The compiled engine for an application that says all, without facts made before."""
        return compile_holding(self.rules, dict(self.derived), self.fixed is None)

    @cached_property
    def states(self) -> Judge:
        """Which rules hold, and of which that is known, where some attributes are unknown."""
        return compile_states(self.rules)

    @cached_property
    def identity(self) -> Mapping[str, str]:
        """What a decision says of the item."""
        item = self.item
        return {
            "id": item.id,
            "name": item.name,
            "department": item.department,
            "jurisdiction": item.jurisdiction,
        }

    @cached_property
    def tested_by(self) -> Mapping[str, frozenset[str]]:
        """The attributes that each rule tests, by its id."""
        return {rule.id: attributes(rule.when) for rule in self.rules}

    @cached_property
    def tests(self) -> tuple[Test, ...]:
        """Every test of its rules."""
        return tuple(test for rule in self.rules for test in tests(rule.when))

    @cached_property
    def told_apart(self) -> Mapping[str, Sequence[Scalar]]:
        """For each fact that rules test, values that stand for all that the rules tell apart."""
        facts = self.vocabulary.facts
        return {
            name: facts[name].told_apart(test for test in self.tests if test.attribute == name)
            for name in (*self.asked, *self.by_plugins)
        }

    @cached_property
    def sampler(self) -> Sampler:
        """The divisions to try where a place is not known."""
        return Sampler(self.vocabulary.divisions, self.tests, self.level)

    @cached_property
    def tested(self) -> frozenset[str]:
        """Every attribute that some rule tests."""
        return frozenset().union(*(attributes(rule.when) for rule in self.rules))

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """Facts that rules test and an application says."""
        facts = self.vocabulary.facts
        return tuple(n for n in facts if n in self.tested and facts[n].asked and n != "handle_at")

    @cached_property
    def in_person(self) -> bool:
        """Whether its rules look at who acts for the applicant."""
        return AGENT in self.tested

    @cached_property
    def unasked(self) -> tuple[str, ...]:
        """Facts that rules test and nobody says: the kernel or plugins derive them."""
        facts = self.vocabulary.facts
        return tuple(n for n in facts if n in self.tested and not facts[n].asked)

    @cached_property
    def by_plugins(self) -> tuple[str, ...]:
        """`unasked` without what the kernel derives; unknown where no plugin did."""
        return tuple(name for name in self.unasked if name != AGENT)

    @cached_property
    def routed(self) -> tuple[str, ...]:
        """Places with a division that the route needs, the handling places of a choice aside."""
        item = self.item
        names = [] if item.choice else [*item.handled_at.value]
        names += [item.receives.value] if item.receives else []
        names += item.involves.value
        return tuple(dict.fromkeys(n for n in names if self.vocabulary.places[n].division))

    @cached_property
    def asked_names(self) -> frozenset[str]:
        """`asked` and `by_plugins`, to compare with what is known of an application."""
        return frozenset((*self.asked, *self.by_plugins))

    @cached_property
    def needed_names(self) -> frozenset[str]:
        """`needed_places`, to compare with what an application says."""
        return frozenset(self.needed_places)

    @cached_property
    def departments(self) -> Mapping[str, str]:
        """Who acts at each place of the item: its department, or the authority there."""
        item = self.item
        found = {name: item.authority(name) for name in (*item.handled_at.value, *self.involved)}
        return {name: one.id if one else item.department for name, one in found.items()}

    @cached_property
    def involved(self) -> tuple[str, ...]:
        """Places that are shown and do not act."""
        involved: tuple[str, ...] = self.item.involves.value
        return involved

    @cached_property
    def receives(self) -> str | None:
        """The place that accepts, where the item names one."""
        return self.item.receives.value if self.item.receives else None

    @cached_property
    def level(self) -> Level | None:
        """The level of the authority, where the item names one."""
        return self.item.level.value if self.item.level else None

    @cached_property
    def valid_for(self) -> Mapping[str, int] | None:
        """How long the result holds, as a decision says it; None where the item does not."""
        return self.item.valid_for.value.to_dict() if self.item.valid_for else None

    @cached_property
    def sits(self) -> str:
        """What of a division says where the authority for it sits: `seat` or `province`."""
        return seat_aspect(self.item)

    def seat(self, code: str) -> str:
        """`authority_seat` of a handling place of this item."""
        seat: str = getattr(self.table[code], self.sits)
        return seat

    @cached_property
    def fixed(self) -> tuple[str, ...] | None:
        """The handling places, where the applicant does not choose one of them."""
        return None if self.item.choice else self.item.handled_at.value

    @cached_property
    def straight(self) -> bool:
        """Whether one place with a division acts, and none accepts for it or is shown beside."""
        item, places = self.item, self.vocabulary.places
        one = item.choice or len(item.handled_at.value) == 1
        alone = self.receives is None and not self.involved and self.level is None
        return one and alone and all(places[n].division for n in item.handled_at.value)

    @cached_property
    def table(self) -> Mapping[str, Division]:
        """The divisions, for quick look-ups."""
        return self.vocabulary.divisions.table

    @cached_property
    def tested_places(self) -> tuple[str, ...]:
        """Places that rules look at by name."""
        names = [part for attribute in self.tested for part in named_places(attribute)]
        return tuple(n for n in self.vocabulary.places if n in names)

    @cached_property
    def needed_places(self) -> tuple[str, ...]:
        """Every place that an application must say for the fast path."""
        return tuple(dict.fromkeys((*self.routed, *self.tested_places)))

    @cached_property
    def places(self) -> frozenset[str]:
        """Every place that rules or route may look at."""
        return frozenset((*self.needed_places, *self.item.handled_at.value))

    @cached_property
    def asked_inputs(self) -> tuple[tuple[str, str], ...]:
        """`asked`, then `by_plugins`, each with its path among the facts."""
        return tuple((name, f"facts.{name}") for name in (*self.asked, *self.by_plugins))

    @remembered
    def needed_inputs(self, handling: tuple[str, ...] | None) -> tuple[tuple[str, str], ...]:
        """The places that an application must say, each with its path in it.

        Args:
            handling: the handling places, None while the choice is open.
        """
        needed = self.needed_places
        if self.item.choice:
            chosen = self.item.handled_at.value if handling is None else handling
            needed = (*needed, *(n for n in chosen if self.vocabulary.places[n].division))
        return tuple((name, f"places.{name}") for name in dict.fromkeys(needed))

    @remembered
    def known_of(
        self, unsaid: tuple[str, ...], handling: tuple[str, ...] | None
    ) -> tuple[frozenset[str], tuple[tuple[str, Deriver], ...]]:
        """The attributes that are unknown while `unsaid` is open, and what derives the others.

        Args:
            unsaid: parts of an application.
            handling: the handling places, None while the choice is open.
        """
        open_ = (n for n in self.tested if not self.inputs(n, handling).isdisjoint(unsaid))
        unknown = frozenset(open_)
        return unknown, tuple(one for one in self.derived if one[0] not in unknown)

    @remembered
    def inputs(self, attribute: str, handling: tuple[str, ...] | None) -> frozenset[str]:
        """The parts of an application that `attribute` follows from.

        Args:
            attribute: one that rules test.
            handling: the handling places, None while the choice is open.
        """
        if attribute in ("channel", "applicant.kind"):
            return frozenset({attribute})
        if attribute in self.vocabulary.facts:
            return frozenset(() if attribute == AGENT else {f"facts.{attribute}"})
        names = [f"places.{name}" for name in named_places(attribute) if name != RECEIVED]
        if RECEIVED in named_places(attribute) or attribute == "handling.includes_receiving":
            names.append("received_at")
        if attribute.startswith("handling."):
            names += ["facts.handle_at"] if handling is None else []
            places = self.vocabulary.places
            names += [f"places.{n}" for n in handling or () if places[n].division]
        return frozenset(names)


class Programs(dict[str, Program]):
    """Programs by the item's key, each made when it is first asked for.

    Args:
        rulebook: gives the rules; asked when a program is made.
    """

    def __init__(self, rulebook: Callable[[], Rulebook]) -> None:
        super().__init__()
        self._rulebook = rulebook

    def __missing__(self, key: str) -> Program:
        rulebook = self._rulebook()
        program = self[key] = specialise(rulebook, rulebook.items[key])
        return program


def specialise(rulebook: Rulebook, item: Item) -> Program:
    """The program of `item`."""
    vocabulary = rulebook.vocabulary
    whole = rulebook.rules(item)
    constants = _constants(item, vocabulary)
    rules = [evolve(rule, when=simplify(rule.when, constants)) for rule in whole]
    rules = [rule for rule in rules if rule.when != FALSE]
    tested = frozenset().union(*(attributes(rule.when) for rule in rules))
    derived = tuple(
        (name, deriver(name, vocabulary, item))
        for name in sorted(tested)
        if name.startswith(("place.", "apart.", "handling."))
    )
    return Program(item, rulebook.short(item), tuple(rules), whole, vocabulary, derived)


def _constants(item: Item, vocabulary: Vocabulary) -> dict[str, Scalar | None]:
    places = item.handled_at.value
    named = [name for name in places if vocabulary.places[name].division]
    constants: dict[str, Scalar | None] = {"item.kind": item.kind}
    constants["attendance"] = item.attendance.value
    if item.choice or len(places) == 1:
        constants["handling.count"] = 1
    elif len(named) < 2:
        constants["handling.count"] = len(places)
    if not named:
        constants["handling.includes_receiving"] = False
    return constants
