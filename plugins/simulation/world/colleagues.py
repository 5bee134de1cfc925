"""Officers of one office: who takes a task and gives it back, who stands back, who acts instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from attrs import define

from tongban.kernel import protocol, service
from tongban.kernel.ports import store
from tongban.plugins.simulation.checks.violation import ViolationError
from tongban.plugins.simulation.scenario.places import DAY, province_of
from tongban.plugins.simulation.world.node import DOWN, Answer, Down, Node, postponed
from tongban.plugins.simulation.world.places import Places
from tongban.plugins.simulation.world.ports import Ports
from tongban.plugins.simulation.world.task import Task, officer_of, supervisor_of

if TYPE_CHECKING:
    from tongban.plugins.simulation.checks.record import Record

_RECUSED = ("receive", "accept", "confirm", "examine", "grant")
"""Tasks that somebody may have to stand back from."""

_TOLD = 0.3
"""Of those who stand back, so many are told to by the supervisor."""

_OTHER = 0.4
"""Of the tasks that are given back, so many are by a colleague or the supervisor."""

_ELSEWHERE = protocol.Examine("回避后仍办理")


class Others(Protocol):
    """Everybody, as far as colleagues share with them."""

    ports: Ports
    places: Places

    def check_clock(self, node: Node, case: str) -> None:
        """A supervisor looks at a clock that a case doubts."""

    def answered(
        self,
        record: Record,
        actor: protocol.Actor,
        body: protocol.CommandBody,
        answer: Answer | Down,
    ) -> None:
        """Counts and notes a refusal."""

    def does(
        self,
        record: Record,
        actor: protocol.Actor,
        body: protocol.CommandBody,
        name: str,
        wait: int,
        at: str = "",
    ) -> None:
        """Somebody does something after a while, and tries again while nothing comes back."""


@define(eq=False)
class Colleagues:
    """Who does what in an office.

    Args:
        people: everybody else, and what they share.
    """

    people: Others

    # Taking tasks

    def takes(self, node: Node, record: Record, task: Task, key: str) -> None:
        """Somebody may take a task by name before it is done."""
        ports = self.people.ports
        office, rate = task.office, ports.scenario.choices.claim
        if office is None or not _of_office(task) or task.command in ("settle", "follow_up"):
            return
        if ports.dice.chance.happens(rate, record.number, "claim", key):
            epoch = node.epoch

            def take() -> None:
                if node.epoch == epoch:
                    # Anybody of the office may be the one.
                    nth = 1 + ports.dice.chance.below(2, record.number, "claims", key)
                    actor = officer_of(office, record, nth)
                    self._gives(node, record, actor, protocol.Claim(), key)

            ports.agenda.later(1, take, record)

    def gives_back(self, node: Node, record: Record, task: Task, key: str) -> None:
        """Who took a task may give it back, or lose it to a colleague or by order."""
        chance, office = self.people.ports.dice.chance, task.office
        if office is None or not any(one.office == office.key for one in record.case.claims):
            return
        if not chance.happens(self.people.ports.scenario.choices.release, record.number, key):
            return
        actor = officer_of(office, record)
        if chance.happens(_OTHER, record.number, "gives back", key):
            colleague = officer_of(office, record, 3)
            actor = chance.pick([colleague, supervisor_of(office)], record.number, "who", key)
        named = office.key if actor.kind == "supervisor" else ""
        self._gives(node, record, actor, protocol.Release("另有安排", named), key)

    def _gives(
        self,
        node: Node,
        record: Record,
        actor: protocol.Actor,
        body: protocol.CommandBody,
        name: str,
    ) -> Answer | Down:
        answer = node.do(record, actor, body, name)
        self.people.answered(record, actor, body, answer)
        return answer

    # Recusal

    def stands_back(self, node: Node, record: Record, task: Task) -> bool:
        """Whether the officer whose turn it is stands back instead of acting, once an office."""
        office, ports = task.office, self.people.ports
        if office is None or not _of_office(task) or task.command not in _RECUSED:
            return False
        chance, choices = ports.dice.chance, ports.scenario.choices
        if not chance.happens(choices.recuse, record.number, "recuse", office.key):
            return False
        account = officer_of(office, record)
        if _has_stood_back(record, office):
            return False
        actor, officer = account, ""
        if task.command != "confirm" and chance.happens(_TOLD, record.number, "told", office.key):
            actor, officer = supervisor_of(office), account.id
        instead = officer_of(office, record, 3).id
        body = protocol.Recuse("与申请人有利害关系", officer, "", instead, office.key)
        answer = self._gives(node, record, actor, body, f"{office.key}")
        if answer is DOWN:
            return True
        if postponed(answer):
            self.people.check_clock(node, record.id)
        elif isinstance(answer, protocol.Refusal):
            return False
        else:
            record.standing_back.add((office.key, account.id))
            self._later(record, office, account)
        return True

    def _later(self, record: Record, office: protocol.Office, account: protocol.Actor) -> None:
        """Who stands back tries to act and to read all the same; may be readmitted."""
        ports, number = self.people.ports, record.number
        chance, choices = ports.dice.chance, ports.scenario.choices
        wait = 30 + chance.below(3 * DAY, number, "tries", office.key)
        ports.agenda.later(wait, lambda: self._tries(record, office, account), record)
        if chance.happens(choices.readmit, number, "readmit", office.key):
            days = chance.of(choices.readmit_days, number, "readmit", office.key)
            body = protocol.Readmit(account.id, "回避事由已消除", office.key)
            supervisor, at = supervisor_of(office), province_of(office.key)
            self.people.does(record, supervisor, body, office.key, days * DAY + 60, at)

    def _tries(self, record: Record, office: protocol.Office, account: protocol.Actor) -> None:
        """An officer who stands back tries to act, and to read who applied."""
        ports = self.people.ports
        node = self.people.places.node(province_of(office.key))
        here = node.store.case(record.id)
        if here is None or not node.up:
            return
        if account.id not in {one.officer for one in here.recusals_of(office.key)}:
            return
        ports.watch.checked["recused"] += 1
        answer = node.do(record, account, _ELSEWHERE, f"recused {office.key}")
        if postponed(answer):
            return
        if isinstance(answer, service.Done):
            raise ViolationError("recused", record, "who stands back from it could act in it")
        if isinstance(answer, protocol.Refusal) and answer.code != "not_a_party":
            says = f"who stands back is refused with {answer.code}"
            raise ViolationError("recused", record, says)
        try:
            node.inner.personal(record.id, account, "回避后查阅")
        except store.NotAllowedError:
            return
        raise ViolationError("recused", record, "who stands back from it could read who applied")


def _of_office(task: Task) -> bool:
    """Whether somebody of the task's own office does it, and not the window beside it."""
    return task.office is not None and task.by_window is (task.office.department == "window")


def _has_stood_back(record: Record, office: protocol.Office) -> bool:
    known = {one.office for one in record.case.recusals}
    return office.key in known | {key for key, _ in record.standing_back}
