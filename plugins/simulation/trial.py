"""A simulated country in which one hands in applications oneself: for departments' tests."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias, cast

from attrs import define, evolve, field

from tongban.kernel import Application, Kernel, Status, protocol
from tongban.kernel.ports import store
from tongban.plugins.simulation.checks.record import Record
from tongban.plugins.simulation.report.event_sink import Line, Sink
from tongban.plugins.simulation.scenario.applicants import Draft, Local, refused_at
from tongban.plugins.simulation.scenario.catalogue import Catalogue, Simulated
from tongban.plugins.simulation.scenario.options import Options
from tongban.plugins.simulation.scenario.places import DAY, province_of
from tongban.plugins.simulation.scenario.scenario import (
    FAULTS,
    Scenario,
    ScenarioError,
    load_scenario,
)
from tongban.plugins.simulation.world.node import DOWN
from tongban.plugins.simulation.world.world import World

Starts: TypeAlias = Callable[[], Iterable[object]]
"""Makes the plugins of a place anew, as a process does that starts there."""

_RETRY = 120
"""Minutes after which somebody tries again whom the node did not answer."""

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
    """The same rules in every province: those of one kernel. Stands for a `Catalogue`.

    Args:
        rules: the kernel.
        starts: makes the plugins of a node anew; None for those of the kernel, everywhere.
        started: the kernels of nodes that were started so.
    """

    rules: Kernel
    starts: Starts | None
    simulated: Simulated = field(factory=Simulated)
    started: list[Kernel] = field(factory=list)
    locals: Mapping[str, Local] = field(factory=dict)

    @property
    def examples(self) -> Kernel:
        """The kernel by whose items the officers are counted."""
        return self.rules

    def kernel(self, province: str, day: int) -> Kernel:
        """The kernel of a node that starts."""
        if self.starts is None:
            return self.rules
        self.started.append(self.rules.restarted([*self.starts(), self.simulated]))
        return self.started[-1]


@define(eq=False, repr=False)
class TrialWorld:
    """A world that does nothing but what is handed in, and what follows from it.

    Args:
        kernel: its rules and plugins hold in every province.
        scenario: what the world is like; its variations and changes of rules do not hold.
        seed: everything follows from it.
        faults: the kinds of faults that happen; None for all of the scenario.
        starts: makes the plugins of a node anew whenever it starts, and lets the faults
            happen that are plugins' own; None for those of the kernel, everywhere.

    Attributes:
        world: the simulation that carries it.
        count: how many applications were handed in.
        waiting: numbers of those that a node which was down has yet to take.
    """

    kernel: Kernel
    scenario: Scenario
    seed: int = 0
    faults: frozenset[str] | None = None
    starts: Starts | None = None
    world: World = field(init=False)
    _rules: _Rules = field(init=False)
    _kept: _Kept = field(factory=_Kept, init=False)
    count: int = field(default=0, init=False)
    waiting: set[int] = field(factory=set, init=False)

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
            ScenarioError: where there is no such scenario or kind of fault, or it is wrong.
        """
        kinds = None if faults is None else frozenset(faults)
        unknown = sorted((kinds or frozenset()) - set(FAULTS))
        if unknown:
            raise ScenarioError(f"faults: {unknown[0]!r} is none of {', '.join(FAULTS)}")
        return cls(kernel or Kernel(), load_scenario(scenario), seed, kinds)

    def __attrs_post_init__(self) -> None:
        self.scenario = evolve(self.scenario, variations=(), changes=())
        # Only those who are handed in come.
        options = Options(self.seed, cases=1, days=_DAYS, only=(), kinds=self.faults)
        self._rules = _Rules(self.kernel, self.starts)
        rules = cast("Catalogue", self._rules)
        self.world = World(options, self.scenario, rules, self._kept)
        self.world.start(everywhere=False)
        # Somebody is always still to come: else the nights would end with the first case.
        self.world.ports.cases.waiting = 1

    @property
    def failures(self) -> tuple[Status, ...]:
        """The plugins that failed at a node that was started with its own."""
        return tuple(
            one
            for kernel in self._rules.started
            for one in kernel.ports.failures
            if one.name != self._rules.simulated.__name__
        )

    @property
    def today(self) -> date:
        """The day in this world."""
        return protocol.day_of(self.world.ports.agenda.moment)

    def submit(
        self, application: Application | Mapping[str, Any], number: int | None = None
    ) -> HandedIn:
        """Hands an application in, where it says, or where the authority is.

        Args:
            application: raw or checked; it is decided as of the day of this world.
            number: its own, from which what becomes of it follows; None for the next one.

        Returns:
            What becomes of it: `run` lets days pass.

        Raises:
            ApplicationError: where it is wrong.
        """
        number = self.count if number is None else number
        self.count = max(self.count, number + 1)
        raw = _raw(application)
        decision = self.kernel.decide({**raw, "as_of": self.today.isoformat()})
        first = decision.receiving
        place = raw.get("received_at") or (first and (first.division or "-"))
        if not place and decision.outcome == "ineligible":
            place = refused_at(self.kernel, {**raw, "as_of": self.today.isoformat()})
        province = province_of(str(place)) if place else decision.item["jurisdiction"]
        item = decision.item["id"]
        answer = self._hand_in(Draft(number, province, province, item, raw))
        refused = answer if isinstance(answer, protocol.Refusal) else None
        return HandedIn(self, number, refused)

    def _hand_in(self, draft: Draft) -> object:
        """Hands an application in; again after a while where that was not confirmed."""
        world, raw, number = self.world, draft.raw, draft.number
        self.waiting.discard(number)
        if world.ports.cases.known(number):
            return None
        applicant = f"A{number:07d}"
        actor = protocol.Actor("applicant", applicant)
        if raw["channel"] == "window":
            actor = protocol.Actor("window", "window-1", str(raw["received_at"]))
        node, world.ports.cases.handing_in = world.places.node(draft.here), draft
        try:
            answer = node.attempt(
                ("submit", number), lambda: node.service.submit(raw, actor, applicant=applicant)
            )
        except store.ConflictError:
            return None  # it came twice: it is there
        if answer is DOWN:
            self.waiting.add(number)
            world.ports.agenda.later(_RETRY, lambda: self._hand_in(draft))
        return answer

    def run(self, days: int) -> TrialWorld:
        """Run the world for some days.

        Args:
            days: how many, at least 1.

        Raises:
            ValueError: where it is fewer.
            ViolationError: where an invariant of the simulation does not hold.
        """
        if days < 1:
            raise ValueError(f"run(days={days}): days are at least 1")
        agenda = self.world.ports.agenda
        agenda.env.run(until=agenda.now + days * DAY)
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
        """Run the world for some days; as `TrialWorld.run`."""
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
