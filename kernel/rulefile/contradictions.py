"""Rules of one layer that can conclude differently for the same facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TypeAlias

from attrs import frozen

from tongban.kernel.model.conditions import Literal, Scalar, breadth, disjuncts, passes
from tongban.kernel.model.rules import SINGLE, Rule
from tongban.kernel.model.vocabulary import Attribute

MOST_ALTERNATIVES = 256
"""In how many ways one condition may come to hold."""

_MOST_COMPARISONS = 50_000
"""Pairs of alternatives that are compared within one list of rules."""

_Alternative: TypeAlias = tuple[Literal, ...]


class TooManyError(Exception):
    """Raised where the rules of one list are too many to be compared."""


@frozen
class Contradiction:
    """Two rules, by their number in the list, that conclude differently.

    Attributes:
        conclusion: what they conclude differently.
        example: attributes and values for which both hold.
    """

    first: int
    second: int
    conclusion: str
    example: Mapping[str, Scalar | None]


def contradictions(
    rules: Sequence[Rule], attributes: Mapping[str, Attribute]
) -> Iterator[Contradiction]:
    """The contradictions among rules of one layer.

    Args:
        rules: none of which has more than `MOST_ALTERNATIVES`.
        attributes: everything that they test, by name.

    Raises:
        TooManyError: where they have too many alternatives to be compared.
    """
    left = _MOST_COMPARISONS
    for name in SINGLE:
        speakers = [(n, rule) for n, rule in enumerate(rules) if name in rule.then]
        for (first, one), (second, other) in combinations(speakers, 2):
            if one.then[name] == other.then[name]:
                continue
            left -= breadth(one.when) * breadth(other.when)
            if left < 0:
                raise TooManyError
            example = _example(one, other, attributes)
            if example is not None:
                yield Contradiction(first, second, name, example)


def never_holds(rule: Rule, attributes: Mapping[str, Attribute]) -> bool:
    """Whether there are no facts at all for which `rule` holds."""
    return all(_values(one, attributes) is None for one in disjuncts(rule.when))


def _example(
    one: Rule, other: Rule, attributes: Mapping[str, Attribute]
) -> dict[str, Scalar | None] | None:
    """Values for which both rules hold; None where there are none."""
    options = [o for o in disjuncts(other.when) if _values(o, attributes) is not None]
    for mine in disjuncts(one.when):
        if _values(mine, attributes) is None:
            continue
        for theirs in options:
            found = _values((*mine, *theirs), attributes)
            if found is not None:
                return found
    return None


def _values(
    literals: _Alternative, attributes: Mapping[str, Attribute]
) -> dict[str, Scalar | None] | None:
    """A value of each attribute that passes all of its literals; None where one has none."""
    by_attribute: dict[str, list[Literal]] = {}
    for literal in literals:
        by_attribute.setdefault(literal[0].attribute, []).append(literal)
    found: dict[str, Scalar | None] = {}
    for name, group in by_attribute.items():
        attribute = attributes[name]
        values: list[Scalar | None] = [*attribute.told_apart(test for test, _ in group)]
        if attribute.optional:
            values.append(None)
        for value in values:
            if all(passes(test, value) is want for test, want in group):
                found[name] = value
                break
        else:
            return None
    return found
