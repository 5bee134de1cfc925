"""Plugins of others in the simulated country: a province's own department, a broken one."""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve

from tongban.kernel import Defect, DepartmentRules, Kernel, WorkingDays, hookimpl
from tongban.plugins.simulation.report.result import Result
from tongban.plugins.simulation.running import run
from tongban.plugins.simulation.scenario.catalogue import Catalogue
from tongban.plugins.simulation.scenario.installation import house_of
from tongban.plugins.simulation.scenario.options import Options
from tongban.plugins.simulation.scenario.scenario import Scenario

SICHUAN = Path(__file__).parents[2] / "examples" / "sichuan-human-resources" / "src"
OURS = ("civil_affairs", "human_resources", "public_security")


def ours() -> list[object]:
    names = [*(f"departments.{one}" for one in OURS), "calendar", "identity"]
    return [importlib.import_module(f"tongban.plugins.{one}") for one in names]


@pytest.fixture(scope="module")
def sichuan() -> Iterator[object]:
    """The example's plugin, as it would be installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SICHUAN)
        yield importlib.import_module("sichuan_human_resources")
        for name in [one for one in sys.modules if one.startswith("sichuan_human_resources")]:
            patch.delitem(sys.modules, name)


def simulated(three: Scenario, *plugins: object, cases: int = 40) -> tuple[Catalogue, Result]:
    """Runs the three provinces with the plugins that are given."""
    catalogue = Catalogue(three, house=house_of(Kernel([*ours(), *plugins])))
    return catalogue, run(Options(2, cases, 10, keep=True), three, catalogue)


@pytest.fixture(scope="module")
def with_sichuan(three: Scenario, sichuan: object) -> tuple[Catalogue, Result]:
    """A run with the example."""
    return simulated(three, sichuan, cases=150)


@pytest.fixture(scope="module")
def without(three: Scenario) -> Result:
    """A run without anything of others."""
    return simulated(three)[1]


def of_items(kernel: Kernel, department: str) -> set[str]:
    return {one.id for one in kernel.items if one.department == department}


def test_a_department_of_another_province_stays_there(
    with_sichuan: tuple[Catalogue, Result],
) -> None:
    catalogue, result = with_sichuan
    assert result.failed is None
    assert result.troubles == ()
    own = of_items(catalogue.kernel("510000", 0), "human_resources")
    copied = of_items(catalogue.kernel("440000", 0), "human_resources")
    assert own == {"1-01", "1-02", "1-03", "1-04"}
    assert len(copied) > 30
    assert copied == of_items(catalogue.kernel("630000", 0), "human_resources")
    in_sichuan, elsewhere = (catalogue.kernel(one, 0).rulebook for one in ("510000", "440000"))
    assert "human_resources.contribution_months" in in_sichuan.vocabulary.facts
    assert "human_resources.contribution_months" not in elsewhere.vocabulary.facts
    assert of_items(catalogue.kernel("510000", 0), "civil_affairs") == of_items(
        catalogue.kernel("440000", 0), "civil_affairs"
    )


def test_people_apply_for_a_provinces_own_items_and_nobody_gets_lost(
    with_sichuan: tuple[Catalogue, Result],
) -> None:
    catalogue, result = with_sichuan
    metrics = result.metrics
    assert metrics.opened + sum(metrics.turned_away.values()) == 150
    assert set(metrics.turned_away) <= {"not_open"}
    opened = Counter(
        (one["jurisdiction"], one["item"])
        for one in result.history
        if one["kind"] == "submitted" and one["department"] == "human_resources"
    )
    own = of_items(catalogue.kernel("510000", 0), "human_resources")
    in_sichuan = {item for place, item in opened if place == "510000"}
    assert in_sichuan
    assert in_sichuan <= own


def plugin(name: str, **hooks: Any) -> object:
    return SimpleNamespace(__name__=name, **{key: hookimpl(one) for key, one in hooks.items()})


def test_what_helps_to_decide_acts_and_what_acts_outside_does_not(
    three: Scenario, without: Result
) -> None:
    told: list[str] = []

    def working_days(division: str | None) -> WorkingDays:
        told.append("working_days")
        return WorkingDays(holidays=[date(2026, 1, 6)])

    def receive(application: Any, item: str) -> list[Defect]:
        told.append("receive")
        return []

    def observe(event: Any) -> None:
        told.append("observe")

    def deliver(case: Any, result: Any) -> None:
        told.append("deliver")

    hooks: dict[str, Any] = {"working_days": working_days, "receive": receive}
    hooks |= {"observe": observe, "deliver": deliver}
    _, result = simulated(three, plugin("outsider", **hooks))
    assert set(told) == {"working_days", "receive"}
    assert result.digest != without.digest


def test_broken_plugins_are_told_and_left_out(three: Scenario, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("department: {id: harbour}\nitems: []\n", encoding="utf-8")

    def departments() -> list[DepartmentRules]:
        return [DepartmentRules(tmp_path / "rules.yaml")]

    def receive(application: Any, item: str) -> list[Defect]:
        raise LookupError("no register")

    harbour, gate = plugin("harbour", departments=departments), plugin("gate", receive=receive)
    catalogue, result = simulated(three, harbour, gate)
    assert result.failed is None
    assert len(catalogue.kernel("440000", 0).items) > 40
    assert any(one.startswith("harbour: rules.yaml:1") for one in result.troubles)
    assert "gate: receive raised LookupError: no register" in result.troubles


def test_a_draft_of_a_provinces_own_department_takes_its_place(
    three: Scenario, sichuan: object, tmp_path: Path
) -> None:
    text = (SICHUAN / "sichuan_human_resources" / "rules.yaml").read_text(encoding="utf-8")
    draft = tmp_path / "draft.yaml"
    text = text.replace("name: 四川省人力资源和社会保障厅", "name: 示例厅")
    draft.write_text(text, encoding="utf-8")
    house = house_of(Kernel([*ours(), sichuan]))
    catalogue = Catalogue(evolve(three, drafts=(str(draft),)), house=house)

    def names(province: str) -> set[str]:
        return {one.name for one in catalogue.kernel(province, 0).rulebook.departments}

    assert "示例厅" in names("510000")
    assert "示例厅" not in names("630000")
