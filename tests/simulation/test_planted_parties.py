"""Contact, void letters, recusal, tasks, validity, agents: a bug is planted for each check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import attrs
import pytest

from tongban.kernel import protocol
from tongban.kernel.protocol import case as cases
from tongban.kernel.protocol import guards, mandate, ticking, validity
from tongban.plugins.simulation.report.result import Result
from tongban.plugins.simulation.world.colleagues import Colleagues

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]


def _the_data_of_before_is_kept(patch: Patch) -> None:
    changed = protocol.ContactChanged.changes

    def forgetful(self: Any, case: Any, event: Any) -> dict[str, Any]:
        return {**changed(self, case, event), "personal": case.personal}

    patch.setattr(protocol.ContactChanged, "changes", forgetful)


def _letters_go_the_former_way(patch: Patch) -> None:
    patch.setattr(cases.Case, "delivery", property(lambda self: self.plan.delivery))


def _letters_under_way_are_shown_at_the_new_address(patch: Patch) -> None:
    patch.setattr(cases.Case, "sent_before_move", lambda self, delivery: False)


def _a_void_result_is_sent_again(patch: Patch) -> None:
    deliver = protocol.Deliver.handle

    def careless(self: Any, case: Any, context: Any) -> Any:
        events: list[Any] = deliver(self, case, context)
        first, *rest = events
        if first.kind == "reissued":
            rest[0] = attrs.evolve(rest[0], number=first.void)
        return [first, *rest]

    patch.setattr(protocol.Deliver, "handle", careless)


def _a_found_letter_takes_the_place_of_the_new_one(patch: Patch) -> None:
    found = protocol.VoidFound.changes

    def mistaken(self: Any, case: Any, event: Any) -> dict[str, Any]:
        return {**found(self, case, event), "result": self.number}

    patch.setattr(protocol.VoidFound, "changes", mistaken)


def _who_stands_back_may_act(patch: Patch) -> None:
    patch.setattr(guards, "barred", lambda case, actor: None)


def _who_stands_back_may_read(patch: Patch) -> None:
    custody = import_module("tongban.kernel.ports.custody")
    may_read = custody.may_read

    def careless(case: Any, actor: Any, day: Any) -> bool:
        return bool(case.recusals) or may_read(case, actor, day)

    patch.setattr(custody, "may_read", careless)


def _nobody_is_kept_off(patch: Patch) -> None:
    recused = protocol.Recused.changes

    def lost(self: Any, case: Any, event: Any) -> dict[str, Any]:
        return {**recused(self, case, event), "recusals": case.recusals}

    patch.setattr(protocol.Recused, "changes", lost)


def _a_task_is_taken_twice(patch: Patch) -> None:
    def again(self: Any, case: Any, context: Any) -> list[Any]:
        return [protocol.Claimed(context.actor.office)]

    patch.setattr(protocol.Claim, "handle", again)
    takes = Colleagues.takes

    def twice(self: Any, node: Any, record: Any, task: Any, key: str) -> None:
        for name in (key, f"{key} again"):
            takes(self, node, record, task, name)

    patch.setattr(Colleagues, "takes", twice)


def _taking_a_task_gives_more_time(patch: Patch) -> None:
    claimed = protocol.Claimed.changes

    def late(self: Any, case: Any, event: Any) -> dict[str, Any]:
        changes = dict(claimed(self, case, event))
        if case.accepted_on:
            changes["accepted_on"] = case.accepted_on + timedelta(days=14)
        return changes

    patch.setattr(protocol.Claimed, "changes", late)


def _a_task_stays_taken_when_it_is_done(patch: Patch) -> None:
    events = import_module("tongban.kernel.protocol.events")
    patch.setattr(events, "claims_left", lambda before, after, actor: after.claims)


def _a_result_lapses_on_its_last_day(patch: Patch) -> None:
    of_time = validity.validity_of_time

    def early(case: Any, today: Any) -> Iterator[Any]:
        if case.validity is None or case.validity.expired_at is None:
            yield from of_time(case, today + timedelta(days=1))

    patch.setattr(ticking, "validity_of_time", early)


def _nobody_is_told_that_a_result_lapsed(patch: Patch) -> None:
    patch.setattr(ticking, "validity_of_time", lambda case, today: iter(()))


def _a_letter_covers_everything(patch: Patch) -> None:
    patch.setattr(guards, "check_authorised", lambda *given: None)


def _a_letter_covers_any_application(patch: Patch) -> None:
    receipt = import_module("tongban.kernel.protocol.receipt")
    patch.setattr(receipt, "check_authorised", lambda *given: None)


def _a_letter_that_ended_lets_read(patch: Patch) -> None:
    patch.setattr(mandate, "out_of_time", lambda *given: None)


PLANTED: tuple[tuple[str, Plant], ...] = (
    ("contact", _the_data_of_before_is_kept),
    ("contact", _letters_go_the_former_way),
    ("contact", _letters_under_way_are_shown_at_the_new_address),
    ("void_result", _a_void_result_is_sent_again),
    ("void_result", _a_found_letter_takes_the_place_of_the_new_one),
    ("recused", _who_stands_back_may_act),
    ("recused", _who_stands_back_may_read),
    ("recused", _nobody_is_kept_off),
    ("task_taken", _a_task_is_taken_twice),
    ("task_taken", _taking_a_task_gives_more_time),
    ("task_taken", _a_task_stays_taken_when_it_is_done),
    ("lapse", _a_result_lapses_on_its_last_day),
    ("lapse", _nobody_is_told_that_a_result_lapsed),
    ("agent", _a_letter_covers_everything),
    ("agent", _a_letter_covers_any_application),
    ("agent", _a_letter_that_ended_lets_read),
)
LICENCES = ("1-52", "1-50", "2-43", "1-44")
EAGER: dict[str, dict[str, float]] = {
    "contact": {"change_contact": 1.0},
    "void_result": {"void_found": 1.0},
    "recused": {"recuse": 0.5, "stranger": 0.0},
    "task_taken": {"claim": 1.0, "release": 0.0},
    "lapse": {"state_validity": 1.0},
    "agent": {"authorise": 1.0, "by_agent": 1.0},
}
CALM = {"deny": 0.0, "withdraw": 0.0, "refuse": 0.0, "decline": 0.0, "terminate": 0.0}


def eager(name: str, simulated: Callable[..., Result], items: tuple[str, ...] = ()) -> Result:
    """A world in which that is done often about which a check is."""
    lost = {"post_lost": 0.6, "post_returned": 0.0} if name == "void_result" else {}
    return simulated(
        seed=3, cases=40, choices={**CALM, **EAGER[name]}, faults=lost, only_items=items
    )


@pytest.mark.parametrize(
    ("name", "plant"), PLANTED, ids=[plant.__name__.strip("_") for _, plant in PLANTED]
)
def test_a_planted_bug_is_found(
    name: str, plant: Plant, simulated: Callable[..., Result], monkeypatch: Patch
) -> None:
    plant(monkeypatch)
    more_time = plant is _taking_a_task_gives_more_time
    result = eager(name, simulated, LICENCES if more_time else ())
    assert result.failed is not None
    assert result.failed.name == name


@pytest.mark.parametrize("name", EAGER)
def test_without_a_bug_the_same_world_holds(name: str, simulated: Callable[..., Result]) -> None:
    result = eager(name, simulated)
    assert result.failed is None
    assert result.checked[name] > 0
