"""Conditions mean the same however they are evaluated, simplified or spread out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel.model import disjuncts, evaluate, passes
from tongban.kernel.model.conditions import attributes, simplify

if TYPE_CHECKING:
    from tests.engines.conftest import Generated


@given(data=st.data())
def test_evaluate_with_everything_known_is_what_the_oracle_says(
    generated: Generated, data: st.DataObject
) -> None:
    when = data.draw(generated.conditions)
    facts = data.draw(generated.facts([when], hostile=True))
    assert evaluate(when, facts) is generated.holds(when, facts)


@given(data=st.data())
def test_what_is_decided_with_unknowns_stays_so_whatever_they_turn_out_to_be(
    generated: Generated, data: st.DataObject
) -> None:
    when = data.draw(generated.conditions)
    known = data.draw(generated.facts([when]))
    unknown = data.draw(st.sets(st.sampled_from(sorted(attributes(when)) or ["none"])))
    verdict = evaluate(when, known, unknown)
    for _ in range(5):
        found = data.draw(generated.facts([when], hostile=True))
        facts = {**known, **{name: found.get(name) for name in unknown}}
        assert verdict is None or generated.holds(when, facts) is verdict


@given(data=st.data())
def test_what_no_unknown_fact_is_tested_for_is_decided(
    generated: Generated, data: st.DataObject
) -> None:
    when = data.draw(generated.conditions)
    facts = data.draw(generated.facts([when]))
    assert evaluate(when, facts, {"elsewhere"}) is not None


@given(data=st.data())
def test_simplifying_with_constants_is_evaluating_with_them(
    generated: Generated, data: st.DataObject
) -> None:
    when = data.draw(generated.conditions)
    constants = data.draw(generated.facts([when], hostile=True))
    others = data.draw(generated.facts([when]))
    simple = simplify(when, constants)
    assert attributes(simple).isdisjoint(constants)
    assert generated.holds(simple, others) is generated.holds(when, {**others, **constants})


@given(data=st.data())
def test_a_condition_holds_where_one_of_its_disjuncts_does(
    generated: Generated, data: st.DataObject
) -> None:
    when = data.draw(generated.conditions)
    facts = data.draw(generated.facts([when], hostile=True))
    spread = any(
        all(passes(test, facts.get(test.attribute)) is must_hold for test, must_hold in literals)
        for literals in disjuncts(when)
    )
    assert spread is generated.holds(when, facts)
