"""A task on the list of an office, and who does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from tongban.kernel import protocol
from tongban.plugins.simulation.world.ports import Ports

if TYPE_CHECKING:
    from tongban.plugins.simulation.checks.record import Record

Act: TypeAlias = tuple[protocol.Actor, protocol.CommandBody]

WINDOW = "window"
_BY_AGENT = 0.8
_DOES = ("supply", "withdraw", "rate", "amend", "lodge")
"""What agents do for those who named them."""


@frozen
class Task:
    """One thing to do.

    Attributes:
        command: kind of the command that is awaited.
        office: whose task; None for the machine itself.
        name: makes it another task than the same one earlier in the case.
        by_window: whether a window clerk does it.
        wait: minutes before anybody can begin.
    """

    command: str
    office: protocol.Office | None
    name: str
    by_window: bool = False
    wait: int = 0


def round_of(case: protocol.Case) -> str:
    """What tells draws and tasks apart that come again: "" until something is done anew."""
    anew = len(case.reopenings) + len(case.corrections) + (case.insisted_at is not None)
    return f" anew {anew}" if anew else ""


def officer_of(office: protocol.Office, record: Record, nth: int = 1) -> protocol.Actor:
    """Somebody who serves an office: who has taken its task, or the first who may act.

    Args:
        office: whose officer or window it is.
        record: of the case, for which some may stand back.
        nth: the how-manieth of those who may act; 1 for who has taken the task, if anybody has.
    """
    kind = WINDOW if office.department == WINDOW else "officer"
    off = {one.officer for one in record.case.recusals_of(office.key)}
    off |= {account for key, account in record.standing_back if key == office.key}
    able = [name for one in range(1, 9) if (name := f"{kind}-{one}") not in off]
    taken = [one.account for one in record.case.claims if one.office == office.key]
    name = taken[0] if nth == 1 and taken and taken[0] not in off else able[nth - 1]
    if kind == WINDOW:
        return protocol.Actor("window", name, office.division)
    return protocol.Actor("officer", name, office.division, office.department)


def supervisor_of(office: protocol.Office) -> protocol.Actor:
    """The supervisor of the province of an office: of the holder's, the one that knows the case."""
    province = f"{office.division[:2]}0000" if office.division else None
    return protocol.Actor("supervisor", "supervisor-1", province)


def stand_in(
    ports: Ports, record: Record, actor: protocol.Actor, body: protocol.CommandBody, name: str
) -> protocol.Actor:
    """Who does what an applicant wants done: the agent, where one is named and goes.

    Args:
        ports: with draws.
        record: of the case.
        actor: who wants it.
        body: what is wanted.
        name: of the command.
    """
    case = record.case
    if actor.kind != "applicant" or not case.agent or body.kind not in _DOES:
        return actor
    done = f"{body.kind} {name}"
    if done in record.by_themselves:
        return actor
    if not ports.dice.chance.happens(_BY_AGENT, record.number, "by agent", done):
        return actor
    return protocol.Actor("agent", case.agent, authorisation=case.authorisation)
