"""The simulated country: nodes, messages, letters and a virtual clock, from one seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import simpy
from attrs import define, field

from tongban.kernel import protocol
from tongban.kernel.ports import store
from tongban.plugins.simulation.checks.invariants import Violation, Watch
from tongban.plugins.simulation.checks.record import Record
from tongban.plugins.simulation.report.event_sink import Sink
from tongban.plugins.simulation.report.metrics import Metrics
from tongban.plugins.simulation.scenario.applicants import Applicants, Draft
from tongban.plugins.simulation.scenario.catalogue import Catalogue
from tongban.plugins.simulation.scenario.options import Options
from tongban.plugins.simulation.scenario.places import CENTRAL, DAY, HOUR, province_of
from tongban.plugins.simulation.scenario.random_streams import Chance
from tongban.plugins.simulation.scenario.scenario import Faults, Scenario
from tongban.plugins.simulation.store.faulty_store import Written
from tongban.plugins.simulation.store.memory import MemoryStore
from tongban.plugins.simulation.store.stores import MemoryStores, Stores
from tongban.plugins.simulation.world.arrivals import Arrivals
from tongban.plugins.simulation.world.folders import FolderNetwork
from tongban.plugins.simulation.world.harm import Harm
from tongban.plugins.simulation.world.network import Network
from tongban.plugins.simulation.world.node import Node
from tongban.plugins.simulation.world.people import People
from tongban.plugins.simulation.world.post import Letters

__all__ = ["World"]

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
        daily: told each day of the run.
        results: told at a node of each result that is on its way to the applicant, and
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
    env: simpy.Environment = field(factory=simpy.Environment)
    metrics: Metrics = field(init=False)
    watch: Watch = field(init=False)
    records: dict[str, Record] = field(factory=dict)
    nodes: dict[str, Node] = field(factory=dict)
    fired: dict[str, str] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.chance = Chance(self.options.seed)
        self.metrics = Metrics(self.scenario.journeys)
        self.watch = Watch(self.scenario.start)
        self.arrivals = Arrivals(self)
        self.network = FolderNetwork(self, root=self.folder) if self.folder else Network(self)
        self.people, self.letters = People(self), Letters(self)
        self.applicants = Applicants(
            self.scenario, self.catalogue.examples, self.chance, self.catalogue.locals
        )
        self.begin = datetime.combine(self.scenario.start, datetime.min.time(), protocol.CHINA)
        self._shares = self.applicants.shares()
        self.catalogue.simulated.world = self
        self.broken: Violation | None = None
        self.harm = Harm(self)
        self.open = 0
        self.active: Node | None = None
        self.by_number: dict[int, Record] = {}
        self.past: dict[str, Record] = {}
        self.gone_cases: set[str] = set()
        self.applied: Counter[int] = Counter()
        self._away: set[tuple[str, int, int]] = set()
        self.handing_in: Draft | None = None

    # Time

    @property
    def now(self) -> int:
        """Minutes since the run began."""
        return cast("int", self.env.now)

    @property
    def moment(self) -> datetime:
        """The true moment; the clocks of nodes may differ."""
        return self.begin + timedelta(minutes=self.now)

    def minute_of(self, moment: datetime) -> int:
        """Minutes from the beginning of the run to a moment."""
        return int((moment - self.begin).total_seconds()) // 60

    def later(self, minutes: int, what: Callable[[], object], record: Record | None = None) -> None:
        """Lets something happen after so many minutes."""
        event = simpy.Timeout(self.env, minutes)
        if record is not None:
            record.pending += 1

        def happen(_: object) -> None:
            if record is not None:
                record.pending -= 1
            what()
            if record is not None:
                self.settle(record)

        callbacks: list[Any] = cast("list[Any]", event.callbacks)
        callbacks.append(happen)

    # Places

    def node(self, province: str) -> Node:
        """The node of a province; made when it is first needed."""
        found = self.nodes.get(province)
        if found is None:
            most = self.faults.clock_minutes
            skew = self.chance.below(2 * most + 1, "skew", province) - most
            skew = skew if self.options.has("clock_minutes") else 0
            found = self.nodes[province] = Node(self, province, skew)
            self.network.join(province)
            self.env.process(self._days_of(found))
        return found

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

    @property
    def faults(self) -> Faults:
        """Their rates."""
        return self.scenario.faults

    def fault(self, kind: str, rate: float, *name: object, case: str = "") -> bool:
        """Whether a fault happens now; it is noted where it does."""
        if rate <= 0 or not self.options.has(kind):
            return False
        if not self.chance.happens(rate, kind, *name):
            return False
        id = f"{self.chance.bits('fault', kind, *name):016x}"[:8]
        if not self.options.lets(id):
            return False
        record = self.records.get(case)
        if record is not None:
            record.incidents[kind] = record.incidents.get(kind, 0) + 1
        self.metrics.faults[kind] += 1
        if self.options.keep or self.options.faults is not None:
            self.fired[id] = f"{kind} {' '.join(map(str, name))}"
        self.note(kind, None, case=case, fault=id)
        return True

    def raises(self, hook: str, item: str) -> bool:
        """Whether a plugin fails now (asked by the simulated plugin)."""
        doing = self._doing()
        return self.fault("plugin_raises", self.faults.plugin_raises, hook, item, *doing)

    def disagrees(self, item: str) -> bool:
        """Whether a second engine disagrees now (asked by the simulated plugin)."""
        doing = self._doing()
        if not doing or doing[0] != "submit":
            return False
        return self.fault("engines_disagree", self.faults.engines_disagree, *doing)

    def _doing(self) -> tuple[object, ...]:
        return self.active.doing if self.active is not None else ()

    def ill(self, pool: str, officer: int, day: int) -> bool:
        """Whether an officer is away on a day."""
        name = pool, officer, day
        if not self.options.has("officer_ill"):
            return False
        away = self.chance.happens(self.faults.officer_ill, "officer_ill", *name)
        if away and name not in self._away:
            self._away.add(name)
            self.metrics.faults["officer_ill"] += 1
        return away

    # What happens

    def run(self) -> None:
        """From the first application to the last end.

        Raises:
            Violation: where an invariant does not hold.
        """
        self.start()
        self.env.run(until=self.options.horizon(self.scenario.drain_days) * DAY)
        if self.options.until is None:
            self.finish()

    def start(self, everywhere: bool = True) -> None:
        """Gets everything ready; `env.run` then lets time pass.

        Args:
            everywhere: whether each province has its node from the first day on, and not
                only when it is first needed.
        """
        self.env.process(self.arrivals.come())
        self.env.process(self._daily())
        places = [*sorted(self.scenario.provinces), *([CENTRAL] if self.folder else [])]
        for province in places if everywhere else ():
            self.node(province)
        self.harm.planned()

    @property
    def waiting(self) -> int:
        """How many applications are still to come."""
        return self.arrivals.waiting

    @waiting.setter
    def waiting(self, count: int) -> None:
        self.arrivals.waiting = count

    def hand_in(self, draft: Draft) -> None:
        """One application more, now."""
        self.arrivals.hand_in(draft)

    # What the nodes tell

    def committed(self, node: Node, written: Written) -> None:
        """One transaction of a node, at once after its commit."""
        record = self.record(written.case)
        if record is None and (written.case in self.gone_cases or not written.events):
            return  # what is left of a case that is lost, or of one that nobody has
        if record is None:
            record = self._opened(node, written)
        record.homes.add(node.province)
        before = record.case
        try:
            fresh = self.watch.committed(node, written, record)
        except Violation as violation:
            self.sink.broke(node.province, record, written)
            self.broken = violation  # nothing that runs in between may swallow it
            raise
        for message in written.messages:
            record.unacknowledged.add((node.province, message.id))
            if message.receiver == "applicant":
                record.unread.add(message.id)
            self.metrics.messages[message.kind] += 1
        last = before.version if before.version > 1 or record.case.version > 1 else 0
        for event, raw, _ in written.texts:
            self.sink.event(node.province, record, event, raw, mirrored=event.seq <= last)
        self.metrics.happened(record, fresh)
        for event in fresh:
            self.letters.posted(record, event)
        if not before.over and record.case.over:
            self.open -= 1
            self.metrics.ended(record)

    def _opened(self, node: Node, written: Written) -> Record:
        first = written.events[0]
        case = protocol.evolve(None, first)
        assert self.handing_in is not None
        record = Record(self.handing_in, node.province, case, self.now // DAY)
        self.records[case.id] = record
        self.by_number[record.number] = record
        self.open += 1
        self.later(0, lambda: self.people.begins(record), record)
        return record

    def note(self, kind: str, node: Node | None, **says: object) -> None:
        """A fault, or something that a person did in vain, for the history."""
        self.sink.note(self.now, kind, node.province if node else "", says)

    def known(self, number: int) -> bool:
        """Whether an applicant's case was opened."""
        return number in self.by_number

    def record_of(self, doing: tuple[object, ...]) -> Record | None:
        """The case that a step was about."""
        number = doing[1] if len(doing) > 1 else None
        return self.by_number.get(number) if isinstance(number, int) else None

    def record(self, case: str) -> Record | None:
        """What is known of a case, also of one that was settled, as long as it is kept."""
        return self.records.get(case) or self.past.get(case)

    def settle(self, record: Record) -> None:
        """Lets a case go about which nothing is under way any more."""
        if record.settled or not record.over:
            return
        record.settled = True
        self.watch.settled(record)
        if self.folder:
            # An older state of a store may hold it, so everything stays where it is.
            self.past[record.id] = record
            del self.records[record.id]
            return
        for province in record.homes:
            inner = self.nodes[province].inner
            if isinstance(inner, MemoryStore):
                inner.forget(record.id)
            self.watch.forgotten(province, record.id)
        del self.records[record.id]
        del self.by_number[record.number]

    # Days

    def _days_of(self, node: Node) -> Generator[simpy.Event, Any, None]:
        """Each night the time limits are looked at, and new rules come into force."""
        offset = 30 + int(node.province[:2])
        day = self.now // DAY
        if self.now > day * DAY + offset:
            day += 1
        while not self.done:
            yield self.env.timeout(day * DAY + offset - self.now)
            if any(one.day == day for one in self.scenario.changes):
                node.rules_of(day)
            self.harm.night(node, day)
            if node.up:
                node.tick()
                self.network.wake(node, 0)
            day += 1

    def _daily(self) -> Generator[simpy.Event, Any, None]:
        day = 0
        while not self.done:
            self.metrics.day(day, self.open)
            for record in list(self.records.values()):
                if record.case.over:
                    self.settle(record)
                else:
                    self.watch.held(record, self.node(province_of(record.case.holder.key)))
            if self.daily is not None:
                self.daily(day)
            yield self.env.timeout(DAY)
            day += 1

    @property
    def done(self) -> bool:
        """Whether nobody is still to come, and nothing is under way."""
        return not self.arrivals.waiting and not self.records and self.now > 0

    def finish(self) -> None:
        """Looks at what is left over at the end, and at the chains as a whole.

        Raises:
            Violation: where an invariant does not hold.
        """
        for record in self.records.values():
            node = self.node(province_of(record.case.holder.key))
            late = any(
                one.due is not None and one.due < node.today
                for one in node.store.deadlines(record.id, open_only=True)
            )
            self.watch.unsettled(record, late, node.calendars)
            self.metrics.left_over(record)
        for node in self.nodes.values():
            self.watch.finished(node, self.records)
        self.harm.finished()
