"""A simulated country in which one hands in applications oneself: for departments' tests."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from attrs import define, field

from tongban.kernel import Application, Kernel, protocol
from tongban.plugins.simulation.applicants import Draft
from tongban.plugins.simulation.catalogue import Catalogue
from tongban.plugins.simulation.options import Options
from tongban.plugins.simulation.record import Record
from tongban.plugins.simulation.scenario import Scenario, load_scenario
from tongban.plugins.simulation.sink import Line, Sink
from tongban.plugins.simulation.staff import DAY
from tongban.plugins.simulation.world import World

__all__ = ["HandedIn", "TrialWorld"]

_DAYS = 365
"""How long a world is expected to last; its staff follows from it."""


@define(eq=False)
class _Kept(Sink):
    """Keeps the events of every case, also of one that is over and was let go."""

    logs: dict[int, list[protocol.Event]] = field(factory=dict)

    def event(
        self, node: str, record: Record, event: protocol.Event, raw: Line, mirrored: bool
    ) -> None:
        """An event that a node has stored; what another node is told of it is not kept twice."""
        Sink.event(self, node, record, event, raw, mirrored)
        log = self.logs.setdefault(record.number, [])
        if all(one.seq != event.seq for one in log):
            log.append(event)


@define(eq=False)
class _Rules:
    """The same rules in every province: those of one kernel. Stands for a `Catalogue`."""

    rules: Kernel
    simulated: Any = field(factory=SimpleNamespace)

    def kernel(self, province: str, day: int) -> Kernel:
        """The kernel of a province on a day of the run."""
        return self.rules


@define(eq=False)
class TrialWorld:
    """A world that does nothing but what is handed in, and what follows from it.

    Args:
        kernel: its rules and plugins hold in every province.
        scenario: what the world is like.
        seed: everything follows from it.
        faults: the kinds of faults that happen; None for all of the scenario.
    """

    kernel: Kernel
    scenario: Scenario
    seed: int = 0
    faults: frozenset[str] | None = None
    _kept: _Kept = field(factory=_Kept, init=False)
    _world: World = field(init=False)
    _count: int = field(default=0, init=False)

    @classmethod
    def of(
        cls,
        *,
        kernel: Kernel | None = None,
        seed: int = 0,
        scenario: str | Path = "calm",
        faults: Collection[str] | None = None,
    ) -> TrialWorld:
        """A world of a scenario.

        Args:
            kernel: whose rules and plugins hold; left out, all that are installed.
            seed: everything follows from it.
            scenario: the name of one that is built in, or a file.
            faults: the kinds of faults that happen; None for all of the scenario.

        Raises:
            ScenarioError: where there is no such scenario, or it is wrong.
        """
        kinds = None if faults is None else frozenset(faults)
        return cls(kernel or Kernel(), load_scenario(scenario), seed, kinds)

    def __attrs_post_init__(self) -> None:
        options = Options(self.seed, cases=1, days=_DAYS, only=(), kinds=self.faults)
        rules = cast("Catalogue", _Rules(self.kernel))
        world = self._world = World(options, self.scenario, rules, self._kept)
        # Somebody is always still to come: else the nights would end with the first case.
        world.waiting = 1
        world.env.process(world._daily())  # noqa: SLF001 - one plugin; see `World.run`
        for province in sorted(self.scenario.provinces):
            world.node(province)
        world._planned()  # noqa: SLF001

    @property
    def today(self) -> date:
        """The day in this world."""
        return self._world.moment.date()

    def submit(self, application: Application | Mapping[str, Any]) -> HandedIn:
        """Hands an application in, where it says, or where the authority is.

        Args:
            application: raw or checked; it is decided as of the day of this world.

        Returns:
            What becomes of it: `run` lets days pass.

        Raises:
            ApplicationError: where it is wrong.
        """
        number, self._count = self._count, self._count + 1
        raw = _raw(application)
        decision = self.kernel.decide({**raw, "as_of": self.today.isoformat()})
        place = raw.get("received_at") or (decision.receiving and decision.receiving.division)
        province = f"{str(place)[:2]}0000" if place else decision.item["jurisdiction"]
        item = decision.item["id"]
        world, node = self._world, self._world.node(province)
        world.handing_in = Draft(number, province, province, item, raw)
        applicant = f"A{number:07d}"
        actor = protocol.Actor("applicant", applicant)
        if raw["channel"] == "window":
            actor = protocol.Actor("window", "window-1", str(raw["received_at"]))
        answer = node.attempt(
            ("submit", number), lambda: node.service.submit(raw, actor, applicant=applicant)
        )
        refused = answer if isinstance(answer, protocol.Refusal) else None
        return HandedIn(self, number, refused)

    def run(self, days: int) -> TrialWorld:
        """Lets days pass.

        Args:
            days: how many.

        Raises:
            Violation: where an invariant of the simulation does not hold.
        """
        self._world.env.run(until=self._world.now + days * DAY)
        return self

    def log(self, number: int) -> tuple[protocol.Event, ...]:
        """Everything that happened to an application, in order."""
        return tuple(sorted(self._kept.logs.get(number, ()), key=lambda event: event.seq))


@define(eq=False)
class HandedIn:
    """An application that was handed in.

    Attributes:
        world: where.
        number: its number there, from 0.
        refused: why no case was opened; None where one was.
    """

    world: TrialWorld
    number: int
    refused: protocol.Refusal | None = None

    def run(self, days: int) -> HandedIn:
        """Lets days pass; as of `TrialWorld.run`."""
        self.world.run(days)
        return self

    @property
    def events(self) -> tuple[protocol.Event, ...]:
        """Everything that happened, in order; nothing where no case was opened."""
        return self.world.log(self.number)

    @property
    def kinds(self) -> list[str]:
        """The same, as words: `submitted`, `received`, …"""
        return [event.kind for event in self.events]

    @property
    def case(self) -> protocol.Case | None:
        """The case as it stands; None where none was opened."""
        return protocol.replay(self.events) if self.events else None

    @property
    def state(self) -> str:
        """Its state, "" where no case was opened."""
        return self.case.state if self.case else ""


def _raw(application: Application | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(application, Application):
        raw = protocol.public_part(application)
        raw["item"] = application.item
    else:
        raw = dict(application)
    raw.pop("as_of", None)
    return {"channel": "online", **raw}
