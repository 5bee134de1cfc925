"""Events from the application to its acceptance, and what any phase may see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from attrs import frozen

from tongban.kernel.errors import Defect
from tongban.kernel.model.later import later
from tongban.kernel.protocol.actors import Office
from tongban.kernel.protocol.event_body import EventBody
from tongban.kernel.protocol.plan import Paper, Plan

__all__ = [
    "Accepted",
    "Arrived",
    "AttemptRefused",
    "Chased",
    "Declined",
    "Dispatched",
    "Lapsed",
    "Received",
    "Returned",
    "Settled",
    "Stopped",
    "Submitted",
    "SupplementRequested",
    "Supplied",
    "TakenOver",
]


@frozen
class Submitted(EventBody):
    """申请: handed in. The first event; the case is handled by its `rules` to the end.

    Attributes:
        rules: the version of the rules, a hash.
        collaboration: the number under which several offices act (业务协同编号), "" for one.
        decision: as it was made under these rules.
        personal: the salted hash of the personal data, which lives apart.
    """

    kind: ClassVar[str] = "submitted"
    rules: str
    collaboration: str
    applicant: str
    agent: str
    authorisation: str
    personal: str
    plan: Plan
    application: Mapping[str, Any]
    decision: Mapping[str, Any]


@frozen
class Received(EventBody):
    """收件: form and identity are right; `receipt` is the number of the receipt 收件凭证.

    Attributes:
        warnings: what is to be looked at and keeps nothing back.
    """

    kind: ClassVar[str] = "received"
    receipt: str
    office: Office
    materials: tuple[Paper, ...] = ()
    warnings: tuple[Defect, ...] = ()


@frozen
class Returned(EventBody):
    """退件: for every formal defect at once, or because a co-handling authority refused."""

    kind: ClassVar[str] = "returned"
    defects: tuple[Defect, ...] = ()
    reasons: tuple[str, ...] = ()


@frozen
class Dispatched(EventBody):
    """转办: sent on, with a list of what was sent."""

    kind: ClassVar[str] = "dispatched"
    source: Office
    target: Office
    materials: tuple[Paper, ...] = ()
    by: str = "post"
    tracking: str = ""


@frozen
class Arrived(EventBody):
    """到达: the next authority has it; `missing` was listed and is not there."""

    kind: ClassVar[str] = "arrived"
    office: Office
    missing: tuple[str, ...] = ()


@frozen
class Chased(EventBody):
    """催办: asked again; `awaited` are the offices whose arrival or answer is awaited."""

    kind: ClassVar[str] = "chased"
    awaited: tuple[Office, ...]
    note: str = ""


@frozen
class Accepted(EventBody):
    """受理; by silence (逾期不告知) from the day of receipt.

    Attributes:
        on: the day from which it counts as accepted.
    """

    kind: ClassVar[str] = "accepted"
    office: Office
    on: date
    silent: bool = False


@frozen
class SupplementRequested(EventBody):
    """一次性补正告知: once, everything that is missing.

    Attributes:
        due: the last day to supply it; None where no time is set.
        provisional: whether `due` lies beyond the published calendar.
        working_days: from which `due` was counted; None where no time is set, and in events
            of an older version.
    """

    kind: ClassVar[str] = "supplement_requested"
    wanted: tuple[str, ...]
    due: date | None = None
    provisional: bool = False
    working_days: int | None = later()


@frozen
class Supplied(EventBody):
    """补正: brought; `outstanding` is still missing."""

    kind: ClassVar[str] = "supplied"
    given: tuple[str, ...]
    outstanding: tuple[str, ...] = ()


@frozen
class Lapsed(EventBody):
    """逾期未补正: what was missing did not come by `due`."""

    kind: ClassVar[str] = "lapsed"
    due: date
    outstanding: tuple[str, ...]


@frozen
class Declined(EventBody):
    """不予受理, with reasons."""

    kind: ClassVar[str] = "declined"
    reasons: tuple[str, ...]


@frozen
class Stopped(EventBody):
    """Two engines disagree; both answers are kept."""

    kind: ClassVar[str] = "stopped"
    engine: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


@frozen
class Settled(EventBody):
    """A person settled the disagreement."""

    kind: ClassVar[str] = "settled"
    goes_on: bool
    reason: str


@frozen
class AttemptRefused(EventBody):
    """Somebody without a part in this step tried. Changes no state."""

    kind: ClassVar[str] = "attempt_refused"
    command: str
    code: str


@frozen
class TakenOver(EventBody):
    """Another store's case arrived here; `snapshot` is the case as it left."""

    kind: ClassVar[str] = "taken_over"
    snapshot: Mapping[str, Any]
