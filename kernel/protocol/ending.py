"""The end of a case without a result: returned, withdrawn by the applicant, terminated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import frozen

from tongban.kernel.errors import Defect
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.commands import REASONS, CommandBody, CommandContext, command
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.messages import Draft, cancellations, notice, reasons_of
from tongban.kernel.protocol.terms import REMEDY, State

__all__ = ["Returned", "Terminate", "Terminated", "Withdraw", "Withdrawn"]


def ended(state: State, at: datetime) -> Changes:
    """What changes in a case that ends."""
    return {"state": state, "ended_at": at, "resumes": None}


@event("returned")
@frozen
class Returned(EventBody):
    """退件: for every formal defect at once, or because a co-handling authority refused."""

    defects: tuple[Defect, ...] = ()
    reasons: tuple[str, ...] = ()

    def changes(self, case: Case, event: Event) -> Changes:
        defects = tuple(map(str, self.defects))
        return ended("returned", event.at) | {"defects": defects, "reasons": self.reasons}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        defects = list(map(str, self.defects))
        yield notice("退件通知书", defects=defects, reasons=reasons_of(after, self.reasons))
        yield from cancellations(after, "退件")


@command("withdraw")
@frozen
class Withdraw(CommandBody):
    """Takes the application back."""

    reason: str = ""

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """Taken back; no reason is asked for."""
        return [Withdrawn(self.reason)]


@event("withdrawn")
@frozen
class Withdrawn(EventBody):
    """撤回, by the applicant."""

    reason: str = ""

    def origin(self) -> Withdraw:
        return Withdraw(self.reason)

    def changes(self, case: Case, event: Event) -> Changes:
        return ended("withdrawn", event.at)

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        yield notice("撤回确认书")
        yield from cancellations(after, "撤回")


@command("terminate", needs={"reason": REASONS})
@frozen
class Terminate(CommandBody):
    """Ends the case without a decision, with a reason."""

    reason: str

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        return [Terminated(self.reason)]


@event("terminated")
@frozen
class Terminated(EventBody):
    """终止, without a decision; `refused_by` where a co-handling authority's refusal ends it."""

    reason: str
    refused_by: str = ""

    def origin(self) -> Terminate:
        return Terminate(self.reason)

    def changes(self, case: Case, event: Event) -> Changes:
        return ended("terminated", event.at) | {"reasons": (self.reason,)}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        yield notice("终止办理通知书", reasons=reasons_of(after, (self.reason,)), remedy=REMEDY)
        yield from cancellations(after, "终止")
