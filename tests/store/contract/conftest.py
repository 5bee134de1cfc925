"""Every store that keeps the contract of `tongban.kernel.ports.store`, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tongban.kernel import protocol as p
from tongban.kernel.ports import store as contract
from tongban.plugins.simulation.store.memory import MemoryStore


def _weekends(division: str | None) -> p.Calendar:
    return p.Calendar()


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, clock: Any) -> Iterator[contract.Store]:
    """A new store that holds nothing."""
    if request.param == "sqlite":
        opener: Callable[..., contract.Store] = request.getfixturevalue("open_file")
        yield opener()
        return
    numbers = iter(range(1, 10_000))
    salts = lambda count: next(numbers).to_bytes(count, "big")  # noqa: E731
    yield MemoryStore("memory", clock, _weekends, salts)


@pytest.fixture
def desk(make_desk: Callable[[contract.Store], Any], store: contract.Store) -> Any:
    """Somebody who gives commands to the cases of the store."""
    return make_desk(store)
