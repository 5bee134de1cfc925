"""The terms of the protocol: states, actors, grades, procedures, with their official terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import frozen

from tongban.kernel.model.text import Text

__all__ = [
    "ACTORS",
    "DELIVERY_STATUSES",
    "EXAMINED_WITH_DECISION",
    "GRADES",
    "LIMIT_STEPS",
    "LOW_GRADES",
    "MOST_DAYS",
    "NOT_CONFIRMED",
    "NO_LIMIT",
    "OVER",
    "PROCEDURES",
    "REMEDY",
    "RULE_STEPS",
    "STATES",
    "UNIDENTIFIED",
    "ActorKind",
    "DeliveryStatus",
    "Grade",
    "Procedure",
    "State",
    "StateWord",
    "sentence",
]

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
DeliveryStatus: TypeAlias = Literal["on_its_way", "arrived", "returned", "lost"]


@frozen
class StateWord:
    """How a state is called and what it means.

    Attributes:
        official: the Chinese term that people read.
        meaning: plain English.
        over: whether the case is over, so that only a rating is left.
    """

    official: str
    meaning: str
    over: bool = False


STATES: Mapping[State, StateWord] = {
    "submitted": StateWord("已申请", "handed in, not yet examined for form"),
    "received": StateWord("已收件", "received at a window elsewhere; to be forwarded"),
    "dispatched": StateWord("已转办", "on its way to the next authority; arrival not confirmed"),
    "arrived": StateWord("待受理", "with the authority that accepts"),
    "supplementing": StateWord("待补正", "the applicant was asked, once, for what is missing"),
    "accepted": StateWord("已受理", "accepted; being handled"),
    "cohandling": StateWord("协同办理中", "accepted; other authorities were asked to confirm"),
    "examined": StateWord("已审查", "examined; to be decided"),
    "paused": StateWord("特别程序中", "a special procedure is under way; the clock stands still"),
    "stopped": StateWord("待人工裁定", "two engines disagree; a person has to settle it"),
    "decided": StateWord("已决定", "granted or denied; to be delivered"),
    "delivering": StateWord("送达中", "the result is on its way or ready at the window"),
    "undelivered": StateWord("未送达", "the result came back or was lost"),
    "delivered": StateWord("已送达", "the applicant has the result"),
    "returned": StateWord(
        "已退件", "returned with every defect named; may be handed in anew", True
    ),
    "declined": StateWord("不予受理", "not accepted, with reasons", True),
    "lapsed": StateWord("逾期未补正", "what was missing did not come in time", True),
    "withdrawn": StateWord("已撤回", "taken back by the applicant", True),
    "terminated": StateWord("已终止", "ended without a decision, with a reason", True),
    "closed": StateWord("已办结", "decided, delivered and closed", True),
}

OVER: frozenset[State] = frozenset(name for name, word in STATES.items() if word.over)
"""The states in which a case is over."""

ACTORS: Mapping[ActorKind, str] = {
    "applicant": "申请人",
    "agent": "代办人",
    "window": "收件窗口",
    "officer": "经办人",
    "supervisor": "督办人",
    "system": "系统",
}

GRADES: Mapping[Grade, str] = {
    "very_satisfied": "非常满意",
    "satisfied": "满意",
    "fairly_satisfied": "基本满意",
    "dissatisfied": "不满意",
    "very_dissatisfied": "非常不满意",
}
LOW_GRADES: frozenset[Grade] = frozenset({"dissatisfied", "very_dissatisfied"})
"""The grades that open a follow-up."""

PROCEDURES: Mapping[Procedure, str] = {
    "hearing": "听证",
    "tender": "招标",
    "auction": "拍卖",
    "inspection": "检验",
    "test": "检测",
    "quarantine": "检疫",
    "appraisal": "鉴定",
    "expert_review": "专家评审",
}
"""What stops the clock: the list of the Administrative Licensing Law, article 45."""

DELIVERY_STATUSES: Mapping[DeliveryStatus, str] = {
    "on_its_way": "寄送途中",
    "arrived": "已签收",
    "returned": "已退回",
    "lost": "已丢失",
}

LIMIT_STEPS: Mapping[str, str] = {
    "supplement": "补正告知",
    "accept": "受理",
    "examine": "审查",
    "confirm": "协同确认",
    "decide": "作出决定",
    "deliver": "送达",
    "supply": "申请人补正",
    "follow_up": "差评整改回访",
}
"""What a limit is for; the first six are those that rules name."""

RULE_STEPS = ("supplement", "accept", "examine", "confirm", "decide", "deliver")
"""The steps for which a rule may give a limit."""

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
