"""Four of the thousand seeds of `python -m benchmarks.soak_simulation`, as large (`make deep`)."""

from __future__ import annotations

import pytest
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
