"""One event of a case as a check sees it: what was before, what it says, what is after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from attrs import frozen

from tongban.kernel import protocol
from tongban.plugins.simulation.checks.node_view import NodeView
from tongban.plugins.simulation.checks.record import Record


@frozen(eq=False)
class Step:
    """An event that no other store had before.

    Attributes:
        node: that has stored it.
        record: of the case.
        before: the case before the event; of the first event the case that it opens.
        event: what happened.
        after: the case after it.
        messages: everything that the same transaction put into the outbox.
    """

    node: NodeView
    record: Record
    before: protocol.Case
    event: protocol.Event
    after: protocol.Case
    messages: tuple[protocol.Message, ...]

    @property
    def body(self) -> Any:
        """What the event says."""
        return self.event.body


Finding: TypeAlias = tuple[str, str]
"""The name of an invariant that was looked at, and what is wrong; "" where it holds."""

Check: TypeAlias = Callable[[Step], Iterator[Finding]]
"""Looks at one event. What it yields is counted; the first that does not hold ends the run."""
