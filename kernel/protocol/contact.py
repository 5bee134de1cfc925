"""Change of address, phone or way of delivery (变更联系方式). The data is kept apart."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from tongban.kernel.model.rules import DELIVERIES
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.case_parts import ContactChange
from tongban.kernel.protocol.commands import CommandBody, CommandContext, command, refuse_unless
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.terms import CONTACTS, Contact

__all__ = ["ChangeContact", "ContactChanged"]


@command("change_contact")
@frozen
class ChangeContact(CommandBody):
    """Changes the phone, the address or the way of delivery.

    Attributes:
        changed: names of what changes: `phone`, `address`, `delivery`.
        delivery: the new way: `electronic`, `post`, `pickup`; "" where that stays.
        personal: reference of the applicant's data with the changes; "" where only the way of
            delivery changes.
        note: why, or by which evidence.
    """

    changed: tuple[Contact, ...] = ()
    delivery: str = ""
    personal: str = ""
    note: str = ""

    def check(self, day: date) -> None:
        """At least one change; the way of delivery is one that there is."""
        names = "、".join(CONTACTS.values())
        refuse_unless(
            bool(self.changed) and len(set(self.changed)) == len(self.changed),
            f"没有变更内容,须写明要变更的{names}",
            "nothing is changed: give a phone, an address or a way of delivery",
        )
        ways = "、".join(f"{key} {name}" for key, name in DELIVERIES.items())
        refuse_unless(
            self.delivery in ("", *DELIVERIES), f"送达方式须为:{ways}", "no such way of delivery"
        )

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """Nothing where all of it is so already."""
        apart = {"phone", "address"} & set(self.changed)
        refuse_unless(
            bool(self.delivery) == ("delivery" in self.changed)
            and bool(self.personal) == bool(apart),
            "变更内容与所列项目不符",
            "what is changed does not fit the list of changes",
        )
        if self.delivery in ("", case.delivery) and self.personal in ("", case.personal):
            return []
        return [ContactChanged(self.changed, self.delivery, self.personal, self.note)]


@event("contact_changed")
@frozen
class ContactChanged(EventBody):
    """变更联系方式: letters and deliveries that begin from now on go the new way."""

    changed: tuple[Contact, ...]
    delivery: str = ""
    personal: str = ""
    note: str = ""

    def origin(self) -> ChangeContact:
        return ChangeContact(self.changed, self.delivery, self.personal, self.note)

    def changes(self, case: Case, event: Event) -> Changes:
        one = ContactChange(
            self.changed, self.delivery, event.actor.kind, event.at, len(case.deliveries)
        )
        return {
            "contact_changes": (*case.contact_changes, one),
            "personal": self.personal or case.personal,
        }
