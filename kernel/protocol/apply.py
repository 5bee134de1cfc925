"""From events to the case: what each event changes. Nothing here decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import reduce
from typing import Any

import attrs

import tongban.kernel.protocol.handling_events as late
import tongban.kernel.protocol.intake_events as early
from tongban.kernel.errors import TongbanError
from tongban.kernel.protocol.case import (
    Answer,
    Case,
    ClockStop,
    Delivery,
    FollowUpDue,
    Rating,
    Shipment,
    Supplement,
)
from tongban.kernel.protocol.clock import not_after
from tongban.kernel.protocol.events import Event

__all__ = ["OrderError", "evolve", "replay"]


class OrderError(TongbanError):
    """Events that do not follow on each other: one is missing, doubled or of another case."""


def evolve(case: Case | None, event: Event) -> Case:
    """The case after an event.

    Args:
        case: before it; None before the first.
        event: the next one.

    Raises:
        OrderError: where it is not the next one of this case.
    """
    if case is None:
        return _opened(event)
    if event.case != case.id or event.seq != case.version + 1:
        raise OrderError(
            f"{case.id}: expected event {case.version + 1}, found {event.seq} of {event.case}"
        )
    if isinstance(event.body, late.Recovered) and event.body.snapshot is not None:
        return _snapshot(event, event.body.snapshot)
    change = _CHANGES.get(type(event.body))
    at = event.given_at if event.given_at and type(event.body) in _WHEN_GIVEN else event.at
    changes = change(case, event.body, at) if change else {}
    if event.kind == "supplied" and event.given_at:
        changes["supplement"] = attrs.evolve(changes["supplement"], given_at=event.given_at)
    if event.kind == "attempt_refused":
        changes["attempts"] = (*case.attempts, event.cause)
    elif event.cause and event.cause not in case.seen:
        changes["seen"] = (*case.seen, event.cause)
    # As attrs.evolve, which looks at the class each time; here is where replaying spends its time.
    fields = {name: getattr(case, name) for name in _FIELDS}
    return Case(**(fields | changes | {"version": event.seq}))


_FIELDS = tuple(field.name for field in attrs.fields(Case))


def replay(events: Iterable[Event]) -> Case | None:
    """The case that a whole log says; None for an empty one.

    Raises:
        OrderError: where the log has a gap or is not of one case.
    """
    return reduce(evolve, events, None)


def _opened(event: Event) -> Case:
    body = event.body
    if isinstance(body, early.TakenOver):
        case = Case.from_dict(body.snapshot)
        if case.id != event.case or event.seq != case.version + 1:
            raise OrderError(f"{event.case}: the case that was taken over does not fit")
        return attrs.evolve(case, version=event.seq, seen=(*case.seen, event.cause))
    if isinstance(body, late.Recovered) and body.snapshot is not None:
        return attrs.evolve(_snapshot(event, body.snapshot), version=event.seq)
    if not isinstance(body, early.Submitted) or event.seq != 1:
        raise OrderError(f"{event.case}: a log begins with an application, found {event.kind}")
    return Case(
        id=event.case,
        state="submitted",
        version=1,
        rules=body.rules,
        plan=body.plan,
        item=body.decision["item"],
        application=body.application,
        decision=body.decision,
        applicant=body.applicant,
        submitted_at=event.at,
        collaboration=body.collaboration,
        agent=body.agent,
        authorisation=body.authorisation,
        personal=body.personal,
        seen=(event.cause,),
    )


def _snapshot(event: Event, raw: Mapping[str, Any]) -> Case:
    """The case after an event that was lost, as this store's own letter says."""
    case = Case.from_dict(raw)
    if case.id != event.case or event.seq != case.version:
        raise OrderError(f"{event.case}: the case that was recovered does not fit")
    return case


def _received(case: Case, body: early.Received, at: datetime) -> dict[str, Any]:
    return {
        "state": "received",
        "receipt": body.receipt,
        "materials": body.materials,
        "received_at": at,
    }


def _returned(case: Case, body: early.Returned, at: datetime) -> dict[str, Any]:
    defects = tuple(map(str, body.defects))
    return _ended("returned", at) | {"defects": defects, "reasons": body.reasons}


def _dispatched(case: Case, body: early.Dispatched, at: datetime) -> dict[str, Any]:
    sent = Shipment(body.source, body.target, body.materials, body.by, body.tracking, at)
    return {"state": "dispatched", "shipments": (*case.shipments, sent), "chased_at": None}


