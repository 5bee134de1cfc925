"""Each kind of attack alone holds every invariant (`make deep`)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tongban.plugins.simulation.report.result import Result
from tongban.plugins.simulation.scenario.faults import IN_FOLDERS, NOTICED

from .test_attacked import attacked, under

__all__ = ["attacked", "under"]

HARM = (*IN_FOLDERS, "hostile_letter", "clock_jump")


@pytest.mark.parametrize("kind", HARM)
def test_each_kind_alone_holds_every_invariant(kind: str, under: Callable[..., Result]) -> None:
    result = under(kind, store="sqlite" if kind.startswith("wal") else "memory")
    assert result.failed is None
    assert result.metrics.faults[kind] > 0
    assert result.metrics.left == 0
    if kind in NOTICED and kind not in ("clock_jump", "store_copied"):
        assert result.metrics.noticed[kind] > 0
