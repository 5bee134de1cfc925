"""A refusal by the rules (依规则不予办理), and an applicant who insists (坚持申请)."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.codec import dump
from tongban.kernel.protocol.commands import CommandBody, CommandContext, command
from tongban.kernel.protocol.ending import ended
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.grounds import Ground
from tongban.kernel.protocol.messages import Draft, notice
from tongban.kernel.protocol.terms import REMEDY

__all__ = ["Insist", "Insisted", "RuledIneligible"]


@event("ruled_ineligible")
@frozen
class RuledIneligible(EventBody):
    """依规则不予办理: the rules refuse what was handed in; nobody has looked at it.

    Attributes:
        grounds: the rules that refuse, with their rows and words.
    """

    grounds: tuple[Ground, ...]

    def changes(self, case: Case, event: Event) -> Changes:
        because = tuple(one.because for one in self.grounds)
        return ended("ineligible", event.at) | {"reasons": because, "ruled_at": event.at}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        says = {"reasons": list(after.reasons), "grounds": dump(self.grounds), "remedy": REMEDY}
        if after.plan.licence:
            yield notice("不予受理决定书", **says)
        else:
            yield notice("不予办理告知书", **says)


@command("insist")
@frozen
class Insist(CommandBody):
    """Insists on an application that the rules refuse: a person decides.

    Attributes:
        reason: why the rules are wrong, or a fact; "" where the applicant does not say.
    """

    reason: str = ""

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """No reason is asked for; it is received like any other application."""
        return [Insisted(self.reason.strip())]


@event("insisted")
@frozen
class Insisted(EventBody):
    """坚持申请: the applicant wants a person to decide."""

    reason: str = ""

    def origin(self) -> Insist:
        return Insist(self.reason)

    def changes(self, case: Case, event: Event) -> Changes:
        insisted = {"insisted_at": event.at, "insisted_why": self.reason}
        return {"state": "submitted", "ended_at": None, "reasons": (), **insisted}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        yield notice("坚持申请确认书", reason=self.reason)
