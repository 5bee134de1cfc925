"""A case as rows of the tables. Pure: the same case gives the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, TypeAlias

from attrs import frozen

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import rows
from tongban.kernel.ports import store as contract

Row: TypeAlias = dict[str, Any]


@frozen
class Rows:
    """Everything that the tables say about one case."""

    case: Row
    offices: tuple[Row, ...]
    tasks: tuple[Row, ...]
    deadlines: tuple[Row, ...]


def rows_of(case: protocol.Case, updated_at: datetime, calendars: protocol.Calendars) -> Rows:
    """The rows of a case.

    Args:
        case: after its last event.
        updated_at: the moment of that event.
        calendars: of each place, for the limits.
    """
    kept = rows.schedule(case, updated_at, calendars)
    return Rows(
        _case(case, updated_at, kept.wakes),
        tuple(_offices(case)),
        tuple(map(_task, kept.tasks)),
        tuple(map(_deadline, kept.deadlines)),
    )


def _case(case: protocol.Case, updated_at: datetime, wakes: date | None) -> Row:
    return {
        "id": case.id,
        "state": case.state,
        "over": int(case.over),
        "version": case.version,
        "item": rows.item_key(case),
        "name": case.item.get("name", ""),
        "department": case.item.get("department", ""),
        "jurisdiction": case.item.get("jurisdiction", ""),
        "modes": f" {' '.join(case.plan.modes)} ",
        "channel": case.plan.channel,
        "collaboration": case.collaboration,
        "lead": case.plan.lead.key,
        "holder": case.holder.key,
        "window": case.plan.window,
        "applicant": case.applicant,
        "agent": case.agent,
        "personal": case.personal,
        "granted": None if case.granted is None else int(case.granted),
        "submitted_at": case.submitted_at.isoformat(),
        "updated_at": updated_at.astimezone(protocol.CHINA).isoformat(),
        "wake": _text(wakes),
        "received_at": _text(case.received_at),
        "arrived_at": _text(case.arrived_at),
        "decided_at": _text(case.decided_at),
        "accepted_on": _text(case.accepted_on),
        "delivered_at": _text(case.delivered_at),
        "ended_at": _text(case.ended_at),
        "snapshot": hash_chain.canonical(case),
    }


def _text(moment: date | None) -> str | None:
    return moment.isoformat() if moment else None


def _offices(case: protocol.Case) -> Iterator[Row]:
    for office in case.plan.offices:
        yield {
            "case_id": case.id,
            "office": office.key,
            "division": office.division,
            "department": office.department,
            "place": office.place,
        }


def _task(task: protocol.Task) -> Row:
    return {
        "case_id": task.case,
        "office": task.office,
        "division": task.division,
        "department": task.department,
        "command": task.command,
        "since": task.since.isoformat(),
        "due": _text(task.due),
        "provisional": int(task.provisional),
        "taken_by": task.taken_by,
        "taken_at": _text(task.taken_at),
        "kept_off": kept_off_text(task.kept_off),
    }


def kept_off_text(kept_off: Iterable[tuple[str, str]]) -> str:
    """Who stands back, one a line between line ends, to be looked for in SQL; "" for nobody."""
    lines = [f"{office}@{account}" for office, account in kept_off]
    return "\n".join(["", *lines, ""]) if lines else ""


def kept_off_of(text: str) -> tuple[tuple[str, str], ...]:
    """What `kept_off_text` wrote.

    Raises:
        ValueError: where it is anything else.
    """
    found = []
    for line in text.split("\n")[1:-1]:
        office, at, account = line.partition("@")
        if not at:
            raise ValueError("who stands back")
        found.append((office, account))
    return tuple(found)


def _deadline(one: contract.Deadline) -> Row:
    return {
        "case_id": one.case,
        "office": one.office,
        "division": one.division,
        "department": one.department,
        "step": one.step,
        "started": one.started.isoformat(),
        "working_days": one.working_days,
        "due": _text(one.due),
        "provisional": int(one.provisional),
        "done": _text(one.done),
        "status": one.status,
        "basis": one.basis,
    }
