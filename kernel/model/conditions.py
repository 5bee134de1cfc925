"""Conditions: the one intermediate form that every engine reads.

A condition is a tree of tests. Every test is membership in a set of values or
an interval of an ordered domain, which is what lets the same rules feed a
generated function, durable-rules, a solver and a table engine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from math import prod
from typing import TypeAlias

from attrs import frozen

Scalar: TypeAlias = str | int | bool | date


@frozen
class OneOf:
    """The value is one of `values`; negated, it exists and is none of them."""

    attribute: str
    values: tuple[Scalar, ...]
    negated: bool = False


@frozen
class Between:
    """The value lies within `low` and `high`, both inclusive, None for open."""

    attribute: str
    low: int | date | None = None
    high: int | date | None = None


@frozen
class AllOf:
    """Every part holds; with no parts, always."""

    parts: tuple[Condition, ...]


@frozen
class AnyOf:
    """Some part holds; with no parts, never."""

    parts: tuple[Condition, ...]


@frozen
class Not:
    """The part does not hold."""

    part: Condition


Test: TypeAlias = OneOf | Between
Condition: TypeAlias = OneOf | Between | AllOf | AnyOf | Not
Literal: TypeAlias = tuple[Test, bool]
"""A test, and whether it must hold (True) or must not (False)."""

TRUE = AllOf(())
FALSE = AnyOf(())


def passes(test: Test, value: Scalar | None) -> bool:
    """Whether `value` passes `test`: the meaning that every engine must share.

    Values are compared with their type, so `1` is not `True`. None is a thing
    that does not exist in the case; no test of it holds.
    """
    if value is None:
        return False
    if isinstance(test, OneOf):
        found = any(type(value) is type(one) and value == one for one in test.values)
        return found is not test.negated
    bound = test.low if test.low is not None else test.high
    if type(value) is not type(bound):
        return False
    above = test.low is None or test.low <= value  # type: ignore[operator]
    below = test.high is None or value <= test.high  # type: ignore[operator]
    return above and below


def tests(condition: Condition) -> Iterator[Test]:
    """Every test in `condition`, from left to right."""
    if isinstance(condition, OneOf | Between):
        yield condition
    elif isinstance(condition, Not):
        yield from tests(condition.part)
    else:
        for part in condition.parts:
            yield from tests(part)


def attributes(condition: Condition) -> frozenset[str]:
    """The attributes that `condition` looks at."""
    return frozenset(test.attribute for test in tests(condition))


def evaluate(
    condition: Condition,
    facts: Mapping[str, Scalar | None],
    unknown: Collection[str] = (),
) -> bool | None:
    """Whether `condition` holds, in Kleene's three-valued logic.

    Args:
        condition: what to evaluate.
        facts: attribute to value; what is absent does not exist in the case.
        unknown: attributes whose value is not known yet.

    Returns:
        True, False, or None where it depends on what is unknown.
    """
    if isinstance(condition, OneOf | Between):
        if condition.attribute in unknown:
            return None
        return passes(condition, facts.get(condition.attribute))
    if isinstance(condition, Not):
        result = evaluate(condition.part, facts, unknown)
        return None if result is None else not result
    deciding = isinstance(condition, AnyOf)
    open_parts = False
    for part in condition.parts:
        result = evaluate(part, facts, unknown)
        if result is deciding:
            return deciding
        open_parts = open_parts or result is None
    return None if open_parts else not deciding


def simplify(condition: Condition, constants: Mapping[str, Scalar | None]) -> Condition:
    """`condition` with the tests of `constants` folded in.

    Returns:
        A condition that holds in the same cases; `TRUE` or `FALSE` where
        nothing is left to look at.
    """
    if isinstance(condition, OneOf | Between):
        if condition.attribute not in constants:
            return condition
        return TRUE if passes(condition, constants[condition.attribute]) else FALSE
    if isinstance(condition, Not):
        part = simplify(condition.part, constants)
        if part in (TRUE, FALSE):
            return FALSE if part == TRUE else TRUE
        return Not(part)
    neutral, deciding = (TRUE, FALSE) if isinstance(condition, AllOf) else (FALSE, TRUE)
    parts: list[Condition] = []
    for raw in condition.parts:
        part = simplify(raw, constants)
        if part == deciding:
            return deciding
        if isinstance(part, type(condition)):
            parts += part.parts
        elif part != neutral:
            parts.append(part)
    if len(parts) == 1:
        return parts[0]
    return type(condition)(tuple(parts)) if parts else neutral


def disjuncts(condition: Condition, positive: bool = True) -> list[tuple[Literal, ...]]:
    """`condition` as a list of alternatives, each a conjunction of literals."""
    if isinstance(condition, OneOf | Between):
        return [((condition, positive),)]
    if isinstance(condition, Not):
        return disjuncts(condition.part, not positive)
    parts: Sequence[list[tuple[Literal, ...]]] = [disjuncts(p, positive) for p in condition.parts]
    if isinstance(condition, AnyOf) is positive:
        return [alternative for part in parts for alternative in part]
    return [sum(choice, ()) for choice in product(*parts)]


def breadth(condition: Condition, positive: bool = True) -> int:
    """How many alternatives `disjuncts` gives, without making them."""
    if isinstance(condition, OneOf | Between):
        return 1
    if isinstance(condition, Not):
        return breadth(condition.part, not positive)
    parts = [breadth(part, positive) for part in condition.parts]
    return sum(parts) if isinstance(condition, AnyOf) is positive else prod(parts)
