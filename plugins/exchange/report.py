"""What one run of the pump did, and what it could not do."""

from __future__ import annotations

from typing import Any

from attrs import define, field


@define
class Report:
    """Ids of messages, with a reason where something is not as it should be.

    Attributes:
        delivered: whose receipt has come, or which were delivered inside the store.
        sent: that lie in the receiver's folder since now.
        taken: that came in and are kept; one that comes again is among them, without effect.
        waiting: on their way, or too early: nothing is wrong yet.
        failed: without a node that serves them, or not to be written; tried again later.
        refused: which the receiver's case refused; a person has to look at them.
        problems: nodes whose cards cannot be used.
        aside: files that are not letters to this node, or not signed as they must be.
        alarms: what contradicts what was known: somebody's log forked, or was changed.
        left: at least this many files were left for the next run.
        recovery: of a store that was put back: `state` (`asking`, `recovered`, "" for none),
            `waits` (for which nodes), how many `letters` of its own and `events` came back,
            and what is `unfit`, with the reason.
    """

    delivered: list[str] = field(factory=list)
    sent: list[str] = field(factory=list)
    taken: list[str] = field(factory=list)
    waiting: dict[str, str] = field(factory=dict)
    failed: dict[str, str] = field(factory=dict)
    refused: dict[str, str] = field(factory=dict)
    aside: dict[str, str] = field(factory=dict)
    alarms: dict[str, str] = field(factory=dict)
    problems: list[str] = field(factory=list)
    left: int = 0
    recovery: dict[str, Any] = field(
        factory=lambda: {"state": "", "waits": [], "letters": 0, "events": 0, "unfit": []}
    )

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "delivered": self.delivered,
            "sent": self.sent,
            "taken": self.taken,
            "problems": self.problems,
            "left": self.left,
            "recovery": self.recovery,
            **{
                name: [{"id": one, "reason": why} for one, why in getattr(self, name).items()]
                for name in ("waiting", "failed", "refused", "aside", "alarms")
            },
        }
