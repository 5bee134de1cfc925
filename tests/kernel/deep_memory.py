"""Many decisions: the same each time, nothing changed, nothing hoarded (`make deep`)."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

import pytest

from tongban.kernel import Kernel, RulebookError

Make = Callable[..., Kernel]
Text = Callable[..., str]


def test_twenty_thousand_applications(kernel: Kernel, oracle: Callable[..., Any]) -> None:
    """Whole and partial, over all items: repeatable, and the memory of verdicts stays small."""
    fresh = Kernel(clock=kernel.clock)
    pick = random.Random(20_000)
    oracles = [oracle(fresh, item) for item in fresh.items]
    for number in range(20_000):
        one = oracles[number % len(oracles)]
        flat = one.draw_full(pick)
        if number % 10 == 0:
            flat = one.draw_partial(flat, pick)
        decision = one.decide(flat)
        if number % 50 == 0:
            before = copy.deepcopy(flat)
            assert one.decide(flat) == decision
            assert flat == before
            assert oracle(kernel, one.item).decide(flat) == decision
    sizes = [sum(map(len, fresh.program(item).memo.values())) for item in fresh.items]
    assert max(sizes) < 600
    assert sum(sizes) / len(sizes) < 60


def test_an_application_may_be_frozen_and_used_by_two_kernels(kernel: Kernel) -> None:
    raw = {
        "item": "1-07",
        "channel": "window",
        "received_at": "630100",
        "applicant": {"kind": "person"},
        "places": {"transfer_in": "630100", "transfer_out": "510100"},
        "facts": {"transferable": True},
    }
    before = copy.deepcopy(raw)
    application = kernel.application(raw)
    other = Kernel(clock=kernel.clock)
    assert kernel.decide(application) == other.decide(application)
    assert kernel.decide(raw) == kernel.decide(application)
    assert raw == before


def test_an_item_that_two_departments_define_names_both(make_kernel: Make, one_item: Text) -> None:
    again = one_item().replace("id: tests", "id: others").replace("测试事项", "别的事项")
    with pytest.raises(RulebookError, match=r"9-01.*taken.*plugin\d+\.yaml"):
        _ = make_kernel(one_item(), again).rulebook


def test_the_names_of_another_province_are_found_by_its_code(
    make_kernel: Make, one_item: Text
) -> None:
    """The same official name in two provinces: alone it is the default one's."""
    theirs = one_item().replace("630000", "510000")
    kernel = make_kernel(one_item(), theirs)
    home = {"channel": "online", "places": {"hukou": 510100}, "applicant": {"kind": "person"}}
    for word, jurisdiction in (
        ("测试事项", "630000"),
        ("9-01", "630000"),
        ("630000/9-01", "630000"),
        ("510000/测试事项", "510000"),
        ("510000/9-01", "510000"),
    ):
        assert kernel.decide({"item": word, **home}).item["jurisdiction"] == jurisdiction
    alone = make_kernel(theirs)
    assert alone.decide({"item": "测试事项", **home}).item["jurisdiction"] == "510000"


def test_memory_is_bounded_where_many_rules_hold_in_every_mixture(
    kernel: Kernel, make_kernel: Make, one_item: Text, rule: Text
) -> None:
    known = kernel.base.vocabulary.facts.values()
    facts = [fact.name for fact in known if fact.type == "bool" and fact.asked][:20]
    needs = "".join(rule(n, f"{{requires: {n}}}", when=f"{{{n}: true}}") for n in facts)
    made = make_kernel(one_item(rules=needs))
    home = {"channel": "online", "places": {"hukou": 630100}, "applicant": {"kind": "person"}}
    pick = random.Random(7)
    for _ in range(2_500):
        said = {name: pick.random() < 0.5 for name in facts}
        decision = made.decide({"item": "9-01", **home, "facts": said})
        assert {one.target for one in decision.advice} == {n for n in facts if said[n]}
    assert max(map(len, made.program("630000/9-01").memo.values())) <= 1_000
