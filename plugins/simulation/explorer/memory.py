"""A store in memory: what one node keeps, as a value, and a transaction that can crash."""

from __future__ import annotations

import json
import marshal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property, lru_cache
from hashlib import blake2b
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from attrs import evolve, frozen

from tongban.kernel import protocol as p
from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import store

__all__ = ["Crash", "Kept", "MemoryStore", "Outgoing", "Same", "digest"]


class Crash(BaseException):
    """The node dies here. No code of the product may catch it."""


def digest(value: Any) -> str:
    """What stands for a value in keys: a hash of its JSON."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return blake2b(text.encode(), digest_size=12).hexdigest()


@frozen
class Outgoing:
    """A message in the outbox; `delivered` once its arrival was acknowledged."""

    message: p.Message
    digest: str
    delivered: bool = False


@frozen
class Kept:
    """What a node keeps: all of it survives a crash.

    Attributes:
        log: events, with `marks`, the hash of each.
        outbox, inbox: messages; of an incoming one also whether it was handled.
        answered: the result of commands that were passed on to here, and of messages that
            were refused: id of the message and code. For the checks; the product has no such.
        commands: what was said by commands that had their effect, by id.
        restored: whether an older state was put in place, and is not compared with others yet.
    """

    log: tuple[p.Event, ...] = ()
    marks: tuple[str, ...] = ()
    case: p.Case | None = None
    outbox: tuple[Outgoing, ...] = ()
    inbox: tuple[store.Incoming, ...] = ()
    answered: tuple[tuple[str, str], ...] = ()
    commands: tuple[tuple[str, store.CommandNote], ...] = ()
    restored: bool = False

    @cached_property
    def key(self) -> str:
        """What stands for all of it."""
        sent = sorted((one.digest, one.delivered) for one in self.outbox)
        taken = sorted(
            (_content(Same(one.message)), one.handled_at is not None) for one in self.inbox
        )
        given = [(id, note.fingerprint) for id, note in self.commands]
        whole = (self.marks, sent, taken, sorted(self.answered), given, self.restored)
        # Version 2 of marshal writes equal values alike, whoever else refers to them.
        return blake2b(marshal.dumps(whole, 2), digest_size=12).hexdigest()


_T = TypeVar("_T")


class Same(Generic[_T]):
    """A value as a key: the very one, of which there are few, not an equal one."""

    __slots__ = ("value",)

    def __init__(self, value: _T) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value


@lru_cache(maxsize=10_000)
def _content(one: Same[p.Message]) -> str:
    return digest(store.content(one.value))


@lru_cache(maxsize=10_000)
def _text(one: Same[p.Event]) -> str:
    return hash_chain.canonical(one.value.to_dict())


class _Reads:
    """What can be asked, inside a transaction and outside."""

    def __init__(self, kept: Kept, calendars: p.Calendars, now: Callable[[], datetime]) -> None:
        self.kept = kept
        self._calendars, self._now = calendars, now

    def events(self, case: str) -> tuple[p.Event, ...]:
        return self.kept.log if self.case(case) else ()

    def case(self, case: str) -> p.Case | None:
        here = self.kept.case
        return here if here is not None and here.id == case else None

    def follow_calendar(self) -> int:
        return 0  # last days are counted when they are asked for

    def last_moment(self, case: str) -> datetime | None:
        return self.kept.log[-1].at if self.case(case) else None

    def cases(self, which: store.CaseFilter | None = None) -> tuple[Any, ...]:
        """The cases that are not over: no other list is asked for."""
        case = self.kept.case
        return () if case is None or case.over else (SimpleNamespace(id=case.id),)

    def deadlines(self, case: str | None = None, *, open_only: bool = False) -> tuple[Any, ...]:
        """Limits that are open, of cases that may be over (a follow-up)."""
        if self.kept.case is None:
            return ()
        found = p.limits(self.kept.case, self._calendars, self._now())
        return tuple(SimpleNamespace(case=self.kept.case.id) for one in found if one.done is None)

    def outgoing(
        self, status: str | None = None, case: str | None = None, limit: int | None = None
    ) -> tuple[store.Outgoing, ...]:
        found = (
            store.Outgoing(one.message, n, "delivered" if one.delivered else "pending")
            for n, one in enumerate(self.kept.outbox, 1)
        )
        return tuple(
            one
            for one in found
            if status in (None, one.status) and case in (None, one.message.case)
        )[:limit]

    def incoming(
        self,
        receiver: str | None = None,
        case: str | None = None,
        kind: str | None = None,
        *,
        open_only: bool = False,
    ) -> tuple[store.Incoming, ...]:
        return tuple(
            one
            for one in self.kept.inbox
            if receiver in (None, one.message.receiver)
            and case in (None, one.message.case)
            and kind in (None, one.message.kind)
            and not (open_only and one.handled_at)
        )

    def message(self, message: str) -> p.Message | None:
        sent = [one.message for one in self.kept.outbox]
        taken = [one.message for one in self.kept.inbox]
        return next((one for one in (*sent, *taken) if one.id == message), None)

    def entries(self, case: str | None = None) -> Iterator[hash_chain.Entry]:
        """The log; of the hashes only the text is there, which is all that a mark needs."""
        for n, event in enumerate(self.kept.log, 1):
            text = _text(Same(event))
            yield hash_chain.Entry(n, event.case, event.seq, "", event.kind, text, "", "", "", "")

    def head(self) -> hash_chain.Head:
        marks = self.kept.marks
        return hash_chain.Head(len(marks), marks[-1] if marks else hash_chain.log_start("memory"))

    def witnesses(self) -> tuple[store.Witness, ...]:
        return ()

    def awake(self) -> tuple[store.Awake, ...]:
        """The case, as long as time may bring something in it."""
        case = self.kept.case
        if case is None or (case.over and not self.deadlines(case.id)):
            return ()
        return (store.Awake(case.id, case.holder.key),)

    def command(self, id: str) -> store.CommandNote | None:
        return dict(self.kept.commands).get(id)

    def same_personal(self, ref: str, data: Any) -> bool | None:
        return None


class MemoryStore(_Reads):
    """A store for `Service`, over a value that the explorer sets and reads.

    Attributes:
        kept: what is committed.
        crashes: whether the node dies in the next transaction, right before the commit.
    """

    id = history = "memory"
    crashes = False

    @property
    def restored(self) -> store.Restored | None:
        """That an older state was put in place."""
        return store.Restored(self._now(), self.head()) if self.kept.restored else None

    @contextmanager
    def transaction(self) -> Iterator[_Writes]:
        """All or nothing: what is written inside is kept at the end."""
        writes = _Writes(self.kept, self._calendars, self._now)
        yield writes
        if self.crashes:
            raise Crash
        self.kept = writes.kept

    def personal(self, case: str, actor: p.Actor, purpose: str) -> None:
        """None: the small worlds hold no personal data."""


class _Writes(_Reads):
    """What one command writes."""

    def append(self, case: str, expected_version: int, events: Iterable[p.Event]) -> p.Case | None:
        found = self.kept.case.version if self.kept.case else 0
        if found != expected_version:
            raise store.ConflictError(case, expected_version, found)
        after, added = self.kept.case, tuple(events)
        for event in added:
            after = p.evolve(after, event)
        marks = tuple(digest(event.to_dict()) for event in added)
        self.kept = evolve(
            self.kept, log=self.kept.log + added, marks=self.kept.marks + marks, case=after
        )
        return after

    def send(self, messages: Iterable[p.Message]) -> int:
        there = {one.message.id for one in self.kept.outbox}
        new = [one for one in messages if one.id not in there]
        sent = tuple(Outgoing(one, digest(one.to_dict())) for one in new)
        self.kept = evolve(self.kept, outbox=self.kept.outbox + sent)
        return len(new)

    def receive(self, message: p.Message, node: str = "", seal: str = "") -> bool:
        known = next((one for one in self.kept.inbox if one.message.id == message.id), None)
        if known is not None:
            if _content(Same(known.message)) != _content(Same(message)):
                raise store.MismatchError(f"{message.id}: other content")
            return False
        taken = store.Incoming(message, self._now(), None, node, seal)
        self.kept = evolve(self.kept, inbox=(*self.kept.inbox, taken))
        return True

    def handled(self, message: str) -> None:
        inbox = tuple(
            evolve(one, handled_at=one.handled_at or self._now())
            if one.message.id == message
            else one
            for one in self.kept.inbox
        )
        self.kept = evolve(self.kept, inbox=inbox)

    def delivered(self, message: str) -> None:
        outbox = tuple(
            evolve(one, delivered=True) if one.message.id == message else one
            for one in self.kept.outbox
        )
        self.kept = evolve(self.kept, outbox=outbox)

    def note_command(self, id: str, note: store.CommandNote) -> None:
        if self.command(id) is None:
            commands = tuple(sorted((*self.kept.commands, (id, note)), key=lambda one: one[0]))
            self.kept = evolve(self.kept, commands=commands)

    def witness(self, node: str, history: str, head: hash_chain.Head) -> None:
        """Nothing: the small worlds exchange no heads."""

    def recovered(self, note: str = "") -> None:
        """Ends the state `restored`."""
        self.kept = evolve(self.kept, restored=False)

    def keep_personal(self, data: Any) -> str:
        return ""
