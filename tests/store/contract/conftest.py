"""Every store that keeps the contract of `tongban.kernel.ports.store`, one after the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import Kernel
from tongban.kernel import protocol as p
from tongban.kernel.ports.store import Store
from tongban.plugins.simulation.store.memory import MemoryStorage
from tongban.plugins.stores.sqlite import embedded

STORES: Mapping[str, Callable[[], Any]] = {"memory": MemoryStorage, "sqlite": lambda: embedded}
"""What opens the stores that are held to the contract. Of another it is what its plugin's hook
`storage` gives: `TONGBAN_STORE=NAME pytest tests/store/contract` adds the one that is installed."""

NAMED = os.environ.get("TONGBAN_STORE", "")


def _weekends(division: str | None) -> p.Calendar:
    return p.Calendar()


@pytest.fixture(params=sorted({*STORES, NAMED} - {""}), scope="session")
def storage(request: pytest.FixtureRequest) -> Any:
    """What opens stores of one kind."""
    made = STORES.get(request.param)
    return made() if made else Kernel().ports.storage(request.param)


@pytest.fixture
def open_store(storage: Any, tmp_path: Path, clock: Any) -> Iterator[Callable[..., Store]]:
    """Opens a store in the test's folder; the same name is the same store."""
    opened: list[Store] = []

    def opener(name: str = "cases.db", **options: Any) -> Store:
        options = {"clock": clock, "calendars": _weekends, **options}
        opened.append(storage.open_store(tmp_path / name, **options))
        return opened[-1]

    yield opener
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    """A new store that holds nothing."""
    return open_store()


@pytest.fixture
def desk(make_desk: Callable[[Store], Any], store: Store) -> Any:
    """Somebody who gives commands to the cases of the store."""
    return make_desk(store)


@pytest.fixture(scope="session")
def desk_in(
    storage: Any, desk_at: Callable[..., Any]
) -> Callable[..., AbstractContextManager[Any]]:
    """A desk at a new store in a folder, with a clock of its own; the store is closed after it."""

    @contextmanager
    def desk(folder: str, **options: Any) -> Iterator[Any]:
        clock, make = desk_at()
        path = Path(folder) / "cases.db"
        options = {"clock": clock, "calendars": _weekends, **options}
        with closing(storage.open_store(path, **options)) as store:
            yield make(store)

    return desk
