"""Every store that keeps the contract of `tongban.kernel.ports.store`, one after the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import Kernel, SealingStorage, Storage
from tongban.kernel import protocol as p
from tongban.kernel.ports.store import Store
from tongban.plugins.simulation.store.storage import MemoryStorage
from tongban.plugins.stores.sqlite import embedded

STORES: Mapping[str, Callable[[], Storage]] = {"memory": MemoryStorage, "sqlite": lambda: embedded}
"""What opens the stores that are held to the contract. Of another it is what its plugin's hook
`storage` gives: `TONGBAN_STORE=NAME pytest tests/store/contract` adds the one that is installed."""

NAMED = os.environ.get("TONGBAN_STORE", "")


def _weekends(division: str | None) -> p.Calendar:
    return p.Calendar()


@cache
def _made(name: str) -> Storage:
    found = STORES.get(name)
    return found() if found else Kernel().ports.storage(name)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test runs on each store, but for those that its module leaves out (`NOT_ON`).

    Tests that ask for `sealing` run on those alone that seal with a key.
    """
    if "storage" in metafunc.fixturenames:
        names = sorted({*STORES, NAMED} - {""} - getattr(metafunc.module, "NOT_ON", set()))
        if "sealing" in metafunc.fixturenames:
            names = [one for one in names if isinstance(_made(one), SealingStorage)]
        metafunc.parametrize("storage", names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def storage(request: pytest.FixtureRequest) -> Storage:
    """What opens stores of one kind."""
    return _made(request.param)


@pytest.fixture(scope="session")
def sealing(storage: Storage) -> SealingStorage:
    """The same, where it seals with a key."""
    assert isinstance(storage, SealingStorage)
    return storage


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
