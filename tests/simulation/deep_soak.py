"""All provinces, and four of the seeds of `benchmarks.soak_simulation`, as large (`make deep`)."""

from __future__ import annotations

import pytest
from attrs import evolve
from benchmarks.soak_simulation import DAYS, SCENARIO

from tongban.plugins.simulation.running import run
from tongban.plugins.simulation.scenario.catalogue import Catalogue
from tongban.plugins.simulation.scenario.options import Options
from tongban.plugins.simulation.scenario.scenario import FAULTS, load_scenario

CASES, SEEDS = 200, 4
CONSTANT = {"clock_minutes"}
"""Clocks are wrong all the time; that is not counted."""


@pytest.fixture(scope="session")
def country() -> Catalogue:
    """The rules of all provinces, read once."""
    return Catalogue(load_scenario(SCENARIO))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_invariant_holds_under_every_fault(seed: int, country: Catalogue) -> None:
    result = run(Options(seed, CASES, DAYS), country.scenario, country)
    assert result.failed is None
    metrics = result.metrics
    rated = {kind for kind in FAULTS if getattr(country.scenario.faults, kind)}
    assert {kind for kind in FAULTS if metrics.faults[kind]} == rated - CONSTANT
    assert metrics.opened + sum(metrics.turned_away.values()) == CASES
    assert (metrics.over, metrics.left) == (metrics.opened, 0)
    assert sum(result.checked.values()) > 10_000


def test_all_provinces_carry_each_mode_to_its_end() -> None:
    scenario = load_scenario("calm")
    only = evolve(scenario, only_items=("2-03", "2-01", "1-28", "1-52"))
    result = run(Options(1, 60, 20), only)
    assert result.failed is None
    assert set(result.metrics.modes) == {"online", "collect", "joint", "local"}
    assert result.metrics.left == 0
    assert result.metrics.over == result.metrics.opened > 50
    assert len(result.metrics.provinces) > 15
