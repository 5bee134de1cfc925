"""Refusals by the rules, departures, remedies, corrections: a bug is planted for each invariant."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import attrs
import pytest

from tongban.kernel import protocol
from tongban.plugins.simulation.report.conduct import counted
from tongban.plugins.simulation.report.result import Result
from tongban.plugins.simulation.scenario.choices import Choices
from tongban.plugins.simulation.world import behaviour

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]

EAGER: dict[str, Any] = {
    "ineligible": 0.4,
    "insist": 0.4,
    "amend_refused": 0.3,
    "amend": 0.2,
    "deny": 0.3,
    "remedy": 0.9,
    "remedy_late": 0.3,
    "correct": 0.3,
    "reopen": 0.3,
}
"""Everybody who is refused something does something about it."""


def _told_without_remedies(patch: Patch) -> None:
    told = protocol.RuledIneligible.messages

    def curt(*given: Any) -> Any:
        for receiver, kind, body in told(*given):
            yield receiver, kind, {**body, "remedy": ""}

    patch.setattr(protocol.RuledIneligible, "messages", curt)


def _told_without_the_rules(patch: Patch) -> None:
    told = protocol.RuledIneligible.messages

    def curt(*given: Any) -> Any:
        for receiver, kind, body in told(*given):
            yield receiver, kind, {**body, "grounds": []}

    patch.setattr(protocol.RuledIneligible, "messages", curt)


def _a_remedy_sets_a_refused_case_going(patch: Patch) -> None:
    lodged, step = protocol.RemedyLodged.changes, protocol.EVENTS["remedy_lodged"]
    moves = {**step.moves, "ineligible": ("submitted",)}
    patch.setitem(protocol.EVENTS, "remedy_lodged", attrs.evolve(step, moves=moves))

    def going(self: Any, case: Any, event: Any) -> dict[str, Any]:
        more = {"state": "submitted", "ended_at": None} if case.state == "ineligible" else {}
        return {**lodged(self, case, event), **more}

    patch.setattr(protocol.RemedyLodged, "changes", going)


def _denied_without_an_article(patch: Patch) -> None:
    deny: Any = protocol.Deny.handle

    def bare(*given: Any) -> Any:
        *before, decided = deny(*given)
        return [*before, attrs.evolve(decided, article="")]

    patch.setattr(protocol.Deny, "handle", bare)


def _corrected_without_a_reason(patch: Patch) -> None:
    correct: Any = protocol.Correct.handle

    def bare(*given: Any) -> Any:
        corrected, *after = correct(*given)
        return [attrs.evolve(corrected, reasons=(" ",)), *after]

    patch.setattr(protocol.Correct, "handle", bare)


def _a_remedy_is_forgotten(patch: Patch) -> None:
    patch.setattr(protocol.RemedyResolved, "changes", lambda *given: {"remedies": ()})


def _a_term_is_too_short(patch: Patch) -> None:
    terms = import_module("tongban.kernel.protocol.remedy_terms")
    patch.setattr(terms, "RECONSIDERATION_DAYS", 30)


def _every_remedy_is_late(patch: Patch) -> None:
    lodge: Any = protocol.Lodge.handle
    patch.setattr(
        protocol.Lodge, "handle", lambda *given: [attrs.evolve(lodge(*given)[0], late=True)]
    )


def _nobody_carries_out_what_was_ordered(patch: Patch) -> None:
    patch.setattr(behaviour, "put_right", lambda *given: None)


def _the_former_result_stays_valid(patch: Patch) -> None:
    changes = protocol.Corrected.changes

    def lenient(self: Any, case: Any, event: Any) -> dict[str, Any]:
        return {**changes(self, case, event), "voided": case.voided}

    patch.setattr(protocol.Corrected, "changes", lenient)


def _the_void_result_is_delivered(patch: Patch) -> None:
    deliver = protocol.Deliver.handle

    def old(self: Any, case: Any, context: Any) -> Any:
        events = deliver(self, case, context)
        kept = [one for one in events if not isinstance(one, protocol.DeliveryStarted)]
        (started,) = (one for one in events if isinstance(one, protocol.DeliveryStarted))
        number = case.voided[-1] if case.corrections else started.number
        return [attrs.evolve(started, number=number), *kept]

    patch.setattr(protocol.Deliver, "handle", old)


PLANTED: tuple[tuple[str, Plant], ...] = (
    ("refused_in_writing", _told_without_remedies),
    ("refused_in_writing", _told_without_the_rules),
    ("stays_refused", _a_remedy_sets_a_refused_case_going),
    ("departs", _denied_without_an_article),
    ("departs", _corrected_without_a_reason),
    ("remedies", _a_remedy_is_forgotten),
    ("remedies", _a_term_is_too_short),
    ("remedies", _every_remedy_is_late),
    ("remedies", _nobody_carries_out_what_was_ordered),
    ("corrected", _the_former_result_stays_valid),
    ("corrected", _the_void_result_is_delivered),
)


@pytest.mark.parametrize(
    ("name", "plant"), PLANTED, ids=[plant.__name__.strip("_") for _, plant in PLANTED]
)
def test_a_planted_bug_is_found(
    name: str, plant: Plant, simulated: Callable[..., Result], monkeypatch: Patch
) -> None:
    plant(monkeypatch)
    result = simulated(seed=3, cases=40, choices=EAGER)
    assert result.failed is not None
    assert result.failed.name == name


def test_without_a_bug_the_same_world_holds(simulated: Callable[..., Result]) -> None:
    result = simulated(seed=3, cases=40, choices=EAGER)
    assert result.failed is None
    assert all(result.checked[name] > 0 for name in {name for name, _ in PLANTED})


def test_a_choice_that_a_scenario_does_not_name_is_never_made(
    simulated: Callable[..., Result],
) -> None:
    """As a file that was written before had it: what the rules refuse stays refused."""
    later = {one.name: one.default for one in attrs.fields(Choices) if one.default == 0.0}
    result = simulated(seed=3, cases=60, choices={**later, "ineligible": 0.3, "deny": 0.2})
    assert result.failed is None
    assert set(later) >= {"insist", "amend", "remedy", "correct", "reopen"}
    counts = counted(result.metrics.conduct)
    assert counts["refused_by_rule"] == result.metrics.states["ineligible"] > 0
    allowed = {"refused_by_rule", "departed_denied", "departed_declined"}
    assert set(counts) <= allowed
