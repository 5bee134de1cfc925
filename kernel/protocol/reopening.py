"""Reopening (重新办理): a case that ended without a decision is handled anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import attrs
from attrs import frozen

from tongban.kernel.errors import Text
from tongban.kernel.model.moments import day_of
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.case_parts import Reopening
from tongban.kernel.protocol.cohandling import requested
from tongban.kernel.protocol.commands import REASONS, CommandBody, CommandContext, command
from tongban.kernel.protocol.correction import carries_out
from tongban.kernel.protocol.decision import with_lead
from tongban.kernel.protocol.departures import departs
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.grounds import need_article
from tongban.kernel.protocol.messages import Draft, notice
from tongban.kernel.protocol.terms import STATES, State

__all__ = ["Reopen", "Reopened"]


@command("reopen", needs={"reason": REASONS})
@frozen
class Reopen(CommandBody):
    """Handles a case anew that ended without a decision, from where it was.

    Attributes:
        article: the law on which that rests.
        remedy: number of the remedy that it carries out; 0 on the authority's own account.
    """

    reason: str
    article: str
    remedy: int = 0

    @classmethod
    def not_now(cls, case: Case) -> Text | None:
        if case.state == "withdrawn":
            return Text(
                "申请人已撤回,须重新申请", "the applicant took it back and has to apply anew"
            )
        if case.decided_at is not None:
            return Text(
                "已作出决定,可以“更正决定”", "it was decided; `correct` the decision instead"
            )
        return Text("本办件尚未结束", "it has not ended")

    def check(self, day: date) -> None:
        super().check(day)
        need_article(self.article)

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """Where others must confirm and did not all, they are asked once more."""
        article = need_article(self.article)
        remedy = carries_out(case, self.remedy, self.kind, context.elsewhere)
        to = _goes_on_at(case)
        again = to == "accepted" and with_lead(case) and case.completed_at is None
        reopened = Reopened(to, self.reason, article, remedy)
        return [reopened, *(requested(case) if again else [])]


def _goes_on_at(case: Case) -> State:
    """The state from which it is handled anew: that of the office which has it."""
    if case.shipments and case.shipments[-1].arrived_at is None:
        return "dispatched"
    if case.accepted_at is not None:
        return "accepted"
    if case.arrived_at is not None:
        return "arrived"
    return "submitted" if case.received_at is None else "received"


@event("reopened")
@frozen
class Reopened(EventBody):
    """重新办理: what had ended goes on, and its limits start anew.

    Attributes:
        to: the state from which it is handled anew.
        article: the law on which that rests.
        remedy: number of the remedy that it carries out; 0 where it carries out none.
    """

    to: State
    reason: str
    article: str
    remedy: int = 0

    def origin(self) -> Reopen:
        return Reopen(self.reason, self.article, self.remedy)

    def changes(self, case: Case, event: Event) -> Changes:
        departed = departs(case) is not None
        one = Reopening(event.at, case.state, self.reason, self.article, self.remedy, departed)
        changes: Changes = {
            "state": self.to,
            "ended_at": None,
            "defects": (),
            "reasons": (),
            "article": "",
            "reopenings": (*case.reopenings, one),
        }
        if self.to == "arrived":
            changes["arrived_at"] = event.at
        elif self.to == "accepted":
            changes |= _accepted_anew(case, event)
        return changes

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        yield notice(
            "重新办理通知书",
            ended=STATES[before.state].official,
            ended_on=day_of(before.ended_at).isoformat() if before.ended_at else None,
            reasons=[self.reason],
            article=self.article,
        )


def _accepted_anew(case: Case, event: Event) -> Changes:
    """Examined and decided anew; those who did not all confirm answer once more."""
    changes: Changes = {"accepted_on": day_of(event.at), "finding": "", "examined_at": None}
    if case.completed_at is None:
        changes |= {"requested_at": None, "answers": {}, "chased_at": None}
    else:
        changes["completed_at"] = event.at
    if case.pauses and case.pauses[-1].until is None:
        stood = attrs.evolve(case.pauses[-1], until=event.at)
        changes["pauses"] = (*case.pauses[:-1], stood)
    return changes
