"""What a case keeps beside its way: validity, contact, recusals, claims, remedies, corrections."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from attrs import frozen

from tongban.kernel.model.later import later
from tongban.kernel.protocol.actors import Actor
from tongban.kernel.protocol.plan import Document
from tongban.kernel.protocol.terms import ActorKind, Contact, RemedyKind, RemedyOutcome, State


@frozen
class Validity:
    """How long a result holds (有效期).

    Attributes:
        since: the day of the decision.
        until: the last day.
        basis: `rule`, or `officer` who stated the day.
        provisional: whether `until` lies beyond the published calendar.
        reminded_at, expired_at: when the applicant was told that it lapses, and that it has.
    """

    since: date
    until: date
    basis: Literal["rule", "officer"]
    provisional: bool = False
    reminded_at: datetime | None = None
    expired_at: datetime | None = None


@frozen
class FoundLetter:
    """That a lost delivery turned up after its number was void; `delivery` counts from 1."""

    delivery: int
    at: datetime


@frozen
class ContactChange:
    """A change of how the applicant is reached (变更联系方式); the data itself is kept apart.

    Attributes:
        changed: names of what changed.
        delivery: the new way of delivery; "" where that stays.
        by: the kind of actor who gave it.
        deliveries: how many deliveries had begun before: those went the former way.
    """

    changed: tuple[Contact, ...]
    delivery: str
    by: ActorKind
    at: datetime
    deliveries: int = 0


@frozen
class Recusal:
    """That an officer is kept off the case (回避).

    Attributes:
        office: key of the office.
        officer: name of the account.
        article: on which it rests; "" where none was stated.
        by: who stood back, or ordered it.
        instead: the account that decides instead; "" where none was named.
        lifted_at: when it was lifted (解除回避); None while it holds.
    """

    office: str
    officer: str
    reason: str
    article: str
    by: Actor
    at: datetime
    instead: str = ""
    lifted_at: datetime | None = None


@frozen
class TaskClaim:
    """That an account has taken its office's task (领办)."""

    office: str
    account: str
    at: datetime


@frozen
class Remedy:
    """A reconsideration (行政复议) or a lawsuit (行政诉讼) against an act of the case.

    Attributes:
        number: in the case, from 1.
        act: what it challenges, as `remedy_terms.act_of` names it.
        office: key of the office whose act that is.
        on: the day on which it was lodged.
        organ: where it was lodged, as it was written.
        due: the last day to lodge it; None where the day on which it began is not known.
        late: whether it was lodged after `due`.
        admitted: None while that is not known.
        outcome: None while it is pending.
        resolved_on: the day on which what was decided on it was received.
        document: number of the document that resolved it (文号).
    """

    number: int
    kind: RemedyKind
    act: str
    office: str
    on: date
    organ: str
    reason: str
    lodged_at: datetime
    due: date | None = None
    late: bool = False
    admitted: bool | None = None
    admitted_on: date | None = None
    outcome: RemedyOutcome | None = None
    resolved_on: date | None = None
    document: str = ""

    @property
    def pending(self) -> bool:
        """Whether nothing was decided on it yet."""
        return self.outcome is None


@frozen
class Correction:
    """A decision that was corrected (更正): what was, what is, and why.

    Attributes:
        void: number of the result that was corrected.
        number: of the result that takes its place.
        was_granted, was_reasons: what was decided before.
        granted, reasons: what holds now, and why.
        article: the law on which it rests.
        remedy: number of the remedy that it carries out; 0 on the authority's own account.
        departed: whether the decision that was corrected departed from the rules.
    """

    at: datetime
    void: str
    number: str
    was_granted: bool
    was_reasons: tuple[str, ...]
    granted: bool
    reasons: tuple[str, ...]
    article: str
    remedy: int = 0
    departed: bool = later(False)


@frozen
class Reopening:
    """A case that had ended without a decision, and is handled anew (重新办理).

    Attributes:
        ended: the state in which it had ended.
        article: the law on which it rests.
        remedy: number of the remedy that it carries out; 0 on the authority's own account.
        departed: whether that it ended departed from the rules: not accepted though they allow it.
    """

    at: datetime
    ended: State
    reason: str
    article: str
    remedy: int = 0
    departed: bool = later(False)


@frozen
class PlannedOn:
    """What the plan of a case rests on, where the rules refuse it since it was amended.

    Attributes:
        application, decision: the last that gave the plan.
    """

    application: Mapping[str, Any]
    decision: Mapping[str, Any]


@frozen
class Amendment:
    """Data of the application that was corrected by the applicant (更正申请信息).

    Attributes:
        changed: names of the fields; of personal data nothing but the name.
        evidence: what shows that it was wrong.
        outcome: what the rules say of the corrected application.
    """

    at: datetime
    changed: tuple[str, ...]
    evidence: tuple[Document, ...]
    reason: str
    outcome: str
