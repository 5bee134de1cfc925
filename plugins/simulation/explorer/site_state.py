"""What one site keeps, as a value, and the store over it that may crash."""

from __future__ import annotations

import json
import marshal
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Any

from attrs import field, frozen

from tongban.kernel import protocol as p
from tongban.kernel.ports import store
from tongban.plugins.simulation.explorer.scenario import CASE
from tongban.plugins.simulation.store.contents import Contents, Same, text_of
from tongban.plugins.simulation.store.memory import MemoryStore
from tongban.plugins.simulation.store.transaction import MemoryTransaction


class Crash(BaseException):
    """The site dies here. No code of the product may catch it."""


class CrashingStore(MemoryStore):
    """A store in memory. Nobody audits it, so it keeps no records of its boxes.

    Attributes:
        crashes: whether the site dies in the next transaction, right before the commit.
        changed: whether anything was written since somebody said that nothing was.
    """

    crashes = changed = False

    def _finish(self, writes: MemoryTransaction) -> None:
        if self.crashes:
            raise Crash
        self.changed = self.changed or bool(self.contents.undo)


def digest(value: Any) -> str:
    """What stands for a value in keys: a hash of its JSON."""
    return _hash(json.dumps(value, ensure_ascii=False, sort_keys=True))


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=12).hexdigest()


@lru_cache(maxsize=20_000)
def _digest(one: Same[p.Message]) -> str:
    return _hash(text_of(one))


@lru_cache(maxsize=20_000)
def _content(one: Same[p.Message]) -> str:
    return _hash(store.content(one.value)) if one.value.signature else _digest(one)


def digest_of(message: p.Message) -> str:
    """What stands for a message in keys."""
    return _digest(Same(message))


@frozen(eq=False, slots=False)
class SiteState:
    """What a site keeps: all of it survives a crash.

    Attributes:
        contents: of its store; nobody writes to it, but to a copy.
        answered: the result of commands that were passed on to here, and of messages that
            were refused: id of the message and code. For the checks; the product has no such.
    """

    contents: Contents = field(factory=lambda: Contents.of("memory"))
    answered: tuple[tuple[str, str], ...] = ()

    @cached_property
    def case(self) -> p.Case | None:
        """The case, where the site has it."""
        kept = self.contents.cases.get(CASE)
        return kept.case if kept else None

    @cached_property
    def log(self) -> tuple[p.Event, ...]:
        """The events of the case."""
        kept = self.contents.cases.get(CASE)
        return kept.events if kept else ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The text of each event."""
        kept = self.contents.cases.get(CASE)
        return tuple(one.body for one in kept.entries) if kept else ()

    @property
    def chain(self) -> str:
        """Stands for the whole log of the case."""
        kept = self.contents.cases.get(CASE)
        return kept.entries[-1].case_hash if kept else ""

    @cached_property
    def outbox(self) -> tuple[store.Outgoing, ...]:
        """What was sent, in order."""
        return tuple(self.contents.outbox.values())

    @cached_property
    def inbox(self) -> tuple[store.Incoming, ...]:
        """What came, in order."""
        return tuple(self.contents.inbox.values())

    @cached_property
    def restored(self) -> bool:
        """Whether an older state was put in place, and is not compared with others yet."""
        return self.contents.about.restored is not None

    @cached_property
    def key(self) -> str:
        """What stands for all of it; moments and positions of the store itself do not count."""
        here = self.contents
        sent = sorted((digest_of(one.message), one.status) for one in self.outbox)
        taken = sorted(
            (_content(Same(one.message)), one.handled_at is not None) for one in self.inbox
        )
        given = sorted((id, note.fingerprint) for id, note in here.commands.items())
        whole = (self.chain, sent, taken, sorted(self.answered), given, self.restored)
        # Version 2 of marshal writes equal values alike, whatever else refers to them.
        return blake2b(marshal.dumps(whole, 2), digest_size=12).hexdigest()
