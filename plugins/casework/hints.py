"""提示 at receipt: other cases of the same applicant and item. They never keep anything back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Literal, TypeAlias

import click
from attrs import evolve, frozen

from tongban.kernel import TongbanError, protocol, service
from tongban.kernel.model import TERMS, Text
from tongban.kernel.ports import rows, store
from tongban.plugins.casework.naming import state_name
from tongban.plugins.casework.session import Session
from tongban.plugins.console.options import printable

Why: TypeAlias = Literal[
    "open", "denied", "withdrawn", "ineligible", "declined", "returned", "not_confirmed"
]

AT_RECEIPT = ("submit", "receive")
"""Commands after which it is looked for."""

_ENDED: tuple[protocol.State, ...] = (
    "withdrawn", "ineligible", "declined", "returned", "terminated", "closed",
)  # fmt: skip
_MOST = 20


@frozen
class Hint:
    """Another case of the same applicant and item.

    Attributes:
        case: its id; "" for an agent who has no part in it.
        why: `open`, or how it ended within the last month; `denied` also before it is closed.
        day: of its application where it is open, else of its end or of the decision.
    """

    case: str
    item: str
    name: str
    state: str
    why: Why
    day: date

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "case": self.case or None,
            "item": self.item,
            "name": self.name,
            "state": self.state,
            "why": self.why,
            "day": self.day.isoformat(),
        }

    @property
    def line(self) -> str:
        """For people."""
        word = _WORDS[self.why]
        says = "有在办件" if self.why == "open" else f"近一个月内有{word.zh}的办件"
        which = self.case or "(非本次代办 not of this agent)"
        return (
            f"同一申请人同一事项{says} {which}: {self.item} {self.name}, {state_name(self.state)},"
            f" {self.day} ({word.en} case of the same applicant and item)"
        )


_WORDS: Mapping[Why, Text] = {
    "open": Text("在办", "an open"),
    "denied": Text("不予准许", "a denied"),
    "withdrawn": Text(TERMS["state"]["withdrawn"].zh, "a withdrawn"),
    "ineligible": Text("依规则不予办理", "an ineligible"),
    "declined": Text(TERMS["state"]["declined"].zh, "a declined"),
    "returned": Text(TERMS["state"]["returned"].zh, "a returned"),
    "not_confirmed": Text("不予确认", "a not confirmed"),
}


def hints_of(session: Session, kind: str, answer: service.Done | service.Relayed) -> list[Hint]:
    """What to look at after a receipt: open cases, and those that ended badly within a month.

    They are found by the opaque id of the applicant, in this store alone, the newest first.

    Args:
        session: in which it was received.
        kind: of the command; of others than `AT_RECEIPT` there is nothing.
        answer: of the service; the case is received already, so a store that cannot be read is
            a sentence on standard error.
    """
    if kind not in AT_RECEIPT or isinstance(answer, service.Relayed):
        return []
    try:
        return list(_found(session, answer.case))
    except TongbanError as error:
        click.echo(printable(f"提示 hint: 未能查找 not looked for: {error}"), err=True)
        return []


def tell_hints(hints: list[Hint]) -> None:
    """Says them on standard error, at most 20."""
    for one in hints[:_MOST]:
        click.echo(printable(f"提示 hint: {one.line}"), err=True)
    if hints[_MOST:]:
        click.echo(f"提示 hint: 另有 {len(hints[_MOST:])} 件 more", err=True)


def _found(session: Session, case: protocol.Case) -> Iterator[Hint]:
    applicant = protocol.Actor("applicant", case.applicant)
    same = store.CaseFilter(mine=applicant, item=rows.item_key(case))
    earliest = month_before(protocol.day_of(session.now))
    going = session.store.cases(evolve(same, over=False))
    ended = (
        row
        for row in session.store.cases(evolve(same, over=True, states=_ENDED))
        # What was ended within the month was changed within it.
        if protocol.day_of(row.updated_at) >= earliest
    )
    for row in (*going, *ended):
        other = session.store.case(row.id)
        if other is None or other.id == case.id:
            continue
        why, day = _why(other)
        if why is not None and (not other.over or day >= earliest):
            hidden = _is_hidden(session.actor, other)
            id = "" if hidden else other.id
            yield Hint(id, row.item, row.name, row.state, why, day)


def _why(case: protocol.Case) -> tuple[Why | None, date]:
    """Why a case is looked at, and the day; None for one that came to a good end."""
    ended = protocol.day_of(case.ended_at or case.submitted_at)
    if case.granted is False:
        return "denied", protocol.day_of(case.decided_at or case.submitted_at)
    if not case.over:
        return "open", protocol.day_of(case.submitted_at)
    if case.state in ("withdrawn", "ineligible", "declined", "returned"):
        return case.state, ended
    refused = any(not one.confirmed for one in case.answers.values())
    return ("not_confirmed" if case.state == "terminated" and refused else None), ended


def _is_hidden(actor: protocol.Actor | None, case: protocol.Case) -> bool:
    """Whether who acts is an agent of the applicant in another matter, and no more."""
    return actor is not None and actor.kind == "agent" and actor.id != case.agent


def month_before(day: date) -> date:
    """The same day of the month before, or its last one."""
    if (day.year, day.month) == (date.min.year, date.min.month):
        return date.min
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))
