"""What a letter is judged by: who sent it, and what is here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from attrs import frozen

from tongban.kernel.model.moments import CHINA
from tongban.kernel.protocol.actors import Actor, Office, supervisor_of
from tongban.kernel.protocol.calendar import Calendars
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.events import Event
from tongban.kernel.protocol.messages import Message
from tongban.kernel.protocol.rejections import OutOfOrderError, RejectedError, reject_unless

__all__ = ["AHEAD", "EARLIEST", "Here", "Letter", "Sender", "address_of", "dated", "holds"]

AHEAD = timedelta(days=1)
"""So far may the clock of another node be ahead of this one's."""

EARLIEST = datetime(2000, 1, 1, tzinfo=CHINA)
"""No letter and nothing in it is older."""


@frozen
class Sender:
    """The node that signed a letter.

    Attributes:
        node: its name.
        serves: whether it may speak for an address, `630100/public_security`.
        seal: SHA-256 of the sealed part of its letter, in hexadecimal digits.
    """

    node: str
    serves: Callable[[str], bool]
    seal: str = ""


@frozen
class Letter:
    """A letter as it is judged.

    Attributes:
        body: what it carries, read: one of `letter_bodies`, or the command.
    """

    message: Message
    sender: Sender
    body: Any

    def speaks_for(self, office: Office) -> bool:
        """Whether the node that sent it may speak for an office."""
        return self.sender.serves(office.key)


@frozen
class Here:
    """What the store where a letter came in knows that bears on it.

    Attributes:
        case: the letter's case as it stands; None where it is not here.
        known: the letter of the same id that was kept before, if there is one.
        serves: whether the store is that of an address.
        now, calendars: as in `Context`.
        log: the events of the case that are here.
        mark: `chain.shared_hash` of the log up to an event.
        sent: messages about the case that went out from here.
        came: messages about the case that were kept here.
        brings: reference of the personal data that came with the letter, "" for none.
    """

    case: Case | None
    known: Message | None
    serves: Callable[[str], bool]
    now: datetime
    calendars: Calendars
    log: Callable[[], tuple[Event, ...]]
    mark: Callable[[int], str]
    sent: Callable[[], tuple[Message, ...]]
    came: Callable[[], tuple[Message, ...]]
    brings: str = ""


def dated(moment: datetime, here: Here, what: str) -> None:
    """Lets a moment pass that can be one.

    Raises:
        RejectedError: where it is more than a day ahead of this node's clock, or before 2000.
    """
    reject_unless(
        EARLIEST <= moment <= here.now + AHEAD,
        "future",
        f"{what}的日期 {moment.date()} 不在2000年至明日之间 (dated neither between 2000 and now"
        " nor at most a day ahead of this node's clock)",
    )


def address_of(actor: Actor) -> str:
    """The address for which a node must speak that passes on what an actor wants.

    Returns:
        "" for the applicant, an agent and the machine, who are at no place.
    """
    if actor.kind == "officer":
        return f"{actor.division or '-'}/{actor.department}"
    if actor.kind == "window":
        return f"{actor.division or '-'}/window"
    return supervisor_of(actor.division) if actor.kind == "supervisor" else ""


def holds(sender: Sender, case: Case, here: Here) -> None:
    """Lets the node pass that has a case, as the log here says.

    Raises:
        OutOfOrderError: where it is a later one on the way: what brought the case there is first.
        RejectedError: where it has no office on the way, or had the case before and passed it on;
            or where the log here says that this very store has the case.
    """
    if sender.serves(case.holder.key):
        return
    way = case.plan.way
    later = way[way.index(case.holder) + 1 :]
    reject_unless(
        any(sender.serves(office.key) for office in later),
        "stranger",
        f"{sender.node or '发件节点'} 现不持有办件 {case.id},持件机关为 {case.holder.key}"
        f" (that node does not have the case: {case.holder.key} has it)",
    )
    if here.serves(case.holder.key):
        raise RejectedError(
            "contradiction",
            f"{sender.node} 称已持有办件 {case.id},而本库日志至第 {case.version} 个事件仍由本库"
            f"持有;本库或曾由旧备份恢复 (that node says that it has the case; by the log"
            f" here, at event {case.version}, this store has it: was it restored from a backup?)",
        )
    raise OutOfOrderError(
        f"办件 {case.id} 转往该机关的进度尚未到达 (news of its way there has not come yet)"
    )
