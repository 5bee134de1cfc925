"""Changed contact and void letters: where a letter goes, and that a void result stays void."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tongban.plugins.simulation.checks.record import Record
from tongban.plugins.simulation.checks.step import Finding, Step

_PICKUP = "pickup"


def check_contact(step: Step) -> Iterator[Finding]:
    """Letters that begin after a change of contact go the new way, those before it stay."""
    if step.event.kind == "contact_changed":
        yield "contact", _changed(step)
    elif step.event.kind == "delivery_started" and step.after.contact_changes:
        yield "contact", _begun(step)


def check_void(step: Step) -> Iterator[Finding]:
    """A result that is void is not delivered; a void letter that turns up is noted once."""
    record, body, seq = step.record, step.body, step.event.seq
    if step.event.kind not in ("delivery_started", "delivered", "void_found"):
        return
    void = {one.void for _, one in record.log.before(seq, "reissued", "corrected")}
    letters = {one.delivery: one.number for _, one in record.log.before(seq, "delivery_started")}
    if step.event.kind == "delivery_started":
        yield "void_result", f"{body.number} is void, and is sent" if body.number in void else ""
    elif step.event.kind == "delivered":
        number = letters.get(body.delivery, "")
        yield "void_result", f"{number} is void, and is delivered" if number in void else ""
    else:
        yield "void_result", _found(step, void, letters)


def _found(step: Step, void: set[str], letters: dict[int, str]) -> str:
    body, log, seq = step.body, step.record.log, step.event.seq
    nth = body.delivery
    lost = {one.delivery: one.status == "lost" for _, one in log.before(seq, "delivery_reported")}
    if letters.get(nth) not in void or not lost.get(nth):
        return f"letter {nth} is not void and lost, and is noted as found"
    if any(one.delivery == nth for _, one in log.before(seq, "void_found")):
        return f"letter {nth} is noted as found twice"
    if step.after.result in void or step.after.deliveries != step.before.deliveries:
        return f"that letter {nth} was found changes the result or its delivery"
    return ""


def _changed(step: Step) -> str:
    before, after, body = step.before, step.after, step.body
    if after.deliveries != before.deliveries or after.state != before.state:
        return "a change of contact changes a letter that is under way"
    if after.personal != (body.personal or before.personal):
        return "the case does not keep the data that the change brought"
    if after.delivery != (body.delivery or before.delivery):
        return f"the way of delivery is {after.delivery} after a change to {body.delivery}"
    return _addressed(step)


def _begun(step: Step) -> str:
    wanted = _way(step)
    if step.body.by not in (wanted, _PICKUP):
        return f"a letter goes by {step.body.by}, and {wanted} was asked for"
    return _addressed(step)


def _way(step: Step) -> str:
    changes = step.record.log.before(step.event.seq, "contact_changed")
    ways: list[str] = [one.delivery for _, one in changes if one.delivery]
    return ways[-1] if ways else step.before.plan.delivery


def _addressed(step: Step) -> str:
    """The data of now is what the applicant said last; letters are marked by when they began."""
    wanted = contact_of(step.record, step.event.seq)
    if wanted is not None and step.node.store.same_personal(step.after.personal, wanted) is False:
        return "the data of the case is not what the applicant said last"
    for nth in range(1, len(step.after.deliveries) + 1):
        if step.after.sent_before_move(nth) is not _before_move(step, nth):
            return f"letter {nth} is shown with the address of another time"
    return ""


def _before_move(step: Step, nth: int) -> bool:
    """Whether a letter by post began before the address changed."""
    end, log = step.event.seq + 1, step.record.log
    sent = [event.seq for event, one in log.before(end, "delivery_started")
            if one.delivery == nth and one.by == "post"]  # fmt: skip
    moved = [event.seq for event, one in log.before(end, "contact_changed")
             if "address" in one.changed]  # fmt: skip
    return bool(sent) and any(seq > sent[-1] for seq in moved)


def contact_of(record: Record, seq: int) -> dict[str, Any] | None:
    """The applicant's data as the simulation knows it; None where it cannot know.

    Args:
        record: of the case.
        seq: number of the event up to which it counts.
    """
    data = dict(record.personal)
    for event, body in record.log.before(seq + 1, "contact_changed", "amended"):
        if event.kind == "amended" and body.personal:
            return None
        if event.kind == "contact_changed":
            data |= record.details.get(event.cause, {})
    return data
