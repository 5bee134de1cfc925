"""Corrections (更正、重新办理) that an authority makes on its own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define

from tongban.kernel import protocol
from tongban.plugins.simulation.scenario.places import DAY
from tongban.plugins.simulation.world.node import Node
from tongban.plugins.simulation.world.obligations import OWN
from tongban.plugins.simulation.world.people import People
from tongban.plugins.simulation.world.ports import Ports
from tongban.plugins.simulation.world.task import Task, round_of

if TYPE_CHECKING:
    from tongban.plugins.simulation.checks.record import Record

_ENDS = ("declined", "returned", "lapsed", "terminated")


@define(eq=False)
class Corrections:
    """An authority that finds itself that it was wrong.

    Args:
        ports: what all parts of a run share.
        people: on whose lists it is put.
    """

    ports: Ports
    people: People

    def begins(self, record: Record) -> None:
        """Nothing: there is nothing to put right yet."""

    def told(self, record: Record, message: protocol.Message) -> None:
        """Nothing: it is the authority's own."""

    def happened(self, node: Node, record: Record, event: protocol.Event) -> None:
        """A decision was delivered, or a case has ended without one: some were wrong."""
        chance, choices, case = self.ports.dice.chance, self.ports.scenario.choices, record.case
        if not node.serves(case.holder.key):
            return
        task = f"{OWN}{round_of(case)}"
        if event.kind == "delivered" and chance.happens(
            choices.correct, record.number, "correct", task
        ):
            days = chance.of(choices.correct_days, record.number, "correct days", task)
            self._put(node, record, Task("correct", case.plan.lead, task, wait=DAY * days + 60))
        elif event.kind in _ENDS and chance.happens(choices.reopen, record.number, "reopen", task):
            days = chance.of(choices.reopen_days, record.number, "reopen days", task)
            self._put(node, record, Task("reopen", case.holder, task, wait=DAY * days + 60))

    def _put(self, node: Node, record: Record, task: Task) -> None:
        if self.ports.in_time(task.wait):
            self.people.put(node, record, task)