def _arrived(case: Case, body: early.Arrived, at: datetime) -> dict[str, Any]:
    index = case.plan.way.index(body.office)
    changes: dict[str, Any] = {"at": index, "chased_at": None}
    if case.state == "dispatched":
        last = attrs.evolve(case.shipments[-1], arrived_at=at, missing=body.missing)
        changes["shipments"] = (*case.shipments[:-1], last)
    if case.accepted_on is not None:
        changes["state"] = "accepted"
    else:
        changes |= {"state": "arrived", "arrived_at": at}
    if index == len(case.plan.way) - 1:
        changes["led_at"] = at
    return changes


def _chased(case: Case, body: early.Chased, at: datetime) -> dict[str, Any]:
    return {"chased_at": at}


def _accepted(case: Case, body: early.Accepted, at: datetime) -> dict[str, Any]:
    return {
        "state": "accepted",
        "accepted_at": at,
        "accepted_on": body.on,
        "accepted_silently": body.silent,
    }


def _supplement(case: Case, body: early.SupplementRequested, at: datetime) -> dict[str, Any]:
    asked = Supplement(
        body.wanted, body.wanted, at, body.due, body.provisional, working_days=body.working_days
    )
    return {"state": "supplementing", "supplement": asked}


def _supplied(case: Case, body: early.Supplied, at: datetime) -> dict[str, Any]:
    assert case.supplement is not None
    done = None if body.outstanding else at
    now = attrs.evolve(
        case.supplement, outstanding=body.outstanding, supplied_at=done, given_at=None
    )
    return {"state": "supplementing" if body.outstanding else "arrived", "supplement": now}


def _declined(case: Case, body: early.Declined, at: datetime) -> dict[str, Any]:
    return _ended("declined", at) | {"reasons": body.reasons}


def _stopped(case: Case, body: early.Stopped, at: datetime) -> dict[str, Any]:
    return {"state": "stopped", "resumes": case.state}


def _settled(case: Case, body: early.Settled, at: datetime) -> dict[str, Any]:
    # Where it does not go on, an event of its own ends it.
    return {"state": case.resumes, "resumes": None} if body.goes_on else {}


def _requested(case: Case, body: late.CoHandlingRequested, at: datetime) -> dict[str, Any]:
    return {"state": "cohandling", "requested_at": at, "chased_at": None}


def _confirmed(case: Case, body: late.CoHandlingConfirmed, at: datetime) -> dict[str, Any]:
    return _answered(case, body.office.key, Answer(True, body.note, at))


def _refused(case: Case, body: late.CoHandlingRefused, at: datetime) -> dict[str, Any]:
    return _answered(case, body.office.key, Answer(False, body.reason, at))


def _answered(case: Case, office: str, answer: Answer) -> dict[str, Any]:
    answers = {**case.answers, office: answer}
    return {"answers": {key: answers[key] for key in sorted(answers)}}


def _completed(case: Case, body: late.CoHandlingCompleted, at: datetime) -> dict[str, Any]:
    # A special procedure goes on; what comes back after it is no longer `cohandling`.
    name = "resumes" if case.state == "paused" else "state"
    return {"completed_at": at, name: "accepted"}


def _examined(case: Case, body: late.Examined, at: datetime) -> dict[str, Any]:
    return {"state": "examined", "finding": body.finding, "examined_at": at}


def _paused(case: Case, body: late.Paused, at: datetime) -> dict[str, Any]:
    pause = ClockStop(body.procedure, body.reason, at, expected=body.expected)
    return {"state": "paused", "resumes": case.state, "pauses": (*case.pauses, pause)}


def _resumed(case: Case, body: late.Resumed, at: datetime) -> dict[str, Any]:
    last = attrs.evolve(case.pauses[-1], until=at)
    return {"state": case.resumes, "resumes": None, "pauses": (*case.pauses[:-1], last)}


def _extended(case: Case, body: late.Extended, at: datetime) -> dict[str, Any]:
    return {"extensions": {**case.extensions, body.step: body.working_days}}


def _decided(case: Case, body: late.Decided, at: datetime) -> dict[str, Any]:
    return {
        "state": "decided",
        "granted": body.granted,
        "reasons": body.reasons,
        "result": body.number,
        "decided_at": at,
    }


def _delivery(case: Case, body: late.DeliveryStarted, at: datetime) -> dict[str, Any]:
    one = Delivery(body.number, body.by, body.tracking, at)
    return {"state": "delivering", "deliveries": (*case.deliveries, one)}


