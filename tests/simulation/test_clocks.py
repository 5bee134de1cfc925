"""The second count of limits agrees with the protocol's, for every case of many runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tongban.kernel import protocol
from tongban.plugins.simulation.checks.deadlines import dues
from tongban.plugins.simulation.checks.invariants import Watch
from tongban.plugins.simulation.report.result import Result

LICENCES = ("1-52", "1-50", "2-43", "1-44", "1-07")


def test_both_counts_agree(
    simulated: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    committed = Watch.committed

    def compared(self: Watch, node: Any, written: Any, record: Any) -> Any:
        fresh = committed(self, node, written, record)
        case = record.case
        theirs = {
            (one.step, one.office.key, one.due)
            for one in protocol.limits(case, node.calendars, node.clock())
            if one.state in ("running", "overdue", "stopped")
        }
        mine = {(one.step, one.office, one.day) for one in dues(case, node.calendars)}
        assert mine == theirs
        seen.append(len(mine))
        return fresh

    monkeypatch.setattr(Watch, "committed", compared)
    result = simulated(2, 40, 15, choices={"pause": 0.5, "supplement": 0.5}, only_items=LICENCES)
    assert result.failed is None
    assert sum(seen) > 100
