"""Whether the events of another store are legal: each is tried again as the command it came of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import attrs

from tongban.kernel.errors import Text
from tongban.kernel.model.moments import day_of
from tongban.kernel.protocol.acceptance import silently_accepted
from tongban.kernel.protocol.actors import SYSTEM
from tongban.kernel.protocol.case import Case, Supplement
from tongban.kernel.protocol.clock import TOLERANCE
from tongban.kernel.protocol.codec import FormatError, is_name
from tongban.kernel.protocol.commands import (
    Command,
    CommandBody,
    CommandContext,
    RefusedError,
    effective_time,
)
from tongban.kernel.protocol.events import Event, EventBody, OrderError, evolve
from tongban.kernel.protocol.guards import RECORDED, check
from tongban.kernel.protocol.letters import (
    AHEAD,
    Here,
    RejectedError,
    Sender,
    address_of,
    dated,
    holds,
    reject_unless,
)
from tongban.kernel.protocol.limits import Limit, limits
from tongban.kernel.protocol.terms import MOST_DAYS
from tongban.kernel.protocol.ticking import signal
from tongban.kernel.protocol.transitions import COMMANDS
from tongban.kernel.protocol.validity import same_validity, validity_of_time

_LONGEST = timedelta(days=3 * MOST_DAYS)
"""Longer takes no period, whatever the calendar says."""

_MOVED = timedelta(days=15)
"""No last day moves further because it is a day off."""

_COUNTED = ("supplement_requested", "follow_up_opened")
"""Events with a last day that the calendar of their place gave."""


def lawful(case: Case, events: Iterable[Event], sender: Sender, here: Here) -> Case:
    """The case after events of another store.

    Args:
        case: as it stands here.
        events: the next ones, in order.
        sender: the node that says that they happened.
        here: what is known.

    Raises:
        OutOfOrderError: where what brought the case to that node has not come yet.
        RejectedError: where the sender did not have the case, or they cannot have happened.
    """
    log = here.log()
    last = log[-1].at if log else case.submitted_at
    for cause, some in groupby(events, key=lambda event: event.cause):
        step = list(some)
        for part in [step] if cause else _of_time(step):
            holds(sender, case, here)
            for event in part:
                _in_order(event, last, here)
                last = event.at
            try:
                _tried(case, part, sender, here)
                for event in part:
                    case = evolve(case, event)
            except (RefusedError, OrderError, FormatError, ValueError) as error:
                if isinstance(error, RejectedError):
                    raise
                raise _not_legal(part, error) from None
    return case


def _in_order(event: Event, last: datetime, here: Here) -> None:
    """An event is not before the one before it; clocks of two stores differ by a day at most."""
    dated(event.at, here, f"第 {event.seq} 个事件")
    reject_unless(
        event.at >= last - AHEAD or event.kind == "clock_checked",
        "illegal",
        f"第 {event.seq} 个事件早于前一事件",
        f"event {event.seq} is dated before the one before it",
    )


def _of_time(events: Sequence[Event]) -> Iterator[list[Event]]:
    """What time brought, step by step: acceptance by silence asks the others at once."""
    waiting: list[Event] = []
    for event in events:
        if event.kind == "cohandling_requested" and waiting and waiting[-1].kind == "accepted":
            waiting.append(event)
            continue
        if waiting:
            yield waiting
        waiting = [event]
    yield waiting


def _not_legal(events: Sequence[Event], error: Exception) -> RejectedError:
    kinds, seq = "、".join(event.kind for event in events), events[0].seq
    why = error.text if isinstance(error, RefusedError | FormatError) else Text(en=str(error))
    return RejectedError(
        "illegal",
        f"第 {seq} 个事件 {kinds} 不合法" + (f":{why.zh}" if why.zh else ""),
        f"event {seq} is not legal: {why.en}",
    )


def _illegal(zh: str, en: str) -> RefusedError:
    return RefusedError("wrong_state", zh, en)


def origin(events: Sequence[EventBody]) -> CommandBody | None:
    """The command that yields these events, if any does in some case.

    A limit that the command set is not among what is found: it depends on the calendar.

    Args:
        events: that one command brought, in order.
    """
    first = events[0].kind
    # What comes before the event that tells the command.
    leading = len(events) > 1 and first in ("reissued", "examined")
    tells = events[1] if leading else events[0]
    made: Any = tells.origin()
    finding = getattr(events[0], "finding", "") if leading else ""
    if finding and hasattr(made, "finding"):  # given together with the decision
        made = attrs.evolve(made, finding=finding)
    found: CommandBody | None = made
    return found


def _tried(case: Case, events: list[Event], sender: Sender, here: Here) -> None:
    """Check that one command, or time, can have brought these events.

    Raises:
        RefusedError: where none can, with the sentence of the refusal.
    """
    first = events[0]
    if first.clock is not None and not first.at - TOLERANCE <= first.clock < first.at:
        raise _illegal("时钟记录有误", "what the clock is said to have shown does not fit")
    if any((one.at, one.actor, one.given_at) != (first.at, first.actor, first.given_at)
           for one in events):  # fmt: skip
        raise _illegal("同一指令的事件须同时同人", "events of one command differ in who and when")
    if not first.cause:
        _brought_by_time(case, events, here)
    elif first.kind == "taken_over":
        _taken_over(case, events)
    else:
        if not is_name(first.cause) or first.cause in case.seen:
            raise _illegal("该指令已生效", "this command had its effect before")
        if first.kind == "attempt_refused":
            _attempted(case, events)
        else:
            _acted(first, sender, here)
            _commanded(case, events, here)


def _acted(event: Event, sender: Sender, here: Here) -> None:
    """The actor is at that store, or sent the command there from where they are."""
    address = address_of(event.actor)
    if not address or sender.serves(address) or not here.serves(address):
        return  # who is at a third place has a part there, or is refused like anybody
    passed_on = any(
        (one.kind == "command" and one.body.get("id") == event.cause)
        or (one.kind in ("confirmation", "refusal") and one.id == event.cause)
        for one in here.sent()
    )
    if not passed_on:
        raise _illegal(
            f"{address} 未从本库发出此指令", f"no such command of {address} went out here"
        )


def _commanded(case: Case, events: list[Event], here: Here) -> None:
    first, bodies = events[0], [event.body for event in events]
    body = origin(bodies)
    if body is None:
        raise _illegal("不能发生于转办之后", "this does not happen after a case was passed on")
    command = Command(first.cause, case.id, first.actor, body, first.given_at)
    since = effective_time(case, command, first.at)
    if since != first.given_at:
        raise _illegal("给出指令的时间有误", "the moment at which it was given cannot be")
    check(case, first.actor, body.kind, day_of(first.met_at))
    now = case.submitted_at if first.body.by_calendar else first.at
    last = getattr(first.body, "last", None)  # of `clock_checked`: what the clock is compared with
    context = CommandContext(case.id, first.actor, now, here.calendars, since, last, elsewhere=True)
    body.check(context.today)
    made = body.handle(case, context)
    today, rule = day_of(first.at), case.plan.valid_for
    by_calendar = rule is not None and rule.period.unit == "working_days"
    if len(made) != len(bodies) or not all(
        _same(one, found, today, by_calendar) for one, found in zip(made, bodies, strict=True)
    ):
        raise _illegal("内容与该步骤不符", "not what this step brings")


def _same(made: Any, found: Any, today: date, by_calendar: bool) -> bool:
    """Whether an event is the one that the step brings here; its last day may be another."""
    if made.kind == found.kind and made.kind in ("decided", "corrected"):
        fits = same_validity(made.validity, found.validity, _LONGEST, counted=by_calendar)
        return fits and bool(attrs.evolve(made, validity=found.validity) == found)
    if made.kind == found.kind == "remedy_lodged":
        return _lodged(made, found)
    if made.kind not in _COUNTED or made.kind != found.kind:
        return bool(made == found)
    if found.due is not None and not timedelta() < found.due - today <= _LONGEST:
        return False
    # Events of an older version say no number of days; a follow-up always has a last day.
    counted = found.kind == "follow_up_opened" or found.working_days is not None
    needed = not counted or (found.due is None) == (made.due is None)
    return needed and made == attrs.evolve(found, due=made.due, provisional=made.provisional)


def _lodged(made: Any, found: Any) -> bool:
    """Whether a remedy was lodged so; its last day may be another by the calendar of its place."""
    if (made.due is None) != (found.due is None):
        return False
    if found.due is None:
        return bool(made == found)
    near = abs(found.due - made.due) <= _MOVED
    fits = found.late == (found.on > found.due)
    return near and fits and bool(made == attrs.evolve(found, due=made.due, late=made.late))


def _attempted(case: Case, events: list[Event]) -> None:
    body: Any = events[0].body
    fits = body.command in COMMANDS and body.code in RECORDED
    if len(events) > 1 or not fits or events[0].cause in case.attempts:
        raise _illegal("越权记录有误", "not a refused attempt")


def _taken_over(case: Case, events: list[Event]) -> None:
    """The case that arrived at the next store is the one that left."""
    body: Any = events[0].body
    if len(events) > 1 or events[0].actor != SYSTEM or case.state != "dispatched":
        raise _illegal("办件不在转办途中", "the case is not on its way")
    if Case.from_dict(body.snapshot) != case:
        raise RejectedError(
            "contradiction",
            f"办件 {case.id}:对方接收的办件与本库第 {case.version} 个事件后的办件不符",
            f"the case that the other store took over is not the one of event {case.version} here",
        )


def _brought_by_time(case: Case, events: list[Event], here: Here) -> None:
    first = events[0]
    body: Any = first.body
    today = day_of(first.at)
    if first.actor != SYSTEM or first.given_at is not None:
        raise _illegal("时间所致事件须由系统作出", "what time brings is of the system")
    if first.kind in ("overdue", "warned"):
        _signalled(case, first, here)
    elif first.kind == "accepted":
        running = [one for one in _open(case, here, first) if one.step == "supplement"]
        due = running and case.state == "arrived" and case.plan.licence
        if not due or today <= _earliest(running[0]):
            raise _illegal("尚不视为受理", "silence does not mean acceptance yet")
        if [event.body for event in events] != silently_accepted(case):
            raise _illegal("内容与该步骤不符", "not what this step brings")
    elif first.kind == "lapsed":
        if not _lapsed(case.supplement, body, today):
            raise _illegal("补正期限未过", "the limit to supply has not passed")
    elif first.kind in ("expiring", "expired"):
        if [event.body for event in events] != list(validity_of_time(case, today)):
            raise _illegal("有效期未届满、未临近或已提示过", "the validity has not come so far")
    elif first.kind in ("chased", "closed"):
        _commanded(case, [attrs.evolve(first, cause="-")], here)
    else:
        raise _illegal("不是时间所致", "time does not bring this")


def _lapsed(asked: Supplement | None, body: Any, today: date) -> bool:
    """Whether time was over; a provisional day may have moved, never to an earlier one."""
    if asked is None or asked.due is None or body.outstanding != asked.outstanding:
        return False
    moved = asked.provisional and body.due > asked.due
    return today > body.due and (body.due == asked.due or moved)


def _signalled(case: Case, event: Event, here: Here) -> None:
    """A warning or a report of delay, of a limit that there is and once; the last day is theirs."""
    body: Any = event.body
    today, late = day_of(event.at), event.kind == "overdue"
    found = [
        one
        for one in _open(case, here, event)
        if one.step == body.step and one.office == body.office and _earliest(one) <= body.due
    ]
    if not found:
        raise _illegal("没有这样的时限", "there is no such limit")
    if (late and found[0].step == "supply") or late != (today > body.due):
        raise _illegal("时限尚未届满或已过", "the limit has not passed, or has")
    if signal(event.kind, body.step, body.office.key, body.due) in case.signalled:
        raise _illegal("已提示过", "this was said before")


def _open(case: Case, here: Here, event: Event) -> list[Limit]:
    every = limits(case, here.calendars, event.at)
    return [one for one in every if one.done is None and one.state != "ended"]


def _earliest(one: Limit) -> date:
    """The first day that can be the last one of a limit, whatever the calendar of its place says.

    Holidays of another place, and amended ones, may not be known here; no calendar gets through
    that many working days in fewer days.
    """
    return one.started + timedelta(days=one.working_days)
