"""Planted bugs of the last day of a result are found, each by its name."""

from __future__ import annotations

from importlib import import_module

import pytest
from attrs import evolve

from tongban.kernel import protocol as p
from tongban.plugins.simulation.explorer.scenario import find
from tongban.plugins.simulation.explorer.search import explore


def found_in(*left_out: str) -> str:
    """What is wrong with `lapse` on the shortest way to a violation."""
    found = find("lapse")
    moves = tuple(one for one in found.moves if one.id not in left_out)
    explored = explore(evolve(found, moves=moves))
    assert explored.violation is not None
    assert explored.violation.invariant == "lapse", explored.violation
    return explored.violation.says


CORRECTION = ("correct", "deliver-2")


def planted(monkeypatch: pytest.MonkeyPatch, body: type[p.EventBody] | None) -> None:
    """Plant a tick that brings an event of a result that the applicant has, or none."""
    ticking = import_module("tongban.kernel.protocol.ticking")

    def of_time(case: p.Case, today: object) -> list[p.EventBody]:
        held = case.validity
        if body is None or held is None or case.state != "delivered" or held.expired_at:
            return []
        return [body(held.until)]  # type: ignore[call-arg]

    monkeypatch.setattr(ticking, "validity_of_time", of_time)


def test_a_result_that_lapses_before_its_last_day_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    planted(monkeypatch, p.Expired)
    assert found_in(*CORRECTION) == "expired on 2026-03-02; the last day is 2026-03-10"


def test_a_result_that_lapses_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    planted(monkeypatch, None)
    assert found_in(*CORRECTION) == "the last day was 2026-03-10; nobody told the applicant"
