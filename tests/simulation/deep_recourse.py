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


def eager(country: Catalogue) -> Catalogue:
    """The same country, in which nobody accepts a refusal."""
    choices = evolve(country.scenario.choices, **EAGER)
    return Catalogue(evolve(country.scenario, choices=choices), country.simulated, country.kernels)


@pytest.fixture(scope="module")
def attacked() -> Catalogue:
    """Three provinces, in which stores are put back and damaged."""
    return eager(Catalogue(load_scenario("attacked")))


@pytest.mark.parametrize("seed", range(1, 21))
def test_every_invariant_holds_as_the_scenario_has_it(seed: int, country: Catalogue) -> None:
    result = run(Options(seed, CASES, DAYS), country.scenario, country)
    assert result.failed is None
    assert result.metrics.left == 0


@pytest.mark.parametrize("seed", range(1, 6))
def test_every_invariant_holds_where_nobody_accepts_a_refusal(
    seed: int, country: Catalogue
) -> None:
    catalogue = eager(country)
    result = run(Options(seed, CASES, DAYS), catalogue.scenario, catalogue)
    assert result.failed is None
    assert len(CHECKS) == len({name for name, _ in PLANTED})
    assert all(result.checked[name] > 0 for name, _ in PLANTED)
    assert counted(result.metrics.conduct)["remedy_late"] > 0


@pytest.mark.parametrize("seed", range(1, 9))
def test_every_invariant_holds_where_stores_are_put_back(seed: int, attacked: Catalogue) -> None:
    """In one of them letters come back of a way that was lost with the store."""
    result = run(Options(seed, 40, DAYS), attacked.scenario, attacked)
    assert result.failed is None
