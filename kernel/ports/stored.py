"""What a store gives and takes: messages, tasks, limits, lists of cases; and how it fails.

Plugins find all of it in `tongban.kernel.ports.store`, beside the interfaces that use it.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from hashlib import sha256
from typing import Literal, TypeAlias

from attrs import evolve, field, frozen, validators

from tongban.kernel.audit.hash_chain import Finding, Head, canonical
from tongban.kernel.audit.keys import KnownKey
from tongban.kernel.errors import TongbanError
from tongban.kernel.protocol.actors import Actor
from tongban.kernel.protocol.messages import Message
from tongban.kernel.protocol.terms import ACTORS, State
from tongban.kernel.protocol.worklist import TaskKey

RestoredBy: TypeAlias = Literal["backup", "copy", "salvage"]
UNSEALED = sha256(b"").hexdigest()
"""The seal of a letter that brought no personal data."""

OutgoingStatus: TypeAlias = Literal["pending", "delivered", "failed"]
DeadlineStatus: TypeAlias = Literal["open", "stopped", "done", "ended"]


class StoreError(TongbanError):
    """A store that cannot do what is asked; the message says what it is about and what to do.

    It names the file, the case or the message. It never contains personal data.
    """


class ConflictError(StoreError):
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


class OutdatedError(StoreError):
    """The store is of an older version and was to be read alone; opened for writing it is not."""


class NotAllowedError(StoreError):
    """Personal data that the actor has no right to read; the refusal is on record."""


class MismatchError(StoreError):
    """What is known under an id or a position came again with other content: somebody's log forked.

    Attributes:
        known: what is here: the text of a message without its signature, or the hash of a head.
    """

    def __init__(self, says: str, known: str = "") -> None:
        self.known = known
        super().__init__(says)


@frozen
class Awake:
    """A case in which time may have brought something.

    Attributes:
        holder: key of the office that has it.
    """

    case: str
    holder: str


@frozen
class CommandNote:
    """What is kept of a command that had its effect.

    Attributes:
        case: id of the case.
        fingerprint: stands for all that it said, without personal data.
    """

    case: str
    fingerprint: str


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
    """A message in the inbox.

    Attributes:
        message: with the signature of the letter in which it came.
        handled_at: None while somebody has to act on it.
        node: name of the node whose letter it was; "" for a message of this store itself.
        seal: SHA-256 of the sealed part of that letter, in hexadecimal digits; with `node`
            and `message` it is all that the letter's signature covers.
    """

    message: Message
    received_at: datetime
    handled_at: datetime | None = None
    node: str = ""
    seal: str = ""


@frozen
class Reading:
    """That somebody read personal data, or wanted to.

    Attributes:
        at: the moment, as text.
        actor: kind, id and office, as canonical JSON.
    """

    at: str
    case: str
    ref: str
    actor: str
    purpose: str
    allowed: bool

    @property
    def row(self) -> tuple[str, str, str, str, str, int]:
        """As records of the log cover it, and as rows hold it."""
        return self.at, self.case, self.ref, self.actor, self.purpose, int(self.allowed)

    @property
    def reader(self) -> Actor:
        """Who read; of an agent without the authorisation, which is not kept.

        Raises:
            ValueError: where `actor` is not what a store wrote.
        """
        who = json.loads(self.actor)
        if not isinstance(who, dict) or who.get("kind") not in ACTORS:
            raise ValueError("the reader of personal data")
        place = who.get("division")
        parts = (who.get("id"), place or "", who.get("department"))
        if not all(isinstance(one, str) for one in parts):
            raise ValueError("the reader of personal data")
        return Actor(who["kind"], who["id"], place, who["department"])


@frozen
class Restored:
    """That a store stands where it stood before: a backup or a copy was put in place.

    Attributes:
        at: when that was done or, by hand, noticed.
        head: the last event of the log that was put in place.
        history: the line of the log that this one goes on from; "" where nothing tells.
        lost: the last head that is known of that line; None where nothing tells. What
            lies between `head` and it is not here.
        by: what was put in place: a `backup`, a `copy` of the files by hand, of which nobody
            knows how old it is, or what a `salvage` saved.
    """

    at: datetime
    head: Head
    history: str = ""
    lost: Head | None = None
    by: RestoredBy = "backup"


@frozen
class CheckedMark:
    """A checkpoint that a known key signed.

    Attributes:
        position: of the log, up to which it reaches.
        at: the moment that it says, as text.
        signer: the key, with what it may sign.
        timely: whether the key may sign on that day.
    """

    position: int
    at: str
    signer: KnownKey
    timely: bool


@frozen
class Audit:
    """What an audit of a store found, and how far it could see.

    Attributes:
        breaks: where something is not as it was written; none where all fits together.
        events, records: how many entries of the log were examined: events of cases, and
            records of the store itself.
        checked: checkpoints whose signature and place in the log were checked.
        unchecked: checkpoints of which only the place was compared: the key is not at hand.
        refused: checkpoints of the store that a key signed outside of the time in which it may.
        marks: each checkpoint of which a key is at hand, with that key.
        witnessed: what other nodes said of this log and was compared.
        strangers: what they said of a log that is not this one, and could not be compared.
        sealed: personal data that only its key could open; the reference was not compared.
        tables: whether the tables were compared with the log.
    """

    breaks: tuple[Finding, ...]
    events: int
    records: int
    checked: int = 0
    unchecked: int = 0
    witnessed: int = 0
    strangers: int = 0
    sealed: int = 0
    tables: bool = False
    refused: int = 0
    marks: tuple[CheckedMark, ...] = ()


@frozen
class Witness:
    """How far another node's log went, as that node said when it was last heard of.

    Attributes:
        node: name of the node whose log it is.
        history: the line of its log.
        head: the last event of that line that is known here.
        at: when this was reported.
    """

    node: str
    history: str
    head: Head
    at: datetime


@frozen
class TaskFilter:
    """Which tasks, and which part of the list; what is None leaves all.

    Attributes:
        actor: whose turn it is. A supervisor sees those of all whom they oversee.
        case: id of a case.
        limit: at most this many, at least one, the most urgent first.
        after: those behind this place of the list: `TaskPage.after` of the part before.
        taken_by: those that this account has taken (领办); "" for those that nobody has.
    """

    actor: Actor | None = None
    case: str | None = None
    limit: int | None = field(default=None, validator=validators.optional(validators.ge(1)))
    after: TaskKey | None = None
    taken_by: str | None = None


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
        limit: the most that are given, the newest first.
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


def content(message: Message) -> str:
    """What must be the same wherever a message comes again: its text without the signature."""
    return canonical(evolve(message, signature="") if message.signature else message)
