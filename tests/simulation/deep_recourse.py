"""All provinces, everybody who is refused something does something about it (`make deep`)."""

from __future__ import annotations

import pytest
from attrs import evolve

from tongban.plugins.simulation.checks.recourse import CHECKS
from tongban.plugins.simulation.report.conduct import counted
from tongban.plugins.simulation.running import run
from tongban.plugins.simulation.scenario.catalogue import Catalogue
from tongban.plugins.simulation.scenario.options import Options
from tongban.plugins.simulation.scenario.scenario import load_scenario

from .test_planted_recourse import EAGER, PLANTED

CASES, DAYS = 60, 20


@pytest.fixture(scope="module", params=["standard", "storm"])
def country(request: pytest.FixtureRequest) -> Catalogue:
    """The rules of all provinces, read once for each scenario."""
    return Catalogue(load_scenario(request.param))


@pytest.mark.parametrize("seed", range(1, 21))
def test_every_invariant_holds_as_the_scenario_has_it(seed: int, country: Catalogue) -> None:
    result = run(Options(seed, CASES, DAYS), country.scenario, country)
    assert result.failed is None
    assert result.metrics.left == 0


@pytest.mark.parametrize("seed", range(1, 6))
def test_every_invariant_holds_where_nobody_accepts_a_refusal(
    seed: int, country: Catalogue
) -> None:
    choices = evolve(country.scenario.choices, **EAGER)
    catalogue = Catalogue(
        evolve(country.scenario, choices=choices), country.simulated, country.kernels
    )
    result = run(Options(seed, CASES, DAYS), catalogue.scenario, catalogue)
    assert result.failed is None
    assert len(CHECKS) == len({name for name, _ in PLANTED})
    assert all(result.checked[name] > 0 for name, _ in PLANTED)
    assert counted(result.metrics.conduct)["remedy_late"] > 0
