"""The pytest plugin `tongban-simulation`: departments try their rules in the simulated country.

It is loaded by every pytest of an environment that has tongban, so it imports nothing
of tongban before a fixture is used. PYTEST_DONT_REWRITE: there is no `assert` here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tongban.plugins.simulation.trial import TrialWorld


@pytest.fixture(scope="session")
def simulation() -> Callable[..., TrialWorld]:
    """Makes a world: `simulation(seed=7, scenario="storm", faults={"message_lost"})`.

    What is left out is usual: the seed is 0, the scenario `calm`, its faults all happen.
    """
    from tongban.plugins.simulation.trial import TrialWorld  # noqa: PLC0415 - not at pytest's start

    return TrialWorld.of


@pytest.fixture
def world(simulation: Callable[..., TrialWorld]) -> TrialWorld:
    """A calm world in which nothing was handed in yet: `world.submit(application).run(days=30)`."""
    return simulation()
