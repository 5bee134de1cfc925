"""The cases that stand beside the rules, all together; the pytest plugin runs each as a test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tongban.kernel import Kernel
from tongban.kernel.model.rules import Example
from tongban.plugins.kit.examples import ExampleResult, run_example, unfired_rules

GOOD = Path(__file__).parent / "golden" / "good"
Make = Callable[..., Kernel]


def test_every_item_has_two_cases(kernel: Kernel) -> None:
    assert [item.id for item in kernel.items if len(item.cases) < 2] == []


def test_every_item_has_a_case_that_passes(results: Sequence[ExampleResult]) -> None:
    passing = {r.item.key for r in results if r.decision and r.decision.outcome == "eligible"}
    assert [r.item.id for r in results if r.item.key not in passing] == []


def test_every_item_has_a_case_that_comes_out_otherwise(results: Sequence[ExampleResult]) -> None:
    outcomes: dict[str, set[object]] = {}
    for result in results:
        assert result.decision is not None, str(result)
        outcome = (result.decision.outcome, frozenset(result.decision.modes))
        outcomes.setdefault(result.item.id, set()).add(outcome)
    assert [name for name, found in outcomes.items() if len(found) < 2] == []


def test_names_of_cases_are_unique_in_their_item(kernel: Kernel) -> None:
    for item in kernel.items:
        names = [case.name for case in item.cases]
        assert len(names) == len(set(names)), item.id


def test_every_rule_fires_in_some_case(kernel: Kernel, results: Sequence[ExampleResult]) -> None:
    # What no item of ours needs yet fires in the cases of the golden departments.
    golden = {"common.joint_licence_limits"}
    silent = {rule.id for rule in unfired_rules(kernel, results)}
    assert silent - golden == set()


def test_common_rules_that_no_item_needs_fire_elsewhere(kernel_of: Make) -> None:
    own = kernel_of({"harbour": GOOD / "harbour.yaml"}, strict=True)
    ran = [run_example(own, item, case) for item in own.items for case in item.cases]
    assert [str(result) for result in ran if not result.passed] == []
    silent = {rule.id for rule in unfired_rules(own, ran)}
    assert silent.isdisjoint({"common.joint_licence_limits", "harbour.berths", "9-01.tug"})


def test_what_a_case_leaves_out_is_usual(case: Callable[..., ExampleResult]) -> None:
    result = case({"channel": "online", "places": {"registered": 630100}}, {"eligible": True})
    assert result.passed
    assert result.application is not None
    assert result.application.applicant.kind == "person"
    assert result.application.as_of.isoformat() == "2026-01-01"


@pytest.mark.parametrize(
    ("expect", "says"),
    [
        ({"eligible": False}, "outcome: expected ineligible, got eligible"),
        ({"outcome": "incomplete"}, "outcome: expected incomplete, got eligible"),
        ({"modes": ["joint", "online"]}, "modes: expected [joint, online], got [online]"),
        ({"modes": []}, "modes: expected [], got [online]"),
        ({"handling": ["hukou"]}, "handling: expected [hukou], got [registered]"),
        ({"crossing": "province"}, "crossing: expected province, got none"),
        ({"delivery": ["post"]}, "delivery: expected [post], got [electronic]"),
        ({"missing": ["channel"]}, "missing: expected [channel], got []"),
        ({"advice": ["2-04"]}, "advice: expected [2-04], got []"),
    ],
)
def test_each_key_of_expect_is_compared(
    case: Callable[..., ExampleResult], expect: dict[str, Any], says: str
) -> None:
    result = case({"channel": "online", "places": {"registered": 630100}}, expect)
    assert [str(failure) for failure in result.mismatches] == [says]


def test_reasons_must_be_among_the_reasons(case: Callable[..., ExampleResult]) -> None:
    given = {"channel": "online", "places": {"registered": 630100}}
    assert case(given, {"reasons": ["common.online"]}).passed
    (failure,) = case(given, {"reasons": ["common.online", "9-01.small"]}).mismatches
    assert failure.key == "reasons"
    assert "common.online" in failure.got


def test_order_matters_only_for_handling(kernel_of: Make) -> None:
    own = kernel_of({"harbour": GOOD / "harbour.yaml"}, strict=True)
    item = own.items[0]
    swapped = {"modes": ["joint", "online"], "handling": ["operating_area", "registered"]}
    result = run_example(own, item, evolve(item.cases[0], expect=swapped))
    assert [failure.key for failure in result.mismatches] == ["handling"]


def test_a_case_that_is_no_application_fails_and_says_why(
    case: Callable[..., ExampleResult],
) -> None:
    result = case({"chanel": "online"}, {"eligible": True})
    assert result.decision is None
    (failure,) = result.mismatches
    assert failure.key == "given"
    assert "did you mean 'channel'" in failure.got


def test_a_failure_shows_file_line_name_given_expected_and_got(
    case: Callable[..., ExampleResult],
) -> None:
    result = case({"channel": "online", "places": {"registered": 630100}}, {"eligible": False})
    assert str(result) == (
        "harbour.yaml:11: [9-01] a case\n"
        "  given {channel: online, places: {registered: 630100}}\n"
        "  outcome: expected ineligible, got eligible"
    )


@pytest.fixture(scope="module")
def case(
    kernel_of: Make, harbour: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[dict[str, Any], dict[str, Any]], ExampleResult]:
    """Runs one case of a small item: `case(given, expect)`."""
    path = tmp_path_factory.mktemp("rules") / "harbour.yaml"
    path.write_text(harbour(), encoding="utf-8")
    own = kernel_of({"harbour": path}, strict=True)
    item = own.items[0]

    def run(given: dict[str, Any], expect: dict[str, Any]) -> ExampleResult:
        return run_example(own, item, Example("a case", given, expect, "harbour.yaml", 11))

    return run
