"""A province's node: its store, its kernel, its officers; the live service carries its cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, Protocol, TypeAlias, TypeVar

from attrs import define, field

from tongban.kernel import Kernel, TongbanError, protocol, service
from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import store
from tongban.plugins.simulation.checks.record import Record
from tongban.plugins.simulation.checks.violation import ViolationError
from tongban.plugins.simulation.scenario.places import CENTRAL, DAY, province_of
from tongban.plugins.simulation.store.watched_store import Killed, WatchedStore, Written
from tongban.plugins.simulation.world.ports import Ports
from tongban.plugins.simulation.world.staff import Pool, Timetable

_RESULTS = ("decided", "delivery_started", "reissued")
_UNDER_WAY = ("decided", "delivering", "undelivered")
"""Events after which a result is handed over, and the states in which it is on its way."""

_AFTER_THE_END = ("correct", "reopen")
"""What may be left to do in a case that is over."""

T = TypeVar("T")

Answer: TypeAlias = service.Done | service.Relayed | protocol.Refusal
"""What a command comes to."""


AnyStore: TypeAlias = store.Store


class Down:
    """Nothing came back: the node is down, or was killed."""


DOWN = Down()


_DOUBTS = ("clock_back", "clock_ahead")
_LATER = ("restored", *_DOUBTS)
"""Refusals after which somebody comes back: the store or its clock is not right now."""


def postponed(answer: object) -> bool:
    """Whether an answer is none: the node is down, or nothing is decided there now."""
    return answer is DOWN or (isinstance(answer, protocol.Refusal) and answer.code in _LATER)


class Officers(Protocol):
    """The people at a node, as far as it calls them."""

    def follow(self, node: Node, case: str, events: Sequence[protocol.Event]) -> None:
        """What follows from events that it has just stored."""

    def consider(self, node: Node, case: str) -> None:
        """Puts what is to be done in a case on the lists of its offices."""

    def read(self, node: Node, message: protocol.Message) -> None:
        """An office reads what came in."""

    def check_clock(self, node: Node, case: str) -> None:
        """A supervisor looks at a clock that a case doubts."""


class Post(Protocol):
    """What carries messages."""

    def send(self, source: Node, message: protocol.Message) -> None:
        """Sends a message, until it is acknowledged or its sender goes down."""

    def wake(self, node: Node, minutes: int) -> None:
        """Has a node look for what came in after some minutes."""


class Guard(Protocol):
    """What was done to a node's store."""

    def came_up(self, node: Node) -> bool:
        """Whether a node that comes up may go on with its work."""


class Surroundings(Protocol):
    """What a node calls.

    Attributes:
        active: the node that takes a step.
        broken: the invariant that does not hold; None while all do.
        results: called for each result that is on its way; None where they are not wanted.
    """

    active: Node | None
    broken: ViolationError | None
    results: Callable[[Node, protocol.Case], None] | None

    @property
    def people(self) -> Officers:
        """The people at the nodes."""

    @property
    def network(self) -> Post:
        """What carries messages."""

    @property
    def harm(self) -> Guard:
        """What was done to stores."""

    def rules(self, province: str, day: int) -> Kernel:
        """The rules of a province that hold from a day on."""

    def open_store(self, node: Node) -> AnyStore:
        """The store of a node."""

    def committed(self, node: Node, written: Written) -> None:
        """Called for one transaction, at once after its commit."""

    def staff_size(self, province: str, pool: str) -> int:
        """How many officers a department has."""

    def ill(self, pool: str, officer: int, day: int) -> bool:
        """Whether an officer is away on a day."""


