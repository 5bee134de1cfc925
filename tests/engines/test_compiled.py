"""The compiled engine says what the oracle says, for any rules and any facts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongban.kernel import Condition, Kernel, Scalar
from tongban.kernel.engine import compile_rules
from tongban.kernel.model import Between, OneOf

if TYPE_CHECKING:
    from tests.engines.conftest import Generated


@settings(max_examples=150)
@given(data=st.data())
def test_it_agrees_with_the_oracle(generated: Generated, data: st.DataObject) -> None:
    whens = data.draw(st.lists(generated.conditions, min_size=1, max_size=6))
    match = compile_rules(generated.rules(whens))
    for _ in range(3):
        facts = data.draw(generated.facts(whens, hostile=True))
        held = [bool(match(facts) >> n & 1) for n in range(len(whens))]
        assert held == [generated.holds(when, facts) for when in whens]


@pytest.mark.parametrize(
    ("test", "value", "expected"),
    [
        pytest.param(OneOf("a", (1,)), True, False, id="a bool is no 1"),
        pytest.param(OneOf("a", (True,)), 1, False, id="1 is not a bool"),
        pytest.param(OneOf("a", (5,)), "5", False, id="a numeric text is not a number"),
        pytest.param(OneOf("a", ("5",), negated=True), 5, True, id="a number is not a text"),
        pytest.param(OneOf("a", (0,), negated=True), False, True, id="false is no 0"),
        pytest.param(OneOf("a", ("x",), negated=True), None, False, id="nothing is not even other"),
        pytest.param(OneOf("a", (), negated=True), "x", True, id="none of no values"),
        pytest.param(Between("a", 0, 2), True, False, id="a bool lies between no numbers"),
        pytest.param(Between("a", 18), "100", False, id="a numeric text is not large"),
        pytest.param(Between("a", 18), 10**30, True, id="a huge number is"),
        pytest.param(Between("a", None, 18), None, False, id="nothing is not small"),
        pytest.param(Between("a", date(2022, 10, 1)), date(2022, 10, 1), True, id="first day"),
        pytest.param(
            Between("a", None, date(2022, 9, 30)), date(2022, 10, 1), False, id="day after"
        ),
        pytest.param(Between("a", date(2022, 10, 1)), "2022-10-01", False, id="text, not a date"),
    ],
)
def test_values_are_compared_with_their_type(
    generated: Generated, test: Condition, value: Scalar | None, expected: bool
) -> None:
    match = compile_rules(generated.rules([test]))
    assert match({"a": value}) == int(expected)


def test_no_rules_hold_where_there_are_none() -> None:
    assert compile_rules([])({"a": 1}) == 0


def test_a_fact_that_no_rule_tests_changes_nothing(kernel: Kernel) -> None:
    match = kernel.program(kernel.items[0]).match
    facts = {"channel": "online", "deliver_by": "default"}
    assert match(facts) == match({**facts, "elsewhere": "x"}) != 0
