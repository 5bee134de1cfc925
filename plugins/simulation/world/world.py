"""The simulated country: nodes, messages, letters and a virtual clock, from one seed."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import simpy
from attrs import define, field

from tongban.kernel import Kernel, protocol
from tongban.kernel.ports import store
from tongban.plugins.simulation.checks.record import Record
from tongban.plugins.simulation.checks.violation import ViolationError
from tongban.plugins.simulation.report.event_sink import Sink
from tongban.plugins.simulation.scenario.applicants import Applicants
from tongban.plugins.simulation.scenario.catalogue import Catalogue
from tongban.plugins.simulation.scenario.options import Options
from tongban.plugins.simulation.scenario.places import CENTRAL, DAY, HOUR, province_of
from tongban.plugins.simulation.scenario.scenario import Scenario
from tongban.plugins.simulation.store.memory import MemoryStore
from tongban.plugins.simulation.store.stores import MemoryStores, Stores
from tongban.plugins.simulation.store.watched_store import Written
from tongban.plugins.simulation.world.agents import Agents
from tongban.plugins.simulation.world.arrivals import Arrivals
from tongban.plugins.simulation.world.contacts import Contacts
from tongban.plugins.simulation.world.corrections import Corrections
from tongban.plugins.simulation.world.folders import FolderNetwork
from tongban.plugins.simulation.world.harm import Harm
from tongban.plugins.simulation.world.network import Network
from tongban.plugins.simulation.world.node import Node
from tongban.plugins.simulation.world.people import People
from tongban.plugins.simulation.world.places import Places
from tongban.plugins.simulation.world.ports import Ports
from tongban.plugins.simulation.world.post import Letters
from tongban.plugins.simulation.world.reconciling import Reconciling
from tongban.plugins.simulation.world.refused import Refused
from tongban.plugins.simulation.world.remedies import Remedies

_MINUTES = 150
_WINDOW = 25
"""Minutes of work in a department, and at a window, that a case is expected to take."""


@define(eq=False, slots=False)
class World:
    """One run.

    Args:
        options: seed, number of cases, days, what is left out.
        scenario: what the world is like.
        catalogue: the rules of every province; may be shared between runs.
        sink: takes every event.
        keeping: opens the store of a node; in memory by default.
        folder: where messages are carried through folders; None where they are not.
        daily: called with each day of the run.
        results: called at a node for each result that is on its way to the applicant, and
            again when the node has come up.
    """

    options: Options
    scenario: Scenario
    catalogue: Catalogue
    sink: Sink
    keeping: Stores = field(factory=MemoryStores)
    folder: Path | None = None
    daily: Callable[[int], None] | None = None
    results: Callable[[Node, protocol.Case], None] | None = None
    active: Node | None = field(default=None, init=False)
    broken: ViolationError | None = field(default=None, init=False)
    ports: Ports = field(init=False)

    def __attrs_post_init__(self) -> None:
        forget = None if self.folder else self._forget
        self.ports = Ports(self.options, self.scenario, self.sink, forget)
        ports, catalogue = self.ports, self.catalogue
        self.applicants = Applicants(
            self.scenario, catalogue.examples, ports.dice.chance, catalogue.locals
        )
        self._shares = self.applicants.shares()
        self._away: set[tuple[str, int, int]] = set()
        self.places = Places(self._made, self._ready)
        self.people = People(ports, self.places)
        self.people.habits += [
            Refused(ports, self.places, self.people, self.applicants),
            Remedies(ports, self.people),
            Corrections(ports, self.people),
            Contacts(self.people),
            Agents(self.people),
        ]
        self.letters = Letters(ports, self.places, self.people)
        self.network = self._network()
        self.arrivals = Arrivals(ports, self.places, self.applicants, self.jurisdiction)
        left = Reconciling(
            ports, self.places, self.network, self.people, self.letters, self.arrivals.again
        )
        self.harm = Harm(ports, self.places, self.network, self.keeping, left)
        catalogue.simulated.world = self

    def _network(self) -> Network:
        if self.folder is None:
            return Network(self.ports, self.places, self.people)
        return FolderNetwork(
            self.ports,
            self.places,
            self.people,
            root=self.folder,
            looked=lambda node, put_back: self.harm.looked(node, put_back),
            planted=lambda name: self.harm.planted(name),
        )

    # Places

    @property
    def nodes(self) -> dict[str, Node]:
        """The nodes that were needed so far, by province."""
        return self.places.nodes

    def _made(self, province: str) -> Node:
        chance, most = self.ports.dice.chance, self.scenario.faults.clock_minutes
        skew = chance.below(2 * most + 1, "skew", province) - most
        return Node(self.ports, self, province, skew if self.options.has("clock_minutes") else 0)

    def _ready(self, node: Node) -> None:
        self.network.join(node.province)
        self.ports.agenda.env.process(self._days_of(node))

    def rules(self, province: str, day: int) -> Kernel:
        """The rules of a province that hold from a day on."""
        return self.catalogue.kernel(self.jurisdiction(province), day)

    def open_store(self, node: Node) -> store.Store:
        """The store of a node."""
        return self.keeping(node)

    def jurisdiction(self, province: str) -> str:
        """Whose catalogue a node has: its province's own."""
        return province if province in self.scenario.provinces else min(self.scenario.provinces)

    def staff_size(self, province: str, pool: str) -> int:
        """How many officers a department has, for the work that is expected."""
        staff, days = self.scenario.staff, max(1, self.options.days)
        share = self._shares.get((province, pool), 0.0)
        minutes = _MINUTES
        if pool == "window":
            minutes = _WINDOW
            share = sum(one for (code, _), one in self._shares.items() if code == province)
        hours = (staff.hours[1] - staff.hours[0]) * HOUR * days * 5 // 7
        needed = self.options.cases * share * minutes / (max(1, hours) * staff.utilisation)
        return max(staff.least, int(needed) + 1) + staff.reserve

    # Faults

    def raises(self, hook: str, item: str) -> bool:
        """Whether a plugin fails now (asked by the simulated plugin)."""
        doing = self._doing()
        dice = self.ports.dice
        return dice.fault("plugin_raises", dice.faults.plugin_raises, hook, item, *doing)

    def disagrees(self, item: str) -> bool:
        """Whether a second engine disagrees now (asked by the simulated plugin)."""
        doing = self._doing()
        if not doing or doing[0] != "submit":
            return False
        dice = self.ports.dice
        return dice.fault("engines_disagree", dice.faults.engines_disagree, *doing)

    def _doing(self) -> tuple[object, ...]:
        return self.active.doing if self.active is not None else ()

    def ill(self, pool: str, officer: int, day: int) -> bool:
        """Whether an officer is away on a day."""
        name = pool, officer, day
        if not self.options.has("officer_ill"):
            return False
        away = self.ports.dice.chance.happens(
            self.scenario.faults.officer_ill, "officer_ill", *name
        )
        if away and name not in self._away:
            self._away.add(name)
            self.ports.metrics.faults["officer_ill"] += 1
        return away

    # What happens

    def run(self) -> None:
        """From the first application to the last end.

        Raises:
            ViolationError: where an invariant does not hold.
        """
        self.start()
        self.ports.agenda.env.run(until=self.options.horizon(self.scenario.drain_days) * DAY)
        if self.options.until is None:
            self.finish()

    def start(self, everywhere: bool = True) -> None:
        """Gets everything ready; `env.run` then lets time pass.

        Args:
            everywhere: whether each province has its node from the first day on, and not
                only when it is first needed.
        """
        self.ports.agenda.env.process(self.arrivals.come())
        self.ports.agenda.env.process(self._daily())
        places = [*sorted(self.scenario.provinces), *([CENTRAL] if self.folder else [])]
        for province in places if everywhere else ():
            self.places.node(province)
        self.harm.planned()

    # What the nodes tell

    def committed(self, node: Node, written: Written) -> None:
        """One transaction of a node, at once after its commit."""
        record = self.ports.cases.record(written.case)
        if record is None and (written.case in self.ports.cases.gone or not written.events):
            return  # what is left of a case that is lost, or of one that nobody has
        if record is None:
            record = self._opened(node, written)
        record.homes.add(node.province)
        before = record.case
        try:
            fresh = self.ports.watch.committed(node, written, record)
        except ViolationError as violation:
            self.sink.broke(node.province, record, written)
            self.broken = violation  # nothing that runs in between may swallow it
            raise
        for message in written.messages:
            record.unacknowledged.add((node.province, message.id))
            if message.receiver == "applicant":
                record.unread.add(message.id)
            self.ports.metrics.messages[message.kind] += 1
        last = before.version if before.version > 1 or record.case.version > 1 else 0
        for event, raw, _ in written.texts:
            self.sink.event(node.province, record, event, raw, mirrored=event.seq <= last)
        self.ports.metrics.happened(record, fresh)
        for event in fresh:
            self.letters.posted(record, event)
        if not before.over and record.case.over:
            self.ports.cases.open -= 1
            self.ports.metrics.ended(record)
        elif before.over and not record.case.over:
            self.ports.cases.open += 1
            self.ports.metrics.goes_on(record, before)

    def _opened(self, node: Node, written: Written) -> Record:
        first = written.events[0]
        case = protocol.evolve(None, first)
        agenda, cases = self.ports.agenda, self.ports.cases
        assert cases.handing_in is not None
        record = Record(cases.handing_in, node.province, case, agenda.now // DAY)
        cases.add(record)
        self.ports.agenda.later(0, lambda: self.people.begins(record), record)
        return record

    def _forget(self, record: Record) -> None:
        """A settled case takes no memory any more."""
        for province in record.homes:
            inner = self.nodes[province].inner
            if isinstance(inner, MemoryStore):
                inner.forget(record.id)
            self.ports.watch.forgotten(province, record.id)

    # Days

    def _days_of(self, node: Node) -> Generator[simpy.Event, Any, None]:
        """Each night the time limits are looked at, and new rules come into force."""
        offset = 30 + int(node.province[:2])
        day = self.ports.agenda.now // DAY
        if self.ports.agenda.now > day * DAY + offset:
            day += 1
        while not self.ports.done:
            yield self.ports.agenda.env.timeout(day * DAY + offset - self.ports.agenda.now)
            if any(one.day == day for one in self.scenario.changes):
                node.rules_of(day)
            self.harm.night(node, day)
            if node.up:
                node.tick()
                self.network.wake(node, 0)
            day += 1

    def _daily(self) -> Generator[simpy.Event, Any, None]:
        day = 0
        while not self.ports.done:
            self.ports.metrics.day(day, self.ports.cases.open)
            for record in list(self.ports.cases.records.values()):
                home = self.places.node(province_of(record.case.holder.key))
                if record.case.over:
                    self.ports.watch.ended(record, home)
                    self.ports.cases.settle(record)
                else:
                    self.ports.watch.held(record, home)
            if self.daily is not None:
                self.daily(day)
            yield self.ports.agenda.env.timeout(DAY)
            day += 1

    def finish(self) -> None:
        """Looks at what is left over at the end, and at the chains as a whole.

        Raises:
            ViolationError: where an invariant does not hold.
        """
        for record in self.ports.cases.records.values():
            node = self.places.node(province_of(record.case.holder.key))
            late = any(
                one.due is not None and one.due < node.today
                for one in node.store.deadlines(record.id, open_only=True)
            )
            self.ports.watch.unsettled(record, late, node.calendars)
            self.ports.metrics.left_over(record)
        for node in self.nodes.values():
            self.ports.watch.finished(node, self.ports.cases.records)
        self.harm.finished()