@define(eq=False, slots=False)
class Node:
    """One province.

    Args:
        ports: what all parts of a run share.
        around: what it calls when something has happened.
        province: its code.
        skew: minutes by which its clock is wrong.
    """

    ports: Ports
    around: Surroundings
    province: str
    skew: int
    store: store.Store = field(init=False)
    service: service.Service = field(init=False)
    up: bool = True
    epoch: int = 0
    cut_until: int = 0
    agenda: set[str] = field(factory=set)
    pools: dict[str, Pool] = field(factory=dict)
    fresh: list[protocol.Message] = field(factory=list)
    touched: dict[str, list[protocol.Event]] = field(factory=dict)
    doing: tuple[object, ...] = ()
    tries: Counter[str] = field(factory=Counter)
    leap: int = 0
    """Minutes by which its clock has jumped, until it is put right."""
    jumped: bool = False
    """Whether its clock has jumped, and nothing that it carries has doubted it yet."""

    def __attrs_post_init__(self) -> None:
        self.reopened(self.around.open_store(self))
        self.rules_of(0)

    def reopened(self, inner: AnyStore) -> None:
        """Goes on with what is in the place of its store now."""
        self.store = WatchedStore(inner, self._kills, self._told)

    @property
    def inner(self) -> AnyStore:
        """The store without the watch."""
        found = self.store
        return found.inner if isinstance(found, WatchedStore) else found

    def salt(self, *nth: int) -> str:
        """What salts a personal datum that is kept now, in hexadecimal digits."""
        return self.ports.dice.chance.hexadecimal("salt", self.province, *self.doing, *nth)

    # Time

    def clock(self) -> datetime:
        """The moment, as this node's clock has it."""
        return self.ports.agenda.moment + timedelta(minutes=self.skew + self.leap)

    @property
    def today(self) -> date:
        """The day, as this node's clock has it."""
        return protocol.day_of(self.clock())

    @property
    def cut(self) -> bool:
        """Whether no message gets in or out."""
        return self.cut_until > self.ports.agenda.now

    def calendars(self, division: str | None) -> protocol.Calendar:
        """The working days of a place."""
        return self.service.calendar(division)

    def rules_of(self, day: int) -> None:
        """The rules that hold here from a day on; open cases keep theirs."""
        rules = self.around.rules(self.province, day)
        kernel = rules.with_effects(self.clock, self._id)
        self.service = service.Service(kernel, self.store, self.serves)

    def _id(self) -> str:
        self.tries["id"] += 1
        return self.ports.dice.chance.hexadecimal("id", *self.doing, self.tries["id"])

    def serves(self, address: str) -> bool:
        """Whether this is the node of an address."""
        place = address.partition("/")[0]
        return province_of(address) == self.province if place.isdigit() or place == "-" else True

    # Steps

    def attempt(self, doing: tuple[object, ...], what: Callable[[], T]) -> T | Down:
        """Takes one step, unless the node is down; it may be killed in it.

        Args:
            doing: what is done, for draws.
            what: the step.
        """
        if not self.up:
            return DOWN
        self.doing = doing
        self.tries["id"] = 0
        self.around.active = self
        try:
            answer = what()
        except Killed:
            self.killed()
            return DOWN
        except (TongbanError, AssertionError, ArithmeticError, LookupError, TypeError) as error:
            if isinstance(error, store.ConflictError):
                raise
            record = self.ports.cases.record_of(doing)
            says = f"{' '.join(map(str, doing))}: {type(error).__name__}: {error}"
            raise ViolationError("raised", record, says) from error
        if self.around.broken is not None:
            raise self.around.broken
        self._doubted(answer)
        self._follow()
        return answer

    def _doubted(self, answer: object) -> None:
        """Notes once of each jump that the protocol doubted the clock."""
        codes = {getattr(one, "doubt", None) for one in answer} if type(answer) is tuple else set()
        if self.jumped and (codes or {getattr(answer, "code", None)}) & set(_DOUBTS):
            self.jumped = False
            self.ports.metrics.noticed["clock_jump"] += 1

    def do(
        self, record: Record, actor: protocol.Actor, body: protocol.CommandBody, name: str
    ) -> Answer | Down:
        """A command in a case; the same name twice is the same command."""
        doing = (body.kind, record.number, name)
        id = f"{record.id}/{body.kind}/{name}"
        return self.attempt(doing, lambda: self.service.do(record.id, actor, body, id=id))

    def _told(self, written: Written) -> None:
        if written.events or written.messages:
            self.around.committed(self, written)
        self.fresh += written.messages
        if written.events:
            self.touched.setdefault(written.case, []).extend(written.events)

    def _kills(self, kind: str, written: Written) -> bool:
        faults = self.ports.dice.faults
        rate = getattr(faults, kind)
        if not rate or not (written.events or written.messages or written.received):
            return False
        case = written.case
        version: object = written.events[-1].seq if written.events else ""
        version = version or (written.received or written.messages)[0].id
        key = f"{kind} {case} {version}"
        self.tries[key] += 1
        fires = self.ports.dice.fault(
            kind, rate, self.province, case, version, self.tries[key], case=case
        )
        if not fires:
            del self.tries[key]
        return fires

    def _follow(self) -> None:
        """Sends what was put into the outbox, and draws up the work that follows."""
        messages, self.fresh = self.fresh, []
        for message in messages:
            self.around.network.send(self, message)
        touched, self.touched = self.touched, {}
        for case, events in touched.items():
            self.around.people.follow(self, case, events)
            if any(event.kind in _RESULTS for event in events):
                self._hand_over(case)

    def _hand_over(self, id: str) -> None:
        """A result that this node sends on its way, for those who want to know."""
        case = self.store.case(id) if self.around.results else None
        if case is not None and case.state in _UNDER_WAY and self.serves(case.plan.lead.key):
            assert self.around.results is not None
            self.around.results(self, case)

    # Going down and coming up

    def killed(self) -> None:
        """The process is gone; what it had in mind is gone with it."""
        if not self.up:
            return
        self.up, self.epoch = False, self.epoch + 1
        self.fresh.clear()
        self.touched.clear()
        self.agenda.clear()
        ports = self.ports
        down = ports.dice.faults.down_minutes
        minutes = ports.dice.chance.of(down, "down", self.province, self.epoch)
        ports.note("node_killed", self, minutes=minutes)
        ports.agenda.later(minutes, self._restart)

    def _restart(self) -> None:
        """Comes up with nothing but its store."""
        self.up = True
        self.rules_of(self.ports.agenda.now // DAY)
        self.ports.note("node_restarted", self)
        self.ports.watch.restarted(self, self.ports.cases.records)
        for pool in self.pools.values():
            pool.reset()
        if self.around.harm.came_up(self):
            self.resume()
        else:
            self.around.network.wake(self, 0)

    def resume(self) -> None:
        """Takes up everything that the store holds."""
        for one in self.store.outgoing("pending"):
            self.around.network.send(self, one.message)
        cases = [row.id for row in self.store.cases(store.CaseFilter(over=False))]
        cases += [one.case for one in self.store.deadlines(open_only=True)]
        cases += [one.case for one in self.store.tasks().tasks if one.command in _AFTER_THE_END]
        for case in dict.fromkeys(cases):
            self.around.people.consider(self, case)
            self._hand_over(case)
        for incoming in self.store.incoming(open_only=True):
            self.around.people.read(self, incoming.message)
        self.tick()

    def tick(self) -> None:
        """What time has brought; then the invariants of limits are checked."""
        done = self.attempt(("tick", self.province, self.today), self.service.tick)
        if isinstance(done, Down) or self.leap or self.store.restored is not None:
            return
        for one in done:
            if one.doubt:
                self.around.people.check_clock(self, one.case.id)
        self.ports.watch.day_done(self, self.ports.cases.records)

    def tail(self, case: str, count: int) -> list[hash_chain.Entry]:
        """The last entries of a case in the log."""
        entries: Iterator[Any] = self.store.entries(case)
        every = list(entries)
        return list(islice(every, len(every) - count, None))

    def pool(self, name: str) -> Pool:
        """The officers of a department here; `window` are its windows."""
        found = self.pools.get(name)
        if found is None:
            size = self.around.staff_size(self.province, name)
            found = self.pools[name] = Pool(
                f"{self.province}/{name}", size, self.timetable, self.around.ill
            )
        return found

    @property
    def timetable(self) -> Timetable:
        """The working hours here."""
        known = self.__dict__.get("_timetable")
        if known is None:
            hours = self.ports.scenario.staff.hours
            calendar = self.calendars(None if self.province == CENTRAL else self.province)
            known = self.__dict__["_timetable"] = Timetable(
                self.ports.scenario.start, (hours[0], hours[1]), calendar.works
            )
        found: Timetable = known
        return found
