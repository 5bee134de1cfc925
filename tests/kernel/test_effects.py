"""Another clock and other ids under the same rules; the kernel asked before keeps its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from tongban.kernel import Kernel, hookimpl
from tongban.kernel.model.moments import CHINA
from tongban.plugins import identity
from tongban.plugins.departments import public_security

DAY = datetime(2026, 1, 1, 9, tzinfo=CHINA)
RAW: dict[str, Any] = {"item": "1-01", "channel": "online", "applicant": {"kind": "person"}}


def test_nothing_is_read_again() -> None:
    kernel = Kernel([identity, public_security], clock=lambda: DAY, ids=lambda: "one")
    later = kernel.with_effects(clock=lambda: DAY + timedelta(days=1))
    assert later.rulebook is kernel.rulebook
    assert later.base is kernel.base
    assert all(later.program(item) is kernel.program(item) for item in kernel.items)
    assert later.plugins == kernel.plugins


def test_each_has_its_own_effects() -> None:
    kernel = Kernel([identity, public_security], clock=lambda: DAY, ids=lambda: "one")
    later = kernel.with_effects(clock=lambda: DAY + timedelta(days=1))
    other = later.with_effects(ids=lambda: "two")
    assert [one.clock() - DAY for one in (kernel, later, other)] == [
        timedelta(), timedelta(days=1), timedelta(days=1)
    ]  # fmt: skip
    assert [one.ids() for one in (kernel, later, other)] == ["one", "one", "two"]
    item = kernel.items[0].key
    days = [one.application({**RAW, "item": item}).as_of.day for one in (kernel, later, other)]
    assert days == [1, 2, 2]


def test_a_failure_is_seen_by_both() -> None:
    breaks = SimpleNamespace(__name__="breaks", no_hook=hookimpl(lambda: None))
    kernel = Kernel([breaks], clock=lambda: DAY)
    assert [one.name for one in kernel.with_effects().ports.failures] == ["breaks"]
    assert kernel.with_effects().ports.failures == kernel.ports.failures


def test_shared_rules_of_another_kernel_are_not_read_again() -> None:
    kernel = Kernel([public_security])
    assert Kernel([public_security], rules=kernel.base).base is kernel.base
