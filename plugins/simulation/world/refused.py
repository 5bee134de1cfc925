"""Those whom the rules refuse, and those who put something right: insist, or amend a fact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import define

from tongban.kernel import ApplicationError, protocol, service
from tongban.kernel.model import Text
from tongban.plugins.simulation.scenario.applicants import Applicants
from tongban.plugins.simulation.scenario.places import DAY
from tongban.plugins.simulation.world.node import Node, postponed
from tongban.plugins.simulation.world.people import People
from tongban.plugins.simulation.world.places import Places
from tongban.plugins.simulation.world.ports import Ports
from tongban.plugins.simulation.world.task import round_of

if TYPE_CHECKING:
    from tongban.plugins.simulation.checks.record import Record

_RETRY = 120
_BY_RULE = ("不予受理决定书", "不予办理告知书")


@define(eq=False)
class Refused:
    """What applicants do about a fact that is wrong, or a rule that they hold to be.

    Args:
        ports: what all parts of a run share.
        places: the nodes, by province.
        people: by whom it is done.
        applicants: with other facts that can be stated.
    """

    ports: Ports
    places: Places
    people: People
    applicants: Applicants

    def begins(self, record: Record) -> None:
        """Somebody may find, soon after, that something was written wrong."""
        chance, choices, number = self.ports.dice.chance, self.ports.scenario.choices, record.number
        if record.case.over or not chance.happens(choices.amend, number, "amend"):
            return
        wait = DAY * chance.of(choices.amend_days, number, "amend days") + 300
        values: Mapping[str, Any] = {"applicant.name": f"申请人{number:06d}改"}
        if chance.happens(choices.amend_against, number, "amend against"):
            values = self.applicants.other_facts(record.draft, eligible=False) or values
        self._amends(record, values, "own", wait)

    def happened(self, node: Node, record: Record, event: protocol.Event) -> None:
        """Nothing: applicants act on what they were told."""

    def told(self, record: Record, message: protocol.Message) -> None:
        """Somebody reads that the rules refuse it."""
        chance, choices, number = self.ports.dice.chance, self.ports.scenario.choices, record.number
        if message.body["document"] not in _BY_RULE or record.case.state != "ineligible":
            return
        name = f"refused{round_of(record.case)}"
        wait = DAY * chance.of(choices.insist_days, number, "insist days", name) + 480
        if not self.ports.in_time(wait):
            return
        if chance.happens(choices.amend_refused, number, "amend refused", name):
            values = self.applicants.other_facts(record.draft, eligible=True)
            if values:
                self._amends(record, values, name, wait)
                return
        if chance.happens(choices.insist, number, "insist", name):
            body = protocol.Insist("规则所据事实有误")
            self.people.does(record, record.applicant, body, name, wait)

    def _amends(self, record: Record, values: Mapping[str, Any], name: str, wait: int) -> None:
        evidence = (protocol.Document("更正证明", "original"),)
        given = service.Corrections(values, evidence, "填写有误")
        id = f"{record.id}/amend/{name}"

        def now() -> None:
            node = self.places.node(record.node)
            answer = node.attempt(
                ("amend", record.number, name), lambda: _amended(node, record, given, id)
            )
            if postponed(answer):
                self.people.check_clock(node, record.id)
                self.ports.agenda.later(_RETRY, now, record)
            elif isinstance(answer, protocol.Refusal):
                self.people.refused(record, record.applicant, "amend", answer.code)

        self.ports.agenda.later(wait, now, record)


def _amended(node: Node, record: Record, given: service.Corrections, id: str) -> object:
    try:
        return node.service.amend(record.id, record.applicant, given, id=id)
    except ApplicationError as error:  # a fact that cannot be stated of this item
        return protocol.Refusal("bad_input", Text(error.defects[0].message))
