"""Which rules held in a case, and what each of their tests came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from attrs import define, field, frozen

from tongban.kernel import Application, Condition, Item, Kernel, Scalar
from tongban.kernel.model import Between, Not, OneOf, passes
from tongban.plugins.console.terms import condition_text

Side = tuple[str, int, bool]
"""A rule's id, the number of one of its tests, and what that came to."""


@frozen
class Leaf:
    """One test of a rule: a leaf of its `when`, `unless`, `from` and `until`.

    Attributes:
        number: from 0, in the order in which the rule says them.
        exception: whether it stands under `unless`.
    """

    number: int
    test: OneOf | Between
    exception: bool = False

    @property
    def text(self) -> str:
        """`channel is window`; of an exception, `unless channel is window`."""
        return (
            f"unless {condition_text(self.test)}" if self.exception else condition_text(self.test)
        )


def leaves(condition: Condition) -> tuple[Leaf, ...]:
    """The tests of a condition, from left to right."""
    return tuple(Leaf(number, *one) for number, one in enumerate(_tests(condition)))


@define
class Tally:
    """In how many cases each rule held, and what each test of it came to.

    Attributes:
        held: by the rule's id.
        sides: how often each side of each test was seen; what is not known yet in a
            case is seen neither way.
    """

    held: Counter[str] = field(factory=Counter)
    sides: Counter[Side] = field(factory=Counter)
    _tests: dict[str, tuple[tuple[str, Leaf], ...]] = field(factory=dict)

    def note(self, kernel: Kernel, application: Application) -> None:
        """Counts one application, which one of the cases gives."""
        self.held.update(one.rule for one in kernel.explain(application).rules if one.held)
        item = kernel.rulebook.items[application.item]
        facts = kernel.engines.facts(application)
        for rule, leaf in self._of(kernel, item):
            came = _came_to(kernel, item, leaf.test, facts)
            if came is not None:
                self.sides[rule, leaf.number, came] += 1

    def add(self, other: Tally) -> None:
        """Counts what `other` has counted."""
        self.held.update(other.held)
        self.sides.update(other.sides)

    def bare(self) -> Tally:
        """The counts alone, for another process."""
        return Tally(self.held, self.sides)

    def _of(self, kernel: Kernel, item: Item) -> tuple[tuple[str, Leaf], ...]:
        """Every test of every rule of an item, without bars, which are not the author's."""
        if item.key not in self._tests:
            rules = [one for one in kernel.rulebook.rules(item) if one.layer != "bar"]
            self._tests[item.key] = tuple((r.id, leaf) for r in rules for leaf in leaves(r.when))
        return self._tests[item.key]


def _tests(condition: Condition, exception: bool = False) -> Iterator[tuple[OneOf | Between, bool]]:
    """Each test, and whether it stands under a negation: only `unless` makes one."""
    if isinstance(condition, OneOf | Between):
        yield condition, exception
    elif isinstance(condition, Not):
        yield from _tests(condition.part, not exception)
    else:
        for part in condition.parts:
            yield from _tests(part, exception)


def _came_to(
    kernel: Kernel, item: Item, test: OneOf | Between, facts: Mapping[str, Scalar | None]
) -> bool | None:
    """What a test came to; None where it was not seen."""
    name = test.attribute
    fixed: dict[str, Scalar] = {"item.kind": item.kind, "attendance": item.attendance.value}
    if name in fixed:
        return passes(test, fixed[name])
    if name in facts:
        value = facts[name]
        unknown = value is None and name in ("channel", "applicant.kind")
        return None if unknown else passes(test, value)
    return None if name in kernel.program(item).tested else _folded(kernel, item, test)


def _folded(kernel: Kernel, item: Item, test: OneOf | Between) -> bool | None:
    """A test of which places act, where the item itself says it."""
    places = item.handled_at.value
    named = [name for name in places if kernel.rulebook.vocabulary.places[name].division]
    if test.attribute == "handling.count" and (item.choice or len(places) == 1):
        return passes(test, 1)
    if test.attribute == "handling.count" and len(named) < 2:
        return passes(test, len(places))
    if test.attribute == "handling.includes_receiving" and not named:
        return passes(test, False)
    return None
