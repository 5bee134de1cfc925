"""The rating of each side (好差评), and the follow-up that a bad one opens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs
from attrs import frozen

from tongban.kernel.errors import Text
from tongban.kernel.protocol.actors import Actor, supervisor_of
from tongban.kernel.protocol.case import Case, FollowUpDue, Rating
from tongban.kernel.protocol.commands import (
    CommandBody,
    CommandContext,
    RefusedError,
    command,
    not_yours,
)
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.limits import FOLLOW_UP_DAYS
from tongban.kernel.protocol.messages import Draft, time_limit
from tongban.kernel.protocol.terms import GRADES, LOW_GRADES, Grade

__all__ = ["FollowUp", "FollowUpOpened", "FollowedUp", "Rate", "Rated"]


@command("rate")
@frozen
class Rate(CommandBody):
    """Rates one side (好差评).

    Attributes:
        side: the key of the office that is rated, `630100/public_security`.
        grade: one of five; never a default.
    """

    side: str
    grade: Grade
    comment: str = ""

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        return {office.key for office in case.reached} > {one.side for one in case.ratings}

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """One side, once; a bad rating opens a follow-up."""
        office = next((one for one in case.reached if one.key == self.side), None)
        if office is None:
            sides = "、".join(one.key for one in case.reached)
            raise RefusedError(
                "bad_input",
                f"只能评价办理过本办件的机关,须写明被评价方:{sides}",
                "name the side that is rated: only an office that took part can be",
            )
        if any(one.side == self.side for one in case.ratings):
            raise RefusedError("once_only", "已评价过该方", "this side has been rated")
        rated = Rated(self.side, self.grade, self.comment)
        if self.grade not in LOW_GRADES:
            return [rated]
        due = context.calendars(office.division).after(context.today, FOLLOW_UP_DAYS)
        return [rated, FollowUpOpened(self.side, due.day, due.provisional)]


@event("rated", by_machine=True)
@frozen
class Rated(EventBody):
    """好差评: one side, one of five grades."""

    side: str
    grade: Grade
    comment: str = ""

    def origin(self) -> Rate:
        return Rate(self.side, self.grade, self.comment)

    def changes(self, case: Case, event: Event) -> Changes:
        rating = Rating(self.side, self.grade, self.comment, event.at)
        return {"ratings": (*case.ratings, rating)}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        yield self.side, "rating", {"grade": GRADES[self.grade], "comment": self.comment}


@event("follow_up_opened", by_machine=True)
@frozen
class FollowUpOpened(EventBody):
    """差评整改: a bad rating opens a follow-up, due in 15 working days."""

    side: str
    due: date
    provisional: bool = False

    def changes(self, case: Case, event: Event) -> Changes:
        one = FollowUpDue(self.side, self.due, event.at, self.provisional)
        return {"follow_ups": (*case.follow_ups, one)}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        office = next(one for one in after.plan.offices if one.key == self.side)
        says = time_limit("follow_up", office, self.due, self.provisional)
        yield supervisor_of(office.division), "urge", says


@command("follow_up", limits=("follow_up",), needs={"result": Text("处理结果", "what was done")})
@frozen
class FollowUp(CommandBody):
    """The rated side says what it did about a bad rating."""

    side: str
    result: str

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        open_ones = {one.side for one in case.follow_ups if not one.result}
        return any(one.key in open_ones and actor.serves(one) for one in case.plan.offices)

    def asked_since(self, case: Case) -> datetime | None:
        return next((one.opened_at for one in case.follow_ups if one.side == self.side), None)

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        due = next((one for one in case.follow_ups if one.side == self.side), None)
        if due is None or due.result:
            raise RefusedError(
                "bad_input", "该方没有待处理的差评", "no follow-up of this side is open"
            )
        office = next(one for one in case.plan.offices if one.key == self.side)
        if not context.actor.serves(office):
            raise not_yours(self, "被评价方", "the side that was rated")
        return [FollowedUp(self.side, self.result)]


@event("followed_up")
@frozen
class FollowedUp(EventBody):
    """回访: what the rated side did."""

    side: str
    result: str

    def origin(self) -> FollowUp:
        return FollowUp(self.side, self.result)

    def changes(self, case: Case, event: Event) -> Changes:
        return {
            "follow_ups": tuple(
                attrs.evolve(one, result=self.result, followed_at=event.met_at)
                if one.side == self.side
                else one
                for one in case.follow_ups
            )
        }
