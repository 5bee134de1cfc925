"""Events: what happened, when, by whom. They are what is stored; a case is what they say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

import tongban.kernel.protocol.handling_events as handling_events
import tongban.kernel.protocol.intake_events as intake_events
from tongban.kernel.protocol.actors import Actor
from tongban.kernel.protocol.codec import FormatError, dump, load
from tongban.kernel.protocol.event_body import EventBody

__all__ = ["EVENT_BODIES", "Event"]

EVENT_BODIES: Mapping[str, type[EventBody]] = {
    body.kind: body
    for module in (intake_events, handling_events)
    for body in (getattr(module, name) for name in module.__all__)
}
"""Every event by its kind."""

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
