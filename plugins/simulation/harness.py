"""The simulated world as a value for its caller: applications in, events and violations out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from attrs import define, field

from tongban.kernel import ApplicationError, Kernel, Status, protocol
from tongban.plugins.simulation.checks.violation import ViolationError
from tongban.plugins.simulation.scenario.scenario import FAULTS, Scenario, built_in, load_scenario
from tongban.plugins.simulation.trial import Starts, TrialWorld
from tongban.plugins.simulation.world.node import Node

__all__ = ["Harness", "Starts", "opened"]

_PURPOSE = "送达结果 delivery"


def opened(
    kernel: Kernel, scenario: str, seed: int, faults: frozenset[str] | None, starts: Starts | None
) -> Harness:
    """A world of a scenario.

    Args:
        kernel: its rules hold in every province.
        scenario: the name of one that is built in, or a file.
        seed: everything follows from it.
        faults: the kinds that happen; None for all of the scenario.
        starts: makes the plugins of a node anew whenever it starts.

    Raises:
        ScenarioError: where there is no such scenario, or it is wrong.
    """
    found = _built_in(scenario) if scenario in built_in() else load_scenario(scenario)
    return Harness(TrialWorld(kernel, found, seed, faults, starts))


_built_in = cache(load_scenario)


@define(eq=False, repr=False)
class Harness:
    """A simulated country in which the live service carries the caller's cases.

    What breaks is returned, not raised.

    Args:
        trial: the world.
    """

    trial: TrialWorld
    _broken: ViolationError | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self.trial.world.results = _hand_over

    @property
    def kinds(self) -> Mapping[str, str]:
        """Every kind of fault that may happen here, with its official term."""
        return {kind: one.zh for kind, one in FAULTS.items() if _happens(self.trial.scenario, kind)}

    @property
    def happened(self) -> Mapping[str, int]:
        """How often each kind has happened so far; kinds that did not are left out."""
        world = self.trial.world
        wrong = sum(node.skew != 0 for node in world.nodes.values())
        counts = {**world.ports.metrics.faults, "clock_minutes": wrong}
        return {kind: count for kind, count in counts.items() if count}

    @property
    def today(self) -> date:
        """The day in this world."""
        return self.trial.today

    @property
    def failures(self) -> tuple[Status, ...]:
        """The plugins that failed so far, in any place."""
        return self.trial.failures

    def submit(
        self, application: Mapping[str, Any], number: int | None = None
    ) -> int | protocol.Refusal:
        """Hands an application in where it says, or where the authority is.

        Args:
            application: raw; it is decided as of the day of this world.
            number: its own, from which its history follows; None for the next one.

        Returns:
            Its number, from 0; or why no case was opened.

        Raises:
            ApplicationError: where it is wrong.
        """
        number = self.trial.count if number is None else number
        try:
            handed_in = self.trial.submit(application, number)
        except ApplicationError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a plugin makes of it
            self._broke(error)
            return number
        return handed_in.refused or handed_in.number

    def run(self, days: int) -> ViolationError | None:
        """Run for days until no case is open any more, then checks everything once more.

        Args:
            days: the most that pass.

        Returns:
            The invariant that did not hold, which ends the world; None where all held.
        """
        world = self.trial.world
        try:
            for _ in range(days):
                if self._broken or not (world.ports.cases.records or self.trial.waiting):
                    break
                self.trial.run(1)
            if not self._broken:
                world.finish()
        except Exception as error:  # noqa: BLE001 - whatever a plugin makes of it
            self._broke(error)
        return self._broken

    def events(self, number: int) -> tuple[protocol.Event, ...]:
        """Everything that happened to an application, in order."""
        return self.trial.log(number)

    def _broke(self, error: Exception) -> None:
        if not isinstance(error, ViolationError):
            error = ViolationError("raised", None, f"{type(error).__name__}: {error}")
        self._broken = error


def _happens(scenario: Scenario, kind: str) -> bool:
    planned = any(one.cut_off for one in scenario.plan) and kind == "cut_off"
    return planned or getattr(scenario.faults, kind) > 0


def _hand_over(node: Node, case: protocol.Case) -> None:
    """Asks plugins to carry a result, as `tongban case document` does."""
    kernel = node.service.kernel
    kept = node.inner.personal(case.id, protocol.SYSTEM, _PURPOSE)
    item = f"{case.item['jurisdiction']}/{case.item['id']}"
    wanted = {
        "document": "",
        "personal": dict(kept.data) if kept else {},
        "offices": {
            one.key: kernel.rulebook.office_name(item, one.division, one.department)
            for one in case.plan.offices
        },
        "calendars": node.service.calendar,
        "events": node.store.events(case.id),
        "key": None,
        "tracking": case.deliveries[-1].tracking if case.deliveries else "",
    }
    kernel.ports.deliver(case.to_dict(), wanted)
