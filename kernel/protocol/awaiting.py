"""Who must give which command next in a case; the work list is made of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tongban.kernel.protocol.actors import Actor, Office
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.case_parts import TaskClaim
from tongban.kernel.protocol.remedy_terms import owed
from tongban.kernel.protocol.terms import State
from tongban.kernel.protocol.transitions import COMMANDS

_LEAD: Mapping[State, str] = {
    "examined": "grant",
    "paused": "resume",
    "decided": "deliver",
    "undelivered": "deliver",
    "delivering": "report",
    "delivered": "close",
}
"""What the authority that decides does in a state."""


def awaited(case: Case) -> tuple[tuple[Office | None, str], ...]:
    """Who must give which command next, without days.

    Args:
        case: as it stands.

    Returns:
        Pairs of an office, None for the applicant, and the kind of the command. Commands that
        may be given but need not, such as an extension, are not among them.
    """
    return tuple(dict.fromkeys(_awaited(case)))


def _awaited(case: Case) -> Iterator[tuple[Office | None, str]]:
    plan = case.plan
    if case.state == "submitted":
        yield plan.way[0], "receive"
    elif case.state == "received":
        yield case.holder, "forward"
    elif case.state == "dispatched":
        yield case.holder, "arrive"
    elif case.state == "arrived":
        yield case.accepting, "accept"
    elif case.state == "supplementing":
        yield None, "supply"
    elif case.state == "stopped":
        yield _settles(case), "settle"
    elif case.state == "accepted":
        yield case.holder, "examine" if case.holder.key == plan.lead.key else "forward"
    elif case.state in _LEAD:
        yield plan.lead, _LEAD[case.state]
    if owed(case):
        yield (plan.lead, "correct") if case.decided_at else (_settles(case), "reopen")
    if case.state == "cohandling" or (case.state == "paused" and case.resumes == "cohandling"):
        for office in case.unanswered:
            yield office, "confirm"
    if case.state in COMMANDS["follow_up"].states:  # not while a reopened case is handled
        by_key = {office.key: office for office in plan.offices}
        for one in case.follow_ups:
            if not one.result and one.side in by_key:
                yield by_key[one.side], "follow_up"


def _settles(case: Case) -> Office:
    """Who settles or reopens a case where it is: a window that only collects may not."""
    holder = case.holder
    if holder in (case.accepting, case.plan.lead):
        return holder
    return Office(holder.place, holder.division, "supervisor")


def claims_left(before: Case, after: Case, actor: Actor) -> tuple[TaskClaim, ...]:
    """The claims that hold after an event.

    One ends when its office has nothing to do in the case any more, and where a colleague of the
    same office does the task instead.

    Args:
        before: the case before the event.
        after: after it.
        actor: who caused it.
    """
    if after.over:
        return ()
    then, now = _of_offices(before), _of_offices(after)
    return tuple(
        one
        for one in after.claims
        if one.office in now
        and (
            now[one.office] == then.get(one.office)
            or actor.office != one.office
            or actor.id == one.account
        )
    )


def _of_offices(case: Case) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for office, kind in awaited(case):
        if office is not None:
            found.setdefault(office.key, []).append(kind)
    return found
