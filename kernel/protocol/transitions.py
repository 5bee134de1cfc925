"""What may be done when and by whom, and which states an event leads to: the protocol's tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import frozen

from tongban.kernel.errors import Text
from tongban.kernel.protocol.terms import OVER, STATES, State

Role: TypeAlias = Literal[
    "applicant",
    "agent",
    "window",
    "holder",
    "accepting",
    "lead",
    "cohandler",
    "rated",
    "supervisor",
    "system",
]

ROLES: Mapping[Role, Text] = {
    "applicant": Text("申请人", "who applied"),
    "agent": Text("代办人", "who acts for the applicant, with the number of the authorisation"),
    "window": Text("收件窗口", "the window of the place where it was handed in"),
    "holder": Text(
        "持件机关", "an officer (or the window) of the office that has it or gets it next"
    ),
    "accepting": Text("受理机关", "an officer of the authority that accepts"),
    "lead": Text("办理机关", "an officer of the authority that decides"),
    "cohandler": Text("协同机关", "an officer of an authority that was asked to confirm"),
    "rated": Text("被评价方", "an officer or the window of an office that took part in the case"),
    "supervisor": Text(
        "督办人", "the supervisor of a place with a part in the case, or of one above"
    ),
    "system": Text("系统", "the machine itself"),
}
"""The part that somebody has in a case."""

_BEFORE: tuple[State, ...] = (
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
)
"""The states before a decision."""

_OVER: tuple[State, ...] = tuple(name for name in STATES if name in OVER)
_HANDLED: tuple[State, ...] = tuple(name for name in _OVER if name != "ineligible")
"""The ends that people brought, or time while they had it: these are rated."""

_ASKED: tuple[State, ...] = tuple(
    name for name in STATES if name not in (*_BEFORE[:5], "stopped", "ineligible")
)
"""Where a co-handling authority may have been asked; late and repeated answers are harmless."""


_DECIDED: tuple[State, ...] = ("decided", "delivering", "undelivered", "delivered", "closed")
"""Where there is a decision, which may be corrected."""

_REFUSED: tuple[State, ...] = ("ineligible", "returned", "declined", "lapsed", "terminated")
"""Where a case has ended without a decision, by the authority and not by the applicant."""


@frozen
class CommandStep:
    """One command: how it is called, in which states it may be given, by whom.

    Attributes:
        states: empty for a command that opens a case.
        yields: the events that it may bring, before those of `tick`.
    """

    official: str
    meaning: str
    states: tuple[State, ...]
    roles: tuple[Role, ...]
    yields: tuple[str, ...]


_PEOPLE: tuple[Role, ...] = ("applicant", "agent")
_OFFICES: tuple[Role, ...] = ("window", "holder", "accepting", "lead", "cohandler", "rated")
_LIVE: tuple[State, ...] = tuple(name for name in STATES if name not in OVER)

COMMANDS: Mapping[str, CommandStep] = {
    "submit": CommandStep("申请", "hand in an application",
        (), (*_PEOPLE, "window"), ("submitted", "ruled_ineligible")),
    "insist": CommandStep("坚持申请",
        "insist on an application that the rules refuse: a person decides",
        ("ineligible",), (*_PEOPLE, "window"), ("insisted",)),
    "receive": CommandStep("收件",
        "examine form and identity: received, or returned with every defect",
        ("submitted",), ("window", "holder", "system"), ("received", "arrived", "returned")),
    "forward": CommandStep("转办",
        "send it on to the next office, with a list of what is sent; again where it was lost",
        ("received", "accepted", "dispatched"), ("window", "holder"), ("dispatched",)),
    "arrive": CommandStep("确认到达", "confirm that it arrived, and name what is not there",
        ("dispatched",), ("holder",), ("arrived", "cohandling_requested")),
    "chase": CommandStep("催办", "ask again for an arrival or an answer",
        ("dispatched", "cohandling"),
        ("window", "holder", "accepting", "lead", "supervisor", "system"), ("chased",)),
    "accept": CommandStep("受理", "accept; in joint cases all other authorities are asked",
        ("arrived",), ("accepting",), ("accepted", "cohandling_requested")),
    "supplement": CommandStep("一次性补正告知", "name everything that is missing, once only",
        ("arrived",), ("accepting",), ("supplement_requested",)),
    "supply": CommandStep("补正", "bring what was asked for",
        ("supplementing",), (*_PEOPLE, "window"), ("supplied",)),
    "decline": CommandStep("不予受理", "do not accept, with reasons",
        ("arrived",), ("accepting",), ("declined",)),
    "examine": CommandStep("审查", "record what the examination found",
        ("accepted",), ("lead",), ("examined",)),
    "confirm": CommandStep("协同确认",
        "confirm as an authority that was asked; late and repeated answers are harmless",
        _ASKED, ("cohandler",), ("cohandling_confirmed", "cohandling_completed")),
    "refuse": CommandStep("不予确认",
        "refuse as an authority that was asked (不予迁出), with a reason",
        _ASKED, ("cohandler",), ("cohandling_refused", "terminated", "returned")),
    "pause": CommandStep("启动特别程序",
        "begin a hearing, a test, an expert review: the clock stops",
        ("accepted", "cohandling", "examined"), ("lead",), ("paused",)),
    "resume": CommandStep("结束特别程序", "the clock goes on",
        ("paused",), ("lead",), ("resumed",)),
    "extend": CommandStep("延期", "extend a limit, once, with reasons, before it has passed",
        ("accepted", "cohandling", "examined", "paused"), ("lead",), ("extended",)),
    "grant": CommandStep("准予", "decide: granted",
        ("accepted", "examined"), ("lead",), ("examined", "decided")),
    "deny": CommandStep("不予", "decide: denied, with reasons",
        ("accepted", "examined"), ("lead",), ("examined", "decided")),
    "deliver": CommandStep("送达", "hand the result to a channel; a lost one is issued anew",
        ("decided", "undelivered"),
        ("lead", "system"), ("reissued", "delivery_started", "delivered")),
    "report": CommandStep("送达回报", "the result of a delivery",
        ("delivering", "undelivered", "delivered", "closed"),
        ("lead", "window", *_PEOPLE, "system"),
        ("delivery_reported", "delivered", "void_found")),
    "close": CommandStep("办结", "close a delivered case",
        ("delivered",), ("lead", "system"), ("closed",)),
    "withdraw": CommandStep("撤回", "take the application back, before a decision",
        _BEFORE, _PEOPLE, ("withdrawn",)),
    "terminate": CommandStep("终止", "end the case without a decision, with a reason",
        _BEFORE[3:], ("accepting", "lead"), ("terminated",)),
    "amend": CommandStep("更正申请信息",
        "correct what was applied with, with evidence, before a decision",
        ("ineligible", *_BEFORE), (*_PEOPLE, "window"), ("amended",)),
    "correct": CommandStep("更正决定",
        "correct a decision: the old result is void, the new one is delivered like any other",
        _DECIDED, ("lead",), ("corrected", "decision_replaced")),
    "reopen": CommandStep("重新办理",
        "handle a case anew that ended without a decision; its limits start anew",
        _REFUSED, ("accepting", "lead", "supervisor"), ("reopened", "cohandling_requested")),
    "lodge": CommandStep("复议诉讼登记",
        "record that a reconsideration or a lawsuit was lodged, late ones too",
        (*_REFUSED, *_DECIDED),
        (*_PEOPLE, "window", "accepting", "lead", "supervisor"), ("remedy_lodged",)),
    "admit": CommandStep("复议诉讼受理", "record whether a remedy was admitted",
        tuple(STATES), ("accepting", "lead", "supervisor"), ("remedy_admitted",)),
    "resolve": CommandStep("复议诉讼结果", "record what was decided on a remedy",
        tuple(STATES), ("accepting", "lead", "supervisor"), ("remedy_resolved",)),
    "rate": CommandStep("好差评", "rate one side, once",
        ("delivered", *_HANDLED), _PEOPLE, ("rated", "follow_up_opened")),
    "follow_up": CommandStep("差评整改回访", "say what was done about a bad rating",
        ("delivered", *_HANDLED), ("rated",), ("followed_up",)),
    "stop": CommandStep("存疑中止",
        "two engines disagree on the rules that hold, or the rules of two stores",
        ("submitted", "received", "dispatched", "arrived"), ("system",), ("stopped",)),
    "settle": CommandStep("人工裁定", "a person settles the disagreement",
        ("stopped",), ("accepting", "lead", "supervisor"), ("settled", "terminated")),
    "authorise": CommandStep("变更委托",
        "name another agent or another letter of authorisation; with nothing, no agent any more",
        tuple(STATES), ("applicant", "window"), ("authorised",)),
    "check_clock": CommandStep("核对时钟",
        "go on by a clock that was looked at, where it does not fit the last event",
        tuple(STATES), ("holder", "accepting", "lead", "supervisor"), ("clock_checked",)),
    "change_contact": CommandStep("变更联系方式",
        "change the phone, the address or the way of delivery",
        _LIVE, (*_PEOPLE, "window"), ("contact_changed",)),
    "recuse": CommandStep("回避", "stand back from a case, or be told to: no part in it any more",
        _LIVE, (*_OFFICES, "supervisor"), ("recused",)),
    "readmit": CommandStep("解除回避", "lift a recusal, with a reason",
        _LIVE, ("supervisor",), ("readmitted",)),
    "claim": CommandStep("领办", "take the task of one's office; its last day stays",
        _LIVE, _OFFICES, ("claimed",)),
    "release": CommandStep("退回领办", "give a task back that was taken; its last day stays",
        _LIVE, (*_OFFICES, "supervisor"), ("released",)),
    "take_over": CommandStep("接收转办", "a case of another store arrives here",
        (), ("system",), ("taken_over",)),
    "mirror": CommandStep("同步进度", "what happened to a case since it left",
        tuple(STATES), ("system",), ()),
}  # fmt: skip
"""Every command by its kind."""


@frozen
class EventStep:
    """One event: how it is called, and what it does to the state.

    Attributes:
        moves: from each state in which it may happen, to which; empty where it opens a case.
    """

    official: str
    moves: Mapping[State, tuple[State, ...]]


def _to(target: State, *states: State) -> dict[State, tuple[State, ...]]:
    return dict.fromkeys(states, (target,))


def _stays(*states: State) -> dict[State, tuple[State, ...]]:
    return {state: (state,) for state in states}


_EVERY: tuple[State, ...] = tuple(STATES)
_HELD: tuple[State, ...] = ("accepted", "cohandling", "examined")
_EARLY: tuple[State, ...] = ("submitted", "received", "dispatched", "arrived")
_RATED: tuple[State, ...] = ("delivered", *_HANDLED)

EVENTS: Mapping[str, EventStep] = {
    "submitted": EventStep("申请", {}),
    "ruled_ineligible": EventStep("依规则不予办理", _to("ineligible", "submitted")),
    "insisted": EventStep("坚持申请", _to("submitted", "ineligible")),
    "received": EventStep("收件", _to("received", "submitted")),
    "returned": EventStep("退件", _to("returned", "submitted", "cohandling", "paused")),
    "dispatched": EventStep("转办", _to("dispatched", "received", "accepted", "dispatched")),
    "arrived": EventStep("到达", {"received": ("arrived",), "dispatched": ("arrived", "accepted")}),
    "chased": EventStep("催办", _stays("dispatched", "cohandling")),
    "accepted": EventStep("受理", _to("accepted", "arrived")),
    "supplement_requested": EventStep("一次性补正告知", _to("supplementing", "arrived")),
    "supplied": EventStep("补正", {"supplementing": ("supplementing", "arrived")}),
    "lapsed": EventStep("逾期未补正", _to("lapsed", "supplementing")),
    "declined": EventStep("不予受理", _to("declined", "arrived")),
    "examined": EventStep("审查", _to("examined", "accepted")),
    "cohandling_requested": EventStep("协同办理请求", _to("cohandling", "accepted")),
    "cohandling_confirmed": EventStep("协同办理确认", _stays("cohandling", "paused", *_HANDLED)),
    "cohandling_refused": EventStep("不予确认反馈", _stays("cohandling", "paused", *_HANDLED)),
    "cohandling_completed": EventStep(
        "协同办理完成", _to("accepted", "cohandling") | _stays("paused")
    ),
    "paused": EventStep("特别程序开始", _to("paused", *_HELD)),
    "resumed": EventStep("特别程序结束", {"paused": _HELD}),
    "extended": EventStep("延期", _stays(*_HELD, "paused")),
    "decided": EventStep("决定", _to("decided", "examined")),
    "delivery_started": EventStep("送达开始", _to("delivering", "decided", "undelivered")),
    "delivery_reported": EventStep(
        "送达回报",
        {"delivering": ("delivering", "undelivered"), "undelivered": ("undelivered",)},
    ),
    "reissued": EventStep("补发", _stays("undelivered")),
    "delivered": EventStep("送达", _to("delivered", "delivering", "undelivered")),
    "closed": EventStep("办结", _to("closed", "delivered")),
    "withdrawn": EventStep("撤回", _to("withdrawn", *_BEFORE)),
    "terminated": EventStep("终止", _to("terminated", *_BEFORE[3:])),
    "amended": EventStep(
        "更正申请信息", _stays(*_BEFORE) | {"ineligible": ("ineligible", "submitted")}
    ),
    "corrected": EventStep("更正决定", _to("decided", *_DECIDED)),
    "decision_replaced": EventStep("换发决定书", _stays("decided")),
    "reopened": EventStep(
        "重新办理",
        {
            "ineligible": ("submitted",),
            "returned": ("submitted", "accepted"),
            "declined": ("arrived",),
            "lapsed": ("arrived",),
            "terminated": ("submitted", "received", "dispatched", "arrived", "accepted"),
        },
    ),
    "remedy_lodged": EventStep("复议诉讼登记", _stays(*_REFUSED, *_DECIDED)),
    "remedy_admitted": EventStep("复议诉讼受理", _stays(*_EVERY)),
    "remedy_resolved": EventStep("复议诉讼结果", _stays(*_EVERY)),
    "rated": EventStep("好差评", _stays(*_RATED)),
    "follow_up_opened": EventStep("差评整改", _stays(*_RATED)),
    "followed_up": EventStep("差评回访", _stays(*_RATED)),
    "stopped": EventStep("存疑中止", _to("stopped", *_EARLY)),
    "settled": EventStep("人工裁定", {"stopped": (*_EARLY, "stopped")}),
    "authorised": EventStep("变更委托", _stays(*_EVERY)),
    "expiring": EventStep("有效期届满提醒", _stays("delivered", "closed")),
    "expired": EventStep("有效期届满", _stays("delivered", "closed")),
    "warned": EventStep("临期预警", _stays(*_EVERY)),
    "overdue": EventStep("督办", _stays(*_EVERY)),
    "attempt_refused": EventStep("越权拒绝", _stays(*_EVERY)),
    "clock_checked": EventStep(
        "核对时钟", _stays(*_EVERY) | {"lapsed": ("lapsed", "supplementing")}
    ),
    "void_found": EventStep(
        "作废件寻获", _stays("delivering", "undelivered", "delivered", "closed")
    ),
    "contact_changed": EventStep("变更联系方式", _stays(*_LIVE)),
    "recused": EventStep("回避", _stays(*_LIVE)),
    "readmitted": EventStep("解除回避", _stays(*_LIVE)),
    "claimed": EventStep("领办", _stays(*_LIVE)),
    "released": EventStep("退回领办", _stays(*_LIVE)),
    "taken_over": EventStep("接收转办", _stays("dispatched")),
    "recovered": EventStep("灾备补录", {one: (one, "dispatched") for one in _EVERY}),
}
"""Every event by its kind."""
