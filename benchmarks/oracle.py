"""The naive oracle: a dict lookup by item, then one closure for each rule.

What anybody would write by hand, and not slow on purpose: a rule that asks each
attribute for one of some values is a single loop, the others try one closure
for each test. (Closures from generated source text measured the same.) It does
not compare types, which the kernel's engine does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from tongban.kernel import Rule
from tongban.kernel.engine import Facts
from tongban.kernel.model import Between, Literal, OneOf, disjuncts

Conclusion: TypeAlias = tuple[str, Mapping[str, Any]]
"""The id of a rule that holds, and what it concludes."""

_Closure: TypeAlias = Callable[[Facts], Conclusion | None]
_Check: TypeAlias = Callable[[Facts], bool]


def conclusion(rule: Rule) -> Conclusion:
    """What `rule` says where it holds."""
    return rule.id, rule.then


class Oracle:
    """The oracle of some items.

    Args:
        rules: the rules of each item, by its key.
    """

    def __init__(self, rules: Mapping[str, Iterable[Rule]]) -> None:
        self._closures: Mapping[str, Sequence[_Closure]] = {
            key: tuple(_closure(rule) for rule in of_item) for key, of_item in rules.items()
        }

    def concluded(self, item: str, facts: Facts) -> list[Conclusion]:
        """The conclusions of the rules that hold, in order."""
        return [found for rule in self._closures[item] if (found := rule(facts)) is not None]

    def run(self, cases: Iterable[tuple[str, Facts]]) -> None:
        """Concludes each of `cases`, an item's key and facts."""
        closures = self._closures
        for item, facts in cases:
            [found for rule in closures[item] if (found := rule(facts)) is not None]


def _closure(rule: Rule) -> _Closure:
    says = conclusion(rule)
    alternatives = disjuncts(rule.when)
    if len(alternatives) != 1:
        checks = [[_check(literal) for literal in literals] for literals in alternatives]
        return lambda facts: says if any(all(c(facts) for c in one) for one in checks) else None
    literals = alternatives[0]
    if len(literals) == 1:
        check = _check(literals[0])
        return lambda facts: says if check(facts) else None
    members = [_membership(literal) for literal in literals]
    known = [member for member in members if member is not None]
    if len(known) == len(members):
        return _all_members(known, says)
    return _all_hold([_check(literal) for literal in literals], says)


def _membership(literal: Literal) -> tuple[str, frozenset[Any]] | None:
    test, wanted = literal
    if isinstance(test, OneOf) and wanted and not test.negated:
        return test.attribute, frozenset(test.values)
    return None


def _all_members(members: Sequence[tuple[str, frozenset[Any]]], says: Conclusion) -> _Closure:
    def rule(facts: Facts) -> Conclusion | None:
        for attribute, values in members:
            if facts.get(attribute) not in values:
                return None
        return says

    return rule


def _all_hold(checks: Sequence[_Check], says: Conclusion) -> _Closure:
    def rule(facts: Facts) -> Conclusion | None:
        for check in checks:
            if not check(facts):
                return None
        return says

    return rule


def _check(literal: Literal) -> _Check:
    test, wanted = literal
    check = _interval(test) if isinstance(test, Between) else _one_of(test)
    return check if wanted else lambda facts: not check(facts)


def _one_of(test: OneOf) -> _Check:
    attribute, values = test.attribute, frozenset(test.values)
    if test.negated:
        return lambda facts: (value := facts.get(attribute)) is not None and value not in values
    return lambda facts: facts.get(attribute) in values


def _interval(test: Between) -> _Check:
    attribute, low, high = test.attribute, test.low, test.high

    def check(facts: Facts) -> bool:
        value: Any = facts.get(attribute)
        if value is None or (low is not None and value < low):
            return False
        return high is None or value <= high

    return check
