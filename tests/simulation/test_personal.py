"""Who may read personal data is the same in the store in memory and in the one on disk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import Kernel, protocol, service
from tongban.kernel.ports import store
from tongban.kernel.protocol import personal_data
from tongban.plugins.simulation.store.memory import MemoryStore
from tongban.plugins.stores.sqlite.embedded import open_store

NOW = datetime(2026, 3, 2, 9, tzinfo=protocol.CHINA)
WINDOW = protocol.Actor("window", "w", "510100")
LEAD = protocol.Actor("officer", "o", "510100", "public_security")
ASKED = protocol.Actor("officer", "o", "630100", "public_security")
NO_PART = (
    protocol.Actor("officer", "o", "630100", "health"),
    protocol.Actor("officer", "o", "440100", "public_security"),
    protocol.Actor("supervisor", "s", "630000"),
    protocol.Actor("applicant", "somebody"),
)


def _calendars(division: str | None) -> protocol.Calendar:
    return protocol.Calendar()


@pytest.fixture(params=["memory", "sqlite"])
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Any, Any]]:
    """The stores of the lead and of the authority that is asked."""
    if request.param == "memory":
        yield tuple(MemoryStore(name, lambda: NOW, _calendars, bytes) for name in "ab")  # type: ignore[misc]
        return
    stores = [
        open_store(tmp_path / f"{name}.db", clock=lambda: NOW, calendars=_calendars, entropy=bytes)
        for name in "ab"
    ]
    yield stores[0], stores[1]
    for one in stores:
        one.close()


def test_who_is_asked_reads_it_without_the_case_and_nobody_else(
    two: tuple[Any, Any], applications: Any
) -> None:
    here, there = two
    kernel = Kernel(clock=lambda: NOW, ids=lambda: "id")
    lead = service.Service(kernel, here, lambda address: address.startswith("51"))
    done = lead.submit(applications["hukou"], WINDOW, applicant="a-1")
    assert isinstance(done, service.Done)
    case = done.case.id
    lead.do(case, WINDOW, protocol.Receive(), id="receive")
    lead.do(case, LEAD, protocol.Accept(), id="accept")
    (request,) = [one.message for one in here.outgoing() if one.message.kind == "request"]
    data = here.personal(case, LEAD, "办理")
    asked = service.Service(kernel, there, lambda address: address.startswith("63"))
    with pytest.raises(store.StoreError, match=case):
        there.personal(case, ASKED, "核对")
    with pytest.raises(store.StoreError, match=case):
        there.masked(case)
    asked.receive_message(request, data)
    assert there.case(case) is None
    found = there.personal(case, ASKED, "核对")
    assert isinstance(found, personal_data.Personal)
    assert found.data["name"] == applications["hukou"]["applicant"]["name"]
    assert there.masked(case)["name"] == found.masked()["name"]
    for actor in NO_PART:
        for kept in (here, there):
            with pytest.raises(store.NotAllowedError):
                kept.personal(case, actor, "好奇")
