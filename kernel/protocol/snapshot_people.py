"""Whether what a case in transit keeps of people can be: contact, recusals, tasks, ratings."""

from __future__ import annotations

from tongban.kernel.model.rules import DELIVERIES
from tongban.kernel.protocol.awaiting import awaited
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.codec import is_name
from tongban.kernel.protocol.recusal import offices_with_part


def reached(case: Case) -> bool:
    """Changes of contact say what changed, once each, by somebody who may."""
    return all(
        0 < len(one.changed) == len(set(one.changed))
        and one.by in ("applicant", "agent", "window")
        and bool(one.delivery) == ("delivery" in one.changed)
        and one.delivery in ("", *DELIVERIES)
        and one.deliveries == 0
        for one in case.contact_changes
    )


def kept_off(case: Case) -> bool:
    """Recusals are of offices of the case, with a reason, and of an officer once at a time."""
    active = [(one.office, one.officer) for one in case.recusals if one.lifted_at is None]
    return len(set(active)) == len(active) and all(
        one.office in offices_with_part(case)
        and is_name(one.officer)
        and is_name(one.instead, least=0)
        and bool(one.reason.strip())
        and one.by.kind in ("officer", "window", "supervisor")
        and (one.by.kind == "supervisor" or one.by.office == one.office)
        for one in case.recusals
    )


def taken(case: Case) -> bool:
    """A task is taken by an account of the office that has one."""
    offices = [one.office for one in case.claims]
    return (
        len(set(offices)) == len(offices)
        and set(offices) <= {one.key for one, _ in awaited(case) if one is not None}
        and all(is_name(one.account) for one in case.claims)
    )


def rated(case: Case) -> bool:
    """What had ended and was rated is on its way again only where it was reopened."""
    sides = [one.side for one in case.ratings]
    if sides and not case.reopenings:
        return False
    offices = {office.key for office in case.plan.offices}
    followed = {one.side for one in case.follow_ups}
    return len({*sides}) == len(sides) and followed <= {*sides} <= offices
