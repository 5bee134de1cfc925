"""A store under watch: what was committed is told, and the node may be killed at each commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from attrs import define, field

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import store


class Killed(BaseException):
    """The node is gone in the middle of a step. No handler may take it for an error."""


EventText: TypeAlias = tuple[protocol.Event, dict[str, Any], str]
"""An event with its JSON form and its canonical text."""


@define(eq=False)
class Written:
    """What one transaction wrote.

    Attributes:
        events: new ones in the log.
        after: the case after the last of them; None where there are none.
        messages: new ones in the outbox.
        received: new ones in the inbox.
        delivered: ids of messages that were marked as delivered.
        texts: of the events, once they are committed.
    """

    events: list[protocol.Event] = field(factory=list)
    after: protocol.Case | None = None
    messages: list[protocol.Message] = field(factory=list)
    received: list[protocol.Message] = field(factory=list)
    delivered: list[str] = field(factory=list)
    texts: list[EventText] = field(factory=list)

    def write_out(self) -> None:
        """The texts of the events, once for all that look at them."""
        for event in self.events:
            raw = event.to_dict()
            self.texts.append((event, raw, hash_chain.canonical(raw)))

    @property
    def case(self) -> str:
        """The case that it is about; "" where only a box was touched."""
        if self.events:
            return self.events[0].case
        found = self.messages or self.received
        return found[0].case if found else ""


class _Transaction:
    """Writes through, and remembers."""

    def __init__(self, inner: store.Transaction, written: Written) -> None:
        self._inner = inner
        self._written = written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def append(
        self, case: str, expected_version: int, events: Iterable[protocol.Event]
    ) -> protocol.Case | None:
        new = tuple(events)
        after = self._inner.append(case, expected_version, new)
        if new:
            self._written.events += new
            self._written.after = after
        return after

    def send(self, messages: Iterable[protocol.Message]) -> int:
        count = 0
        for message in messages:
            if self._inner.send([message]):
                self._written.messages.append(message)
                count += 1
        return count

    def receive(self, message: protocol.Message, node: str = "", seal: str = "") -> bool:
        new = self._inner.receive(message, node, seal)
        if new:
            self._written.received.append(message)
        return new

    def delivered(self, message: str) -> None:
        self._inner.delivered(message)
        self._written.delivered.append(message)


class WatchedStore:
    """A store whose commits are watched.

    Args:
        inner: the store itself.
        kills: whether the node is killed now: before a commit, or after it.
        told: what was committed, at once.
    """

    def __init__(
        self,
        inner: store.Store,
        kills: Callable[[str, Written], bool],
        told: Callable[[Written], None],
    ) -> None:
        self.inner = inner
        self._kills = kills
        self._told = told

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    @contextmanager
    def transaction(self) -> Iterator[store.Transaction]:
        """One command's writes."""
        written = Written()
        with self.inner.transaction() as writes:
            yield _Transaction(writes, written)
            if self._kills("killed_before_commit", written):
                raise Killed
        written.write_out()
        self._told(written)
        if self._kills("killed_after_commit", written):
            raise Killed
