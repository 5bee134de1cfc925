"""A fact that no plugin derived is unknown: it is never taken for one that does not hold."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.derived_fund import DECLARED, GIVEN, RULES, Fund

from tongban.kernel import Application, Decision, Kernel, Scalar, hookimpl
from tongban.kernel.engine import Question, next_question

VALUES = {"fund.amount": (0, 3, 9), "fund.balance": (0, 3, 9), "fund.months": (3, 12)}


@pytest.fixture(scope="module", params=[DECLARED, "true"], ids=["declared", "undeclared"])
def rules(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fund") / "fund.yaml"
    path.write_text(RULES.format(derived=request.param), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def kernel(rules: Path) -> Kernel:
    return Kernel([Fund(rules)], strict=True)


def decided(kernel: Kernel, **facts: Scalar) -> Decision:
    named = {f"fund.{name}": value for name, value in facts.items()}
    return kernel.decide({**GIVEN, "facts": named})


def missing(decision: Decision) -> list[str]:
    return [one.name for one in decision.missing]


def test_what_it_follows_from_is_asked(kernel: Kernel) -> None:
    decision = decided(kernel, months=12, amount=3)
    assert decision.outcome == "incomplete"
    assert missing(decision) == ["facts.fund.balance"]
    (asked,) = decision.missing
    assert asked.question == "余额多少?"
    assert asked.rules == ("510000/8-01.over",)
    assert missing(decided(kernel, months=12))[0] == "facts.fund.amount"


def test_all_that_is_asked_leads_to_a_decision(kernel: Kernel) -> None:
    raw: dict[str, Any] = {**GIVEN, "facts": {}}
    names = []
    while isinstance(one := next_question(kernel, raw), Question):
        names.append(one.name)
        raw = {**raw, "facts": {**raw["facts"], one.name.removeprefix("facts."): 12}}
    assert sorted(names) == ["facts.fund.amount", "facts.fund.balance", "facts.fund.months"]
    assert one.outcome == "eligible"


def test_who_is_refused_anyway_is_not_asked(kernel: Kernel) -> None:
    assert decided(kernel, months=3).outcome == "ineligible"


def test_a_plugin_that_abstains_is_named(rules: Path) -> None:
    kernel = Kernel([Fund(rules, abstains=True)], strict=True)
    decision = decided(kernel, months=12, amount=3, balance=9)
    assert decision.outcome == "incomplete"
    (one,) = decision.to_dict()["missing"]
    assert (one["name"], one["derived_by"], one["values"]) == ("facts.fund.over", "Fund", [])
    assert "“超额”由插件Fund得出" in one["question"]
    assert "the plugin Fund derives too much and did not" in one["question_en"]
    raw = {**GIVEN, "facts": {"fund.months": 12, "fund.amount": 3, "fund.balance": 9}}
    assert next_question(kernel, raw) == decision


@given(data=st.data())
def test_no_completion_contradicts_what_was_said(data: st.DataObject, kernel: Kernel) -> None:
    some = data.draw(
        st.fixed_dictionaries({}, optional={n: st.sampled_from(v) for n, v in VALUES.items()})
    )
    said = kernel.decide({**GIVEN, "facts": some})
    open_ = [name for name in VALUES if name not in some]
    outcomes = {
        kernel.decide({**GIVEN, "facts": {**some, **dict(zip(open_, more, strict=True))}}).outcome
        for more in product(*(VALUES[name] for name in open_))
    }
    assert "incomplete" not in outcomes
    if said.outcome == "incomplete":
        assert open_
        assert {name.removeprefix("facts.") for name in missing(said)} <= set(open_)
    else:
        assert outcomes == {said.outcome}


def test_who_may_not_derive_a_declared_fact_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "fund.yaml"
    path.write_text(RULES.format(derived=DECLARED.replace("Fund", "register")), encoding="utf-8")
    kernel = Kernel([Fund(path)])
    decision = decided(kernel, months=12, amount=3, balance=9)
    assert [one.derived_by for one in decision.missing] == ["register"]
    (failure,) = kernel.ports.failures
    assert failure.problems == (
        "derive_facts: fund.over is derived by the plugin register, which Fund is not",
    )


@pytest.mark.parametrize(
    ("derived", "says"),
    [
        (
            "{by: Fund, from: [fund.amont]}",
            "unknown part of an application 'fund.amont'; did you mean 'facts.fund.amount'?",
        ),
        ("{by: Fund, from: [places.found]}", "did you mean 'places.fund'?"),
        ("{by: Fund, from: [applicant.id_numbr]}", "did you mean 'applicant.id_number'?"),
        ("{by: Fund, from: [fund.over]}", "'fund.over' is derived; name what it follows from"),
        ("{by: Fund, from: []}", "expected at least one part of an application"),
        ("{by: Fund}", "needs the key from"),
        ("{from: [fund.amount]}", "needs the key by"),
        ("{by: 1 2, from: [fund.amount]}", "expected a plugin's name"),
        ("sometimes", "expected true or false"),
        ("{by: Fund, from: [fund.amount], per: year}", "per"),
    ],
)
def test_a_wrong_declaration_is_named(tmp_path: Path, derived: str, says: str) -> None:
    path = tmp_path / "fund.yaml"
    path.write_text(RULES.format(derived=derived), encoding="utf-8")
    (problem, *_) = Kernel([Fund(path)]).problems
    assert says in problem.message
    assert problem.line == 8


class Eager(Fund):
    """Guesses what was not said."""

    @hookimpl
    def derive_facts(self, application: Application) -> dict[str, Scalar]:
        return {"fund.over": int(application.facts.get("fund.amount", 0)) > 50}  # type: ignore[arg-type]


def test_what_is_derived_of_open_parts_is_no_knowledge(tmp_path: Path) -> None:
    path = tmp_path / "fund.yaml"
    path.write_text(RULES.format(derived=DECLARED.replace("Fund", "Eager")), encoding="utf-8")
    kernel = Kernel([Eager(path)], strict=True)
    assert decided(kernel, months=12).outcome == "incomplete"
    assert missing(decided(kernel, months=12, amount=9)) == ["facts.fund.balance"]
    assert decided(kernel, months=12, amount=9, balance=3).outcome == "eligible"


def test_what_is_asked_for_a_derived_fact_may_be_asked_in_vain(kernel: Kernel) -> None:
    (asked,) = decided(kernel, months=12, amount=3).missing
    assert asked.exact is False
