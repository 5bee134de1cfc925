"""Every invariant can fail: a bug is planted for each, and the simulation finds it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import attrs
import pytest

from tongban.kernel import TongbanError, protocol, service
from tongban.kernel.audit import hash_chain
from tongban.kernel.protocol import decider, guards, ticking
from tongban.plugins.simulation.checks.violation import INVARIANTS
from tongban.plugins.simulation.report.result import Result
from tongban.plugins.simulation.store import contents
from tongban.plugins.simulation.world import behaviour
from tongban.plugins.simulation.world.network import Network
from tongban.plugins.simulation.world.node import Node

from .test_attacked import PLANTED as ATTACKED
from .test_planted_parties import PLANTED as PARTIES
from .test_planted_recourse import PLANTED as RECOURSE

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]


def _acknowledged_before_it_is_kept(patch: Patch) -> None:
    take = service.Service.receive_message

    def early(self: Any, message: Any, *more: Any) -> Any:
        return None if message.kind == "forward" else take(self, message, *more)

    patch.setattr(service.Service, "receive_message", early)


def _the_last_case_is_gone_after_a_restart(patch: Patch) -> None:
    restart = Node._restart

    def forgetful(self: Node) -> None:
        kept: dict[str, Any] = self.inner.contents.cases  # type: ignore[attr-defined]
        if kept:
            kept.popitem()
        restart(self)

    patch.setattr(Node, "_restart", forgetful)


def _a_second_decision(patch: Patch) -> None:
    grant = protocol.Grant.handle

    def twice(*given: Any) -> Any:
        events = grant(*given)
        return [*events, events[-1]]

    patch.setattr(protocol.Grant, "handle", twice)


def _the_decision_is_told_to_nobody(patch: Patch) -> None:
    patch.delattr(protocol.Decided, "messages")


def _notices_never_come(patch: Patch) -> None:
    patch.setattr(Network, "_to_applicant", lambda *given: None)


def _a_hash_of_something_else(patch: Patch) -> None:
    honest = contents.entry_of

    def forged(told: Any, *rest: Any) -> hash_chain.Entry:
        entry = honest(told, *rest)
        changed = told[0] and told[1] == 3
        return attrs.evolve(entry, case_hash=entry.log_hash) if changed else entry

    patch.setattr("tongban.plugins.simulation.store.transaction.entry_of", forged)


def _what_is_told_to_another_store_is_changed(patch: Patch) -> None:
    mirrored = decider._mirrored

    def changed(case: Any, command: Any, body: Any) -> Any:
        step = mirrored(case, command, body)
        return attrs.evolve(
            step, events=tuple(attrs.evolve(one, cause="another") for one in step.events)
        )

    patch.setattr(decider, "_mirrored", changed)


def _a_stranger_may_act(patch: Patch) -> None:
    check = guards.check

    def careless(case: Any, actor: Any, command: str, day: Any) -> None:
        if actor.id != "stranger":
            check(case, actor, command, day)

    patch.setattr(decider, "check", careless)
    strange = [protocol.Withdrawn("strange")]
    patch.setattr(protocol.Examine, "handle", lambda *given: strange)


def _a_request_goes_to_one_place_too_many(patch: Patch) -> None:
    told = protocol.Accepted.messages

    def curious(*given: Any) -> Any:
        yield from told(*given)
        yield "110000/public_security", "progress", {"events": []}

    patch.setattr(protocol.Accepted, "messages", curious)


def _the_clock_runs_on_while_it_is_paused(patch: Patch) -> None:
    # The package has a function of the same name as its module.
    limits = import_module("tongban.kernel.protocol.limits")
    counted = limits._limit

    def running(case: Any, *rest: Any) -> Any:
        return counted(attrs.evolve(case, pauses=()), *rest)

    patch.setattr(limits, "_limit", running)


def _delay_is_not_reported(patch: Patch) -> None:
    patch.setattr(ticking, "_overdue", lambda *given: iter(()))


def _a_case_gets_the_rules_of_today(patch: Patch) -> None:
    accepted = protocol.Accepted.changes

    def renewed(*given: Any) -> dict[str, Any]:
        return {**accepted(*given), "rules": "today"}

    patch.setattr(protocol.Accepted, "changes", renewed)


def _nobody_delivers(patch: Patch) -> None:
    patch.delitem(behaviour._STEPS, "deliver")


def _a_step_ends_in_an_error(patch: Patch) -> None:
    def broken(*given: Any) -> Any:
        raise TongbanError("planted")

    patch.setattr(protocol.Accept, "handle", broken)


PLANTED: tuple[tuple[str, Plant], ...] = (
    ("lost", _acknowledged_before_it_is_kept),
    ("lost", _the_last_case_is_gone_after_a_restart),
    ("decided_twice", _a_second_decision),
    ("untold", _the_decision_is_told_to_nobody),
    ("untold", _notices_never_come),
    ("chain", _a_hash_of_something_else),
    ("diverged", _what_is_told_to_another_store_is_changed),
    ("outsider", _a_stranger_may_act),
    ("outsider", _a_request_goes_to_one_place_too_many),
    ("paused_clock", _the_clock_runs_on_while_it_is_paused),
    ("silent_limit", _delay_is_not_reported),
    ("rules", _a_case_gets_the_rules_of_today),
    ("unended", _nobody_delivers),
    ("raised", _a_step_ends_in_an_error),
)
# What brings the bug to light soon: strangers who try, procedures that last, officers who are slow.
EAGER = {"stranger": 0.3, "pause": 0.5, "extend": 0.0}


@pytest.mark.parametrize(
    ("name", "plant"), PLANTED, ids=[plant.__name__.strip("_") for _, plant in PLANTED]
)
def test_a_planted_bug_is_found(
    name: str, plant: Plant, simulated: Callable[..., Result], monkeypatch: Patch
) -> None:
    plant(monkeypatch)
    limited = name in ("paused_clock", "silent_limit")
    licences = ("1-52", "1-50", "2-43", "1-44") if limited else ()
    result = simulated(seed=3, cases=40, choices=EAGER, only_items=licences)
    assert result.failed is not None
    assert result.failed.name == name


def test_every_invariant_has_a_planted_bug() -> None:
    attacked = {case[0].partition("|")[0] for case in ATTACKED.values()}
    planted = {name for name, _ in (*PLANTED, *RECOURSE, *PARTIES)}
    assert planted | attacked == set(INVARIANTS)


def test_without_a_bug_the_same_world_holds(simulated: Callable[..., Result]) -> None:
    result = simulated(seed=3, cases=40, choices=EAGER)
    assert result.failed is None
    assert all(result.checked.get(name, 0) > 0 for name in ("lost", "chain", "diverged", "untold"))
    licences = simulated(seed=3, cases=40, choices=EAGER, only_items=("1-52", "1-50", "2-43"))
    assert licences.failed is None
    assert licences.checked["paused_clock"] > 0
    assert licences.checked["silent_limit"] > 0
