"""durable-rules says what the compiled engine and the oracle say, or abstains and says why."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongban.kernel import Condition, Kernel, Rule, Scalar
from tongban.kernel.engine import Program
from tongban.kernel.model import AllOf, AnyOf, Between, Not, OneOf

if TYPE_CHECKING:
    from tests.engines.conftest import Durable, Generated

    ProgramOf = Callable[[Sequence[Rule]], Program]

EVERY_CASE = 2 * 138
"""Every item has at least two cases."""


def by_mask(program: Program, mask: int) -> set[str]:
    return {rule.id for n, rule in enumerate(program.rules) if mask >> n & 1}


@settings(max_examples=200)
@given(data=st.data())
def test_both_engines_and_the_oracle_agree(
    durable: Durable, generated: Generated, program_of: ProgramOf, data: st.DataObject
) -> None:
    whens = data.draw(st.lists(generated.conditions, min_size=1, max_size=6))
    program = program_of(generated.rules(whens))
    for _ in range(3):
        facts = data.draw(generated.facts(whens, hostile=True))
        held = {rule.id for rule in program.rules if generated.holds(rule.when, facts)}
        assert by_mask(program, program.match(facts)) == held
        answer = durable.held(program, facts)
        if answer is None:
            assert generated.too_much(whens, facts), durable.reasons
        else:
            assert answer == held


@settings(max_examples=20)
@given(data=st.data())
def test_they_agree_on_more_rules_than_one_ruleset_holds(
    durable: Durable, generated: Generated, program_of: ProgramOf, data: st.DataObject
) -> None:
    parts = data.draw(st.lists(generated.conditions, min_size=8, max_size=12))
    whens = [AllOf((one, other)) for one in parts for other in parts]
    program = program_of(generated.rules(whens))
    for _ in range(3):
        facts = data.draw(generated.facts(whens))
        assert durable.held(program, facts) == by_mask(program, program.match(facts))


@pytest.mark.parametrize("negated", [False, True], ids=["is", "is not"])
def test_each_value_is_itself_and_no_other(
    durable: Durable, generated: Generated, program_of: ProgramOf, negated: bool
) -> None:
    values = generated.values
    program = program_of(generated.rules([OneOf("a", (value,), negated) for value in values]))
    everything = {rule.id for rule in program.rules}
    for n, value in enumerate(values):
        assert durable.held(program, {"a": value}) == (
            everything - {f"r-{n}"} if negated else {f"r-{n}"}
        )
    assert durable.held(program, {"a": None}) == durable.held(program, {}) == set()


def test_they_agree_on_every_case_of_every_item(durable: Durable, kernel: Kernel) -> None:
    asked = 0
    for item in kernel.items:
        program = kernel.program(item)
        usual = {"as_of": "2026-01-01", "applicant": {"kind": item.applicant.value[0]}}
        for case in item.cases:
            application = kernel.application({**usual, **case.given, "item": item.key})
            held = by_mask(program, program.match(kernel.engines.facts(application)))
            said = kernel.engines.opinions(application)["durable-rules"]
            assert said == frozenset(held), (item.id, case.name)
            asked += 1
    assert asked >= EVERY_CASE


@settings(max_examples=100)
@given(data=st.data())
def test_they_agree_on_real_rules_and_any_facts(
    durable: Durable, generated: Generated, kernel: Kernel, data: st.DataObject
) -> None:
    program = kernel.program(data.draw(st.sampled_from(kernel.items)))
    whens = [rule.when for rule in program.rules]
    facts = data.draw(generated.facts(whens, hostile=True, names=sorted(program.tested)))
    answer = durable.held(program, facts)
    assert answer == by_mask(program, program.match(facts)) or (
        answer is None and generated.too_much(whens, facts)
    )


def test_a_decision_by_durable_rules_alone_is_the_same(durable: Durable, kernel: Kernel) -> None:
    for item in kernel.items:
        usual = {"as_of": "2026-01-01", "applicant": {"kind": item.applicant.value[0]}}
        raw = {**usual, **item.cases[0].given, "item": item.key}
        assert kernel.decide(raw, engine="durable-rules") == kernel.decide(raw)


# What it can hold: at the limit it answers, beyond it abstains.

LARGEST = 2**63 - 1
SIXTY_K = "x" * (60_000 - len('"s"'))
A_IS_1 = OneOf("a", (1,))
IS_X = OneOf("a", ("x",))
POSITIVE = Between("a", 1)


@pytest.mark.parametrize(
    ("when", "value", "expected"),
    [
        pytest.param(OneOf("a", (SIXTY_K,)), SIXTY_K, True, id="a text of 60,000 bytes"),
        pytest.param(OneOf("a", (SIXTY_K,)), SIXTY_K[:-1] + "y", False, id="its last character"),
        pytest.param(OneOf("a", (SIXTY_K,)), SIXTY_K[:-1], False, id="its beginning"),
        pytest.param(OneOf("a", (16**50_000,)), 16**50_000, True, id="a huge number"),
        pytest.param(OneOf("a", (16**50_000,)), 16**50_000 + 1, False, id="another huge number"),
        pytest.param(POSITIVE, LARGEST, True, id="the largest number"),
        pytest.param(POSITIVE, -LARGEST, False, id="the smallest number"),
        pytest.param(Between("a", LARGEST), LARGEST - 1, False, id="one below the largest"),
        pytest.param(Between("a", None, -LARGEST), -LARGEST, True, id="up to the smallest"),
        pytest.param(Between("a", None, 0), None, False, id="nothing is not small"),
        pytest.param(Not(Between("a", None, 0)), None, True, id="nothing is not within"),
        pytest.param(Not(Between("a", 0)), "5", True, id="a text is not within"),
        pytest.param(Between("a", 0), True, False, id="a bool is not a number"),
        pytest.param(Between("a", date.min, date.max), date(2022, 10, 1), True, id="any date"),
        pytest.param(Between("a", date.min), datetime(2022, 10, 1), False, id="time, not a date"),
        pytest.param(Between("a"), 1, False, id="an interval without bounds"),
        pytest.param(Not(Between("a")), 1, True, id="not such an interval"),
        pytest.param(OneOf("a", ("-",)), None, False, id="nothing is not a dash"),
        pytest.param(OneOf("a", ("-",)), "-", True, id="a dash is"),
        pytest.param(OneOf("a", ()), "x", False, id="one of no values"),
        pytest.param(Not(OneOf("a", ())), None, True, id="not one of no values"),
        pytest.param(OneOf("a", (), negated=True), None, False, id="nothing is not other"),
        pytest.param(AllOf(()), "x", True, id="always"),
        pytest.param(AnyOf(()), "x", False, id="never"),
        pytest.param(AllOf((A_IS_1, OneOf("a", (True,)))), 1, False, id="1 and true at once"),
        pytest.param(OneOf("a", (1, 1, 1)), 1, True, id="a value named three times"),
    ],
)
def test_it_answers(
    durable: Durable,
    generated: Generated,
    program_of: ProgramOf,
    when: Condition,
    value: Any,
    expected: bool,
) -> None:
    program = program_of(generated.rules([when]))
    assert (durable.held(program, {"a": value}) == {"r-0"}) is expected, durable.reasons
    assert bool(durable.reasons) is False


@pytest.mark.parametrize(
    ("when", "value", "reason"),
    [
        pytest.param(IS_X, SIXTY_K + "x", "'a' is longer than 60000 bytes", id="a long text"),
        pytest.param(IS_X, "西" * 20_000, "'a' is longer", id="long in bytes alone"),
        pytest.param(IS_X, '"' * 30_000, "'a' is longer", id="long with its escapes"),
        pytest.param(IS_X, 16**60_000, "'a' is longer", id="a number with too many digits"),
        pytest.param(IS_X, "\ud800", "'a' holds half a character", id="a lone surrogate"),
        pytest.param(IS_X, 1.5, "'a' is a float", id="a float"),
        pytest.param(IS_X, datetime(2022, 10, 1), "'a' is a datetime", id="a time"),
        pytest.param(IS_X, ["x"], "'a' is a list", id="a list"),
        pytest.param(POSITIVE, LARGEST + 1, "'a' is too large", id="a number too large"),
        pytest.param(POSITIVE, -LARGEST - 1, "'a' is too large", id="a number too small"),
        pytest.param(Between("a", LARGEST + 1), 1, "'r-0' compares 'a'", id="a bound too large"),
        pytest.param(Between("a", 0, True), 1, "'r-0' compares 'a'", id="a bound that is a bool"),
        pytest.param(OneOf("a", (SIXTY_K + "x",)), "x", "'r-0' compares", id="a long text, asked"),
        pytest.param(OneOf("a", ("\ud800",)), "x", "'r-0' compares", id="a surrogate, asked for"),
    ],
)
def test_it_abstains_and_says_which_rule_or_value_is_too_much(
    durable: Durable,
    generated: Generated,
    program_of: ProgramOf,
    when: Condition,
    value: Any,
    reason: str,
) -> None:
    program = program_of(generated.rules([when]))
    assert durable.held(program, {"a": value}) is None
    assert reason in durable.reasons[0]
    assert program.item.key in durable.reasons[0]


def test_a_long_text_that_no_rule_tests_is_no_reason_to_abstain(
    durable: Durable, generated: Generated, program_of: ProgramOf
) -> None:
    program = program_of(generated.rules([IS_X]))
    assert durable.held(program, {"a": "x", "b": "y" * 100_000, "c": "\ud800"}) == {"r-0"}


def lists(count: int) -> Condition:
    return AllOf(tuple(OneOf(f"a{n}", ("x", "y")) for n in range(count)))


def attributes(count: int) -> Condition:
    return AllOf(tuple(OneOf(f"a{n}", ("x",)) for n in range(count)))


def values(count: int) -> Condition:
    return OneOf("a0", tuple(f"v{n}" for n in range(count - 1)) + ("x",))


def no_values(count: int) -> Condition:
    return Not(OneOf("a0", tuple(f"v{n}" for n in range(count - 1)) + ("?",)))


def alternatives(factors: int) -> Condition:
    return AllOf((AnyOf((IS_X, OneOf("a0", ("x",)))),) * factors)


@pytest.mark.parametrize(
    ("make", "most", "reason"),
    [
        pytest.param(lists, 14, "more than 14 lists of values", id="any-of"),
        pytest.param(attributes, 240, "more than 240 attributes", id="attributes"),
        pytest.param(values, 500, "more than 500 comparisons", id="values"),
        pytest.param(no_values, 500, "more than 500 comparisons", id="excluded values"),
        pytest.param(alternatives, 8, "more than 500 alternatives", id="alternatives"),
    ],
)
def test_a_rule_is_answered_up_to_a_limit_and_not_beyond(
    durable: Durable,
    generated: Generated,
    program_of: ProgramOf,
    make: Callable[[int], Condition],
    most: int,
    reason: str,
) -> None:
    facts: dict[str, Scalar] = {f"a{n}": "x" for n in range(241)}
    within, too_much = generated.rules([make(most)]), generated.rules([IS_X, make(most + 1)])
    assert durable.held(program_of(within), facts) == {"r-0"}
    assert durable.held(program_of(within), {**facts, "a0": "?"}) == set()
    assert durable.held(program_of(too_much), facts) is None
    assert "rule 'r-1'" in durable.reasons[0]
    assert reason in durable.reasons[0]


def test_alternatives_that_cannot_be_counted_out_are_not_made(
    durable: Durable, generated: Generated, program_of: ProgramOf
) -> None:
    program = program_of(generated.rules([alternatives(5_000)]))
    assert durable.held(program, {"a": "x"}) is None


@pytest.mark.parametrize(
    ("whens", "facts", "expected"),
    [
        pytest.param([AllOf(())] * 200, {}, range(200), id="200 that always hold"),
        pytest.param([IS_X] * 200, {"a": "x"}, range(200), id="200 times the same one"),
        pytest.param([lists(14)] * 49, {f"a{n}": "y" for n in range(14)}, range(49), id="any-of"),
        pytest.param([OneOf("a", (n,)) for n in range(1_100)], {"a": 700}, [700], id="1100"),
        pytest.param([Between("a", n) for n in range(300)], {"a": 99}, range(100), id="from n"),
        pytest.param(
            [Not(OneOf("a", (n,))) for n in range(300)], {}, range(300), id="300 that exclude"
        ),
        pytest.param(
            [OneOf(f"a{n}", ("x",)) for n in range(600)],
            {f"a{n}": "x" for n in range(600)},
            range(600),
            id="600 attributes",
        ),
        pytest.param([values(400)] * 3, {"a0": "v7"}, range(3), id="400 values, three times"),
    ],
)
def test_many_rules_are_spread_over_rulesets(
    durable: Durable,
    generated: Generated,
    program_of: ProgramOf,
    whens: list[Condition],
    facts: dict[str, Scalar],
    expected: Sequence[int],
) -> None:
    program = program_of(generated.rules(whens))
    assert durable.held(program, facts) == {f"r-{n}" for n in expected}


# What it is shown, whether it is installed or not.

OPERATORS = {"$neq", "$lt", "$lte", "$gt", "$gte"}


def column_of(test: dict[str, Any]) -> str:
    """The column of one comparison, which must be of the safe kind."""
    ((name, value),) = test.items()
    if name in OPERATORS:
        ((name, value),) = value.items()
    assert not name.startswith("$")
    assert type(value) in (str, int)
    return name


def check_shape(rule: dict[str, Any]) -> None:
    """A rule is the marker and then comparisons, or any of some on one column; nothing empty."""
    ((m,),) = ([part["m"] for part in rule["all"]],)
    marker, *tests = m.pop("$and")
    assert (marker, m) == ({"go": "1"}, {})
    choices = [test["$or"] for test in tests if "$or" in test]
    assert len(choices) <= 14
    for choice in choices:
        assert len(choice) == len({repr(test) for test in choice}) > 1
        assert len({column_of(test) for test in choice}) == 1
    for test in tests:
        assert "$or" in test or column_of(test)


@given(data=st.data())
def test_the_engine_is_only_shown_what_it_understands(
    generated: Generated, data: st.DataObject
) -> None:
    from tongban.plugins.engines.durable_rules.translation import translate

    whens = data.draw(st.lists(generated.conditions, max_size=60))
    for batch in translate(generated.rules(whens)):
        rules = json.loads(batch.definition({"go": "1"}, "last"))
        assert list(rules) == [*(f"r{n}" for n in range(len(batch.ids))), "last"]
        assert rules["last"].pop("pri") == 65535
        assert len(rules) <= 50
        for rule in rules.values():
            check_shape(rule)


def test_names_that_the_engine_knows_by_hash_alone_do_not_collide() -> None:
    from tongban.plugins.engines.durable_rules.ruleset import STATES
    from tongban.plugins.engines.durable_rules.translation import MOST_COLUMNS

    def hashed(name: str) -> int:
        value = 0x811C9DC5
        for byte in name.encode():
            value = (value ^ byte) * 0x01000193 % 2**32
        return value

    columns = {f"c{n}" for n in range(MOST_COLUMNS)}
    states = {f"s{n}" for n in range(STATES)}
    operators = {"$eq", "$neq", "$lt", "$lte", "$gt", "$gte", "$or", "$and", "$ex", "$nex", "$m"}
    ours = columns | {"go", "sid", "id", "$s", "$forward"} | operators
    assert len({hashed(name) for name in ours}) == len(ours)
    assert len({hashed(name) for name in states}) == len(states)
    for state in states:
        assert len({hashed(name) for name in ("fact", "undo", f"sid-{state}")}) == 3
