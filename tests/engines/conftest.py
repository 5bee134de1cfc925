"""What the tests of the engines share: generated rules and facts, and an oracle.

Tests that need durable-rules take the fixture `durable`. Where it is not
installed they are left out, and the report says so; with the environment
variable TONGBAN_REQUIRE_DURABLE=1 that is an error.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from importlib.util import find_spec
from types import ModuleType

import pytest
from attrs import frozen
from hypothesis import strategies as st

from tongban.kernel import Citation, Condition, Kernel, Rule, Scalar
from tongban.kernel.engine import Program
from tongban.kernel.model import AllOf, AnyOf, Between, Not, OneOf
from tongban.plugins.engines import durable_rules

Facts = dict[str, Scalar | None]

LEFT_OUT = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what needs durable-rules where it is absent, or refuses to."""
    if find_spec("durable_rules_engine"):
        return
    need = [item for item in items if "durable" in getattr(item, "fixturenames", ())]
    if need and os.environ.get("TONGBAN_REQUIRE_DURABLE") == "1":
        raise pytest.UsageError(
            f"TONGBAN_REQUIRE_DURABLE=1, but durable-rules is not installed: {len(need)} tests "
            f"cannot run. {durable_rules.ABSENT}"
        )
    config.hook.pytest_deselected(items=need)
    config.stash[LEFT_OUT] = len(need)
    items[:] = [item for item in items if item not in need]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    left_out = terminalreporter.config.stash.get(LEFT_OUT, 0)
    if left_out:
        terminalreporter.write_sep("=", "durable-rules is absent", yellow=True)
        terminalreporter.write_line(f"{left_out} tests did not run: {durable_rules.ABSENT}")


def holds(condition: Condition, facts: Mapping[str, Scalar | None]) -> bool:
    """The oracle: what a condition means, written without a look at the kernel."""
    match condition:
        case AllOf(parts):
            return all(holds(part, facts) for part in parts)
        case AnyOf(parts):
            return any(holds(part, facts) for part in parts)
        case Not(part):
            return not holds(part, facts)
        case OneOf(attribute, values, negated):
            value = facts.get(attribute)
            same = [v for v in values if (type(v), v) == (type(value), value)]
            return value is not None and bool(same) != negated
        case Between(attribute, low, high):
            value = facts.get(attribute)
            if type(value) not in {type(low), type(high)} - {type(None)}:
                return False
            numbers = [
                int(v.strftime("%j")) + v.year * 1000 if isinstance(v, date) else v
                for v in (low, value, high)
                if v is not None
            ]
            return numbers == sorted(numbers)


LARGEST = 2**63 - 1
NUMBERS = (-LARGEST, -100, -1, 0, 1, 2, 5, 18, 100, 2**31, 2**53 + 1, LARGEST)
DATES = (date(1, 1, 1), date(1999, 12, 31), date(2022, 10, 1), date(9999, 12, 31))
TEXTS = (
    *("", " ", "-", "s", "b1", "n1", "d2022-10-01", "0", "1", "5", "18", "100", "True", "true"),
    *("None", "null", "NaN", "西宁", "西宁市", "😀", "é", "e\u0301", "it's", 'say "no"', '"', "'"),
    *("\\", '\\"', "\\u0041", "\n", "\x00", "\x7f", "a\x00b", "{", "}", "[]", '{"go": "1"}', "$m"),
)
HOSTILE: tuple[Scalar, ...] = (
    2**63,
    -(2**63),
    10**30,
    "x" * 65_536,
    '"' * 40_000,
    "西" * 20_001,
    "\ud800",
    "x\udfff",
)
EVERY_VALUE: tuple[Scalar, ...] = (True, False, *NUMBERS, *DATES, *TEXTS)
ATTRIBUTES = ("first", "second", "sid", "id", "go", "c0", "$s", "属性", 'it "is"', "a.b")

numbers = st.sampled_from(NUMBERS) | st.integers(-LARGEST, LARGEST)
dates = st.sampled_from(DATES) | st.dates()
scalars: st.SearchStrategy[Scalar] = st.one_of(
    st.booleans(), numbers, dates, st.sampled_from(TEXTS), st.text(max_size=4)
)
attribute_names = st.sampled_from(ATTRIBUTES)


def _between(ends: tuple[int, int] | tuple[date, date], kept: str, attribute: str) -> Between:
    low, high = min(ends), max(ends)
    return Between(attribute, None if kept == "high" else low, None if kept == "low" else high)


intervals = st.builds(
    _between,
    st.tuples(numbers, numbers) | st.tuples(dates, dates),
    st.sampled_from(["both", "low", "high"]),
    attribute_names,
)
memberships = st.builds(
    OneOf, attribute_names, st.lists(scalars, max_size=4).map(tuple), st.booleans()
)


