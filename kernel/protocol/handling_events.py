"""Events from the examination to the rating, and what time itself brings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from attrs import frozen

from tongban.kernel.protocol.actors import Office
from tongban.kernel.protocol.event_body import EventBody
from tongban.kernel.protocol.terms import DeliveryStatus, Grade, Procedure

__all__ = [
    "ClockChecked",
    "Closed",
    "CoHandlingCompleted",
    "CoHandlingConfirmed",
    "CoHandlingRefused",
    "CoHandlingRequested",
    "Decided",
    "Delivered",
    "DeliveryReported",
    "DeliveryStarted",
    "Examined",
    "Extended",
    "FollowUpOpened",
    "FollowedUp",
    "Overdue",
    "Paused",
    "Rated",
    "Recovered",
    "Reissued",
    "Resumed",
    "Terminated",
    "Warned",
    "Withdrawn",
]


@frozen
class Examined(EventBody):
    """审查, and what it found."""

    kind: ClassVar[str] = "examined"
    office: Office
    finding: str


@frozen
class CoHandlingRequested(EventBody):
    """协同办理请求, to every other authority under one collaboration number."""

    kind: ClassVar[str] = "cohandling_requested"
    collaboration: str
    offices: tuple[Office, ...]


@frozen
class CoHandlingConfirmed(EventBody):
    """协同办理确认; `late` where the case was over."""

    kind: ClassVar[str] = "cohandling_confirmed"
    office: Office
    note: str = ""
    late: bool = False


@frozen
class CoHandlingRefused(EventBody):
    """协同办理不予确认 (不予迁出), with a reason; `late` where the case was over."""

    kind: ClassVar[str] = "cohandling_refused"
    office: Office
    reason: str
    late: bool = False


@frozen
class CoHandlingCompleted(EventBody):
    """All have confirmed."""

    kind: ClassVar[str] = "cohandling_completed"
    version: ClassVar = 1


@frozen
class Paused(EventBody):
    """特别程序开始: the clock stops."""

    kind: ClassVar[str] = "paused"
    procedure: Procedure
    reason: str
    expected: int | None = None


@frozen
class Resumed(EventBody):
    """特别程序结束: the clock goes on."""

    kind: ClassVar[str] = "resumed"
    note: str = ""


@frozen
class Extended(EventBody):
    """延期: once, with reasons."""

    kind: ClassVar[str] = "extended"
    step: str
    working_days: int
    reasons: tuple[str, ...]


@frozen
class Decided(EventBody):
    """准予 or 不予.

    Attributes:
        number: of the result (决定文号); a lost one gets another when it is issued anew.
        document: name or hash of the result.
    """

    kind: ClassVar[str] = "decided"
    granted: bool
    number: str
    reasons: tuple[str, ...] = ()
    document: str = ""


@frozen
class DeliveryStarted(EventBody):
    """送达开始: handed to a channel; `delivery` counts from 1."""

    kind: ClassVar[str] = "delivery_started"
    delivery: int
    by: str
    number: str
    tracking: str = ""


@frozen
class DeliveryReported(EventBody):
    """The result of a delivery on its way: still under way, come back, lost."""

    kind: ClassVar[str] = "delivery_reported"
    delivery: int
    status: DeliveryStatus
    note: str = ""


@frozen
class Reissued(EventBody):
    """补发: the lost result is void, `number` takes its place."""

    kind: ClassVar[str] = "reissued"
    void: str
    number: str


@frozen
class Delivered(EventBody):
    """送达: the applicant has it."""

    kind: ClassVar[str] = "delivered"
    delivery: int
    by: str


@frozen
class Closed(EventBody):
    """办结."""

    kind: ClassVar[str] = "closed"
    version: ClassVar = 1


@frozen
class Withdrawn(EventBody):
    """撤回, by the applicant."""

    kind: ClassVar[str] = "withdrawn"
    reason: str = ""


@frozen
class Terminated(EventBody):
    """终止, without a decision; `refused_by` where a co-handling authority's refusal ends it."""

    kind: ClassVar[str] = "terminated"
    reason: str
    refused_by: str = ""


@frozen
class Rated(EventBody):
    """好差评: one side, one of five grades."""

    kind: ClassVar[str] = "rated"
    side: str
    grade: Grade
    comment: str = ""


@frozen
class FollowUpOpened(EventBody):
    """差评整改: a bad rating opens a follow-up, due in 15 working days."""

    kind: ClassVar[str] = "follow_up_opened"
    side: str
    due: date
    provisional: bool = False


@frozen
class FollowedUp(EventBody):
    """回访: what the rated side did."""

    kind: ClassVar[str] = "followed_up"
    side: str
    result: str


@frozen
class Warned(EventBody):
    """临期预警: a limit is near."""

    kind: ClassVar[str] = "warned"
    step: str
    due: date
    office: Office
    provisional: bool = False


@frozen
class Overdue(EventBody):
    """督办: a limit has passed; the supervisor of the place that is late is told."""

    kind: ClassVar[str] = "overdue"
    step: str
    due: date
    office: Office
    provisional: bool = False


@frozen
class ClockChecked(EventBody):
    """核对时钟: from here on the moments are those of a clock that a person has looked at.

    Its own moment may lie before that of the event before it.

    Attributes:
        last: the moment of the event before it.
        reinstated: whether the case goes on that had lapsed by a clock that was ahead.
    """

    kind: ClassVar[str] = "clock_checked"
    last: datetime
    reason: str
    reinstated: bool = False


@frozen
class Recovered(EventBody):
    """灾备补录: an event that was lost with what a backup does not have.

    What happened is not known any more, only how the case left this store afterwards.

    Attributes:
        snapshot: the case after it, as this store's own letter says; None where the next
            event says it.
    """

    kind: ClassVar[str] = "recovered"
    snapshot: Mapping[str, Any] | None = None
