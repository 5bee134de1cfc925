"""Acceptance: accepted, asked once for what is missing, or declined with reasons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs
from attrs import frozen

from tongban.kernel.errors import Text
from tongban.kernel.model.later import later
from tongban.kernel.model.moments import day_of
from tongban.kernel.protocol.actors import Actor, Office
from tongban.kernel.protocol.case import Case, Supplement
from tongban.kernel.protocol.cohandling import requested
from tongban.kernel.protocol.commands import (
    REASONS,
    CommandBody,
    CommandContext,
    RefusedError,
    command,
    refuse_unless,
)
from tongban.kernel.protocol.departures import checked_article
from tongban.kernel.protocol.ending import ended
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.limits import asked_since_arrival, may_move, supply_due
from tongban.kernel.protocol.messages import Draft, last_day, named_article, notice
from tongban.kernel.protocol.terms import MOST_DAYS, REMEDY

__all__ = [
    "Accept",
    "Accepted",
    "Decline",
    "Declined",
    "Lapsed",
    "RequestSupplement",
    "SupplementRequested",
    "Supplied",
    "Supply",
]


@command("accept", limits=("accept", "supplement"))
@frozen
class Accept(CommandBody):
    """Accepts the application (受理)."""

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """Accepts; where the authority that accepts also leads, the others are asked at once."""
        return _accepted(case, Accepted(case.accepting, context.today))


def silently_accepted(case: Case) -> list[EventBody]:
    """What silence means for a licence: accepted from the day on which it was received."""
    asked = asked_since_arrival(case)
    since = asked.supplied_at if asked and asked.supplied_at else case.arrived_at
    assert since is not None
    return _accepted(case, Accepted(case.accepting, day_of(since), silent=True))


def _accepted(case: Case, accepted: Accepted) -> list[EventBody]:
    return [accepted, *(requested(case) if case.accepting == case.plan.lead else ())]


@event("accepted")
@frozen
class Accepted(EventBody):
    """受理; by silence (逾期不告知) from the day of receipt.

    Attributes:
        on: the day from which it counts as accepted.
    """

    office: Office
    on: date
    silent: bool = False

    def origin(self) -> Accept:
        return Accept()

    def changes(self, case: Case, event: Event) -> Changes:
        return {
            "state": "accepted",
            "accepted_at": event.at,
            "accepted_on": self.on,
            "accepted_silently": self.silent,
        }

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        yield notice("受理通知书", on=self.on.isoformat(), silent=self.silent)


@command("supplement", needs={"wanted": Text("需补正的全部内容", "everything that is missing")})
@frozen
class RequestSupplement(CommandBody):
    """Names, once, everything that is missing.

    Attributes:
        wanted: all of it.
        working_days: within which the applicant supplies it; None where no time is set.
    """

    wanted: tuple[str, ...]
    working_days: int | None = None

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        return case.supplement is None

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """Names everything that is missing; a second time it may not."""
        if case.supplement is not None:
            raise RefusedError(
                "once_only",
                "补正只能一次性告知,本办件已告知过",
                "what is missing may be asked for only once; accept or decline",
            )
        wanted = self.wanted
        refuse_unless(
            len(set(wanted)) == len(wanted), "需补正的内容有重复", "something is asked for twice"
        )
        days = self.working_days
        if days is None:
            return [SupplementRequested(wanted)]
        refuse_unless(
            0 < days <= MOST_DAYS,
            f"补正期限须为1至{MOST_DAYS}个工作日",
            f"allow 1 to {MOST_DAYS} working days",
        )
        due = context.calendars(case.accepting.division).after(context.today, days)
        return [SupplementRequested(wanted, due.day, due.provisional, days)]


@event("supplement_requested")
@frozen
class SupplementRequested(EventBody):
    """一次性补正告知: once, everything that is missing.

    Attributes:
        due: the last day to supply it; None where no time is set.
        provisional: whether `due` lies beyond the published calendar.
        working_days: from which `due` was counted; None where no time is set, and in events
            of an older version.
    """

    wanted: tuple[str, ...]
    due: date | None = None
    provisional: bool = False
    working_days: int | None = later()

    def origin(self) -> RequestSupplement:
        return RequestSupplement(self.wanted, self.working_days)

    def changes(self, case: Case, event: Event) -> Changes:
        asked = Supplement(
            self.wanted,
            self.wanted,
            event.at,
            self.due,
            self.provisional,
            working_days=self.working_days,
        )
        return {"state": "supplementing", "supplement": asked}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        due = last_day(self.due, self.provisional)
        yield notice("补正告知书", wanted=list(self.wanted), **due)


@command("supply", limits=("supply",), needs={"given": Text("补正的内容", "what is supplied")})
@frozen
class Supply(CommandBody):
    """Brings what was asked for, or a part of it."""

    given: tuple[str, ...]

    def asked_since(self, case: Case) -> datetime | None:
        return case.supplement.asked_at if case.supplement else None

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """Brings all or a part; the authority goes on when nothing is outstanding."""
        given = self.given
        assert case.supplement is not None
        due = supply_due(case, context.calendars)
        late = due is not None and day_of(context.given or context.now) > due.day
        if due and late and not may_move(due, context.calendars(case.accepting.division)):
            raise RefusedError(
                "too_late",
                f"补正期限{due.day}已过",
                f"the last day to supply what is missing was {due.day}",
            )
        unasked = [one for one in given if one not in case.supplement.wanted]
        refuse_unless(not unasked, f"未要求补正:{'、'.join(unasked)}", "this was not asked for")
        left = tuple(one for one in case.supplement.outstanding if one not in given)
        return [Supplied(given, left)]


@event("supplied")
@frozen
class Supplied(EventBody):
    """补正: brought; `outstanding` is still missing."""

    given: tuple[str, ...]
    outstanding: tuple[str, ...] = ()

    def origin(self) -> Supply:
        return Supply(self.given)

    def changes(self, case: Case, event: Event) -> Changes:
        assert case.supplement is not None
        # It ends the applicant's time when it was given, wherever that was; and begins the
        # authority's, which has it only since it arrived.
        now = attrs.evolve(
            case.supplement,
            outstanding=self.outstanding,
            supplied_at=None if self.outstanding else event.at,
            given_at=event.given_at,
        )
        return {"state": "supplementing" if self.outstanding else "arrived", "supplement": now}


@event("lapsed")
@frozen
class Lapsed(EventBody):
    """逾期未补正: what was missing did not come by `due`."""

    due: date
    outstanding: tuple[str, ...]

    def changes(self, case: Case, event: Event) -> Changes:
        return ended("lapsed", event.at)

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        outstanding = list(self.outstanding)
        yield notice("逾期未补正告知书", due=self.due.isoformat(), outstanding=outstanding)


@command("decline", needs={"reasons": REASONS})
@frozen
class Decline(CommandBody):
    """Does not accept, in writing, with reasons.

    Attributes:
        article: on which it rests; needed where the rules would have it accepted.
    """

    reasons: tuple[str, ...]
    article: str = later("")

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """With reasons; where the rules allow what is applied for, with an article too."""
        article = checked_article(case, context, "declined", self.article, self.reasons)
        return [Declined(self.reasons, article)]


@event("declined")
@frozen
class Declined(EventBody):
    """不予受理, with reasons; `article` as in `Decline`."""

    reasons: tuple[str, ...]
    article: str = later("")

    def origin(self) -> Decline:
        return Decline(self.reasons, self.article)

    def changes(self, case: Case, event: Event) -> Changes:
        return ended("declined", event.at) | {"reasons": self.reasons, "article": self.article}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        reasons, named = list(self.reasons), named_article(self.article)
        yield notice("不予受理决定书", reasons=reasons, **named, remedy=REMEDY)
