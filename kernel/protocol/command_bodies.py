"""What somebody may want to do in a case, one value for each command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import frozen

from tongban.kernel.errors import Defect
from tongban.kernel.protocol.plan import LogMark, OnRefusal, Paper
from tongban.kernel.protocol.terms import DeliveryStatus, Grade, Procedure

__all__ = [
    "Accept",
    "Adjudicate",
    "Arrive",
    "Chase",
    "CheckClock",
    "Close",
    "CommandBody",
    "Confirm",
    "Decline",
    "Deliver",
    "Deny",
    "Examine",
    "Extend",
    "FollowUp",
    "Forward",
    "Grant",
    "Mirror",
    "Pause",
    "Rate",
    "Receive",
    "Refuse",
    "Report",
    "RequestSupplement",
    "Resume",
    "Submit",
    "Supply",
    "Suspend",
    "TakeOver",
    "Terminate",
    "Withdraw",
]


class CommandBody:
    """What somebody wants to do, without who and where.

    Attributes:
        kind: its name in JSON and on the command line.
    """

    __slots__ = ()
    kind: ClassVar[str]


@frozen
class Submit(CommandBody):
    """Hands an application in. `tongban.kernel.protocol.submit` makes one from a decision.

    Attributes:
        rules: the version of the rules, a hash; the case is handled by them to its end.
        application: what was put in, without personal data.
        decision: `Decision.to_dict()`.
        applicant: an opaque id.
        agent: opaque id of an agent (帮办代办), with the number of the `authorisation`.
        personal: the salted hash of the personal data, which lives apart.
        licence: whether the item is a licence (行政许可).
        on_refusal: what a refusal by a co-handling authority does.
    """

    kind: ClassVar[str] = "submit"
    rules: str
    application: Mapping[str, Any]
    decision: Mapping[str, Any]
    applicant: str
    agent: str = ""
    authorisation: str = ""
    personal: str = ""
    licence: bool = False
    on_refusal: OnRefusal = "end"


@frozen
class Receive(CommandBody):
    """Examines form and identity: received, or returned with every defect at once.

    Attributes:
        defects: what plugins (`Ports.examine`) and the window found; warnings keep nothing back.
        identified: whether the identity of the one who hands in was verified.
        materials: what was handed in.
    """

    kind: ClassVar[str] = "receive"
    defects: tuple[Defect, ...] = ()
    identified: bool = True
    materials: tuple[Paper, ...] = ()


@frozen
class Forward(CommandBody):
    """Sends the materials on, with a list of what was sent.

    Attributes:
        by: `post` or `message`.
        tracking: number of the letter.
    """

    kind: ClassVar[str] = "forward"
    materials: tuple[Paper, ...]
    by: str = "post"
    tracking: str = ""


@frozen
class Arrive(CommandBody):
    """Confirms that the materials arrived; `missing` names what was listed and is not there."""

    kind: ClassVar[str] = "arrive"
    missing: tuple[str, ...] = ()


@frozen
class Chase(CommandBody):
    """Asks again for what is awaited: an arrival, an answer."""

    kind: ClassVar[str] = "chase"
    note: str = ""


@frozen
class Accept(CommandBody):
    """Accepts the application (受理)."""

    kind: ClassVar[str] = "accept"


@frozen
class RequestSupplement(CommandBody):
    """Names, once, everything that is missing.

    Attributes:
        wanted: all of it.
        working_days: within which the applicant supplies it; None where no time is set.
    """

    kind: ClassVar[str] = "supplement"
    wanted: tuple[str, ...]
    working_days: int | None = None


@frozen
class Supply(CommandBody):
    """Brings what was asked for, or a part of it."""

    kind: ClassVar[str] = "supply"
    given: tuple[str, ...]


@frozen
class Decline(CommandBody):
    """Does not accept, with reasons."""

    kind: ClassVar[str] = "decline"
    reasons: tuple[str, ...]


@frozen
class Examine(CommandBody):
    """Records the examination (审查) and what it found."""

    kind: ClassVar[str] = "examine"
    finding: str


@frozen
class Confirm(CommandBody):
    """A co-handling authority agrees."""

    kind: ClassVar[str] = "confirm"
    note: str = ""


@frozen
class Refuse(CommandBody):
    """A co-handling authority refuses (不予迁出), with a reason."""

    kind: ClassVar[str] = "refuse"
    reason: str


@frozen
class Pause(CommandBody):
    """Begins a special procedure; the clock stops.

    Attributes:
        expected: the working days that it will take, as the applicant is told.
    """

    kind: ClassVar[str] = "pause"
    procedure: Procedure
    reason: str
    expected: int | None = None


@frozen
class Resume(CommandBody):
    """Ends the special procedure; the clock goes on."""

    kind: ClassVar[str] = "resume"
    note: str = ""


@frozen
class Extend(CommandBody):
    """Extends a limit, once, with reasons.

    Attributes:
        step: the limit.
        working_days: by so many; None for all that the rule allows.
    """

    kind: ClassVar[str] = "extend"
    reasons: tuple[str, ...]
    step: str = "decide"
    working_days: int | None = None


@frozen
class Grant(CommandBody):
    """Decides: granted (准予).

    Attributes:
        finding: of the examination, where none was recorded before.
        document: name or hash of the result.
    """

    kind: ClassVar[str] = "grant"
    finding: str = ""
    document: str = ""


@frozen
class Deny(CommandBody):
    """Decides: denied (不予), with reasons."""

    kind: ClassVar[str] = "deny"
    reasons: tuple[str, ...]
    finding: str = ""
    document: str = ""


@frozen
class Deliver(CommandBody):
    """Hands the result to a channel; a lost one is issued anew first.

    Attributes:
        by: `electronic`, `post`, `pickup`; "" for what the decision says.
        tracking: number of the letter.
    """

    kind: ClassVar[str] = "deliver"
    by: str = ""
    tracking: str = ""


@frozen
class Report(CommandBody):
    """The result of a delivery.

    Attributes:
        delivery: its number, from 1; 0 for the last one.
    """

    kind: ClassVar[str] = "report"
    status: DeliveryStatus
    delivery: int = 0
    note: str = ""


@frozen
class Close(CommandBody):
    """Closes a delivered case (办结)."""

    kind: ClassVar[str] = "close"


@frozen
class Withdraw(CommandBody):
    """Takes the application back."""

    kind: ClassVar[str] = "withdraw"
    reason: str = ""


@frozen
class Terminate(CommandBody):
    """Ends the case without a decision, with a reason."""

    kind: ClassVar[str] = "terminate"
    reason: str


@frozen
class Rate(CommandBody):
    """Rates one side (好差评).

    Attributes:
        side: the key of the office that is rated, `630100/public_security`.
        grade: one of five; never a default.
    """

    kind: ClassVar[str] = "rate"
    side: str
    grade: Grade
    comment: str = ""


@frozen
class FollowUp(CommandBody):
    """The rated side says what it did about a bad rating."""

    kind: ClassVar[str] = "follow_up"
    side: str
    result: str


@frozen
class Suspend(CommandBody):
    """Two engines disagree on which rules hold: the case stops.

    Attributes:
        engine: the second one.
        ours, theirs: ids of the rules that hold, by each.
    """

    kind: ClassVar[str] = "stop"
    engine: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


@frozen
class Adjudicate(CommandBody):
    """A person settles the disagreement: the case goes on, or ends."""

    kind: ClassVar[str] = "settle"
    goes_on: bool
    reason: str


@frozen
class TakeOver(CommandBody):
    """Another store's case arrives here: what a message of the kind `forward` asks for.

    Attributes:
        snapshot: the case as it left.
    """

    kind: ClassVar[str] = "take_over"
    snapshot: Mapping[str, Any]


@frozen
class Mirror(CommandBody):
    """What happened to a case since it left: what a message of the kind `progress` brings.

    Attributes:
        before: the log that the events follow on; None in letters of an older version.
    """

    kind: ClassVar[str] = "mirror"
    events: tuple[Mapping[str, Any], ...]
    before: LogMark | None = None


@frozen
class CheckClock(CommandBody):
    """核对时钟: the clock was looked at, and is right; the case goes on by it.

    Attributes:
        reason: what was wrong with the clock, or why nothing happened for so long.
    """

    kind: ClassVar[str] = "check_clock"
    reason: str
