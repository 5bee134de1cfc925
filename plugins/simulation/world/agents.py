"""Agents: whom applicants name, what these do for them, and what their letters do not cover."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from attrs import define

from tongban.kernel import protocol
from tongban.kernel.ports import store
from tongban.plugins.simulation.checks.violation import ViolationError
from tongban.plugins.simulation.scenario.places import DAY
from tongban.plugins.simulation.world.node import Node
from tongban.plugins.simulation.world.people import People

if TYPE_CHECKING:
    from tongban.plugins.simulation.checks.record import Record

_SCOPES: tuple[tuple[protocol.Scope, ...], ...] = (
    (),
    ("apply", "supplement", "receive", "withdraw", "correct", "remedy", "rate"),
    ("supplement", "receive"),
    ("receive",),
    ("rate",),
)
_KINSHIPS: tuple[protocol.Kinship | None, ...] = (None, "child", "spouse")
_RENEWED = 0.5


@define(eq=False)
class Agents:
    """Applicants who name an agent, and the agents.

    Args:
        people: everybody else, and what they share.
    """

    people: People

    def begins(self, record: Record) -> None:
        """Some applicants name an agent once they have applied."""
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
            if nth == 2 and ports.dice.chance.happens(_RENEWED, number, "renews"):
                ports.agenda.later(DAY, lambda: self._names(record, nth), record)
        elif event.kind == "authorised" and body.mandate and body.mandate.until:
            end = body.mandate.until + timedelta(days=1)
            wait = (end - protocol.day_of(ports.agenda.moment)).days * DAY
            letter = body.authorisation
            ports.agenda.later(max(60, wait), lambda: self._tries(record, letter), record)

    def told(self, record: Record, message: protocol.Message) -> None:
        """What agents do about notices is done in the applicant's place."""

    def _names(self, record: Record, nth: int) -> None:
        """The applicant names an agent, or brings another letter."""
        ports, number = self.people.ports, record.number
        chance = ports.dice.chance
        today = self.people.places.node(record.node).today
        scope = chance.pick(_SCOPES, number, "scope", nth)
        since = until = None
        if chance.happens(0.7, number, "letter ends", nth):
            days = chance.of(ports.scenario.choices.mandate_days, number, "letter days", nth)
            until = today + timedelta(days=days)
            late = min(days, chance.below(4, number, "letter begins", nth))
            since = today + timedelta(days=late)
        kinship: protocol.Kinship | None = chance.pick(_KINSHIPS, number, "kinship", nth)
        body = protocol.Authorise(
            f"G{number:07d}", f"SQ{number:07d}-{nth}", scope, since, until, kinship
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
