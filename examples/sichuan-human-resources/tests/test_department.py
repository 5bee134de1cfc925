"""The department as everybody sees it who has installed it.

The cases beside the rules are tests of their own: Tongban's pytest plugin collects them, and
brings the fixtures `kernel`, `application` and `decide`.
"""

from __future__ import annotations

from collections.abc import Callable

from tongban.kernel import Decision, Item, Kernel
from tongban.plugins.kit.examples import run_example, unfired_rules


def own_items(kernel: Kernel) -> list[Item]:
    owner = ("510000", "human_resources")
    return [item for item in kernel.items if (item.jurisdiction, item.department) == owner]


def test_the_plugin_is_loaded(kernel: Kernel) -> None:
    (mine,) = [plugin for plugin in kernel.plugins if plugin.name == "sichuan_human_resources"]
    assert mine.problems == ()


def test_no_item_of_another_province_is_touched(kernel: Kernel) -> None:
    names = {item.key: item.name for item in kernel.items}
    assert names["510000/1-03"] == names["630000/1-05"] == "失业登记"


def test_a_pension_moves_for_forty_five_working_days(decide: Callable[..., Decision]) -> None:
    places = {"transfer_in": "630100", "transfer_out": "510100", "hukou": "510100"}
    fitter = {"id_number": "510104199503071241"}
    said = {"receives_pension": False}
    decision = decide("510000/1-01", applicant=fitter, places=places, facts=said)
    assert decision.outcome == "eligible"
    assert sum(limit["working_days"] for limit in decision.time_limit) == 45


def test_every_rule_fires_in_some_case(kernel: Kernel) -> None:
    examples = [(item, one) for item in own_items(kernel) for one in item.cases]
    results = [run_example(kernel, item, example) for item, example in examples]
    never = [rule.id for rule in unfired_rules(kernel, results)]
    assert [rule for rule in never if not rule.startswith("common.")] == []
