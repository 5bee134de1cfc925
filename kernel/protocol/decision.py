"""The decision: examined, its limit extended at most once, granted or denied."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from attrs import frozen

from tongban.kernel.errors import Text
from tongban.kernel.model.later import later
from tongban.kernel.protocol.actors import Actor, Office
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.case_parts import Validity
from tongban.kernel.protocol.commands import (
    REASONS,
    CommandBody,
    CommandContext,
    RefusedError,
    command,
    need,
    refuse_unless,
)
from tongban.kernel.protocol.departures import checked_article
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.limits import limit
from tongban.kernel.protocol.messages import Draft, named_article, notice
from tongban.kernel.protocol.terms import EXAMINED_WITH_DECISION, LIMIT_STEPS, REMEDY
from tongban.kernel.protocol.validity import validity_from

__all__ = ["Decided", "Deny", "Examine", "Examined", "Extend", "Extended", "Grant"]


def with_lead(case: Case) -> bool:
    """Whether the authority that decides has it, and not the one that accepted any more."""
    return case.at == len(case.plan.way) - 1


def check_with_lead(case: Case) -> None:
    """Check that the authority that decides has the case.

    Raises:
        RefusedError: where it is still with the one that accepted.
    """
    if not with_lead(case):
        raise RefusedError(
            "wrong_state",
            "本办件尚未转到办理机关",
            "it has not reached the authority that decides yet",
        )


@command(
    "examine",
    limits=("examine", "decide"),
    needs={"finding": Text("审查意见", "the finding of the examination")},
)
@frozen
class Examine(CommandBody):
    """Records the examination (审查) and what it found."""

    finding: str

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        return with_lead(case)

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        check_with_lead(case)
        return [Examined(case.plan.lead, self.finding)]


@event("examined")
@frozen
class Examined(EventBody):
    """审查, and what it found."""

    office: Office
    finding: str

    def origin(self) -> Examine:
        return Examine(self.finding)

    def changes(self, case: Case, event: Event) -> Changes:
        return {"state": "examined", "finding": self.finding, "examined_at": event.at}


@command("extend", needs={"reasons": REASONS})
@frozen
class Extend(CommandBody):
    """Extends a limit, once, with reasons.

    Attributes:
        step: the limit.
        working_days: by this many; None for all that the rule allows.
    """

    reasons: tuple[str, ...]
    step: str = "decide"
    working_days: int | None = None

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        return any(one.extension and one.step not in case.extensions for one in case.plan.limits)

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """Once, with reasons, by no more than the rule allows, before the limit has passed."""
        check_with_lead(case)
        rule = next((one for one in case.plan.limits if one.step == self.step), None)
        running = limit(case, context.calendars, context.now, self.step)
        name = LIMIT_STEPS.get(self.step, self.step[:40])
        if rule is None or running is None:
            raise RefusedError(
                "bad_input", f"没有可延长的“{name}”时限", "no limit of this name is running"
            )
        if not rule.extension:
            raise RefusedError(
                "bad_input", f"“{name}”时限依规不得延长", "no rule allows an extension"
            )
        if self.step in case.extensions:
            raise RefusedError("once_only", "时限只能延长一次", "a limit may be extended only once")
        if running.state == "overdue":
            raise RefusedError("too_late", "时限已过,不能延长", "the limit has passed already")
        days = rule.extension if self.working_days is None else self.working_days
        refuse_unless(
            0 < days <= rule.extension,
            f"最多可延长{rule.extension}个工作日",
            f"it may be extended by 1 to {rule.extension} working days",
        )
        return [Extended(self.step, days, self.reasons)]


@event("extended", by_calendar=True)
@frozen
class Extended(EventBody):
    """延期: once, with reasons."""

    step: str
    working_days: int
    reasons: tuple[str, ...]

    def origin(self) -> Extend:
        return Extend(self.reasons, self.step, self.working_days)

    def changes(self, case: Case, event: Event) -> Changes:
        return {"extensions": {**case.extensions, self.step: self.working_days}}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        step, days = LIMIT_STEPS[self.step], self.working_days
        yield notice("延期告知书", step=step, working_days=days, reasons=list(self.reasons))


@command("grant", limits=("decide",))
@frozen
class Grant(CommandBody):
    """Decides: granted (准予).

    Attributes:
        finding: of the examination, where none was recorded before.
        document: name or hash of the result.
        valid_until: the last day of the result, where the rules do not say it or the paper says
            another.
        reasons: why it is granted; needed where the rules refuse it.
        article: on which that rests; needed where the rules refuse it.
    """

    finding: str = ""
    document: str = ""
    reasons: tuple[str, ...] = later(())
    article: str = later("")
    valid_until: date | None = later()

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        return with_lead(case)

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """Granted; where the rules refuse it, on an article and with reasons."""
        reasons = need(REASONS, *self.reasons) if self.reasons else ()
        article = checked_article(case, context, "granted", self.article, reasons)
        held = validity_from(case, context, self.valid_until)
        decided = Decided(True, _number(case), reasons, self.document, held, article)
        return _decided(case, self.finding, decided)


@command("deny", needs={"reasons": REASONS})
@frozen
class Deny(CommandBody):
    """Decides: denied (不予), with reasons.

    Attributes:
        article: on which it rests; needed where the rules allow it.
    """

    reasons: tuple[str, ...]
    finding: str = ""
    document: str = ""
    article: str = later("")

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        return with_lead(case)

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """With reasons; where the rules allow what is applied for, with an article too."""
        article = checked_article(case, context, "denied", self.article, self.reasons)
        decided = Decided(False, _number(case), self.reasons, self.document, article=article)
        return _decided(case, self.finding, decided)


def _number(case: Case) -> str:
    return f"{case.id}-1"


def _decided(case: Case, finding: str, decided: Decided) -> list[EventBody]:
    """A decision; where nothing was recorded of the examination, it is recorded now."""
    check_with_lead(case)
    if case.state == "examined":
        return [decided]
    said = finding.strip() or EXAMINED_WITH_DECISION.bracketed
    return [Examined(case.plan.lead, said), decided]


@event("decided")
@frozen
class Decided(EventBody):
    """准予 or 不予.

    Attributes:
        number: of the result (决定文号); a lost one gets another when it is issued anew.
        document: name or hash of the result.
        validity: how long the result holds; None where nothing says it.
        article: on which it rests, where one is named.
    """

    granted: bool
    number: str
    reasons: tuple[str, ...] = ()
    document: str = ""
    validity: Validity | None = later()
    article: str = later("")

    def origin(self) -> Grant | Deny:
        if not self.granted:
            return Deny(self.reasons, "", self.document, self.article)
        held = self.validity
        stated = held.until if held and held.basis == "officer" else None
        return Grant("", self.document, self.reasons, self.article, stated)

    def changes(self, case: Case, event: Event) -> Changes:
        return {
            "state": "decided",
            "granted": self.granted,
            "reasons": self.reasons,
            "result": self.number,
            "article": self.article,
            "decided_at": event.at,
            "validity": self.validity,
        }

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        named = named_article(self.article)
        if self.granted:
            held = self.validity
            until = {"valid_until": held.until.isoformat()} if held else {}
            yield notice("准予决定书", number=self.number, result=self.document, **until, **named)
        else:
            said = {"number": self.number, "reasons": list(self.reasons), **named}
            yield notice("不予决定书", **said, remedy=REMEDY)
