"""What the simulation itself knows of one case; the nodes never see it."""

from __future__ import annotations

from attrs import define, field

from tongban.kernel import protocol
from tongban.plugins.simulation.scenario.applicants import Draft


@define(eq=False)
class Record:
    """One case, from its application until nothing about it is under way any more.

    Attributes:
        draft: what was applied for.
        node: province where it was handed in.
        case: as the last event of all says.
        digests: the hash of each event, by its number.
        homes: provinces whose stores know it.
        pending: how much is under way for it: work, letters, messages.
        unacknowledged: ids of messages that were sent and not acknowledged, by sender.
        unread: ids of notices that the applicant has not got.
        parcels: letters between offices: shipment to whether it arrived; None while on its way.
        incidents: kinds of faults that touched it.
        overdue: limits that were reported late.
    """

    draft: Draft
    node: str
    case: protocol.Case
    day: int
    digests: dict[int, str] = field(factory=dict)
    homes: set[str] = field(factory=set)
    pending: int = 0
    unacknowledged: set[tuple[str, str]] = field(factory=set)
    unread: set[str] = field(factory=set)
    parcels: dict[int, bool | None] = field(factory=dict)
    incidents: dict[str, int] = field(factory=dict)
    overdue: list[tuple[str, str]] = field(factory=list)
    decisions: int = 0
    endings: int = 0
    settled: bool = False

    @property
    def id(self) -> str:
        """The case's id."""
        return self.case.id

    @property
    def number(self) -> int:
        """The applicant's number."""
        return self.draft.number

    @property
    def applicant(self) -> protocol.Actor:
        """Who applied."""
        return protocol.Actor("applicant", self.case.applicant)

    @property
    def over(self) -> bool:
        """Whether nothing is left to be done by anybody."""
        return (
            self.case.over
            and not self.pending
            and not self.unacknowledged
            and not protocol.owed(self.case)
            and all(one.result or self._reported(one.side) for one in self.case.follow_ups)
        )

    def _reported(self, side: str) -> bool:
        """Whether a follow-up that was not made is shown as overdue."""
        return ("follow_up", side) in self.overdue
