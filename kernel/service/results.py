"""What a command or a message comes to: done, relayed to another store, or to come again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

from attrs import frozen

from tongban.kernel.ports.logs import logger
from tongban.kernel.ports.store import ConflictError
from tongban.kernel.protocol import Case, Event, Message, OutOfOrderError, Refusal, RefusalCode

__all__ = ["Answer", "Done", "OutOfOrderError", "Relayed"]


@frozen
class Done:
    """A command that took effect.

    Attributes:
        case: as it is now.
        events: what happened; none where the command had its effect before.
        messages: what was put into the outbox.
        doubt: why time brought nothing: what is wrong with the clock.
    """

    case: Case
    events: tuple[Event, ...] = ()
    messages: tuple[Message, ...] = ()
    doubt: RefusalCode | None = None


@frozen
class Relayed:
    """A command for a case that another store has: it is on its way there."""

    message: Message


Answer: TypeAlias = Done | Relayed | Refusal


@contextmanager
def conflicts_logged(kind: str) -> Iterator[None]:
    """Logs that somebody else was first, and passes that on.

    Args:
        kind: of the command.
    """
    try:
        yield
    except ConflictError as error:
        says = "case %s: %s refused by conflict: expected version %d, found %d"
        logger("service").warning(says, error.case, kind, error.expected, error.found)
        raise