def _reported(case: Case, body: late.DeliveryReported, at: datetime) -> dict[str, Any]:
    lost = body.status in ("returned", "lost")
    return {"deliveries": _told(case, body), "state": "undelivered" if lost else "delivering"}


def _told(case: Case, body: late.DeliveryReported) -> tuple[Delivery, ...]:
    last = attrs.evolve(case.deliveries[-1], status=body.status)
    return (*case.deliveries[:-1], last)


def _reissued(case: Case, body: late.Reissued, at: datetime) -> dict[str, Any]:
    return {"result": body.number, "voided": (*case.voided, body.void)}


def _delivered(case: Case, body: late.Delivered, at: datetime) -> dict[str, Any]:
    last = attrs.evolve(case.deliveries[-1], status="arrived")
    return {
        "state": "delivered",
        "delivered_at": at,
        "deliveries": (*case.deliveries[:-1], last),
    }


def _rated(case: Case, body: late.Rated, at: datetime) -> dict[str, Any]:
    return {"ratings": (*case.ratings, Rating(body.side, body.grade, body.comment, at))}


def _opens(case: Case, body: late.FollowUpOpened, at: datetime) -> dict[str, Any]:
    one = FollowUpDue(body.side, body.due, at, body.provisional)
    return {"follow_ups": (*case.follow_ups, one)}


def _followed(case: Case, body: late.FollowedUp, at: datetime) -> dict[str, Any]:
    return {
        "follow_ups": tuple(
            attrs.evolve(one, result=body.result, followed_at=at) if one.side == body.side else one
            for one in case.follow_ups
        )
    }


def _signalled(case: Case, body: late.Warned | late.Overdue, at: datetime) -> dict[str, Any]:
    return {"signalled": (*case.signalled, signal(body.kind, body.step, body.office.key, body.due))}


def signal(kind: str, step: str, office: str, due: object) -> str:
    """What marks a warning or a report of delay as given."""
    return f"{kind} {step} {office} {due}"


def _ended(state: str, at: datetime) -> dict[str, Any]:
    return {"state": state, "ended_at": at, "resumes": None}


def _ends(state: str) -> Callable[[Case, Any, datetime], dict[str, Any]]:
    return lambda case, body, at: _ended(state, at)


def _terminated(case: Case, body: late.Terminated, at: datetime) -> dict[str, Any]:
    return _ended("terminated", at) | {"reasons": (body.reason,)}


def _clock_checked(case: Case, body: late.ClockChecked, at: datetime) -> dict[str, Any]:
    goes_on = {"state": "supplementing", "ended_at": None} if body.reinstated else {}
    return not_after(case, at) | goes_on


_CHANGES: Mapping[type, Callable[[Case, Any, datetime], dict[str, Any]]] = {
    early.Received: _received,
    early.Returned: _returned,
    early.Dispatched: _dispatched,
    early.Arrived: _arrived,
    early.Chased: _chased,
    early.Accepted: _accepted,
    early.SupplementRequested: _supplement,
    early.Supplied: _supplied,
    early.Lapsed: _ends("lapsed"),
    early.Declined: _declined,
    early.Stopped: _stopped,
    early.Settled: _settled,
    late.CoHandlingRequested: _requested,
    late.CoHandlingConfirmed: _confirmed,
    late.CoHandlingRefused: _refused,
    late.CoHandlingCompleted: _completed,
    late.Examined: _examined,
    late.Paused: _paused,
    late.Resumed: _resumed,
    late.Extended: _extended,
    late.Decided: _decided,
    late.DeliveryStarted: _delivery,
    late.DeliveryReported: _reported,
    late.Reissued: _reissued,
    late.Delivered: _delivered,
    late.Closed: _ends("closed"),
    late.Withdrawn: _ends("withdrawn"),
    late.Terminated: _terminated,
    late.Rated: _rated,
    late.FollowUpOpened: _opens,
    late.FollowedUp: _followed,
    late.Warned: _signalled,
    late.Overdue: _signalled,
    late.ClockChecked: _clock_checked,
}

_WHEN_GIVEN = (late.CoHandlingConfirmed, late.CoHandlingRefused, late.Delivered, late.FollowedUp)
"""What meets a limit at the moment at which it was given, wherever that was.

A supply is not among them: it ends the applicant's time, and begins the authority's, which has
it only since it arrived.
"""
