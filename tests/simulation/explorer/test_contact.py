"""Planted bugs of the way of delivery and of void letters are found, each by its name."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from attrs import evolve

from tongban.kernel import protocol as p
from tongban.plugins.simulation.explorer.scenario import Scenario, find
from tongban.plugins.simulation.explorer.search import explore

LINE = ("submit", "receive", "forward", "arrive", "accept", "grant", "deliver")


def world(*moves: str) -> Scenario:
    """The built-in world with some of its moves alone."""
    found = find("contact")
    return evolve(found, moves=tuple(one for one in found.moves if one.id in (*LINE, *moves)))


def found_in(scenario: Scenario) -> str:
    """What is wrong with `contact` on the shortest way to a violation."""
    found = explore(scenario)
    assert found.violation is not None
    assert found.violation.invariant == "contact", found.violation
    return found.violation.says


def test_a_letter_that_goes_the_former_way(monkeypatch: pytest.MonkeyPatch) -> None:
    real = p.Deliver.handle

    def as_applied_for(self: p.Deliver, case: p.Case, context: Any) -> Any:
        return real(self, evolve(case, contact_changes=()), context)

    monkeypatch.setattr(p.Deliver, "handle", as_applied_for)
    assert found_in(world("pickup")) == "letter 1 goes by post, not by pickup"


def test_a_void_letter_that_is_noted_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = import_module("tongban.kernel.protocol.delivery")
    monkeypatch.setattr(delivery, "_not_found", lambda case: {1})
    moves = ("lost", "deliver-2", "found")
    small = world(*moves)
    again = evolve(small.moves[-1], id="found-again")
    assert small.moves[-1].id == "found"
    assert found_in(evolve(small, moves=(*small.moves, again))) == "letter 1 is found twice"


def test_a_letter_that_an_officer_hands_over_in_another_way_is_no_violation() -> None:
    small = world("pickup", "arrived")
    by_post = tuple(
        evolve(one, body=p.Deliver("post")) if one.id == "deliver" else one for one in small.moves
    )
    found = explore(evolve(small, moves=by_post))
    assert found.complete
    assert found.violation is None
