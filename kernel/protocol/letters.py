"""Letters from other stores: what each kind carries, what it is judged by, why one is put aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from tongban.kernel.errors import Text
from tongban.kernel.model.moments import CHINA
from tongban.kernel.protocol.actors import Actor, Office, supervisor_of
from tongban.kernel.protocol.calendar import Calendars
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.codec import FormatError, load, printable
from tongban.kernel.protocol.commands import Command, RefusalCode
from tongban.kernel.protocol.events import Event
from tongban.kernel.protocol.messages import Message
from tongban.kernel.protocol.plan import Document, LimitRule, LogMark

RejectionCode: TypeAlias = Literal[
    "form", "stranger", "illegal", "contradiction", "future", "personal"
]

REJECTIONS: Mapping[RejectionCode, Text] = {
    "form": Text("格式不符", "a field is missing, of another form, too long or not to be printed"),
    "stranger": Text("无权发出", "the sender does not have the part that the letter claims"),
    "illegal": Text("步骤不合法", "what it says cannot follow from the case as it stands here"),
    "contradiction": Text("内容抵触", "it contradicts what is here; a person has to look at both"),
    "future": Text(
        "日期有误", "it is dated more than a day after this node's clock, or before 2000"
    ),
    "personal": Text(
        "个人信息不符", "it names personal data that it does not bring, or brings others"
    ),
}
"""Why a letter is put aside: the Chinese term and what it means."""


class RejectedError(FormatError):
    """A letter that is put aside: nothing of it was kept.

    Attributes:
        code: one of `REJECTIONS`, for machines.
        text: a sentence for people, without personal data.
        reason: it, as it is kept and printed.
    """

    def __init__(self, code: RejectionCode, zh: str, en: str = "") -> None:
        super().__init__(printable(en), printable(zh))
        self.code, self.reason = code, printable(Text(zh, en).bracketed)

    def __str__(self) -> str:
        return self.reason


class OutOfOrderError(Exception):
    """A letter before those that it follows on; it has to come again."""

    def __init__(self, zh: str, en: str = "") -> None:
        self.text = Text(zh, en)
        super().__init__(self.text.bracketed)


def reject_unless(holds: bool, code: RejectionCode, zh: str, en: str) -> None:
    """Puts a letter aside where something does not hold.

    Raises:
        RejectedError: where it does not.
    """
    if not holds:
        raise RejectedError(code, zh, en)


# What each kind of letter carries, field by field; anything else in it is refused.


@frozen
class _ForwardBody:
    case: Mapping[str, Any]
    materials: tuple[Document, ...] = ()
    by: Literal["post", "message"] = "post"
    tracking: str = ""


@frozen
class Forwarded:
    """`forward`: the case as it leaves, and the list of what is sent."""

    case: Case
    materials: tuple[Document, ...]
    tracking: str


@frozen
class _ProgressBody:
    events: tuple[Mapping[str, Any], ...]
    before: LogMark | None = None


@frozen
class Progress:
    """`progress`: events, and the log that they follow on; letters of an older version lack it."""

    events: tuple[Event, ...]
    before: LogMark | None


@frozen
class Arrival:
    """`arrival`: what was listed and is not there."""

    missing: tuple[str, ...]


@frozen
class Requested:
    """`request`: what an authority needs to know to confirm or refuse.

    Attributes:
        round: how often the case was reopened before; each round is answered anew.
    """

    item: Mapping[str, Any]
    application: Mapping[str, Any]
    personal: str
    lead: Office
    limit: LimitRule | None
    round: int = 0


@frozen
class ChaseAgain:
    """`chase`: what is awaited; of an answer, with the request once more."""

    awaited: Literal["arrival", "answer"]
    note: str
    item: Mapping[str, Any] = field(factory=dict)
    application: Mapping[str, Any] = field(factory=dict)
    personal: str = ""
    lead: Office | None = None
    limit: LimitRule | None = None
    round: int = 0


@frozen
class Answered:
    """`confirmation`, `refusal`: who answers, and the note or the reason."""

    actor: Actor
    text: str


@frozen
class Cancelled:
    """`cancellation`: how the case ended."""

    because: str


@frozen
class Result:
    """`result`: the number of the result, and which delivery it is."""

    number: str
    delivery: int


@frozen
class NotDone:
    """`notice` between offices: why a command that was passed on is refused."""

    document: Literal["转交事项未予办理告知书"]
    message: str
    command: str
    given_at: datetime
    code: RefusalCode
    reason: str


@frozen
class Late:
    """`warning`, `urge`: a limit that is near or has passed."""

    step: str
    official: str
    office: Office
    due: date | None
    provisional: bool


@frozen
class RatingGiven:
    """`rating`: the grade in Chinese, and the comment."""

    grade: str
    comment: str


_BODIES: Mapping[str, type[Any]] = {
    "arrival": Arrival,
    "request": Requested,
    "chase": ChaseAgain,
    "confirmation": Answered,
    "refusal": Answered,
    "cancellation": Cancelled,
    "result": Result,
    "notice": NotDone,
    "warning": Late,
    "urge": Late,
    "rating": RatingGiven,
}


def body_of(message: Message) -> Any:
    """What a letter carries, read once.

    Args:
        message: of a kind that goes from store to store.

    Raises:
        FormatError: where a field is unknown, missing or of another type.
    """
    if message.kind == "command":
        return Command.from_dict(message.body)
    if message.kind == "forward":
        sent = load(_ForwardBody, message.body, "forward")
        return Forwarded(Case.from_dict(sent.case), sent.materials, sent.tracking)
    if message.kind == "progress":
        told = load(_ProgressBody, message.body, "progress")
        return Progress(tuple(Event.from_dict(raw) for raw in told.events), told.before)
    return load(_BODIES[message.kind], message.body, message.kind)


# What a letter is judged by: who sent it, and what is here.

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
        mark: `hash_chain.shared_hash` of the log up to an event.
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
    """Check that a moment of a letter is between 2000 and tomorrow.

    Raises:
        RejectedError: where it is more than a day ahead of this node's clock, or before 2000.
    """
    reject_unless(
        EARLIEST <= moment <= here.now + AHEAD,
        "future",
        f"{what}的日期 {moment.date()} 不在2000年至明日之间",
        f"the date {moment.date()} must lie between 2000 and one day after this node's clock",
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
    """Check that a node has the case, as the log here says.

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
        f"{sender.node or '发件节点'} 现不持有办件 {case.id},持件机关为 {case.holder.key}",
        f"that node does not have the case: {case.holder.key} has it",
    )
    if here.serves(case.holder.key):
        raise RejectedError(
            "contradiction",
            f"{sender.node} 称已持有办件 {case.id},而本库日志至第 {case.version} 个事件仍由本库持"
            "有;本库或曾由旧备份恢复",
            f"that node says that it has the case; by the log here, at event {case.version}, this"
            " store has it: was it restored from a backup?",
        )
    raise OutOfOrderError(
        f"办件 {case.id} 转往该机关的进度尚未到达", "news of its way there has not come yet"
    )
