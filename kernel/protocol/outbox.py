"""The messages that an event sends: to the applicant, to other offices, to supervisors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import tongban.kernel.protocol.handling_events as late
import tongban.kernel.protocol.intake_events as early
from tongban.kernel.protocol.actors import APPLICANT, Office, supervisor_of
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.codec import dump
from tongban.kernel.protocol.events import Event
from tongban.kernel.protocol.messages import Message, derived_id
from tongban.kernel.protocol.terms import (
    GRADES,
    LIMIT_STEPS,
    LOW_GRADES,
    NO_LIMIT,
    PROCEDURES,
    REMEDY,
)

__all__ = ["messages_of", "progress_of"]

Draft: TypeAlias = tuple[str, str, Mapping[str, Any]]
"""Receiver, kind and body of a message."""

SYSTEM = "system"


def messages_of(before: Case | None, event: Event, after: Case) -> list[Message]:
    """What one event sends.

    Args:
        before: the case before the event.
        event: what happened.
        after: the case after it.
    """
    write = _WRITERS.get(type(event.body))
    drafts = list(write(before, event.body, after)) if write else []
    sender = _sender(before or after, event)
    return [_message(after, event, sender, draft) for draft in drafts]


def progress_of(before: Case | None, events: Sequence[Event], after: Case) -> list[Message]:
    """The events of a step, for the offices that the case passed before.

    Args:
        before: the case before the step.
        events: of the step.
        after: the case after it.
    """
    if not events:
        return []
    writer = (before or after).holder
    way = after.plan.way
    told = {one.key: one for one in way[: way.index(writer)] if one.key != writer.key}
    body = {"events": [event.to_dict() for event in events]}
    return [_message(after, events[0], writer.key, (office, "progress", body)) for office in told]


def _sender(case: Case, event: Event) -> str:
    body = event.body
    if isinstance(body, late.Warned | late.Overdue | late.Rated | late.FollowUpOpened):
        return SYSTEM
    return case.holder.key


def _message(case: Case, event: Event, sender: str, draft: Draft) -> Message:
    receiver, kind, body = draft
    return Message(
        id=derived_id(case.id, event.seq, receiver, kind),
        collaboration=case.collaboration,
        case=case.id,
        sender=sender,
        receiver=receiver,
        kind=kind,
        sent_at=event.at,
        rules=case.rules,
        body=body,
    )


def _notice(document: str, **says: Any) -> Draft:
    return APPLICANT, "notice", {"document": document, **says}


def _received(before: Case, body: early.Received, after: Case) -> Iterator[Draft]:
    yield _notice(
        "收件凭证",
        receipt=body.receipt,
        office=dump(body.office),
        materials=dump(body.materials),
        warnings=list(map(str, body.warnings)),
        limits=dump(after.plan.limits) or NO_LIMIT,
    )


def _returned(before: Case, body: early.Returned, after: Case) -> Iterator[Draft]:
    yield _notice(
        "退件通知书", defects=list(map(str, body.defects)), reasons=_reasons(after, body.reasons)
    )
    yield from _cancelled(after, "退件")


def _dispatched(before: Case, body: early.Dispatched, after: Case) -> Iterator[Draft]:
    sent = {"materials": dump(body.materials), "by": body.by, "tracking": body.tracking}
    yield body.target.key, "forward", {**sent, "case": after.to_dict()}


def _arrived(before: Case, body: early.Arrived, after: Case) -> Iterator[Draft]:
    if before.state == "dispatched":
        source = after.shipments[-1].source
        yield source.key, "arrival", {"missing": list(body.missing)}


def _chased(before: Case, body: early.Chased, after: Case) -> Iterator[Draft]:
    asks = "arrival" if after.state == "dispatched" else "answer"
    again = _request(after) if asks == "answer" else {}
    for office in body.awaited:
        yield office.key, "chase", {"awaited": asks, "note": body.note, **again}


def _accepted(before: Case, body: early.Accepted, after: Case) -> Iterator[Draft]:
    yield _notice("受理通知书", on=body.on.isoformat(), silent=body.silent)


def _supplement(before: Case, body: early.SupplementRequested, after: Case) -> Iterator[Draft]:
    yield _notice("补正告知书", wanted=list(body.wanted), **_due(body))


def _due(body: Any) -> dict[str, Any]:
    due = body.due.isoformat() if body.due else None
    return {"due": due, "provisional": body.provisional}


def _lapsed(before: Case, body: early.Lapsed, after: Case) -> Iterator[Draft]:
    yield _notice("逾期未补正告知书", due=body.due.isoformat(), outstanding=list(body.outstanding))


def _declined(before: Case, body: early.Declined, after: Case) -> Iterator[Draft]:
    yield _notice("不予受理决定书", reasons=list(body.reasons), remedy=REMEDY)


def _requested(before: Case, body: late.CoHandlingRequested, after: Case) -> Iterator[Draft]:
    for office in body.offices:
        yield office.key, "request", _request(after)


def _request(case: Case) -> dict[str, Any]:
    """What an authority needs to know to confirm or refuse."""
    rule = next((one for one in case.plan.limits if one.step == "confirm"), None)
    return {
        "item": dict(case.item),
        "application": dict(case.application),
        "personal": case.personal,
        "lead": dump(case.plan.lead),
        "limit": dump(rule) if rule else None,
    }


def _paused(before: Case, body: late.Paused, after: Case) -> Iterator[Draft]:
    yield _notice(
        "特别程序告知书",
        procedure=PROCEDURES[body.procedure],
        reason=body.reason,
        expected=body.expected,
    )


def _resumed(before: Case, body: late.Resumed, after: Case) -> Iterator[Draft]:
    yield _notice("恢复办理告知书", note=body.note)


def _extended(before: Case, body: late.Extended, after: Case) -> Iterator[Draft]:
    yield _notice(
        "延期告知书",
        step=LIMIT_STEPS[body.step],
        working_days=body.working_days,
        reasons=list(body.reasons),
    )


def _decided(before: Case, body: late.Decided, after: Case) -> Iterator[Draft]:
    if body.granted:
        yield _notice("准予决定书", number=body.number, result=body.document)
    else:
        yield _notice("不予决定书", number=body.number, reasons=list(body.reasons), remedy=REMEDY)


def _delivery(before: Case, body: late.DeliveryStarted, after: Case) -> Iterator[Draft]:
    window = after.plan.way[0]
    if body.by == "pickup" and window.key != after.plan.lead.key:
        yield window.key, "result", {"number": body.number, "delivery": body.delivery}
    yield _notice(
        "送达告知书",
        number=body.number,
        by=body.by,
        tracking=body.tracking,
        window=dump(window) if body.by == "pickup" else None,
    )


def _reissued(before: Case, body: late.Reissued, after: Case) -> Iterator[Draft]:
    yield _notice("补发告知书", void=body.void, number=body.number)


def _withdrawn(before: Case, body: late.Withdrawn, after: Case) -> Iterator[Draft]:
    yield _notice("撤回确认书")
    yield from _cancelled(after, "撤回")


def _terminated(before: Case, body: late.Terminated, after: Case) -> Iterator[Draft]:
    reasons = _reasons(after, (body.reason,))
    yield _notice("终止办理通知书", reasons=reasons, remedy=REMEDY)
    yield from _cancelled(after, "终止")


def _reasons(case: Case, given: tuple[str, ...]) -> list[str]:
    """The reasons, with what a co-handling authority said when it refused."""
    refused = [f"{key}: {one.text}" for key, one in case.answers.items() if not one.confirmed]
    return [*given, *refused]


def _cancelled(case: Case, because: str) -> Iterator[Draft]:
    for office in case.unanswered:
        yield office.key, "cancellation", {"because": because}


def _rated(before: Case, body: late.Rated, after: Case) -> Iterator[Draft]:
    yield body.side, "rating", {"grade": GRADES[body.grade], "comment": body.comment}


def _follow_up(before: Case, body: late.FollowUpOpened, after: Case) -> Iterator[Draft]:
    office = next(one for one in after.plan.offices if one.key == body.side)
    grade = next(one.grade for one in after.ratings if one.side == body.side)
    assert grade in LOW_GRADES
    yield supervisor_of(office.division), "urge", _late("follow_up", office) | _due(body)


def _clock_checked(before: Case, body: late.ClockChecked, after: Case) -> Iterator[Draft]:
    """The notice of a lapse that a wrong clock has brought is taken back."""
    if body.reinstated and after.supplement:
        outstanding = list(after.supplement.outstanding)
        yield _notice("更正告知书", outstanding=outstanding, **_due(after.supplement))


def _warned(before: Case, body: late.Warned, after: Case) -> Iterator[Draft]:
    if body.step == "supply":
        yield _notice("补正期限提醒", **_due(body))
    else:
        yield body.office.key, "warning", _late(body.step, body.office) | _due(body)


def _overdue(before: Case, body: late.Overdue, after: Case) -> Iterator[Draft]:
    says = _late(body.step, body.office) | _due(body)
    yield supervisor_of(body.office.division), "urge", says
    yield body.office.key, "warning", says


def _late(step: str, office: Office) -> dict[str, Any]:
    return {"step": step, "official": LIMIT_STEPS[step], "office": dump(office)}


_WRITERS: Mapping[type, Callable[[Any, Any, Case], Iterator[Draft]]] = {
    early.Received: _received,
    early.Returned: _returned,
    early.Dispatched: _dispatched,
    early.Arrived: _arrived,
    early.Chased: _chased,
    early.Accepted: _accepted,
    early.SupplementRequested: _supplement,
    early.Lapsed: _lapsed,
    early.Declined: _declined,
    late.CoHandlingRequested: _requested,
    late.Paused: _paused,
    late.Resumed: _resumed,
    late.Extended: _extended,
    late.Decided: _decided,
    late.DeliveryStarted: _delivery,
    late.Reissued: _reissued,
    late.Withdrawn: _withdrawn,
    late.Terminated: _terminated,
    late.Rated: _rated,
    late.FollowUpOpened: _follow_up,
    late.Warned: _warned,
    late.Overdue: _overdue,
    late.ClockChecked: _clock_checked,
}
