"""What the parts of a simulated country are handed: time, draws, cases, and where to count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, Protocol, cast

import simpy
from attrs import define, field

from tongban.kernel import protocol
from tongban.plugins.simulation.checks.invariants import Watch
from tongban.plugins.simulation.checks.record import Record
from tongban.plugins.simulation.report.event_sink import Sink
from tongban.plugins.simulation.report.metrics import Metrics
from tongban.plugins.simulation.scenario.applicants import Draft
from tongban.plugins.simulation.scenario.options import Options
from tongban.plugins.simulation.scenario.places import DAY
from tongban.plugins.simulation.scenario.random_streams import Chance
from tongban.plugins.simulation.scenario.scenario import Faults, Scenario

_ROOM_DAYS = 75
"""What begins later than so long before the end of a run might not be done by then."""


class Place(Protocol):
    """A node, as far as its place is noted."""

    @property
    def province(self) -> str:
        """Its code."""


@define(eq=False)
class Cases:
    """The cases of a run.

    Args:
        watch: looks at each case that is settled.
        forget: frees what the stores keep of a settled case; None where an older state of a
            store may hold it, so that everything stays where it is.
        records: cases about which something is under way, by id.
        past: cases that are settled, where they stay known.
        by_number: cases by the number of the applicant.
        gone: ids of cases that were lost with a store.
        applied: how often an applicant has applied again, by number.
        open: how many cases are not over.
        waiting: how many applications are still to come.
        handing_in: what is being handed in now.
    """

    watch: Watch
    forget: Callable[[Record], None] | None
    records: dict[str, Record] = field(factory=dict)
    past: dict[str, Record] = field(factory=dict)
    by_number: dict[int, Record] = field(factory=dict)
    gone: set[str] = field(factory=set)
    applied: Counter[int] = field(factory=Counter)
    open: int = 0
    waiting: int = 0
    handing_in: Draft | None = None

    def __iter__(self) -> Iterator[Record]:
        """Every case that is known, settled ones last."""
        return iter([*self.records.values(), *self.past.values()])

    def add(self, record: Record) -> None:
        """A case that was opened."""
        self.records[record.id] = record
        self.by_number[record.number] = record
        self.open += 1

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
        del self.records[record.id]
        if self.forget is None:
            self.past[record.id] = record
            return
        self.forget(record)
        del self.by_number[record.number]


@define(eq=False)
class Agenda:
    """The virtual clock, and what happens when.

    Args:
        start: the day on which the run begins.
        cases: settled once nothing is under way about them.
    """

    start: date
    cases: Cases
    env: simpy.Environment = field(factory=simpy.Environment)
    begin: datetime = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.begin = datetime.combine(self.start, datetime.min.time(), protocol.CHINA)

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
        """Lets something happen after some minutes; `record` is not settled before."""
        event = simpy.Timeout(self.env, minutes)
        if record is not None:
            record.pending += 1

        def happen(_: object) -> None:
            if record is not None:
                record.pending -= 1
            what()
            if record is not None:
                self.cases.settle(record)

        callbacks: list[Any] = cast("list[Any]", event.callbacks)
        callbacks.append(happen)


@define(eq=False)
class Dice:
    """Draws that follow from the seed, and faults that happen by them.

    Args:
        options: seed, and which faults are left out.
        faults: their rates.
        cases: each notes the faults that touched it.
        metrics: counts the faults.
        note: takes each for the history.
        fired: ids of the faults that happened, with what they were, where that is asked for.
    """

    options: Options
    faults: Faults
    cases: Cases
    metrics: Metrics
    note: Callable[..., None]
    fired: dict[str, str] = field(factory=dict)
    chance: Chance = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.chance = Chance(self.options.seed)

    def fault(self, kind: str, rate: float, *name: object, case: str = "") -> bool:
        """Whether a fault happens now; it is noted where it does."""
        if rate <= 0 or not self.options.has(kind):
            return False
        if not self.chance.happens(rate, kind, *name):
            return False
        id = f"{self.chance.bits('fault', kind, *name):016x}"[:8]
        if not self.options.lets(id):
            return False
        record = self.cases.records.get(case)
        if record is not None:
            record.incidents[kind] = record.incidents.get(kind, 0) + 1
        self.metrics.faults[kind] += 1
        if self.options.keep or self.options.faults is not None:
            self.fired[id] = f"{kind} {' '.join(map(str, name))}"
        self.note(kind, None, case=case, fault=id)
        return True


@define(eq=False, slots=False)
class Ports:
    """What all parts of a run share; none of them sees the world itself.

    Args:
        options: seed, number of cases, days, what is left out.
        scenario: what the world is like.
        sink: takes every event.
        forget: as of `Cases`.
    """

    options: Options
    scenario: Scenario
    sink: Sink
    forget: Callable[[Record], None] | None

    def __attrs_post_init__(self) -> None:
        self.metrics = Metrics(self.scenario.journeys)
        self.watch = Watch(self.scenario.start)
        self.cases = Cases(self.watch, self.forget)
        self.agenda = Agenda(self.scenario.start, self.cases)
        self.dice = Dice(self.options, self.scenario.faults, self.cases, self.metrics, self.note)

    def in_time(self, wait: int) -> bool:
        """Whether what follows from a step after some minutes can come to its end in the run."""
        days = self.options.days + self.scenario.drain_days - _ROOM_DAYS
        return self.agenda.now + wait < days * DAY

    def note(self, kind: str, node: Place | None, **says: object) -> None:
        """A fault, or something that a person did in vain, for the history."""
        self.sink.note(self.agenda.now, kind, node.province if node else "", says)

    @property
    def done(self) -> bool:
        """Whether all applicants came, and nothing is under way."""
        return not self.cases.waiting and not self.cases.records and self.agenda.now > 0
