"""Rules in the few words that durable-rules understands, within its limits.

Equality, any-of over one attribute, not-equal and the four comparisons, nothing
else: it accepts an unknown operator and never matches it. Attributes and rules
get names of ours, because it tells names apart by a hash alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from math import prod
from typing import Any, TypeAlias

from attrs import field, frozen

from tongban.kernel import Condition, Rule
from tongban.kernel.engine import Facts
from tongban.kernel.model import AnyOf, Between, Literal, Not, OneOf, disjuncts
from tongban.plugins.engines.durable_rules.values import (
    LOWEST,
    NOTHING,
    AbstentionError,
    Cell,
    Column,
    as_number,
    as_text,
)

MOST_RULES = 49
"""In one ruleset besides the catch-all; each alternative of a rule counts as one."""

MOST_COMPARISONS = 500
"""In one ruleset; the engine hangs where 512 follow on the same condition."""

MOST_COLUMNS = 240
"""In one ruleset; a fact has at most 254 properties, three of them ours."""

MOST_CHOICES = 14
"""Any-of conditions in one alternative of a rule."""

MOST_ALTERNATIVES = 500
"""Of one rule: they multiply, and fill rulesets."""


@frozen
class Comparison:
    """One column against one value, by one of the engine's operators."""

    column: Column
    operator: str
    value: Cell


Choice: TypeAlias = tuple[Comparison, ...]
"""Comparisons of one column, of which one must hold."""

Conjunction: TypeAlias = tuple[Choice, ...]
"""Choices that must all hold."""


@frozen
class Batch:
    """Rules that share a ruleset.

    Attributes:
        ids: the rule that each conjunction is an alternative of.
        conjunctions: what must hold.
        columns: what they look at.
    """

    ids: tuple[str, ...]
    conjunctions: tuple[Conjunction, ...]
    columns: tuple[Column, ...] = field(init=False)

    @columns.default
    def _columns(self) -> tuple[Column, ...]:
        return tuple(dict.fromkeys(c.column for c in _comparisons(self.conjunctions)))

    def definition(self, marker: Mapping[str, str], last: str) -> str:
        """The ruleset as JSON; rule n is `r<n>`, column n is `c<n>`.

        Args:
            marker: a name and value that every fact carries; tested first.
            last: name of the rule that always holds, and fires after all others.
        """
        names = {column: f"c{n}" for n, column in enumerate(self.columns)}
        rules: dict[str, Any] = {}
        for n, conjunction in enumerate(self.conjunctions):
            tests = [_written(choice, names) for choice in conjunction]
            rules[f"r{n}"] = {"all": [{"m": {"$and": [marker, *tests]}}]}
        rules[last] = {"pri": 65535, "all": [{"m": {"$and": [marker]}}]}
        return json.dumps(rules, ensure_ascii=False)

    def cells(self, facts: Facts) -> dict[str, Cell]:
        """What the columns hold, by name.

        Raises:
            AbstentionError: where a value does not fit the engine.
        """
        return {f"c{n}": column.cell(facts) for n, column in enumerate(self.columns)}


def _written(choice: Choice, names: Mapping[Column, str]) -> Any:
    tests: list[Any] = []
    for comparison in choice:
        equal = {names[comparison.column]: comparison.value}
        tests.append(equal if comparison.operator == "$eq" else {comparison.operator: equal})
    return tests[0] if len(tests) == 1 else {"$or": tests}


def translate(rules: Iterable[Rule]) -> list[Batch]:
    """Rules, spread over as many rulesets as the limits ask for.

    Raises:
        AbstentionError: where one rule alone is beyond a limit.
    """
    batches: list[list[tuple[str, Conjunction]]] = []
    for rule in rules:
        for conjunction in _alternatives(rule):
            one = (rule.id, conjunction)
            if batches and not _excess([c for _, c in (*batches[-1], one)]):
                batches[-1].append(one)
                continue
            excess = _excess([conjunction])
            if excess:
                raise AbstentionError(f"rule {rule.id!r} {excess}")
            batches.append([one])
    return [Batch(tuple(i for i, _ in b), tuple(c for _, c in b)) for b in batches]


def _excess(conjunctions: Sequence[Conjunction]) -> str:
    """The limit that a ruleset of these would pass; empty where it passes none."""
    comparisons = list(_comparisons(conjunctions))
    if len(conjunctions) > MOST_RULES:
        return f"has more than {MOST_RULES} alternatives"
    if len(comparisons) > MOST_COMPARISONS:
        return f"makes more than {MOST_COMPARISONS} comparisons"
    if len({comparison.column for comparison in comparisons}) > MOST_COLUMNS:
        return f"tests more than {MOST_COLUMNS} attributes"
    if max(sum(len(choice) > 1 for choice in c) for c in conjunctions) > MOST_CHOICES:
        return f"has more than {MOST_CHOICES} lists of values"
    return ""


def _comparisons(conjunctions: Iterable[Conjunction]) -> Iterator[Comparison]:
    for conjunction in conjunctions:
        for choice in conjunction:
            yield from choice


def _alternatives(rule: Rule) -> list[Conjunction]:
    """What makes a rule hold: each of these."""
    if _count(rule.when) > MOST_ALTERNATIVES:
        raise AbstentionError(f"rule {rule.id!r} has more than {MOST_ALTERNATIVES} alternatives")
    found: dict[Conjunction, None] = {}
    try:
        for literals in disjuncts(rule.when):
            choices = [choice for literal in literals for choice in _choices(literal)]
            if all(choices):
                found[tuple(dict.fromkeys(choices))] = None
    except AbstentionError as reason:
        raise AbstentionError(f"rule {rule.id!r} {reason}") from None
    return list(found)


def _count(condition: Condition, positive: bool = True) -> int:
    """How many alternatives `disjuncts` would make."""
    if isinstance(condition, OneOf | Between):
        return 1
    if isinstance(condition, Not):
        return _count(condition.part, not positive)
    counts = [_count(part, positive) for part in condition.parts]
    return sum(counts) if isinstance(condition, AnyOf) is positive else prod(counts)


def _choices(literal: Literal) -> list[Choice]:
    """A literal as choices that must all hold; an empty choice never does."""
    test, must_hold = literal
    try:
        if isinstance(test, OneOf):
            return _membership(test, must_hold)
        return _interval(test, must_hold)
    except AbstentionError as reason:
        raise AbstentionError(f"compares {test.attribute!r} with what {reason}") from None


def _membership(test: OneOf, must_hold: bool) -> list[Choice]:
    column = Column(test.attribute)
    texts = [as_text(value) for value in test.values]
    if test.negated:
        texts.append(NOTHING)
    unique = dict.fromkeys(texts)
    if must_hold is test.negated:
        return [(Comparison(column, "$neq", text),) for text in unique]
    return [tuple(Comparison(column, "$eq", text) for text in unique)]


def _interval(test: Between, must_hold: bool) -> list[Choice]:
    kinds = {type(bound) for bound in (test.low, test.high) if bound is not None}
    if not kinds:
        return [()] if must_hold else []
    if kinds not in ({int}, {date}):
        raise AbstentionError("is not an interval of numbers or dates")
    column = Column(test.attribute, "int" if kinds == {int} else "date")
    low = LOWEST if test.low is None else as_number(test.low)
    high = None if test.high is None else as_number(test.high)
    if must_hold:
        within = [Comparison(column, "$gte", low)]
        within += [] if high is None else [Comparison(column, "$lte", high)]
        return [(comparison,) for comparison in within]
    outside = [Comparison(column, "$lt", low)]
    outside += [] if high is None else [Comparison(column, "$gt", high)]
    return [tuple(outside)]
