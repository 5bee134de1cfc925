"""Planted bugs of refusals, remedies, corrections, recusals are found, each by its name."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from typing import Any

import pytest
from attrs import evolve

from tongban.kernel import protocol as p
from tongban.plugins.simulation.explorer.history import tell
from tongban.plugins.simulation.explorer.model import Model
from tongban.plugins.simulation.explorer.oracle import last_day_of_remedy
from tongban.plugins.simulation.explorer.scenario import Scenario, find
from tongban.plugins.simulation.explorer.search import explore


def world(name: str, *moves: str, **bounds: int) -> Scenario:
    """A built-in world with some of its moves alone, and fewer faults."""
    found = find(name)
    fewer = {"lost": 0, "doubled": 0, "crashes": 0, **bounds}
    chosen = tuple(one for one in found.moves if one.id in moves) if moves else found.moves
    return evolve(found, moves=chosen, bounds=evolve(found.bounds, **fewer))


def found_in(scenario: Scenario, invariant: str, last: str) -> str:
    """Explores until an invariant breaks; what is wrong."""
    found = explore(scenario)
    assert found.violation is not None
    assert found.violation.invariant == invariant, found.violation
    assert last in tell(found.world, found.way)[-1].what
    return found.violation.says


LINE = ("submit", "insist", "receive", "forward", "arrive", "accept", "deny", "deliver", "arrived")


def test_what_the_rules_refuse_is_received_though_nobody_insists(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command, event = p.COMMANDS["receive"], p.EVENTS["received"]
    anywhere = evolve(command, states=(*command.states, "ineligible"))
    monkeypatch.setitem(p.COMMANDS, "receive", anywhere)
    moves = {**event.moves, "ineligible": ("received",)}
    monkeypatch.setitem(p.EVENTS, "received", evolve(event, moves=moves))
    says = found_in(world("refused"), "ruled", "receive")
    assert says == "received of what the rules refuse"


def test_a_void_decision_is_delivered_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    real = p.Deliver.handle

    def careless(self: p.Deliver, case: p.Case, context: Any) -> Any:
        return real(self, evolve(case, result=f"{case.id}-1"), context)

    monkeypatch.setattr(p.Deliver, "handle", careless)
    moves = (*LINE, "lodge", "resolve", "correct", "deliver-2")
    says = found_in(world("refused", *moves), "valid", "deliver")
    assert "CASE-1-1 is sent; CASE-1-2 holds" in says


def test_a_correction_that_leaves_the_former_decision_in_force(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = p.Corrected.changes

    def half(self: p.Corrected, case: p.Case, event: p.Event) -> Any:
        return {**real(self, case, event), "result": case.result}

    monkeypatch.setattr(p.Corrected, "changes", half)
    moves = (*LINE, "lodge", "resolve", "correct")
    says = found_in(world("refused", *moves), "valid", "correct")
    assert says == "the case says CASE-1-1; CASE-1-2 holds"


def test_a_departure_without_an_article(monkeypatch: pytest.MonkeyPatch) -> None:
    acceptance = import_module("tongban.kernel.protocol.acceptance")
    monkeypatch.setattr(acceptance, "checked_article", lambda *of: "")
    says = found_in(world("remedy", "submit", "receive", "forward", "arrive", "decline"), "departs",
                    "decline")  # fmt: skip
    assert "eligible" in says


def test_one_remedy_on_record_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    remedy = import_module("tongban.kernel.protocol.remedy")
    monkeypatch.setattr(remedy, "_standing", lambda *of: None)
    moves = ("submit", "receive", "forward", "arrive", "decline", "lodge", "lodge-2")
    says = found_in(world("remedy", *moves), "remedies", "receives 转交事项 command lodge")
    assert says == "reconsideration against declined is on record twice"


def test_a_term_that_is_counted_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    terms = import_module("tongban.kernel.protocol.remedy_terms")
    monkeypatch.setattr(terms, "RECONSIDERATION_DAYS", 30)
    says = found_in(world("refused", "submit", "lodge"), "remedies", "lodge")
    assert says == "lodged on 2026-03-02, in time; its last day is 2026-05-06"


def test_a_remedy_that_is_late_because_its_message_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(p.Lodge, "as_given", lambda self, case, day: self)
    moves = ("submit", "receive", "forward", "arrive", "decline", "lodge")
    says = found_in(world("remedy", *moves), "in_time", "receives 转交事项 command lodge")
    assert says == "lodged on 2026-03-02, on record as 2026-05-07"


def test_an_outcome_that_asks_for_nothing_is_carried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    correction = import_module("tongban.kernel.protocol.correction")
    monkeypatch.setattr(correction, "OBLIGING", frozenset({"upheld", "changed"}))
    small = world("refused", *LINE, "lodge", "resolve", "correct")
    upheld = tuple(
        evolve(one, body=p.Resolve("upheld")) if one.id == "resolve" else one for one in small.moves
    )
    says = found_in(evolve(small, moves=upheld), "remedies", "correct")
    assert says == "remedy 1 is carried out; its outcome: upheld"


def test_somebody_who_stands_back_decides_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    guards = import_module("tongban.kernel.protocol.guards")
    monkeypatch.setattr(guards, "barred", lambda case, actor: None)
    says = found_in(world("recused"), "recused", "grant-li")
    assert says == "li.na of 630100/public_security stands back, and examined"


@pytest.mark.parametrize(
    ("remedy", "known", "reconsidered", "due"),
    [
        ("reconsideration", "2026-03-02", None, "2026-05-06"),
        ("litigation", "2026-08-31", None, "2027-03-01"),
        ("litigation", "2026-03-02", "2026-05-06", "2026-05-21"),
    ],
)
def test_the_second_count_of_a_term(
    remedy: str, known: str, reconsidered: str | None, due: str
) -> None:
    model = Model(world("refused", "submit"))
    decided = date.fromisoformat(reconsidered) if reconsidered else None
    known_on = date.fromisoformat(known)
    calendar = model.calendar("510100")
    assert last_day_of_remedy(remedy, known_on, decided, calendar) == date.fromisoformat(due)
