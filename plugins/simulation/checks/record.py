"""What the simulation itself knows of one case; the nodes never see it."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from tongban.kernel import protocol
from tongban.kernel.protocol import personal_data
from tongban.plugins.simulation.checks.log import CheckedLog
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
        plans: what an amendment made of the plan, also where that was lost with a store: letters
            of it may come back.
        log: what the checks look back at.
        details: what changes of contact said, by the id of the command.
        standing_back: offices and accounts that have said so; a store may not know it yet.
        by_themselves: what the applicant does without the agent, who was refused it.
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
    plans: list[protocol.Plan] = field(factory=list)
    decisions: int = 0
    endings: int = 0
    settled: bool = False
    log: CheckedLog = field(factory=CheckedLog)
    details: dict[str, dict[str, str]] = field(factory=dict)
    standing_back: set[tuple[str, str]] = field(factory=set)
    by_themselves: set[str] = field(factory=set)

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
    def personal(self) -> dict[str, Any]:
        """The personal data that was handed in."""
        return personal_data.personal_part(self.draft.raw)

    @property
    def over(self) -> bool:
        """Whether nothing is left to be done by anybody."""
        return (
            self.case.over
            and not self.pending
            and not self.unacknowledged
            and not protocol.owed(self.case)
            and not self.result_runs
            and all(one.result or self._reported(one.side) for one in self.case.follow_ups)
        )

    @property
    def result_runs(self) -> bool:
        """Whether the applicant has a result that is still to lapse."""
        case = self.case
        held = case.validity if case.granted and case.state in ("delivered", "closed") else None
        return held is not None and held.expired_at is None

    def _reported(self, side: str) -> bool:
        """Whether a follow-up that was not made is shown as overdue."""
        return ("follow_up", side) in self.overdue
