"""A department's test carries a case through a service in memory, as docs/testing.md shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import Service
from tongban.kernel.audit import signing
from tongban.kernel.ports.store import Store

SHOWN = re.search(
    r'title="tests/test_a_case.py"\n(.*?)```',
    (Path(__file__).parents[2] / "docs" / "testing.md").read_text("utf-8"),
    re.DOTALL,
)
assert SHOWN is not None
NAMES: dict[str, Any] = {}
exec(compile(SHOWN[1], "docs/testing.md", "exec"), NAMES)
TESTS = [name for name in NAMES if name.startswith("test_")]


@pytest.mark.parametrize("name", TESTS)
def test_what_is_shown_passes(name: str, request: pytest.FixtureRequest) -> None:
    shown: Callable[..., None] = NAMES[name]
    wanted = shown.__code__.co_varnames[: shown.__code__.co_argcount]
    shown(*(request.getfixturevalue(one) for one in wanted))


def test_the_store_of_the_fixture_is_whole(service: Service, memory_store: Store) -> None:
    service.submit(NAMES["MOVE"], NAMES["WINDOW"], applicant="a-1")
    (case,) = memory_store.snapshots()
    assert memory_store.masked(case.id)["name"] == "白**"
    key = signing.SigningKey(bytes(range(32)))
    mark = memory_store.checkpoint(key)
    found = memory_store.audit([mark], key.public)
    assert (found.breaks, found.tables, found.checked) == ((), True, 2)
