"""What people do: officers with the work before them, applicants with the papers they get."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from attrs import define, evolve, field

from tongban.kernel import protocol, service
from tongban.kernel.ports import store
from tongban.plugins.simulation.checks.violation import ViolationError
from tongban.plugins.simulation.scenario.places import DAY, province_of
from tongban.plugins.simulation.scenario.random_streams import Weighted
from tongban.plugins.simulation.world.behaviour import act, standstill, task_of
from tongban.plugins.simulation.world.colleagues import Colleagues
from tongban.plugins.simulation.world.node import DOWN, Answer, Down, Node, postponed
from tongban.plugins.simulation.world.obligations import owed_tasks
from tongban.plugins.simulation.world.places import Places
from tongban.plugins.simulation.world.ports import Ports
from tongban.plugins.simulation.world.task import Task, officer_of, stand_in

if TYPE_CHECKING:
    from tongban.plugins.simulation.checks.record import Record

_RETRY = 90
_DOUBTFUL = timedelta(hours=1)
_NO_PART = ("not_a_party", "not_your_step")


class Habit(Protocol):
    """What some people do of their own accord, beside the work on the lists."""

    def begins(self, record: Record) -> None:
        """A case was opened."""

    def happened(self, node: Node, record: Record, event: protocol.Event) -> None:
        """A node has stored an event; one that hears of it later stores it too."""

    def told(self, record: Record, message: protocol.Message) -> None:
        """The applicant has read a notice."""


@define(eq=False)
class People:
    """Everybody in the simulated world.

    Args:
        ports: what all parts of a run share.
        places: the nodes, by province.
        habits: what else people do.
    """

    ports: Ports
    places: Places
    habits: list[Habit] = field(factory=list)
    colleagues: Colleagues = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.colleagues = Colleagues(self)

    # Officers

    def follow(self, node: Node, case: str, events: Sequence[protocol.Event]) -> None:
        """What follows from events that a node has just stored."""
        record = self.ports.cases.records.get(case)
        if record is None:
            return
        for event in events:
            self._event(node, record, event)
            for habit in self.habits:
                habit.happened(node, record, event)
        self.consider(node, case)

    def consider(self, node: Node, case: str) -> None:
        """Puts what is to be done in a case on the lists of the offices that this node serves."""
        here, record = node.store.case(case), self.ports.cases.records.get(case)
        if here is None or record is None:
            return
        if node.serves(here.holder.key):
            task = task_of(here, record)
            if task is not None and (task.office is None or node.serves(task.office.key)):
                self.put(node, record, task)
            for owed in owed_tasks(here):
                self.put(node, record, owed)
        for one in here.follow_ups:
            office = next(o for o in here.plan.offices if o.key == one.side)
            if not one.result and node.serves(office.key) and _knows(here, office):
                self.put(node, record, Task("follow_up", office, f"side {one.side}"))

    def read(self, node: Node, message: protocol.Message) -> None:
        """An office reads what came in."""
        record = self.ports.cases.records.get(message.case)
        if record is None:
            return
        if message.kind == "request":
            division, _, department = message.receiver.partition("/")
            office = protocol.Office("", None if division == "-" else division, department)
            self.put(node, record, Task("confirm", office, message.id))
        if message.kind == "rating" and message.body["grade"] in _LOW:
            here = node.store.case(message.case)
            if here is None:
                division, _, department = message.receiver.partition("/")
                office = protocol.Office("", None if division == "-" else division, department)
                self.put(node, record, Task("follow_up", office, f"side {message.receiver}"))

    def put(self, node: Node, record: Record, task: Task) -> None:
        """Puts a task on the list of its office, where it does not stand there already."""
        key = f"{record.id} {task.command} {task.office.key if task.office else '-'} {task.name}"
        if key in node.agenda:
            return
        node.agenda.add(key)
        ports, epoch = self.ports, node.epoch

        def take_up() -> None:
            if node.epoch == epoch:
                self.colleagues.takes(node, record, task, key)
                ends = self._work(node, record, task, key)
                ports.agenda.later(max(1, ends - ports.agenda.now), finish, record)

        def finish() -> None:
            if node.epoch == epoch:
                node.agenda.discard(key)
                self.colleagues.gives_back(node, record, task, key)
                self._do(node, record, task)

        # What lies for days is taken up in its turn on the day on which it is due to be.
        wait = task.wait
        if task.command == "resume":
            wait = standstill(ports, record, record.case)
        work = ports.scenario.work.get(task.command)
        if work is not None and task.office is not None:
            wait += DAY * ports.dice.chance.of(work.days, "lies", record.number, key)
        if wait:
            ports.agenda.later(wait, take_up, record)
        else:
            take_up()

    def _work(self, node: Node, record: Record, task: Task, key: str) -> int:
        """When an officer who is free has done it."""
        work = self.ports.scenario.work.get(task.command)
        if work is None or task.office is None:
            return self.ports.agenda.now + 1
        pool = node.pool("window" if task.by_window else task.office.department)
        minutes = self.ports.dice.chance.of(work.minutes, "minutes", record.number, key)
        return pool.take(self.ports.agenda.now, minutes)

    def _do(self, node: Node, record: Record, task: Task) -> None:
        """Somebody does what is on the list, if it is still to be done."""
        here = node.store.case(record.id)
        step = act(self.ports, record, here, task, self._cancelled(node, record))
        if step is None:
            return
        if self.colleagues.stands_back(node, record, task):
            self.put(node, record, evolve(task, wait=_RETRY))
            return
        actor, body = step
        answer = node.do(record, actor, body, task.name)
        if postponed(answer) and answer is not DOWN:
            self.check_clock(node, record.id)
            self.put(node, record, evolve(task, wait=_RETRY))
        self.answered(record, actor, body, answer)

    def check_clock(self, node: Node, case: str) -> None:
        """A supervisor looks at a clock that is right, where a case doubts it."""
        record, here = self.ports.cases.record(case), node.store.case(case)
        last = node.store.last_moment(case)
        if here is None or record is None or last is None or node.store.restored is not None:
            return
        if node.leap or abs(node.clock() - last) < _DOUBTFUL:
            return  # it is wrong itself; or clocks differ by minutes, and that passes
        actor = protocol.Actor("supervisor", "supervisor-1", here.holder.division)
        body = protocol.CheckClock("已与授时核对 compared with the time service")
        node.do(record, actor, body, f"clock {here.version}")

    def _cancelled(self, node: Node, record: Record) -> bool:
        return bool(node.store.incoming(case=record.id, kind="cancellation"))

    def answered(
        self,
        record: Record,
        actor: protocol.Actor,
        body: protocol.CommandBody,
        answer: Answer | Down,
    ) -> None:
        """Counts and notes what a command came to, where it is refused."""
        if isinstance(answer, protocol.Refusal):
            self.refused(record, actor, body.kind, answer.code)

    def refused(self, record: Record, actor: protocol.Actor, command: str, code: str) -> None:
        """Counts and notes a refusal."""
        self.ports.metrics.refusals[f"{command}: {code}"] += 1
        self.ports.note("refused", None, case=record.id, command=command, code=code, by=actor.kind)

    # Events that officers and the post follow up

    def _event(self, node: Node, record: Record, event: protocol.Event) -> None:
        case, body = record.case, event.body
        here = node.store.case(record.id)
        if here is None:
            return
        mine = node.serves(case.holder.key)
        if event.kind == "chased" and case.state == "dispatched":
            sender = case.plan.way[case.at]
            if node.serves(sender.key):
                self._lost_on_the_way(node, record, sender)
        elif event.kind == "warned" and mine and getattr(body, "step", "") != "supply":
            self._extend(node, record, event)
        elif event.kind == "delivered" and mine:
            self._rate(record)

    def _lost_on_the_way(self, node: Node, record: Record, sender: protocol.Office) -> None:
        """Papers that were asked for again and never came are sent once more."""
        shipment = len(record.case.shipments)
        if record.parcels.get(shipment) is False:
            task = Task(
                "forward", sender, f"again {shipment}", by_window=sender.department == "window"
            )
            self.put(node, record, task)

    def _extend(self, node: Node, record: Record, event: protocol.Event) -> None:
        body: Any = event.body
        case = record.case
        rule = next((one for one in case.plan.limits if one.step == body.step), None)
        rate = self.ports.scenario.choices.extend
        if rule is None or not rule.extension or body.step not in ("decide", "examine"):
            return
        if body.step in case.extensions or case.state not in _EXTENDABLE:
            return
        if self.ports.dice.chance.happens(rate, record.number, "extend", body.step):
            task = Task("extend", case.plan.lead, body.step, wait=60)
            self.put(node, record, task)

    # Applicants

    def told(self, record: Record, message: protocol.Message) -> None:
        """The applicant reads a notice, and does what it asks for."""
        ports, chance = self.ports, self.ports.dice.chance
        choices, number = ports.scenario.choices, record.number
        document = message.body["document"]
        for habit in self.habits:
            habit.told(record, message)
        if document == "补正告知书":
            if not chance.happens(choices.supply_never, number, "never"):
                days = chance.of(choices.supply_days, number, "supply")
                wanted = tuple(message.body["wanted"])
                parts: list[tuple[str, ...]] = [wanted]
                if len(wanted) > 1 and chance.happens(choices.supply_in_parts, number, "parts"):
                    parts = [wanted[:1], wanted[1:]]
                for nth, part in enumerate(parts):
                    body = protocol.Supply(part)
                    self.does(
                        record, record.applicant, body, f"{nth}", days * DAY + nth * DAY + 600
                    )
        elif document == "送达告知书" and message.body["by"] == "pickup":
            days = chance.of(choices.pickup_days, number, "pickup", message.id)
            ports.agenda.later(days * DAY + 300, lambda: self.picked_up(record, message.id), record)

    def picked_up(self, record: Record, name: str) -> None:
        """At the window: the applicant has the result in hand."""
        case = record.case
        if case.state != "delivering":
            return
        node = self.places.node(province_of(case.plan.way[0].key))
        actor = officer_of(case.plan.way[0], record)
        if actor.kind == "officer" and case.plan.way[0].key != case.plan.lead.key:
            actor = officer_of(protocol.Office("", case.plan.window, "window"), record)
        # The paper that is handed out says which delivery it is; the window may not have the news.
        body = protocol.Report("arrived", len(case.deliveries))
        answer = node.do(record, actor, body, f"pickup {name}")
        if postponed(answer):
            self.check_clock(node, record.id)
            self.ports.agenda.later(_RETRY, lambda: self.picked_up(record, name), record)
        self.answered(record, actor, body, answer)

    def begins(self, record: Record) -> None:
        """What an applicant, and strangers, will do in a new case."""
        ports, chance, number = self.ports, self.ports.dice.chance, record.number
        choices = ports.scenario.choices
        for habit in self.habits:
            habit.begins(record)
        if chance.happens(choices.withdraw, number, "withdraw"):
            days = chance.of(choices.withdraw_days, number, "withdraw days")
            wait = days * DAY + chance.below(DAY, number, "withdraw minute")
            self.does(record, record.applicant, protocol.Withdraw("不再需要"), "once", wait)
        if chance.happens(choices.stranger, number, "stranger"):
            wait = chance.below(6 * DAY, number, "stranger minute")
            ports.agenda.later(wait, lambda: self._stranger(record), record)

    def _rate(self, record: Record) -> None:
        ports, chance, number = self.ports, self.ports.dice.chance, record.number
        choices = ports.scenario.choices
        grades = Weighted(tuple(choices.grades), tuple(choices.grades.values()))
        for office in record.case.reached:
            if chance.happens(choices.rate, number, "rate", office.key):
                grade: Any = chance.choose(grades, number, "grade", office.key)
                days = chance.of(choices.rate_days, number, "rate days", office.key)
                body = protocol.Rate(office.key, grade)
                self.does(record, record.applicant, body, office.key, days * DAY + 120)

    def does(
        self,
        record: Record,
        actor: protocol.Actor,
        body: protocol.CommandBody,
        name: str,
        wait: int,
        at: str = "",
    ) -> None:
        """Somebody does something after a while, and tries again while nothing comes back.

        Args:
            record: of the case.
            actor: who.
            body: what.
            name: makes it another command than the same one earlier in the case.
            wait: minutes.
            at: province of the node where it is given; left out, where the application was
                handed in.
        """
        ports = self.ports

        def now() -> None:
            node = self.places.node(at or record.node)
            who = stand_in(ports, record, actor, body, name)
            by = "" if who is actor else f" by {who.authorisation}"
            answer = node.do(record, who, body, f"{name}{by}")
            if postponed(answer):
                self.check_clock(node, record.id)
                ports.agenda.later(_RETRY, now, record)
            elif by and isinstance(answer, protocol.Refusal):
                record.by_themselves.add(f"{body.kind} {name}")
                ports.agenda.later(_RETRY, now, record)
            self.answered(record, who, body, answer)

        ports.agenda.later(wait, now, record)

    # Strangers

    def _stranger(self, record: Record) -> None:
        """An officer of another place and department tries to act, and to read."""
        ports, case = self.ports, record.case
        node = self.places.node(province_of(case.holder.key))
        here = node.store.case(record.id)
        if here is None or not node.up:
            return
        places = [code for code in ports.scenario.provinces if code != province_of(case.holder.key)]
        place = ports.dice.chance.pick(places or ["110000"], record.number, "stranger place")
        actor = protocol.Actor("officer", "stranger", f"{place[:2]}9999", "nobody")
        ports.watch.checked["outsider"] += 1
        answer = node.do(record, actor, protocol.Examine("越权"), "stranger")
        if postponed(answer):
            return
        # Where the case moved on meanwhile the attempt is relayed, and refused there.
        if isinstance(answer, service.Done):
            raise ViolationError("outsider", record, "an officer without a part could act in it")
        if isinstance(answer, protocol.Refusal) and answer.code not in _NO_PART:
            raise ViolationError("outsider", record, f"a stranger is refused with {answer.code}")
        try:
            node.inner.personal(record.id, actor, "好奇")
        except store.NotAllowedError:
            return
        raise ViolationError("outsider", record, "an officer without a part could read who applied")


_LOW = tuple(protocol.GRADES[grade] for grade in ("dissatisfied", "very_dissatisfied"))
_EXTENDABLE = ("accepted", "cohandling", "examined", "paused")


def _knows(case: protocol.Case, office: protocol.Office) -> bool:
    return any(one.key == office.key for one in case.plan.offices)
