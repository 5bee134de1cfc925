"""What each kind of letter carries, field by field; anything else in it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from attrs import field, frozen

from tongban.kernel.protocol.actors import Actor, Office
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.codec import load
from tongban.kernel.protocol.commands import Command
from tongban.kernel.protocol.events import Event
from tongban.kernel.protocol.messages import Message
from tongban.kernel.protocol.plan import LimitRule, LogMark, Paper
from tongban.kernel.protocol.results import RefusalCode

__all__ = [
    "Answered",
    "Arrival",
    "Cancelled",
    "ChaseAgain",
    "Forwarded",
    "Late",
    "NotDone",
    "Progress",
    "RatingGiven",
    "Requested",
    "Result",
    "body_of",
]


@frozen
class _ForwardBody:
    case: Mapping[str, Any]
    materials: tuple[Paper, ...] = ()
    by: Literal["post", "message"] = "post"
    tracking: str = ""


@frozen
class Forwarded:
    """`forward`: the case as it leaves, and the list of what is sent."""

    case: Case
    materials: tuple[Paper, ...]
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
    """`request`: what an authority needs to know to confirm or refuse."""

    item: Mapping[str, Any]
    application: Mapping[str, Any]
    personal: str
    lead: Office
    limit: LimitRule | None


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
