"""The pytest plugin `tongban-simulation`: departments try their rules in the simulated country,
or carry a case through one service whose store is in memory.

It is loaded by every pytest of an environment that has tongban, so it imports nothing
of tongban before a fixture is used. PYTEST_DONT_REWRITE: there is no `assert` here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tongban.kernel import Kernel, Service
    from tongban.plugins.simulation.store.memory import MemoryStore
    from tongban.plugins.simulation.trial import TrialWorld


_CHINA = timezone(timedelta(hours=8))


class StandingClock:
    """A clock that stands until it is moved.

    Attributes:
        now: the moment; at first Monday, 2026-03-02, 9 o'clock in China.
    """

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=_CHINA)

    def __call__(self) -> datetime:
        return self.now

    def pass_days(self, days: int) -> None:
        """Moves it; `service.tick()` then does what time brings."""
        self.now += timedelta(days=days)


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


@pytest.fixture
def standing_clock() -> StandingClock:
    """The clock of `memory_store` and `service`."""
    return StandingClock()


@pytest.fixture
def memory_store(kernel: Kernel, standing_clock: StandingClock) -> MemoryStore:
    """An empty store in memory: it promises what the store on a file does."""
    from tongban.kernel.service import calendars  # noqa: PLC0415 - not at pytest's start
    from tongban.plugins.simulation.store.memory import MemoryStore  # noqa: PLC0415 - as above

    return MemoryStore("memory", standing_clock, calendars(kernel))


@pytest.fixture
def service(kernel: Kernel, memory_store: MemoryStore, standing_clock: StandingClock) -> Service:
    """Carries cases in `memory_store`: `service.submit(application, actor, applicant="a-1")`."""
    from tongban.kernel import Service  # noqa: PLC0415 - not at pytest's start

    return Service(kernel.with_effects(standing_clock), memory_store)
