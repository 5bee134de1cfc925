"""What every store makes of events, messages and cases when it keeps them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from attrs import frozen

from tongban.kernel.audit.hash_chain import Head, canonical
from tongban.kernel.model.addresses import oversees
from tongban.kernel.model.id_numbers import id_number_in, many_digits
from tongban.kernel.ports.stored import (
    CaseFilter,
    CaseRow,
    Deadline,
    DeadlineStatus,
    MismatchError,
    StoreError,
    content,
)
from tongban.kernel.protocol import (
    Actor,
    Calendars,
    Case,
    Event,
    Message,
    OrderError,
    Task,
    evolve,
    limits,
    tasks,
    wakes_on,
)

__all__ = [
    "Schedule",
    "case_row",
    "event_text",
    "evolved",
    "is_among",
    "is_news",
    "item_key",
    "message_text",
    "same_message",
    "schedule",
]


def event_text(event: Event) -> str:
    """The text of an event in the log.

    Raises:
        StoreError: where it contains a resident ID number.
    """
    said = event.to_dict()
    body = canonical(said)
    where = _number_in(said, body, event.case)
    if where is not None:
        raise StoreError(
            f"办件 {event.case}:内容含公民身份号码,不得写入日志 (the text of “{event.kind}”,"
            f" {where}, contains a resident ID number; personal data does not belong in the"
            " log: leave it out, or write its last four characters)"
        )
    return body


def message_text(message: Message) -> str:
    """The text of a message in a box.

    Raises:
        StoreError: where it contains a resident ID number.
    """
    body = canonical(message)
    where = _number_in(message, body, message.case)
    if where is not None:
        raise StoreError(
            f"消息 {message.id}:内容含公民身份号码,不得保存或发送 (the message, {where}, contains a"
            " resident ID number; personal data travels apart: leave it out)"
        )
    return body


def _number_in(said: Any, text: str, case: str) -> str | None:
    if not many_digits(text):
        return None
    return id_number_in(said if isinstance(said, dict) else said.to_dict(), case)


def same_message(known: Message, message: Message) -> None:
    """That a message which came again says what it said before.

    Raises:
        MismatchError: where it says anything else.
    """
    if known == message:
        return
    text = content(known)
    if text != content(message):
        raise MismatchError(
            f"消息 {message.id} 与先前收到的不一致 (a message of this id came before with other"
            " content; nothing was changed: whose log is it that forked?)",
            text,
        )


def is_news(known: Head | None, node: str, head: Head) -> bool:
    """Whether what a node tells of its log goes further than what is known of that line.

    Raises:
        MismatchError: where it told another hash for the same position.
    """
    if known is not None and known.position == head.position and known.hash != head.hash:
        raise MismatchError(
            f"节点 {node} 的日志第 {head.position} 位前后不一 (the node {node} told another hash"
            f" before for position {head.position} of its log: that log forked)",
            known.hash,
        )
    return known is None or known.position < head.position


def evolved(case: str, current: Case | None, events: Iterable[Event]) -> Case | None:
    """A case after more events.

    Args:
        case: its id.
        current: as it stands; None where there is none.
        events: in order.

    Raises:
        StoreError: where they do not follow on each other.
    """
    after = current
    try:
        for event in events:
            if event.case != case:
                raise OrderError(f"an event of case {event.case}")
            after = evolve(after, event)
    except OrderError as error:
        raise StoreError(
            f"办件 {case} 的事件不连续 (the events do not follow on those of case {case}: {error})"
        ) from None
    return after


@frozen
class Schedule:
    """What a store keeps of the time limits of a case, as its last event left them.

    Attributes:
        wakes: the day on which time brings something; None where it brings nothing.
    """

    deadlines: tuple[Deadline, ...]
    tasks: tuple[Task, ...]
    wakes: date | None


def schedule(case: Case, updated_at: datetime, calendars: Calendars) -> Schedule:
    """The limits, the tasks and the waking day of a case.

    Args:
        case: after its last event.
        updated_at: the moment of that event.
        calendars: of each place.
    """
    running = limits(case, calendars, updated_at)
    deadlines = []
    for one in running:
        status: DeadlineStatus = "done" if one.done else "open"
        if not one.done and (one.state == "stopped" or one.state == "ended"):
            status = one.state
        deadlines.append(
            Deadline(
                case.id, one.step, one.office.key, one.office.division, one.office.department,
                one.started, one.working_days, one.due, one.provisional, one.done, status,
                one.basis,
            )
        )  # fmt: skip
    return Schedule(
        tuple(deadlines),
        tasks(case, calendars, updated_at, running),
        wakes_on(case, calendars, running),
    )


def item_key(case: Case) -> str:
    """The key of a case's item, `630000/2-03`."""
    return f"{case.item.get('jurisdiction', '')}/{case.item.get('id', '')}"


def case_row(
    case: Case, updated_at: datetime, deadlines: Sequence[Deadline], today: date
) -> CaseRow:
    """A case in a list, as of a day."""
    open_ones = [one for one in deadlines if one.status == "open" and one.due is not None]
    nearest = min(open_ones, key=lambda one: one.due or today, default=None)
    return CaseRow(
        id=case.id,
        item=item_key(case),
        name=case.item.get("name", ""),
        state=case.state,
        version=case.version,
        modes=tuple(case.plan.modes),
        channel=case.plan.channel,
        collaboration=case.collaboration,
        lead=case.plan.lead.key,
        holder=case.holder.key,
        submitted_at=case.submitted_at,
        updated_at=updated_at,
        due=nearest.due if nearest else None,
        provisional=bool(nearest and nearest.provisional),
        overdue=any(one.overdue(today) for one in deadlines),
    )


def is_among(case: Case, deadlines: Iterable[Deadline], which: CaseFilter, today: date) -> bool:
    """Whether a case is one of those that were asked for; `limit` does not count here."""
    late = any(one.overdue(today) for one in deadlines)
    return (
        (not which.states or case.state in which.states)
        and which.over in (None, case.over)
        and which.overdue in (None, late)
        and which.item in (None, item_key(case))
        and (which.mode is None or which.mode in case.plan.modes)
        and _at(case, which.place, which.department)
        and (which.mine is None or _has_part(case, which.mine))
    )


def _at(case: Case, place: str | None, department: str | None) -> bool:
    if place is None and department is None:
        return True
    return any(
        (place is None or oversees(place, one.division)) and department in (None, one.department)
        for one in case.plan.offices
    )


def _has_part(case: Case, actor: Actor) -> bool:
    """Whether an actor has a part in a case, without regard to who has it now."""
    offices = case.plan.offices
    if actor.kind == "applicant":
        return case.applicant == actor.id
    if actor.kind == "agent":
        return case.agent == actor.id
    if actor.kind == "supervisor":
        return any(oversees(actor.division, one.division) for one in offices)
    if actor.kind == "system":
        return True
    department = "window" if actor.kind == "window" else actor.department
    mine = any((one.division, one.department) == (actor.division, department) for one in offices)
    if actor.kind == "window" and actor.division is not None:
        return mine or case.plan.window == actor.division
    name, backs = actor.id.casefold(), case.recusals_of(actor.office)
    return mine and not any(one.officer.casefold() == name for one in backs)
