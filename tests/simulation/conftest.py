"""Small worlds for the simulator's tests; their rules are read once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tongban.plugins.simulation.report.result import Result
from tongban.plugins.simulation.running import run
from tongban.plugins.simulation.scenario.catalogue import Catalogue
from tongban.plugins.simulation.scenario.options import Options
from tongban.plugins.simulation.scenario.scenario import Scenario, load_scenario

WORLDS = Path(__file__).parent / "worlds"


@pytest.fixture(scope="session")
def three() -> Scenario:
    """Three provinces and every fault."""
    return load_scenario(WORLDS / "three.yaml")


@pytest.fixture(scope="session")
def rules(three: Scenario) -> Catalogue:
    """The rules of the three provinces."""
    return Catalogue(three)


@pytest.fixture
def simulated(three: Scenario, rules: Catalogue) -> Callable[..., Result]:
    """Runs the three provinces: `simulated(seed, cases, days, choices={…}, faults={…})`."""

    def ran(
        seed: int = 1,
        cases: int = 30,
        days: int = 15,
        *,
        choices: dict[str, Any] | None = None,
        faults: dict[str, Any] | None = None,
        only_items: tuple[str, ...] = (),
        **options: Any,
    ) -> Result:
        scenario = evolve(
            three,
            choices=evolve(three.choices, **(choices or {})),
            faults=evolve(three.faults, **(faults or {})),
            only_items=only_items,
        )
        # The same rules: only what people do and what goes wrong is otherwise.
        catalogue = Catalogue(scenario, rules.simulated, rules.kernels)
        return run(Options(seed, cases, days, keep=True, **options), scenario, catalogue)

    return ran
