"""The terms of the protocol: states, actors, grades, procedures, with their official terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, cast

from attrs import frozen

from tongban.kernel.errors import Text
from tongban.kernel.model.terms import TERMS, official

State: TypeAlias = Literal[
    "submitted",
    "received",
    "dispatched",
    "arrived",
    "supplementing",
    "accepted",
    "cohandling",
    "examined",
    "paused",
    "stopped",
    "decided",
    "delivering",
    "undelivered",
    "delivered",
    "ineligible",
    "returned",
    "declined",
    "lapsed",
    "withdrawn",
    "terminated",
    "closed",
]
ActorKind: TypeAlias = Literal["applicant", "agent", "window", "officer", "supervisor", "system"]
Grade: TypeAlias = Literal[
    "very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", "very_dissatisfied"
]
Procedure: TypeAlias = Literal[
    "hearing",
    "tender",
    "auction",
    "inspection",
    "test",
    "quarantine",
    "appraisal",
    "expert_review",
]
RemedyKind: TypeAlias = Literal["reconsideration", "litigation"]
RemedyOutcome: TypeAlias = Literal[
    "upheld", "changed", "revoked", "ordered", "dismissed", "withdrawn", "not_admitted"
]
DeliveryStatus: TypeAlias = Literal["on_its_way", "arrived", "returned", "lost"]
Contact: TypeAlias = Literal["phone", "address", "delivery"]


@frozen
class StateWord:
    """How a state is called and what it means.

    Attributes:
        official: the Chinese term that people read.
        meaning: plain English.
        over: whether it is over: what is left is a rating, or to insist where a rule refused.
    """

    official: str
    meaning: str
    over: bool = False


_MEANINGS: Mapping[State, str] = {
    "submitted": "handed in, not yet examined for form",
    "received": "received at a window elsewhere; to be forwarded",
    "dispatched": "on its way to the next authority; arrival not confirmed",
    "arrived": "with the authority that accepts",
    "supplementing": "the applicant was asked, once, for what is missing",
    "accepted": "accepted; being handled",
    "cohandling": "accepted; other authorities were asked to confirm",
    "examined": "examined; to be decided",
    "paused": "a special procedure is under way; the clock stands still",
    "stopped": "two engines disagree; a person has to settle it",
    "decided": "granted or denied; to be delivered",
    "delivering": "the result is on its way or ready at the window",
    "undelivered": "the result came back or was lost",
    "delivered": "the applicant has the result",
    "ineligible": "refused by the rules; the applicant may insist, and a person decides",
    "returned": "returned with every defect named; may be handed in anew",
    "declined": "not accepted, with reasons",
    "lapsed": "what was missing did not come in time",
    "withdrawn": "taken back by the applicant",
    "terminated": "ended without a decision, with a reason",
    "closed": "decided, delivered and closed",
}
_ENDS = ("ineligible", "returned", "declined", "lapsed", "withdrawn", "terminated", "closed")

STATES: Mapping[State, StateWord] = {
    name: StateWord(TERMS["state"][name].zh, meaning, name in _ENDS)
    for name, meaning in _MEANINGS.items()
}

OVER: frozenset[State] = frozenset(name for name, word in STATES.items() if word.over)
"""The states in which a case is over."""

ACTORS = cast(Mapping[ActorKind, str], official("actor"))
GRADES = cast(Mapping[Grade, str], official("grade"))
LOW_GRADES: frozenset[Grade] = frozenset({"dissatisfied", "very_dissatisfied"})
"""The grades that open a follow-up."""

PROCEDURES = cast(Mapping[Procedure, str], official("procedure"))
"""What stops the clock: the list of the Administrative Licensing Law, article 45."""

CONTACTS = cast(Mapping[Contact, str], official("contact"))
"""What of the way in which an applicant is reached may change."""
REMEDIES = cast(Mapping[RemedyKind, str], official("remedy"))
REMEDY_OUTCOMES = cast(Mapping[RemedyOutcome, str], official("remedy_outcome"))
"""How a reconsideration or a lawsuit ends."""

OBLIGING: frozenset[RemedyOutcome] = frozenset({"changed", "revoked", "ordered"})
"""The outcomes after which the authority must correct its decision, or handle the case anew."""

DELIVERY_STATUSES = cast(Mapping[DeliveryStatus, str], official("delivery_status"))

LIMIT_STEPS: Mapping[str, str] = official("step")
"""What a limit is for; those that a rule may set (`RULE_STEPS`) come first."""

MOST_DAYS = 1_000
"""No period is longer; a greater number is a mistake, and would take long to count."""

REMEDY = "可以依法申请行政复议或者提起行政诉讼"
"""What every refusal in writing tells the applicant (行政许可法第三十八条)."""

NOT_CONFIRMED = Text("协同办理机关不予确认", "an authority that had to confirm refused")
"""Why a case ends that an authority refused to confirm."""

EXAMINED_WITH_DECISION = Text("审查后作出决定", "examined with the decision")
"""The finding where nothing was recorded of the examination before the decision."""

UNIDENTIFIED = Text("身份核验未通过", "the identity could not be verified")
"""The defect of an application whose applicant is not known for sure."""

_NO_LIMIT = Text("本事项未规定办理时限", "no time limit is set")
NO_LIMIT = _NO_LIMIT.bracketed
"""What a case shows for which no rule gives a limit."""

_SENTENCES = {
    one.bracketed: one for one in (NOT_CONFIRMED, EXAMINED_WITH_DECISION, UNIDENTIFIED, _NO_LIMIT)
}


def sentence(text: str) -> Text:
    """A stored text in its languages: a reason, a finding, a defect.

    Args:
        text: the protocol's own sentence as it is stored, Chinese with the English in brackets,
            or what a person wrote.

    Returns:
        The sentence; what a person wrote whole as `zh`, since that is how it is to be shown.
    """
    return _SENTENCES.get(text, Text(text))
