"""How applicants are reached: a change of contact, and lost letters that turn up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field

from tongban.kernel import protocol, service
from tongban.plugins.simulation.scenario.places import DAY, province_of
from tongban.plugins.simulation.world.node import Node, postponed
from tongban.plugins.simulation.world.people import People
from tongban.plugins.simulation.world.task import officer_of

if TYPE_CHECKING:
    from tongban.plugins.simulation.checks.record import Record

_RETRY = 90
_CHANGED = (("phone",), ("address",), ("delivery",), ("address", "delivery"), ("phone", "address"))


@define(eq=False)
class Contacts:
    """What applicants do about how they are reached.

    Args:
        people: everybody else, and what they share.
    """

    people: People
    _counties: dict[str, tuple[str, ...]] = field(factory=dict, init=False)

    def begins(self, record: Record) -> None:
        """Some move, or want their result otherwise."""
        self._may_change(record, "early")

    def happened(self, node: Node, record: Record, event: protocol.Event) -> None:
        """Some move while a letter is under way; a letter that was lost turns up."""
        if not node.serves(record.case.holder.key):
            return
        body: Any = event.body
        if event.kind == "delivery_started" and body.by == "post" and body.delivery == 1:
            self._may_change(record, "under way")
        elif event.kind == "reissued":
            self._may_be_found(record, body.void)

    def told(self, record: Record, message: protocol.Message) -> None:
        """Notices change nothing about it."""

    def _may_change(self, record: Record, when: str) -> None:
        ports, number = self.people.ports, record.number
        chance, choices = ports.dice.chance, ports.scenario.choices
        if not chance.happens(choices.change_contact, number, "contact"):
            return
        if chance.pick(("early", "under way"), number, "contact when") != when:
            return
        wait = chance.below(12 * 60, number, "contact minute") + 60
        if when == "early":
            wait += chance.of(choices.contact_days, number, "contact days") * DAY
        actor = record.applicant
        window = record.case.plan.window
        if window and chance.happens(0.5, number, "contact at the window"):
            actor = officer_of(protocol.Office("", window, "window"), record)
        details = self._details(record)
        ports.agenda.later(wait, lambda: self._change(record, actor, details), record)

    def _change(
        self, record: Record, actor: protocol.Actor, details: service.ContactDetails
    ) -> None:
        node, id = self.people.places.node(record.node), f"{record.id}/change_contact/once"
        record.details[id] = details.data
        answer: Any = node.attempt(
            ("change_contact", record.number, "once"),
            lambda: node.service.change_contact(record.id, actor, details, id=id),
        )
        if postponed(answer):
            self.people.check_clock(node, record.id)
            self.people.ports.agenda.later(
                _RETRY, lambda: self._change(record, actor, details), record
            )
        self.people.answered(record, actor, protocol.ChangeContact(), answer)

    def _details(self, record: Record) -> service.ContactDetails:
        chance, number = self.people.ports.dice.chance, record.number
        changed = chance.pick(_CHANGED, number, "contact what")
        ways = ("post", "pickup", "electronic") if "address" in changed else ("pickup", "post")
        way = chance.pick(ways, number, "contact way")
        if "address" not in changed and way == "post":
            way = "electronic"  # a letter needs an address, and none was given
        return service.ContactDetails(
            phone=f"1390000{number % 10_000:04d}" if "phone" in changed else "",
            address=self._address(record) if "address" in changed else "",
            delivery=way if "delivery" in changed else "",
            note="申请人变更联系方式",
        )

    def _address(self, record: Record) -> str:
        """A street in a county of the province in which the applicant is."""
        province = record.draft.here
        divisions = self.people.places.node(record.node).service.kernel.base.divisions
        counties = self._counties.get(province)
        if counties is None:
            inside = [one for one in divisions.values() if one.province == province]
            codes = [one.code for one in inside if one.level == "county" and not one.until]
            counties = self._counties[province] = tuple(sorted(codes))
        county = self.people.ports.dice.chance.pick(counties, record.number, "contact county")
        return f"{divisions.full_name(county)}人民路{record.number + 1}号"

    def _may_be_found(self, record: Record, void: str) -> None:
        ports, number = self.people.ports, record.number
        chance, choices, case = ports.dice.chance, ports.scenario.choices, record.case
        if not chance.happens(choices.void_found, number, "found", void):
            return
        lost = [nth for nth, one in enumerate(case.deliveries, 1) if one.number == void]
        body = protocol.Report("arrived", lost[-1], "作废件寻获")
        lead = officer_of(case.plan.lead, record)
        actor = chance.pick((record.applicant, lead), number, "finds", void)
        at = province_of(case.plan.lead.key) if actor is lead else record.node
        days = chance.of(choices.void_found_days, number, "found", void)
        self.people.does(record, actor, body, f"found {void}", days * DAY + 90, at)
