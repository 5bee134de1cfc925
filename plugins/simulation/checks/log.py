"""What a check remembers of a case: the events that other events are held against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import define, field

from tongban.kernel import protocol

_KINDS = frozenset(
    ("submitted", "authorised", "contact_changed", "amended", "recused", "readmitted")
    + ("delivery_started", "delivery_reported", "reissued", "corrected", "void_found")
    + ("expiring", "expired", "decided")
)


@define(eq=False)
class CheckedLog:
    """Events of a case by their number; where a store was put back, others take their place.

    Attributes:
        events: of the kinds that are looked back at.
    """

    events: dict[int, protocol.Event] = field(factory=dict)

    def add(self, event: protocol.Event) -> None:
        """Take an event that is new; what was said of this number before does not hold."""
        self.events.pop(event.seq, None)
        if event.kind in _KINDS:
            self.events[event.seq] = event

    def before(self, seq: int, *kinds: str) -> Iterator[tuple[protocol.Event, Any]]:
        """The events of some kinds before a number, in order, each with its body."""
        for number in sorted(self.events):
            event = self.events[number]
            if number < seq and event.kind in kinds:
                yield event, event.body
