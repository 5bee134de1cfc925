"""What a store gives and takes: messages, tasks, limits, lists of cases; and how it fails.

Plugins find all of it in `tongban.kernel.store`, beside the interfaces that use it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, TypeAlias

from attrs import frozen

from tongban.kernel.chain import Head
from tongban.kernel.errors import TongbanError
from tongban.kernel.protocol.actors import Actor
from tongban.kernel.protocol.messages import Message
from tongban.kernel.protocol.words import State

__all__ = [
    "CaseFilter",
    "CaseRow",
    "Checkpoint",
    "Conflict",
    "Deadline",
    "DeadlineStatus",
    "Incoming",
    "NotAllowed",
    "Outgoing",
    "OutgoingStatus",
    "StoreError",
    "Task",
]

OutgoingStatus: TypeAlias = Literal["pending", "delivered", "failed"]
DeadlineStatus: TypeAlias = Literal["open", "stopped", "done", "ended"]


class StoreError(TongbanError):
    """A store that cannot do what is asked; the message names the file and what to do.

    No message contains personal data.
    """


class Conflict(StoreError):
    """Somebody else was first: the case is no longer as it was read.

    Attributes:
        case: its id.
        expected: the version that was read.
        found: the version that it has.
    """

    def __init__(self, case: str, expected: int, found: int) -> None:
        self.case, self.expected, self.found = case, expected, found
        super().__init__(case, expected, found)

    def __str__(self) -> str:
        return (
            f"办件 {self.case} 已被他人更新:读取时为第 {self.expected} 版,现为第 {self.found} 版;"
            f"请重新读取后再办 (somebody was first: the case was read at version {self.expected},"
            f" it is at {self.found}; read it again)"
        )


class NotAllowed(StoreError):
    """Personal data that the actor has no right to read; the refusal is on record."""


@frozen
class Outgoing:
    """A message in the outbox.

    Attributes:
        position: messages go out in this order.
        attempts: how often its delivery was tried.
        reason: why it failed the last time, "" where it did not.
    """

    message: Message
    position: int
    status: OutgoingStatus
    attempts: int = 0
    reason: str = ""
    tried_at: datetime | None = None


@frozen
class Incoming:
    """A message in the inbox; `handled_at` is None while somebody has to act on it."""

    message: Message
    received_at: datetime
    handled_at: datetime | None = None


@frozen
class Task:
    """What somebody has to do next in a case.

    Attributes:
        office: key of the office; "" where it is the applicant's turn.
        command: the step that is awaited; its official term is in `protocol.COMMANDS`.
        since: the moment of the last event.
        due: the last day for it, where a limit is set and runs.
    """

    case: str
    office: str
    division: str | None
    department: str
    command: str
    state: State
    item: str
    name: str
    since: datetime
    due: date | None = None
    provisional: bool = False


@frozen
class Deadline:
    """A limit that has begun.

    Attributes:
        office: key of the office that must act.
        due: the last day; None while the clock stands.
        status: `open`, `stopped`, `done`, `ended` (the case ended first).
    """

    case: str
    step: str
    office: str
    division: str | None
    department: str
    started: date
    working_days: int
    due: date | None
    provisional: bool
    done: date | None
    status: DeadlineStatus
    basis: str = "stated"

    def overdue(self, today: date) -> bool:
        """Whether it has passed and is not done."""
        return self.status == "open" and self.due is not None and self.due < today


@frozen
class CaseFilter:
    """Which cases; what is None or empty leaves all.

    Attributes:
        states: any of them.
        over: whether they are over.
        place: a division: cases in which an office there, or below it, has a part.
        department: cases in which an office of it has a part; with `place`, there.
        overdue: whether a limit has passed and is not done.
        mine: cases in which this actor has a part.
        item: key of an item, `630000/2-03`.
        mode: one that applies.
        limit: at most so many, the newest first.
    """

    states: tuple[State, ...] = ()
    over: bool | None = None
    place: str | None = None
    department: str | None = None
    overdue: bool | None = None
    mine: Actor | None = None
    item: str | None = None
    mode: str | None = None
    limit: int | None = None


@frozen
class CaseRow:
    """A case in a list.

    Attributes:
        item: key of the item; `name` is its name.
        lead: key of the office that decides; `holder` of the one that has it.
        due: the nearest last day that is open.
        overdue: whether any limit has passed and is not done.
    """

    id: str
    item: str
    name: str
    state: State
    version: int
    modes: tuple[str, ...]
    channel: str
    collaboration: str
    lead: str
    holder: str
    submitted_at: datetime
    updated_at: datetime
    due: date | None
    provisional: bool
    overdue: bool


@frozen
class Checkpoint:
    """A signed statement of how far a log went and what it was; to be kept elsewhere as well.

    Attributes:
        key: id of the key that signed it.
        signature: over `bundle.checkpoint_statement`.
    """

    store: str
    head: Head
    at: str
    key: str
    signature: str
