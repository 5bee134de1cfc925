"""Who has to do what next in a case. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tongban.kernel import protocol

__all__ = ["tasks_of"]

_LEAD: Mapping[protocol.State, str] = {
    "examined": "grant",
    "paused": "resume",
    "decided": "deliver",
    "undelivered": "deliver",
    "delivering": "report",
    "delivered": "close",
}


def tasks_of(case: protocol.Case) -> tuple[tuple[protocol.Office | None, str], ...]:
    """Who has to do what next.

    Args:
        case: as it stands.

    Returns:
        Pairs of an office, None for the applicant, and the kind of the command that
        is awaited. A command that only may be given, such as an extension, is none.
    """
    return tuple(dict.fromkeys(_tasks(case)))


def _tasks(case: protocol.Case) -> Iterator[tuple[protocol.Office | None, str]]:
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
    if case.state == "cohandling" or (case.state == "paused" and case.resumes == "cohandling"):
        for office in case.unanswered:
            yield office, "confirm"
    by_key = {office.key: office for office in plan.offices}
    for one in case.follow_ups:
        if not one.result and one.side in by_key:
            yield by_key[one.side], "follow_up"


def _settles(case: protocol.Case) -> protocol.Office:
    """Who settles a disagreement where the case is: a window that only collects may not."""
    holder = case.holder
    if holder in (case.accepting, case.plan.lead):
        return holder
    return protocol.Office(holder.place, holder.division, "supervisor")
