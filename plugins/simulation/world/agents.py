"""Agents: whom applicants name, what these do for them, and what their letters do not cover."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from attrs import define

from tongban.kernel import protocol
from tongban.kernel.ports import store
from tongban.plugins.simulation.checks.violation import ViolationError
from tongban.plugins.simulation.scenario.places import DAY
from tongban.plugins.simulation.world.mandates import letter_of
from tongban.plugins.simulation.world.node import Node
from tongban.plugins.simulation.world.people import People

if TYPE_CHECKING:
    from tongban.plugins.simulation.checks.record import Record

_RENEWED = 0.5


@define(eq=False)
class Agents:
    """Applicants who name an agent, and the agents.

    Args:
        people: everybody else, and what they share.
    """

    people: People

    def begins(self, record: Record) -> None:
        """Some applicants name an agent once they have applied; some letters end."""
        self._ends(record, record.case.authorisation, record.case.mandate)
        ports, number = self.people.ports, record.number
        chance, choices = ports.dice.chance, ports.scenario.choices
        if record.case.plan.in_person or not chance.happens(choices.authorise, number, "agent"):
            return
        wait = 30 + chance.below(2 * DAY, number, "agent minute")
        ports.agenda.later(wait, lambda: self._names(record, 1), record)

    def happened(self, node: Node, record: Record, event: protocol.Event) -> None:
        """Who was refused may bring a new letter; a letter that ended is tried all the same."""
        if not node.serves(record.case.holder.key):
            return
        ports, number = self.people.ports, record.number
        body: Any = event.body
        if event.kind == "attempt_refused" and event.actor.kind == "agent":
            nth = _letters(record) + 1
            if (nth == 2 or (nth == 1 and record.case.agent)) and ports.dice.chance.happens(
                _RENEWED, number, "renews"
            ):
                ports.agenda.later(DAY, lambda: self._names(record, nth), record)
        elif event.kind == "authorised":
            self._ends(record, body.authorisation, body.mandate)

    def _ends(self, record: Record, number: str, said: protocol.Mandate | None) -> None:
        """A letter that ends is tried once more on the day after."""
        if said is None or said.until is None:
            return
        end, agenda = said.until + timedelta(days=1), self.people.ports.agenda
        wait = (end - protocol.day_of(agenda.moment)).days * DAY
        agenda.later(max(60, wait), lambda: self._tries(record, number), record)

    def told(self, record: Record, message: protocol.Message) -> None:
        """What agents do about notices is done in the applicant's place."""

    def _names(self, record: Record, nth: int) -> None:
        """The applicant names an agent, or brings another letter."""
        today = self.people.places.node(record.node).today
        letter = letter_of(self.people.ports, record.number, nth, today)
        said = letter.said
        body = protocol.Authorise(
            letter.agent, letter.number, said.scope, said.since, said.until, said.kinship
        )
        self.people.does(record, record.applicant, body, f"{nth}", 1)

    def _tries(self, record: Record, authorisation: str) -> None:
        """An agent whose letter has ended tries to read who applied, and to withdraw."""
        ports, node = self.people.ports, self.people.places.node(record.node)
        here = node.store.case(record.id)
        if here is None or not node.up or here.authorisation != authorisation:
            return
        said = here.mandate
        if said is None or said.until is None or node.today <= said.until:
            return
        actor = protocol.Actor("agent", here.agent, authorisation=authorisation)
        ports.watch.checked["agent"] += 1
        try:
            node.inner.personal(record.id, actor, "代办查阅")
        except store.NotAllowedError:
            body = protocol.Withdraw("代办人撤回")
            self.people.does(record, actor, body, f"ended {authorisation}", 1)
            return
        raise ViolationError("agent", record, "an agent whose letter has ended could read it")


def _letters(record: Record) -> int:
    return sum(1 for _ in record.log.before(record.case.version + 1, "authorised"))
