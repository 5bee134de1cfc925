"""A case (办件): what its events say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from attrs import field, frozen

from tongban.kernel.model.later import later
from tongban.kernel.protocol.actors import Office
from tongban.kernel.protocol.case_parts import (
    Amendment,
    ContactChange,
    Correction,
    FoundLetter,
    PlannedOn,
    Recusal,
    Remedy,
    Reopening,
    TaskClaim,
    Validity,
)
from tongban.kernel.protocol.codec import dump, load
from tongban.kernel.protocol.mandate import Mandate
from tongban.kernel.protocol.plan import Document, Plan
from tongban.kernel.protocol.terms import (
    OVER,
    DeliveryStatus,
    Grade,
    Procedure,
    State,
)


@frozen
class Shipment:
    """Materials that were sent from one office to the next.

    Attributes:
        arrived_at: None while that is not confirmed.
    """

    source: Office
    target: Office
    materials: tuple[Document, ...]
    by: str
    tracking: str
    sent_at: datetime
    arrived_at: datetime | None = None
    missing: tuple[str, ...] = ()


@frozen
class Supplement:
    """The one notice of what is missing (一次性补正告知).

    Attributes:
        outstanding: what did not come yet.
        supplied_at: when the last of it came to the authority.
        given_at: when that was given, where it was given in another store.
        due: the last day as it was announced; `limits.supply_due` says which one holds.
        working_days: from which it was counted, where that is known.
    """

    wanted: tuple[str, ...]
    outstanding: tuple[str, ...]
    asked_at: datetime
    due: date | None = None
    provisional: bool = False
    supplied_at: datetime | None = None
    given_at: datetime | None = None
    working_days: int | None = later()


@frozen
class Answer:
    """What a co-handling authority answered; `text` is its note or its reason."""

    confirmed: bool
    text: str
    at: datetime


@frozen
class ClockStop:
    """A time in which the clock stood still; `until` is None while it does."""

    procedure: Procedure
    reason: str
    since: datetime
    until: datetime | None = None
    expected: int | None = None


@frozen
class Delivery:
    """One attempt to bring the result; `status` is "" right after it was handed over."""

    number: str
    by: str
    tracking: str
    started_at: datetime
    status: DeliveryStatus | None = None


@frozen
class Rating:
    """What one side was rated."""

    side: str
    grade: Grade
    comment: str
    at: datetime


@frozen
class FollowUpDue:
    """What a bad rating asks of the side that was rated; `result` is "" while it is open.

    Attributes:
        due: the last day as it was announced; `limits.follow_up_due` says which one holds.
    """

    side: str
    due: date
    opened_at: datetime
    provisional: bool = False
    result: str = ""
    followed_at: datetime | None = None


@frozen
class Case:
    """Where a case stands.

    Attributes:
        version: number of its last event; a store compares it before it writes.
        resumes: the state that comes back when it is paused or stopped no longer.
        at: which office of `plan.way` has it; one that is under way is still with the sender.
        received_at: receipt at the window, or at the authority where there is no other.
        arrived_at: arrival at the authority that accepts.
        accepted_on: the day from which it counts as accepted.
        led_at: arrival at the authority that decides.
        chased_at: when an arrival or an answer was last asked for again.
        requested_at: when the co-handling authorities were asked.
        completed_at: when the last of them had confirmed.
        answers: of the co-handling authorities, by office.
        extensions: working days by which a limit was extended, by step.
        signalled: warnings and reports of delay that were given.
        validity: how long the result holds; None where nothing says it.
        mandate: what the authorisation of the agent says, beside its number; None where
            that is not recorded.
        contact_changes: how the applicant is reached, where that changed; in order.
        void_found: the lost deliveries that turned up after their number was void.
        recusals: officers who are, or were, kept off the case.
        claims: who has taken the task of an office; at most one for each office.
        seen: ids of the commands that took effect; one of them again has none.
        attempts: ids of the commands that were refused and recorded.
        ruled_at: when the rules refused it, before anybody looked at it.
        insisted_at: when the applicant insisted though the rules refuse it.
        insisted_why: the applicant's reason for that; "" where none was given.
        article: on which the decision, or that it is not accepted, rests; "" where none is named.
        remedies: reconsiderations and lawsuits, in the order in which they were lodged.
        corrections, reopenings, amendments: in the order in which they were made.
        planned_on: what the plan rests on, where the rules refuse the case since it was amended.
    """

    id: str
    state: State
    version: int
    rules: str
    plan: Plan
    item: Mapping[str, Any]
    application: Mapping[str, Any]
    decision: Mapping[str, Any]
    applicant: str = field(repr=False)
    submitted_at: datetime
    collaboration: str = ""
    agent: str = field(default="", repr=False)
    authorisation: str = field(default="", repr=False)
    personal: str = ""
    resumes: State | None = None
    at: int = 0
    receipt: str = ""
    materials: tuple[Document, ...] = ()
    defects: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    received_at: datetime | None = None
    arrived_at: datetime | None = None
    led_at: datetime | None = None
    chased_at: datetime | None = None
    accepted_at: datetime | None = None
    accepted_on: date | None = None
    accepted_silently: bool = False
    supplement: Supplement | None = None
    shipments: tuple[Shipment, ...] = ()
    finding: str = ""
    examined_at: datetime | None = None
    requested_at: datetime | None = None
    completed_at: datetime | None = None
    answers: Mapping[str, Answer] = field(factory=dict)
    pauses: tuple[ClockStop, ...] = ()
    extensions: Mapping[str, int] = field(factory=dict)
    granted: bool | None = None
    result: str = ""
    voided: tuple[str, ...] = ()
    decided_at: datetime | None = None
    deliveries: tuple[Delivery, ...] = ()
    delivered_at: datetime | None = None
    ended_at: datetime | None = None
    ratings: tuple[Rating, ...] = ()
    follow_ups: tuple[FollowUpDue, ...] = ()
    signalled: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    attempts: tuple[str, ...] = ()
    validity: Validity | None = later()
    mandate: Mandate | None = later()
    contact_changes: tuple[ContactChange, ...] = later(())
    void_found: tuple[FoundLetter, ...] = later(())
    recusals: tuple[Recusal, ...] = later(())
    claims: tuple[TaskClaim, ...] = later(())
    ruled_at: datetime | None = later()
    insisted_at: datetime | None = later()
    insisted_why: str = later("")
    article: str = later("")
    remedies: tuple[Remedy, ...] = later(())
    corrections: tuple[Correction, ...] = later(())
    reopenings: tuple[Reopening, ...] = later(())
    amendments: tuple[Amendment, ...] = later(())
    planned_on: PlannedOn | None = later()

    @property
    def delivery(self) -> str:
        """The way in which the result goes: as it was applied for, or as it was changed to."""
        ways = (one.delivery for one in reversed(self.contact_changes) if one.delivery)
        return next(ways, self.plan.delivery)

    def sent_before_move(self, delivery: int) -> bool:
        """Whether a letter went to an address that was changed afterwards (寄往变更前地址).

        Args:
            delivery: which one, from 1.
        """
        return self.deliveries[delivery - 1].by == "post" and any(
            "address" in one.changed and delivery <= one.deliveries for one in self.contact_changes
        )

    def recusals_of(self, office: str) -> tuple[Recusal, ...]:
        """The recusals that hold now, of one office.

        Args:
            office: its key.
        """
        return tuple(one for one in self.recusals if one.office == office and one.lifted_at is None)

    @property
    def as_decided(self) -> Mapping[str, Any]:
        """The application as rules look at it: of an agent it says that there is one."""
        if not self.agent:
            return self.application
        applicant = {**self.application.get("applicant", {}), "agent": {}}
        return {**self.application, "applicant": applicant}

    @property
    def refused_by_rule(self) -> bool:
        """Whether the rules refused it at receipt (依规则不予办理), whatever followed."""
        # Cases that were refused before `ruled_at` came show it by what followed alone.
        since = self.ruled_at or self.insisted_at
        return since is not None or self.state == "ineligible"

    @property
    def over(self) -> bool:
        """Whether it is over: a rating is left, or to insist where the rules refused it."""
        return self.state in OVER

    @property
    def holder(self) -> Office:
        """The office that has it; while it is under way, the one it goes to.

        That stays so where it ends on the way: the store that ended it has the log.
        """
        under_way = bool(self.shipments) and self.shipments[-1].arrived_at is None
        return self.plan.way[self.at + under_way]

    @property
    def accepting(self) -> Office:
        """The authority that accepts (受理)."""
        return self.plan.way[self.plan.accepting]

    @property
    def reached(self) -> tuple[Office, ...]:
        """The offices that took part, in order: those that it came to, those that were asked.

        Others stand in the plan alone: what they did cannot be rated.
        """
        asked = self.plan.others if self.requested_at is not None else ()
        had = (*self.plan.way[: self.at + 1], *asked)
        return tuple({office.key: office for office in had}.values())

    @property
    def unanswered(self) -> tuple[Office, ...]:
        """The co-handling authorities that were asked and have not answered."""
        if self.requested_at is None:
            return ()
        return tuple(one for one in self.plan.others if one.key not in self.answers)

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form, for tables and for another store."""
        shown: dict[str, Any] = dump(self)
        return shown

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Case:
        """The case that `to_dict` wrote.

        Raises:
            FormatError: where it is anything else.
        """
        return load(cls, raw, "case")
