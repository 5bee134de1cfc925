"""What the kernel wants of a store of cases; a plugin keeps its promise.

A store keeps an append-only log of events, the state of the cases beside it,
the messages that go out and come in, and personal data apart from all of them.
Everything that one command does is written in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from tongban.kernel.audit.hash_chain import Entry, Finding, Head
from tongban.kernel.audit.keys import Signers
from tongban.kernel.audit.signing import SigningKey
from tongban.kernel.former import former
from tongban.kernel.ports.stored import (
    UNSEALED,
    Audit,
    Awake,
    CaseFilter,
    CaseRow,
    Checkpoint,
    CommandNote,
    ConflictError,
    Deadline,
    DeadlineStatus,
    Incoming,
    MismatchError,
    NotAllowedError,
    OutdatedError,
    Outgoing,
    OutgoingStatus,
    Reading,
    Restored,
    RestoredBy,
    StoreError,
    TaskFilter,
    Witness,
    content,
)
from tongban.kernel.protocol.actors import Actor
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.events import Event
from tongban.kernel.protocol.messages import Message
from tongban.kernel.protocol.personal_data import Personal
from tongban.kernel.protocol.worklist import Task, TaskKey, TaskPage

__all__ = [
    "UNSEALED",
    "Audit",
    "Awake",
    "CaseFilter",
    "CaseRow",
    "Checkpoint",
    "CommandNote",
    "ConflictError",
    "Deadline",
    "DeadlineStatus",
    "Incoming",
    "MismatchError",
    "NotAllowedError",
    "OutdatedError",
    "Outgoing",
    "OutgoingStatus",
    "Reading",
    "Restored",
    "RestoredBy",
    "Store",
    "StoreError",
    "StoreReader",
    "Task",
    "TaskFilter",
    "TaskKey",
    "TaskPage",
    "Transaction",
    "Witness",
    "content",
]


class StoreReader(Protocol):
    """What can be asked of a store, inside a transaction and outside."""

    def events(self, case: str) -> tuple[Event, ...]:
        """The log of a case, in order; empty where there is none."""

    def case(self, case: str) -> Case | None:
        """A case as it stands, from the tables; None where there is none."""

    def last_moment(self, case: str) -> datetime | None:
        """The moment of the last event of a case; None where there is none."""

    def cases(self, which: CaseFilter = ...) -> tuple[CaseRow, ...]:
        """Cases in a list, the newest first."""

    def snapshots(self, which: CaseFilter = ...) -> Iterator[Case]:
        """Whole cases, one by one, in the order of `cases`."""

    def tasks(self, which: TaskFilter = ...) -> TaskPage:
        """What must be done next: `protocol.tasks` of every case, the most urgent first.

        Parts that follow on each other by `after` have every task that stays once, and once
        only, whatever else is written between them.
        """

    def deadlines(
        self, case: str | None = None, *, open_only: bool = False
    ) -> tuple[Deadline, ...]:
        """Limits of a case, or of all, by last day."""

    def outgoing(
        self,
        status: OutgoingStatus | None = None,
        case: str | None = None,
        limit: int | None = None,
    ) -> tuple[Outgoing, ...]:
        """The outbox, in the order in which the messages were sent."""

    def incoming(
        self,
        receiver: str | None = None,
        case: str | None = None,
        kind: str | None = None,
        *,
        open_only: bool = False,
    ) -> tuple[Incoming, ...]:
        """The inbox, in the order in which the messages came."""

    def message(self, message: str) -> Message | None:
        """A message by its id, from either box."""

    def head(self) -> Head:
        """The last event of the log: position and hash."""

    def awake(self) -> tuple[Awake, ...]:
        """Cases in which time may have brought something by now, by id: none is left out.

        Cases whose last event lies after now are among them: a clock is wrong.
        """

    def command(self, id: str) -> CommandNote | None:
        """What a command said that had its effect here; None for one that is not known.

        Of commands before these notes were kept, the case alone has the id (`Case.seen`).
        """

    def same_personal(self, ref: str, data: Mapping[str, Any]) -> bool | None:
        """Whether personal data is what is kept under a reference.

        Args:
            ref: its reference, "" for none.
            data: in the form of `personal_data.personal_part`.

        Returns:
            None where that is unknown: it was erased, or the key is not at hand.
        """

    def readings(self, case: str | None = None) -> Iterator[Reading]:
        """Who read personal data, or was refused it, in the order in which that was noted.

        Args:
            case: id of a case, here or at another store; None for all.
        """

    def witnesses(self) -> tuple[Witness, ...]:
        """What other nodes said of their logs, the last of each line, by node."""

    def entries(self, case: str | None = None) -> Iterator[Entry]:
        """The log as it stands with its hashes, of a case or of all."""


class Transaction(StoreReader, Protocol):
    """Everything that one command writes; all of it is kept, or nothing."""

    def append(self, case: str, expected_version: int, events: Iterable[Event]) -> Case | None:
        """Adds events to the log of a case, and brings the tables up to date.

        Args:
            case: its id.
            expected_version: as it was read; 0 where there was none.
            events: in order; none changes nothing, but the version is compared.

        Returns:
            The case after them; None where there is none.

        Raises:
            ConflictError: where somebody else was first.
            StoreError: where they do not follow on each other, or contain a resident ID number.
        """

    def send(self, messages: Iterable[Message]) -> int:
        """Puts messages into the outbox; one that is there already stays as it is.

        Returns:
            How many are new.
        """

    def receive(self, message: Message, node: str = "", seal: str = "") -> bool:
        """Puts a message into the inbox.

        Args:
            message: as it came, with its signature.
            node: name of the node whose letter it was; "" for a message of this store itself.
            seal: SHA-256 of the sealed part of the letter, in hexadecimal digits.

        Returns:
            Whether it is new; a message that came before must have no effect again.

        Raises:
            MismatchError: where a message of this id is here and says anything else. The signature
                and the seal may differ: a letter that is written again has others.
        """

    def handled(self, message: str) -> None:
        """Notes that an incoming message is handled."""

    def delivered(self, message: str) -> None:
        """Notes that an outgoing message was delivered."""

    def failed(self, message: str, reason: str) -> None:
        """Notes that an outgoing message could not be delivered, and why; it stays visible."""

    def retry(self, message: str) -> None:
        """Puts a message that failed back among those that are to be delivered."""

    def keep_personal(self, data: Mapping[str, Any]) -> str:
        """Keeps personal data apart from the log.

        Args:
            data: in the form of `personal_data.personal_part`.

        Returns:
            Its reference, a salted hash, for `protocol.submit(personal=…)`; "" for no data.
        """

    def adopt_personal(self, personal: Personal) -> None:
        """Keeps personal data that came with a case from another store, under its reference.

        Raises:
            StoreError: where it is not what the reference was made of.
        """

    def note_command(self, id: str, note: CommandNote) -> None:
        """Keeps what a command said, under its id; one that is kept already stays as it is."""

    def witness(self, node: str, history: str, head: Head) -> None:
        """Notes how far another node's log goes; what is known further on stays.

        Args:
            node: name of the node whose log it is.
            history: the line of its log.
            head: the last event that it told of.

        Raises:
            MismatchError: where that node told another hash for the same position of that line.
        """

    def put_back(self, lost: Head | None) -> None:
        """Begins the state `restored`: what this store itself said elsewhere is not in its log.

        Putting the whole machine back to an older state leaves no other trace of it.

        Args:
            lost: the last head that is known of this line; None where nothing tells.
        """

    def recovered(self, note: str = "") -> None:
        """Ends the state `restored`: what was lost was fetched or given up.

        Args:
            note: what was done about it, kept in the log without personal data.
        """


class Store(StoreReader, Protocol):
    """A store of cases."""

    @property
    def id(self) -> str:
        """The store's own name, random, for its log and its bundles."""

    @property
    def history(self) -> str:
        """The line of the log: random, and new whenever a backup is put in place.

        Two heads can be compared only where the line is the same.
        """

    @property
    def restored(self) -> Restored | None:
        """That a backup or a copy was put in place; None once that was settled, or never was."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """One command's writes; rolled back when anything is raised inside. Not nested."""

    def personal(self, case: str, actor: Actor, purpose: str, ref: str = "") -> Personal | None:
        """Personal data of a case, for somebody with a part in it; each reading is on record.

        Of a case that another store has, for the authority that was asked to confirm.

        Args:
            case: its id.
            actor: who reads.
            purpose: what for.
            ref: of data that a letter of the case brought or takes along; "" for that of the
                case as it stands.

        Returns:
            None where there was none, or it was erased.

        Raises:
            NotAllowedError: where the actor has no part in the case; that is on record too.
        """

    def masked(self, case: str) -> dict[str, Any]:
        """What of a case's personal data may be shown; empty where there is none."""

    def erase_personal(self, ended_before: date) -> tuple[str, ...]:
        """Erases the personal data of cases that ended before a day; the log stays whole.

        Of a case that another store has, the answer to its request is the end, the
        cancellation, or the last that was heard of it. What an open case needs stays.

        Returns:
            Ids of the cases of which nothing is left in the files of the store: not of those
            whose old pages another program still reads. The next call takes care of them.
        """

    def remnants(self) -> tuple[str, ...]:
        """Where personal data may be left that was erased: a sentence each, with what to do."""

    def erased(self, case: str) -> bool:
        """Whether personal data of a case was here and is erased."""

    def rebuild(self) -> int:
        """Makes the tables anew from the log.

        Returns:
            How many cases there are.
        """

    def follow_calendar(self) -> int:
        """Brings the tables up to date where the calendar of a place was published since.

        Last days, and the day on which time brings something, follow from it.

        Returns:
            In how many cases they were counted again.
        """

    def differences(self) -> tuple[str, ...]:
        """Ids of cases whose tables are not what the log says."""

    def verify(
        self, checkpoints: Iterable[Checkpoint] = (), key: Signers = None
    ) -> tuple[Finding, ...]:
        """What was changed, removed, added or moved: `audit(checkpoints, key).breaks`."""

    def audit(
        self,
        checkpoints: Iterable[Checkpoint] = (),
        key: Signers = None,
        witnesses: Iterable[Witness] = (),
    ) -> Audit:
        """Examines the log, the boxes, the readings and the tables.

        Args:
            checkpoints: kept elsewhere, beside those in the store.
            key: those that signed checkpoints: one, or several with the time of each; without
                any only the places of checkpoints are compared.
            witnesses: what other nodes say of this log.

        Raises:
            StoreError: where a checkpoint that was given is not this store's, or not signed
                by one of the keys in its time.
        """

    def checkpoint(self, key: SigningKey) -> Checkpoint:
        """Signs how far the log goes now, and keeps that."""

    def export(self, case: str, key: SigningKey) -> dict[str, Any]:
        """A case's log as a signed bundle, for `bundle.verify_bundle`."""

    def backup(self, target: Path) -> None:
        """Copies the store to a new file, while others may write; never over another."""

    def close(self) -> None:
        """Lets the file go."""


__getattr__ = partial(former, __name__)