def _compound(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    parts = st.lists(inner, max_size=3).map(tuple)
    return st.builds(AllOf, parts) | st.builds(AnyOf, parts) | st.builds(Not, inner)


conditions: st.SearchStrategy[Condition] = st.recursive(
    memberships | intervals, _compound, max_leaves=8
)


def rules_of(whens: Sequence[Condition]) -> tuple[Rule, ...]:
    """Rules that only say when they hold."""
    cite = Citation(row="1/1")
    return tuple(Rule(f"r-{n}", "item", {}, "", cite, when) for n, when in enumerate(whens))


def tests_in(condition: Condition) -> Iterator[OneOf | Between]:
    match condition:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from tests_in(part)
        case Not(part):
            yield from tests_in(part)
        case _:
            yield condition


def values_in(test: OneOf | Between) -> list[Scalar]:
    if isinstance(test, OneOf):
        return list(test.values)
    return [bound for bound in (test.low, test.high) if bound is not None]


@st.composite
def facts_about(
    draw: st.DrawFn,
    whens: Sequence[Condition],
    hostile: bool = False,
    names: Sequence[str] = ATTRIBUTES,
) -> Facts:
    """Facts that often have the very values that conditions name, or ones that look like them."""
    named: dict[str, list[Scalar]] = {}
    for when in whens:
        for test in tests_in(when):
            named.setdefault(test.attribute, []).extend(values_in(test))
    facts: Facts = {}
    for attribute in [*named, *draw(st.lists(st.sampled_from(names), max_size=3))]:
        options: list[st.SearchStrategy[Scalar | None]] = [scalars, st.none()]
        if named.get(attribute):
            hits = st.sampled_from(named[attribute])
            options += [hits, hits, hits.map(lookalike)]
        facts[attribute] = draw(st.one_of(options))
    for attribute in draw(st.sets(st.sampled_from(names), max_size=2)):
        facts.pop(attribute, None)
    if hostile and draw(st.integers(0, 3)) == 0:
        facts[draw(st.sampled_from(names))] = draw(st.sampled_from(HOSTILE))
    return facts


def lookalike(value: Scalar) -> Scalar:
    """Another value that a careless engine takes for the same one."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return bool(value) if value in (0, 1) else str(value) if abs(value) < 2**99 else -value
    if isinstance(value, date):
        return value.isoformat()
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 99 else value + '"'


def too_much(whens: Sequence[Condition], facts: Mapping[str, Scalar | None]) -> bool:
    """Whether some value is more than durable-rules can hold, so that it may abstain."""
    tests = [test for when in whens for test in tests_in(when)]
    ordered = {test.attribute for test in tests if isinstance(test, Between)}
    pairs = [*facts.items(), *((t.attribute, value) for t in tests for value in values_in(t))]
    return any(
        (isinstance(value, int) and abs(value) >= 2**63 and attribute in ordered)
        or (isinstance(value, str) and _is_no_text(value))
        for attribute, value in pairs
    )


def _is_no_text(value: str) -> bool:
    size = len(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
    return size > 59_000 or value.encode(errors="replace").decode() != value


@frozen
class Generated:
    """What tests draw from, and what they compare with."""

    conditions: st.SearchStrategy[Condition]
    facts: Callable[..., st.SearchStrategy[Facts]]
    values: Sequence[Scalar]
    holds: Callable[[Condition, Mapping[str, Scalar | None]], bool]
    too_much: Callable[[Sequence[Condition], Mapping[str, Scalar | None]], bool]
    rules: Callable[[Sequence[Condition]], tuple[Rule, ...]]


@pytest.fixture(scope="session")
def generated() -> Generated:
    return Generated(conditions, facts_about, EVERY_VALUE, holds, too_much, rules_of)


@pytest.fixture(scope="session")
def kernel() -> Kernel:
    return Kernel()


@pytest.fixture(scope="session")
def program_of(kernel: Kernel) -> Callable[[Sequence[Rule]], Program]:
    """A program of any rules, under a real item."""
    item = kernel.items[0]
    vocabulary = kernel.base.vocabulary
    return lambda rules: Program(item, item.id, tuple(rules), tuple(rules), vocabulary, ())


@frozen
class Durable:
    """durable-rules, and why it last abstained.

    Attributes:
        reasons: its log, line by line.
    """

    plugin: ModuleType
    reasons: list[str]

    def held(self, program: Program, facts: Mapping[str, Scalar | None]) -> set[str] | None:
        """The ids of the rules that hold; None with a reason where it abstains."""
        self.reasons.clear()
        answer = self.plugin.second_opinion(item=program, facts=facts)
        assert (answer is None) == bool(self.reasons), "it must say why it abstains, and only then"
        return None if answer is None else set(answer)


@pytest.fixture(scope="session")
def durable() -> Iterator[Durable]:
    reasons: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            reasons.append(record.getMessage())

    handler = Handler()
    log = logging.getLogger(durable_rules.__name__)
    log.addHandler(handler)
    yield Durable(durable_rules, reasons)
    log.removeHandler(handler)
