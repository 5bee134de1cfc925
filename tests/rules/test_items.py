"""What every catalogue of ours has: 16 departments, 138 items, each complete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tongban.kernel import CHANNELS, Item, Kernel
from tongban.plugins.kit.examples import ExampleResult

LISTS = {"1": 58, "2": 72, "3": 8}
"""The annex's lists and how many items each has."""

LOCAL = {"1-05", "1-28", "2-62", "3-03", "3-04", "3-07"}
"""Rows that fit none of the plan's three modes: the place that receives also decides."""

DEPARTMENTS = {
    "civil_affairs",
    "civil_aviation",
    "commerce",
    "disabled_persons",
    "ecology",
    "forestry",
    "health",
    "housing",
    "human_resources",
    "justice",
    "market_supervision",
    "medical_insurance",
    "natural_resources",
    "postal",
    "public_security",
    "transport",
}


def _ours(kernel: Kernel) -> list[Item]:
    return [item for item in kernel.items if item.jurisdiction == kernel.base.jurisdiction]


def test_every_department_is_loaded_from_a_file_of_its_name(
    kernel: Kernel, rule_files: Sequence[Path]
) -> None:
    loaded = {one.id: one.file for one in kernel.rulebook.departments}
    assert set(loaded) == DEPARTMENTS
    assert set(loaded.values()) == {path.name for path in rule_files}
    assert all(file == f"{name}.yaml" for name, file in loaded.items())


def test_no_department_failed(kernel: Kernel) -> None:
    failed = [one for one in kernel.plugins if one.name in DEPARTMENTS and one.state != "loaded"]
    assert failed == []


def test_the_lists_are_whole_and_their_ids_continuous(kernel: Kernel) -> None:
    ids = sorted(item.id for item in _ours(kernel))
    assert ids == sorted(f"{n}-{row:02}" for n, last in LISTS.items() for row in range(1, last + 1))


def test_every_item_cites_its_own_row(kernel: Kernel) -> None:
    for item in _ours(kernel):
        number, _, row = item.id.partition("-")
        assert item.cite.row == f"{number}/{int(row)}", item.id


def test_names_are_unique(kernel: Kernel) -> None:
    names = Counter(item.name for item in _ours(kernel))
    assert [name for name, times in names.items() if times > 1] == []


def test_items_are_due_when_their_list_is(kernel: Kernel) -> None:
    due = {"1": date(2020, 12, 31), "2": date(2021, 12, 31)}
    for item in _ours(kernel):
        if item.batch in due:
            assert item.opens == due[item.batch], item.id


def test_rules_say_why_to_the_applicant_in_chinese(kernel: Kernel) -> None:
    for department in kernel.rulebook.departments:
        for rule in (
            *department.rules,
            *(rule for item in department.items for rule in item.rules),
        ):
            assert any("\u4e00" <= sign <= "\u9fff" for sign in rule.because), rule.id
            assert len(rule.because) <= 60, rule.id


def test_six_rows_are_all_that_is_only_local(
    kernel: Kernel, results: Sequence[ExampleResult]
) -> None:
    modes: dict[str, set[str]] = {item.id: set() for item in _ours(kernel)}
    for result in results:
        if result.decision and result.decision.outcome == "eligible":
            modes[result.item.id] |= set(result.decision.modes)
    only_local = {name for name, found in modes.items() if found == {"local"}}
    assert only_local <= LOCAL
    assert all("local" in modes[name] for name in LOCAL)


def test_nothing_is_asked_for_that_data_sharing_supplies(kernel: Kernel) -> None:
    for item in _ours(kernel):
        for material in kernel.rulebook.materials(item):
            assert material.supplied_by in ("", "data_sharing", "e_certificate"), item.id


def test_every_inferred_place_says_why(kernel: Kernel) -> None:
    for item in _ours(kernel):
        handled = item.handled_at
        assert handled.basis == "stated" or handled.because, item.id
        assert handled.cite.words or handled.because, item.id


def test_advice_leads_to_items_places_and_channels_that_are_there(
    results: Sequence[ExampleResult], kernel: Kernel
) -> None:
    decisions = [result.decision for result in results if result.decision]
    given = {(one.do, one.target) for decision in decisions for one in decision.advice}
    items = {target for do, target in given if do == "use_item"}
    channels = {target for do, target in given if do == "use_channel"}
    places = {target for do, target in given if do == "apply_at"}
    assert all((items, channels, places)), "there is nothing to look at"
    assert [one for one in items if not kernel.rulebook.find(one)] == []
    assert channels <= set(CHANNELS)
    assert places <= set(kernel.base.vocabulary.places)
