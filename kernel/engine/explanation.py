"""Why a decision came out as it did: every rule, every test, what it saw, what would pass."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from attrs import frozen

from tongban.kernel.engine.facts import handling_places, open_inputs, situation, with_derived
from tongban.kernel.engine.program import Program
from tongban.kernel.model.application import Application
from tongban.kernel.model.conditions import (
    FALSE,
    Condition,
    OneOf,
    Scalar,
    Test,
    disjuncts,
    evaluate,
    passes,
    simplify,
)
from tongban.kernel.model.rules import Citation


@frozen
class TestTrace:
    """One test: what it asked of which attribute, and what it saw.

    Attributes:
        wanted: what would pass, as rules write it.
        passed: None where the value is not known.
    """

    __test__ = False

    attribute: str
    label: str
    wanted: str
    value: Any
    passed: bool | None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        value = self.value.isoformat() if isinstance(self.value, date) else self.value
        return {
            "attribute": self.attribute,
            "wanted": self.wanted,
            "value": value,
            "passed": self.passed,
        }


@frozen
class RuleTrace:
    """One rule: whether it held, and its tests.

    Attributes:
        held: None where that depends on what is not known.
        near_miss: whether a single test kept it from holding.
        tests: of the alternative that came nearest to holding.
    """

    rule: str
    layer: str
    then: Mapping[str, Any]
    because: str
    cite: Citation
    held: bool | None
    near_miss: bool
    tests: tuple[TestTrace, ...]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "rule": self.rule,
            "layer": self.layer,
            "then": dict(self.then),
            "because": self.because,
            "cite": self.cite.to_dict(),
            "held": self.held,
            "near_miss": self.near_miss,
            "tests": [test.to_dict() for test in self.tests],
        }


@frozen
class Explanation:
    """Every rule that could matter to the item, in the order of layers.

    Attributes:
        dropped: rules that cannot matter to the item, whatever the facts.
    """

    rules: tuple[RuleTrace, ...]
    dropped: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"rules": [rule.to_dict() for rule in self.rules], "dropped": list(self.dropped)}


def explain(program: Program, application: Application, more: Mapping[str, Scalar]) -> Explanation:
    """Why `application` comes to what it does."""
    application = with_derived(application, more)
    handling = handling_places(program, application)
    unsaid = open_inputs(program, application, handling)
    facts, unknown = situation(program, application, more, handling, unsaid)
    kept = {rule.id for rule in program.rules}
    traces = []
    for rule in program.rules:
        held = evaluate(rule.when, facts, unknown)
        tests = _nearest(program, rule.when, facts, unknown)
        failed = [test for test in tests if test.passed is False]
        near = held is False and len(failed) == 1
        traces.append(
            RuleTrace(
                rule.id, rule.layer, rule.then, rule.because, rule.cite, held, near, tuple(tests)
            )
        )
    return Explanation(tuple(traces), tuple(r.id for r in program.whole if r.id not in kept))


def _nearest(
    program: Program,
    condition: Condition,
    facts: Mapping[str, Scalar | None],
    unknown: frozenset[str],
) -> list[TestTrace]:
    """The tests of the alternative of `condition` in which the fewest fail."""
    if simplify(condition, {}) == FALSE:
        return []
    alternatives = [
        [_trace(program, test, wanted, facts, unknown) for test, wanted in literals]
        for literals in disjuncts(condition)
    ]
    return min(alternatives, key=lambda tests: sum(t.passed is False for t in tests), default=[])


def _trace(
    program: Program,
    test: Test,
    wanted: bool,
    facts: Mapping[str, Scalar | None],
    unknown: frozenset[str],
) -> TestTrace:
    name = test.attribute
    attribute = program.vocabulary.attributes.get(name)
    label = attribute.label if attribute else name
    value = None if name in unknown else facts.get(name)
    passed = None if name in unknown else passes(test, value) is wanted
    text = written(test) if wanted else f"not ({written(test)})"
    return TestTrace(name, label, text, value, passed)


def written(test: Test) -> str:
    """A test as a short text: `job_transfer`, `not online, kiosk`, `at least 3`."""
    if isinstance(test, OneOf):
        values = ", ".join(_shown(value) for value in test.values)
        return f"not {values}" if test.negated else values
    low, high = _shown(test.low), _shown(test.high)
    is_date = isinstance(test.low if test.low is not None else test.high, date)
    words = ("from {}", "until {}") if is_date else ("at least {}", "at most {}")
    parts = [words[0].format(low)] if test.low is not None else []
    parts += [words[1].format(high)] if test.high is not None else []
    return " and ".join(parts)


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
