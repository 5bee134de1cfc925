"""Remedies: a reconsideration (行政复议) or a lawsuit (行政诉讼) is lodged, admitted, resolved."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs
from attrs import frozen

from tongban.kernel.errors import Text
from tongban.kernel.model.later import later
from tongban.kernel.model.moments import day_of
from tongban.kernel.protocol.actors import Actor
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.case_parts import Remedy
from tongban.kernel.protocol.commands import (
    REASONS,
    CommandBody,
    CommandContext,
    RefusedError,
    command,
    refuse_unless,
)
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.remedy_terms import act_of, acts_of, made_at, remedy_due
from tongban.kernel.protocol.terms import REMEDIES, REMEDY_OUTCOMES, RemedyKind, RemedyOutcome
from tongban.kernel.protocol.transitions import COMMANDS

__all__ = [
    "Admit",
    "Lodge",
    "RemedyAdmitted",
    "RemedyLodged",
    "RemedyResolved",
    "Resolve",
]


_ORGAN = Text("受理复议、诉讼的机关", "the organ where it was lodged")


def _check_day(given: date | None, today: date) -> None:
    """Check that the day of a step has come.

    Raises:
        RefusedError: where it has not.
    """
    refuse_unless(
        given is None or given <= today,
        f"日期{given}尚未到来,须为{today}或者以前的日期",
        f"{given} is still to come; give a day up to {today}",
    )


def _day(given: date | None, earliest: date, of_earliest: Text, context: CommandContext) -> date:
    """The day of a step: given, or today; never before the step before it.

    Raises:
        RefusedError: where it is.
    """
    day = given or context.today
    refuse_unless(
        day >= earliest,
        f"日期{day}早于{of_earliest.zh}{earliest}",
        f"{day} is before {of_earliest.en}, {earliest}",
    )
    return day


@command("lodge", needs={"organ": _ORGAN, "reason": REASONS})
@frozen
class Lodge(CommandBody):
    """Records that a reconsideration or a lawsuit was lodged; one after its term too.

    Attributes:
        remedy: `reconsideration` or `litigation`.
        organ: where it was lodged.
        reason: of the applicant.
        on: the day on which it was lodged; left out, today.
        act: number of the decision that it challenges, or how the case ended; left out, what holds.
    """

    remedy: RemedyKind
    organ: str
    reason: str
    on: date | None = None
    act: str = later("")

    @classmethod
    def not_now(cls, case: Case) -> Text | None:
        if case.state == "withdrawn":
            return Text(
                "申请人已撤回申请,没有可以复议、诉讼的决定",
                "the applicant took the application back: no act is there to be challenged",
            )
        return Text(
            "尚未作出可以复议、诉讼的决定;对办理过程有意见的,可以催办或者向督办人反映,决定作出后再登记",
            "no act that can be challenged was made yet; `chase` it or turn to the supervisor, and"
            " lodge when it is decided",
        )

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        return any(_standing(case, kind, act_of(case)) is None for kind in REMEDIES)

    def as_given(self, case: Case, day: date) -> Lodge:
        holds = "" if made_at(case) is None else act_of(case)
        return attrs.evolve(self, on=self.on or day, act=self.act or holds)

    def check(self, day: date) -> None:
        super().check(day)
        _check_day(self.on, day)

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """Records it with its last day; once for each act, while nothing was refused admission."""
        acts, now = acts_of(case), act_of(case)
        act = self.act or now
        listed = acts.get(act)
        if listed is None:
            raise RefusedError(
                "bad_input",
                f"本办件没有可以复议、诉讼的“{act}”,有:{'、'.join(acts)}",
                f"the case has no act {act!r} that can be challenged; it has {', '.join(acts)}",
            )
        known = _standing(case, self.remedy, act)
        if known is not None:
            name = REMEDIES[self.remedy]
            raise RefusedError(
                "once_only",
                f"{name}已登记(第{known.number}号,{known.on}),不得重复登记",
                f"this is lodged already: number {known.number} of {known.on}",
            )
        # Nothing of an act of before is older than what was applied for.
        made = made_at(case) if act == now else case.submitted_at
        assert made is not None
        on = _day(self.on, day_of(made), Text("所争议的决定作出之日", "the act"), context)
        term = remedy_due(case, self.remedy, context.calendars, act)
        due = term.due if term else None
        late = due is not None and on > due
        number = len(case.remedies) + 1
        says = (self.organ, self.reason)
        return [RemedyLodged(number, self.remedy, act, listed.key, on, *says, due, late)]


def _standing(case: Case, kind: RemedyKind, act: str) -> Remedy | None:
    """A remedy of a kind that is pending, or was lodged against an act and admitted."""
    for one in case.remedies:
        used = one.act == act and one.outcome != "not_admitted"
        if one.kind == kind and (one.pending or used):
            return one
    return None


@event("remedy_lodged")
@frozen
class RemedyLodged(EventBody):
    """复议诉讼登记: lodged against an act.

    Attributes:
        number: in the case, from 1.
        act: number of the decision, or the state in which the case ended.
        office: key of the office whose act it is.
        due: the last day by the calendar of the office; None where it is not known.
        late: whether it was lodged after `due`.
    """

    number: int
    remedy: RemedyKind
    act: str
    office: str
    on: date
    organ: str
    reason: str
    due: date | None = None
    late: bool = False

    def origin(self) -> Lodge:
        return Lodge(self.remedy, self.organ, self.reason, self.on, self.act)

    def changes(self, case: Case, event: Event) -> Changes:
        one = Remedy(
            number=self.number,
            kind=self.remedy,
            act=self.act,
            office=self.office,
            on=self.on,
            organ=self.organ,
            reason=self.reason,
            lodged_at=event.at,
            due=self.due,
            late=self.late,
        )
        return {"remedies": (*case.remedies, one)}


def remedy_of(case: Case, number: int, needed: str) -> Remedy:
    """A remedy of a case by its number.

    Args:
        case: as it stands.
        number: from 1; 0 for the last.
        needed: the kind of the command that asks.

    Raises:
        RefusedError: where there is none of that number.
    """
    count = len(case.remedies)
    official = COMMANDS[needed].official
    if not count:
        raise RefusedError(
            "bad_input",
            f"本办件没有登记过行政复议、行政诉讼,不能{official};请先“复议诉讼登记”",
            "no remedy was lodged in this case; `lodge` it first",
        )
    refuse_unless(
        0 <= number <= count,
        f"没有第{number}号复议、诉讼,已登记第1至{count}号",
        f"there is no remedy of number {number}; there are 1 to {count}",
    )
    return case.remedies[(number or count) - 1]


def _evolved(case: Case, number: int, **changes: Any) -> Changes:
    remedies = list(case.remedies)
    remedies[number - 1] = attrs.evolve(remedies[number - 1], **changes)
    return {"remedies": tuple(remedies)}


def _still_pending(one: Remedy) -> None:
    if one.outcome is not None:
        raise RefusedError(
            "once_only",
            f"第{one.number}号{REMEDIES[one.kind]}已有结果:{REMEDY_OUTCOMES[one.outcome]}",
            f"remedy {one.number} is resolved already: {one.outcome}",
        )


@command("admit")
@frozen
class Admit(CommandBody):
    """Records whether a remedy was admitted (受理).

    Attributes:
        admitted: whether it was.
        number: of the remedy, from 1; 0 for the last.
        on: the day; left out, today.
    """

    admitted: bool
    number: int = 0
    on: date | None = None
    note: str = ""

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        return bool(case.remedies) and case.remedies[-1].pending and not case.remedies[-1].admitted

    def as_given(self, case: Case, day: date) -> Admit:
        return attrs.evolve(self, on=self.on or day)

    def check(self, day: date) -> None:
        _check_day(self.on, day)

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        one = remedy_of(case, self.number, self.kind)
        _still_pending(one)
        if one.admitted:
            raise RefusedError(
                "once_only",
                f"第{one.number}号{REMEDIES[one.kind]}已于{one.admitted_on}受理",
                f"remedy {one.number} was admitted on {one.admitted_on}",
            )
        on = _day(
            self.on, one.on, Text("登记的提起之日", "the day on which it was lodged"), context
        )
        return [RemedyAdmitted(one.number, self.admitted, on, self.note)]


@event("remedy_admitted")
@frozen
class RemedyAdmitted(EventBody):
    """复议诉讼受理: admitted or not; one that was not is over."""

    number: int
    admitted: bool
    on: date
    note: str = ""

    def origin(self) -> Admit:
        return Admit(self.admitted, self.number, self.on, self.note)

    def changes(self, case: Case, event: Event) -> Changes:
        over = {} if self.admitted else {"outcome": "not_admitted", "resolved_on": self.on}
        return _evolved(case, self.number, admitted=self.admitted, admitted_on=self.on, **over)


@command("resolve")
@frozen
class Resolve(CommandBody):
    """Records what was decided on a remedy; also where nobody said that it was admitted.

    Attributes:
        number: of the remedy, from 1; 0 for the last.
        on: the day on which the decision on it was received; left out, today.
        document: its number (文号).
    """

    outcome: RemedyOutcome
    number: int = 0
    on: date | None = None
    document: str = ""
    note: str = ""

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        return bool(case.remedies) and case.remedies[-1].pending

    def as_given(self, case: Case, day: date) -> Resolve:
        return attrs.evolve(self, on=self.on or day)

    def check(self, day: date) -> None:
        _check_day(self.on, day)

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        one = remedy_of(case, self.number, self.kind)
        _still_pending(one)
        refuse_unless(
            not (one.admitted and self.outcome == "not_admitted"),
            f"第{one.number}号{REMEDIES[one.kind]}已受理,结果不能是不予受理;驳回的请写 dismissed",
            f"remedy {one.number} was admitted: its outcome cannot be not_admitted; write dismissed"
            " where it was dismissed",
        )
        before = one.admitted_on or one.on
        on = _day(self.on, before, Text("前一步骤之日", "the step before it"), context)
        return [RemedyResolved(one.number, self.outcome, on, self.document, self.note)]


@event("remedy_resolved")
@frozen
class RemedyResolved(EventBody):
    """复议诉讼结果; after some of them the authority has to correct or reopen."""

    number: int
    outcome: RemedyOutcome
    on: date
    document: str = ""
    note: str = ""

    def origin(self) -> Resolve:
        return Resolve(self.outcome, self.number, self.on, self.document, self.note)

    def changes(self, case: Case, event: Event) -> Changes:
        return _evolved(
            case,
            self.number,
            outcome=self.outcome,
            resolved_on=self.on,
            document=self.document,
        )
