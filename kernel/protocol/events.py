"""Events: what happened, when, by whom. They are what is stored; a case is what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import reduce
from typing import Any, ClassVar, TypeAlias, TypeVar

import attrs
from attrs import frozen

from tongban.kernel.errors import TongbanError
from tongban.kernel.protocol.actors import Actor
from tongban.kernel.protocol.awaiting import claims_left
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.codec import FormatError, dump, load
from tongban.kernel.protocol.messages import Draft
from tongban.kernel.protocol.registry import register
from tongban.kernel.protocol.transitions import EVENTS

Changes: TypeAlias = dict[str, Any]
"""New values of fields of a case."""


class OrderError(TongbanError):
    """Events that do not follow on each other: one is missing, doubled or of another case."""


class EventBody:
    """What happened, without when and by whom. `event` registers each.

    Attributes:
        kind: its name where it is stored.
        version: of its form; a change of its fields counts it up.
        by_machine: whether what it sends is of the machine and not of the office with the case.
        by_calendar: whether its command asks if a limit has passed: the calendar of the place
            says so, and another store tries the command again as if none had.
    """

    __slots__ = ()
    kind: ClassVar[str]
    version: ClassVar[int] = 1
    by_machine: ClassVar[bool] = False
    by_calendar: ClassVar[bool] = False

    def changes(self, case: Case, event: Event) -> Changes:
        """What it changes in a case. Nothing here decides."""
        return {}

    def opens(self, event: Event) -> Case:
        """The case, where this is its first event here.

        Raises:
            OrderError: where no log begins so.
        """
        raise OrderError(f"{event.case}: a log begins with an application, found {event.kind}")

    def replaces(self, event: Event) -> Case | None:
        """The whole case after it, where the event says it."""
        return None

    def origin(self) -> Any:
        """The command that yields it; None where no command of one store reaches another so."""
        return None

    def messages(self, before: Case, after: Case) -> Iterable[Draft]:
        """What it sends.

        Args:
            before: the case before it; of the first event, after it.
            after: the case after it.
        """
        return ()


_BODIES: dict[str, type[EventBody]] = {}
EVENT_BODIES: Mapping[str, type[EventBody]] = _BODIES
"""Every event by its kind."""

_Body = TypeVar("_Body", bound=EventBody)


def event(
    kind: str, *, by_machine: bool = False, by_calendar: bool = False
) -> Callable[[type[_Body]], type[_Body]]:
    """Registers the class of an event, which says what it changes or opens.

    Args:
        kind: its name; `transitions.EVENTS` says how it moves the state.
        by_machine, by_calendar: as in `EventBody`.
    """
    marks = {"by_machine": by_machine, "by_calendar": by_calendar}
    return register(_BODIES, EVENTS, kind, "changes", "opens", **marks)


_FIELDS = ("case", "seq", "at", "actor", "cause", "kind", "version", "data")
_ALSO = ("given_at", "clock")


@frozen
class Event:
    """What happened in a case.

    Attributes:
        case: id of the case.
        seq: its number in the case, from 1 without gaps.
        at: the moment.
        actor: who caused it.
        cause: id of the command that did; "" where time itself did.
        body: what happened.
        given_at: when the command was given, where that was in another store and counts;
            in the JSON form only where it is there.
        clock: what the clock said, where it was behind the event before by so little that
            this one takes its moment; in the JSON form only where it is there.
    """

    case: str
    seq: int
    at: datetime
    actor: Actor
    cause: str
    body: EventBody
    given_at: datetime | None = None
    clock: datetime | None = None

    @property
    def kind(self) -> str:
        """The name of what happened."""
        return self.body.kind

    @property
    def met_at(self) -> datetime:
        """When it meets a limit, if it does: when it was given, wherever that was."""
        return self.given_at or self.at

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form, as it is stored and hashed."""
        also = {name: one.isoformat() for name in _ALSO if (one := getattr(self, name))}
        return {
            "case": self.case,
            "seq": self.seq,
            "at": self.at.isoformat(),
            "actor": dump(self.actor),
            "cause": self.cause,
            "kind": self.body.kind,
            "version": self.body.version,
            "data": dump(self.body),
            **also,
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Event:
        """The event that `to_dict` wrote.

        Raises:
            FormatError: where a field is unknown, missing or of another type, or
                the event is of a kind or version that is not known here.
        """
        if not isinstance(raw, Mapping) or set(raw) - set(_ALSO) != set(_FIELDS):
            raise FormatError(f"event: must have exactly the fields {', '.join(_FIELDS)}")
        body = EVENT_BODIES.get(raw["kind"]) if isinstance(raw["kind"], str) else None
        if body is None:
            raise FormatError("event: unknown kind")
        if type(raw["version"]) is not int or raw["version"] != body.version:
            raise FormatError(f"event: {body.kind} has another version than {body.version}")
        head = load(
            _Head, {name: raw[name] for name in (*_FIELDS[:5], *_ALSO) if name in raw}, "event"
        )
        found = load(body, raw["data"], f"event.{body.kind}")
        return cls(
            head.case, head.seq, head.at, head.actor, head.cause, found, head.given_at, head.clock
        )


@frozen
class _Head:
    """The fields of an event without its body."""

    case: str
    seq: int
    at: datetime
    actor: Actor
    cause: str
    given_at: datetime | None = None
    clock: datetime | None = None


_OF_CASE = tuple(field.name for field in attrs.fields(Case))


def evolve(case: Case | None, event: Event) -> Case:
    """The case after an event.

    Args:
        case: before it; None before the first.
        event: the next one.

    Raises:
        OrderError: where it is not the next one of this case.
    """
    body = event.body
    if case is None:
        return body.opens(event)
    if event.case != case.id or event.seq != case.version + 1:
        raise OrderError(
            f"{case.id}: expected event {case.version + 1}, found {event.seq} of {event.case}"
        )
    whole = body.replaces(event)
    if whole is not None:
        return whole
    changes = body.changes(case, event)
    if event.cause and event.cause not in case.seen and body.kind != "attempt_refused":
        changes["seen"] = (*case.seen, event.cause)
    # As attrs.evolve, which looks at the class each time; here is where replaying spends its time.
    fields = {name: getattr(case, name) for name in _OF_CASE}
    after = Case(**(fields | changes | {"version": event.seq}))
    if not after.claims:
        return after
    return attrs.evolve(after, claims=claims_left(case, after, event.actor))


def replay(events: Iterable[Event]) -> Case | None:
    """The case that a whole log says; None for an empty one.

    Raises:
        OrderError: where the log has a gap or is not of one case.
    """
    return reduce(evolve, events, None)
