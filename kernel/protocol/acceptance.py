"""Acceptance: accepted, asked once for what is missing, or declined with reasons."""

from __future__ import annotations

from tongban.kernel.model.moments import day_of
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.command_bodies import Accept, Decline, RequestSupplement, Supply
from tongban.kernel.protocol.command_context import CommandContext, need, refuse_unless
from tongban.kernel.protocol.event_body import EventBody
from tongban.kernel.protocol.intake_events import (
    Accepted,
    Declined,
    SupplementRequested,
    Supplied,
)
from tongban.kernel.protocol.limits import may_move, supply_due
from tongban.kernel.protocol.results import RefusedError
from tongban.kernel.protocol.terms import MOST_DAYS
from tongban.kernel.protocol.transfer import requested

__all__ = ["accept", "decline", "silently_accepted", "supplement", "supply"]


def accept(case: Case, body: Accept, context: CommandContext) -> list[EventBody]:
    """Accepts; where the authority that accepts also leads, the others are asked at once."""
    accepted = Accepted(case.accepting, context.today)
    return [accepted, *_asked(case)]


def silently_accepted(case: Case) -> list[EventBody]:
    """What silence means for a licence: accepted from the day on which it was received."""
    asked = case.supplement
    since = asked.supplied_at if asked and asked.supplied_at else case.arrived_at
    assert since is not None
    return [Accepted(case.accepting, day_of(since), silent=True), *_asked(case)]


def _asked(case: Case) -> list[EventBody]:
    return requested(case) if case.accepting == case.plan.lead else []


def supplement(case: Case, body: RequestSupplement, context: CommandContext) -> list[EventBody]:
    """Names everything that is missing; a second time it may not."""
    if case.supplement is not None:
        raise RefusedError(
            "once_only",
            "补正只能一次性告知,本办件已告知过"
            " (what is missing may be asked for only once; accept or decline)",
        )
    wanted = need("需补正的全部内容", *body.wanted)
    refuse_unless(
        len(set(wanted)) == len(wanted), "需补正的内容有重复 (something is asked for twice)"
    )
    days = body.working_days
    if days is None:
        return [SupplementRequested(wanted)]
    refuse_unless(
        0 < days <= MOST_DAYS,
        f"补正期限须为1至{MOST_DAYS}个工作日 (allow 1 to {MOST_DAYS} working days)",
    )
    due = context.calendars(case.accepting.division).after(context.today, days)
    return [SupplementRequested(wanted, due.day, due.provisional, days)]


def supply(case: Case, body: Supply, context: CommandContext) -> list[EventBody]:
    """Brings all or a part; the authority goes on when nothing is outstanding."""
    given = need("补正的内容", *body.given)
    assert case.supplement is not None
    due = supply_due(case, context.calendars)
    late = due is not None and day_of(context.given or context.now) > due.day
    if due and late and not may_move(due, context.calendars(case.accepting.division)):
        raise RefusedError(
            "too_late",
            f"补正期限{due.day}已过 (the last day to supply what is missing was {due.day})",
        )
    unasked = [one for one in given if one not in case.supplement.wanted]
    refuse_unless(not unasked, f"未要求补正:{'、'.join(unasked)} (this was not asked for)")
    left = tuple(one for one in case.supplement.outstanding if one not in given)
    return [Supplied(given, left)]


def decline(case: Case, body: Decline, context: CommandContext) -> list[EventBody]:
    """Does not accept, in writing, with reasons."""
    return [Declined(need("理由", *body.reasons))]
