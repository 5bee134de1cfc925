"""What a store in memory keeps of a case beside its state: links of the chain, limits, a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from attrs import define

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import store as contract
from tongban.kernel.protocol import personal_data as private

__all__ = ["Kept", "counted", "entry_of", "is_news", "is_same", "row_of"]


def entry_of(
    event: protocol.Event, entries: list[hash_chain.Entry], head: hash_chain.Head, case: str
) -> hash_chain.Entry:
    """The next entry of a log, linked to the one before it in its case and in the log."""
    body = hash_chain.canonical(event.to_dict())
    before = entries[-1].case_hash if entries else hash_chain.case_start(case)
    case_hash = hash_chain.link_hash(before, body)
    position = head.position + 1
    return hash_chain.Entry(
        position, case, event.seq, event.at.isoformat(), event.kind, body,
        before, case_hash, head.hash, hash_chain.entry_hash(head.hash, position, case_hash),
    )  # fmt: skip


def row_of(
    case: protocol.Case, updated_at: datetime, deadlines: Sequence[contract.Deadline], today: date
) -> contract.CaseRow:
    """A case in a list, as of a day."""
    due = min((one.due for one in deadlines if one.status == "open" and one.due), default=None)
    return contract.CaseRow(
        id=case.id,
        item=f"{case.item['jurisdiction']}/{case.item['id']}",
        name=case.item["name"],
        state=case.state,
        version=case.version,
        modes=case.plan.modes,
        channel=case.plan.channel,
        collaboration=case.collaboration,
        lead=case.plan.lead.key,
        holder=case.holder.key,
        submitted_at=case.submitted_at,
        updated_at=updated_at,
        due=due,
        provisional=False,
        overdue=any(one.overdue(today) for one in deadlines),
    )


def _deadlines_of(
    case: protocol.Case, running: tuple[protocol.Limit, ...]
) -> Iterator[contract.Deadline]:
    """The limits of a case as they stood at its last event."""
    for one in running:
        status: contract.DeadlineStatus = "done" if one.done else "open"
        if not one.done and (one.state == "stopped" or one.state == "ended"):
            status = one.state
        yield contract.Deadline(
            case.id, one.step, one.office.key, one.office.division, one.office.department,
            one.started, one.working_days, one.due, one.provisional, one.done, status, one.basis,
        )  # fmt: skip


def _limits_of(
    case: protocol.Case, now: datetime, calendars: protocol.Calendars
) -> tuple[protocol.Limit, ...]:
    """The limits of a case at its last event; most cases have none."""
    if not (case.plan.limits or case.supplement or case.follow_ups):
        return ()
    return protocol.limits(case, calendars, now)


def is_news(known: contract.Witness | None, seen: contract.Witness) -> bool:
    """Whether what is told of another node's log goes further than what is known of it.

    Raises:
        Mismatch: where it is another event at the same position.
    """
    if known is None or known.head.position < seen.head.position:
        return True
    if known.head.position == seen.head.position and known.head != seen.head:
        raise contract.MismatchError(
            f"节点 {seen.node} 的日志前后不一 (its log forked)", known.head.hash
        )
    return False


def is_same(kept: private.Personal | None, ref: str, data: Mapping[str, Any]) -> bool | None:
    """Whether personal data is what a reference was made of; None where it is not here."""
    if not ref or not data:
        return not ref and not data
    return None if kept is None else private.reference(kept.salt, data) == ref


@define
class Kept:
    """One case: its log, its state, what it is linked to."""

    case: protocol.Case
    entries: list[hash_chain.Entry]
    updated_at: datetime
    deadlines: tuple[contract.Deadline, ...] = ()
    wakes: date | None = None


def counted(
    case: protocol.Case,
    entries: list[hash_chain.Entry],
    at: datetime,
    calendars: protocol.Calendars,
) -> Kept:
    """A case with its limits, and the day on which time brings something.

    Args:
        case: as the last entry leaves it.
        entries: its log.
        at: the moment of the last event.
        calendars: of each place.
    """
    running = _limits_of(case, at, calendars)
    rows = tuple(_deadlines_of(case, running))
    return Kept(case, entries, at, rows, protocol.wakes_on(case, calendars, running))
