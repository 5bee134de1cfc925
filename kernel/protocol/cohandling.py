"""Co-handling: the other authorities of a joint case are asked, and confirm or refuse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import frozen

from tongban.kernel.protocol.actors import Actor, Office
from tongban.kernel.protocol.case import Answer, Case
from tongban.kernel.protocol.commands import (
    REASONS,
    CommandBody,
    CommandContext,
    RefusedError,
    command,
)
from tongban.kernel.protocol.ending import Returned, Terminated
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.messages import Draft, request_of
from tongban.kernel.protocol.terms import NOT_CONFIRMED

__all__ = [
    "CoHandlingCompleted",
    "CoHandlingConfirmed",
    "CoHandlingRefused",
    "CoHandlingRequested",
    "Confirm",
    "Refuse",
]


def requested(case: Case) -> list[EventBody]:
    """The request to every other authority, where there is any."""
    others = case.plan.others
    return [CoHandlingRequested(case.collaboration, others)] if others else []


@event("cohandling_requested")
@frozen
class CoHandlingRequested(EventBody):
    """协同办理请求, to every other authority under one collaboration number."""

    collaboration: str
    offices: tuple[Office, ...]

    def changes(self, case: Case, event: Event) -> Changes:
        return {"state": "cohandling", "requested_at": event.at, "chased_at": None}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        for office in self.offices:
            yield office.key, "request", request_of(after)


def _answering(case: Case, context: CommandContext) -> Office | None:
    """For which authority the answer counts; None where it has answered before."""
    if case.requested_at is None and case.over:
        raise RefusedError(
            "over",
            "本办件已经结束,未曾请求协同",
            "the case is over, and no other authority was asked",
        )
    if case.requested_at is None:
        raise RefusedError(
            "wrong_state", "尚未发出协同办理请求", "the authority has not been asked"
        )
    return next((one for one in case.unanswered if context.actor.serves(one)), None)


def _answered(case: Case, office: Office, answer: Answer) -> Changes:
    answers = {**case.answers, office.key: answer}
    return {"answers": {key: answers[key] for key in sorted(answers)}}


@command("confirm", limits=("confirm",))
@frozen
class Confirm(CommandBody):
    """A co-handling authority agrees."""

    note: str = ""

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        return any(actor.serves(office) for office in case.unanswered)

    def asked_since(self, case: Case) -> datetime | None:
        return case.requested_at

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """An answer; the last one lets the case go on."""
        office = _answering(case, context)
        if office is None:
            return []
        confirmed = CoHandlingConfirmed(office, self.note, late=case.over)
        if case.over or len(case.unanswered) > 1:
            return [confirmed]
        return [confirmed, CoHandlingCompleted()]


@event("cohandling_confirmed")
@frozen
class CoHandlingConfirmed(EventBody):
    """协同办理确认; `late` where the case was over."""

    office: Office
    note: str = ""
    late: bool = False

    def origin(self) -> Confirm:
        return Confirm(self.note)

    def changes(self, case: Case, event: Event) -> Changes:
        return _answered(case, self.office, Answer(True, self.note, event.met_at))


@command("refuse", needs={"reason": REASONS})
@frozen
class Refuse(CommandBody):
    """A co-handling authority refuses (不予迁出), with a reason."""

    reason: str

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        return any(actor.serves(office) for office in case.unanswered)

    def asked_since(self, case: Case) -> datetime | None:
        return case.requested_at

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """A refusal ends the case or returns it, as its rules say."""
        office = _answering(case, context)
        if office is None:
            return []
        refused = CoHandlingRefused(office, self.reason, late=case.over)
        if case.over:
            return [refused]
        why = NOT_CONFIRMED.bracketed
        if case.plan.on_refusal == "return":
            return [refused, Returned(reasons=(why,))]
        return [refused, Terminated(why)]


@event("cohandling_refused")
@frozen
class CoHandlingRefused(EventBody):
    """协同办理不予确认 (不予迁出), with a reason; `late` where the case was over."""

    office: Office
    reason: str
    late: bool = False

    def origin(self) -> Refuse:
        return Refuse(self.reason)

    def changes(self, case: Case, event: Event) -> Changes:
        return _answered(case, self.office, Answer(False, self.reason, event.met_at))


@event("cohandling_completed")
@frozen
class CoHandlingCompleted(EventBody):
    """All have confirmed."""

    def changes(self, case: Case, event: Event) -> Changes:
        # A special procedure goes on; what comes back after it is no longer `cohandling`.
        name = "resumes" if case.state == "paused" else "state"
        return {"completed_at": event.at, name: "accepted"}
