"""How a decision reads: Chinese official terms with plain English around them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tongban.kernel import CHANNELS, DELIVERIES, MODES, Decision, Kernel
from tongban.plugins.commands.views import View

__all__ = ["cited", "decision_view", "explanation_rows", "place_name"]

OUTCOMES = {
    "eligible": ("可以办理 eligible", "bold green"),
    "ineligible": ("不予办理 ineligible", "bold red"),
    "incomplete": ("信息不全 incomplete", "bold yellow"),
}
CROSSINGS = {
    "none": "不跨域 none: one place",
    "prefecture": "省内跨市州 prefecture: within a province",
    "province": "跨省 province: across provinces",
}
LEG_WAYS = {"online": "网上", "window": "窗口", "post": "邮寄", "message": "系统消息"}
LEG_THINGS = {
    "application": "申请材料",
    "request": "协查请求",
    "confirmation": "确认反馈",
    "result": "办理结果",
}
STEPS = {
    "supplement": "补正告知",
    "accept": "受理",
    "examine": "审查",
    "confirm": "确认",
    "decide": "作出决定",
    "deliver": "送达",
}
ADVICE = {
    "use_item": "改办事项",
    "use_channel": "改用渠道",
    "apply_at": "到该地申请",
    "bring": "携带",
}
CONCLUSIONS = {
    "eligible": "是否可办",
    "modes": "方式",
    "handling": "办理地",
    "receiving": "受理地",
    "involves": "参与地",
    "level": "层级",
    "attendance": "到场",
    "delivery": "送达",
    "time_limit": "时限",
    "requires": "须携带",
}


def place_name(kernel: Kernel, place: str) -> str:
    """`迁入地 move_in`; the applicant and a mere receiving place have names of their own."""
    own = {"applicant": "申请人 applicant", "received": "收件地 received"}
    if place in own:
        return own[place]
    return f"{kernel.rulebook.vocabulary.places[place].label} {place}"


def _division(kernel: Kernel, code: str | None) -> str:
    return f"{code} {kernel.divisions.full_name(code)}" if code else "无区划代码 no division"


def cited(cite: Mapping[str, str]) -> str:
    """`清单二/3 row 2/3 “…”`."""
    where = ""
    if "row" in cite:
        where = f"附件清单 row {cite['row']}"
    elif "section" in cite:
        where = f"方案 section {cite['section']}"
    elif "article" in cite:
        where = f"{cite['source']} {cite['article']}"
    return f"{where} “{cite['words']}”" if "words" in cite else where


def _value(kernel: Kernel, conclusion: str, value: Any) -> str:
    if conclusion == "eligible":
        return "yes" if value else "no"
    if conclusion in ("handling", "receiving", "involves"):
        return place_name(kernel, value)
    if conclusion == "modes":
        return f"{MODES[value]} {value}"
    if conclusion == "delivery":
        return f"{DELIVERIES[value]} {value}"
    return ", ".join(map(_limit, value)) if conclusion == "time_limit" else str(value)


def _limit(limit: Mapping[str, Any]) -> str:
    more = f" (+{limit['extension']})" if limit.get("extension") else ""
    step, days = limit["step"], f"{limit['working_days']}{more}"
    return f"{STEPS[step]} {step} {days} 个工作日 working days"


def _department(kernel: Kernel, decision: Decision, department: str) -> str:
    item = kernel.rulebook.items[f"{decision.item['jurisdiction']}/{decision.item['id']}"]
    own = next((a.name for a in item.authorities if a.id == department), None)
    return f"{own or kernel.rulebook.department(item).title} {department}"


def decision_view(kernel: Kernel, decision: Decision) -> View:
    """A decision, whole."""
    item = decision.item
    view = View(f"{item['id']} {item['name']}")
    outcome, style = OUTCOMES[decision.outcome]
    view.add("结果 outcome", f"{outcome}, as of {decision.as_of}", style)
    view.add("方式 modes", [f"{MODES[mode]} {mode}" for mode in decision.modes], "green")
    if decision.crossing and decision.outcome == "eligible":
        view.add("跨域 crossing", CROSSINGS[decision.crossing])
    if decision.receiving:
        at = decision.receiving
        where = f"{place_name(kernel, at.place)}: {_division(kernel, at.division)}"
        view.add("收件 receiving", where)
    view.add("办理 handling", [_handling(kernel, decision, one) for one in decision.handling])
    view.add("流程 legs", _legs(kernel, decision))
    view.add("送达 delivery", [f"{DELIVERIES[way]} {way}" for way in decision.delivery])
    view.add("时限 time limit", map(_limit, decision.time_limit))
    view.add("缺少 missing", _missing(decision), "yellow")
    view.add("依据 reasons", _reasons(kernel, decision))
    view.add(
        "被取代 overridden",
        [f"{o.rule} ({o.conclusion} {o.value}) by {o.by}" for o in decision.overridden],
        "dim",
    )
    view.add("建议 advice", _advice(kernel, decision), "magenta")
    return view


def _handling(kernel: Kernel, decision: Decision, one: Any) -> str:
    part = "牵头 lead" if one.lead else "配合 cooperates"
    part = part if one.acts else "不办理 does not act"
    where = f"{place_name(kernel, one.place)}: {_division(kernel, one.division)}"
    return f"{where}, {_department(kernel, decision, one.department)} ({part})"


def _legs(kernel: Kernel, decision: Decision) -> Iterable[str]:
    for n, leg in enumerate(decision.legs, 1):
        way = f"{LEG_WAYS[leg.by]} {leg.by}"
        what = f"{LEG_THINGS[leg.what]} {leg.what}"
        route = f"{place_name(kernel, leg.source)} → {place_name(kernel, leg.target)}"
        yield f"{n}. {route}: {what}, {way}"


def _missing(decision: Decision) -> Iterable[str]:
    for one in decision.missing:
        values = ", ".join(str(v).lower() if isinstance(v, bool) else str(v) for v in one.values)
        allowed = f" ({values})" if values else ""
        asked = f", asked by {', '.join(one.rules)}" if one.rules else ""
        yield f"{one.name}: {one.question}{allowed}{asked}"
    if any(not one.exact for one in decision.missing):
        yield "(too much is open to try everything; found by three-valued logic, may ask too much)"


def _reasons(kernel: Kernel, decision: Decision) -> Iterable[str]:
    for reason in decision.reasons:
        label = CONCLUSIONS.get(reason.conclusion, "")
        value = _value(kernel, reason.conclusion, reason.value)
        mark = " [推断 inferred]" if reason.basis == "inferred" else ""
        yield f"{label} {reason.conclusion} = {value}: {reason.because}"
        yield f"    {reason.rule}, {cited(reason.cite.to_dict())}{mark}"


def _advice(kernel: Kernel, decision: Decision) -> Iterable[str]:
    for one in decision.advice:
        target = one.target
        if one.do == "use_item":
            item = kernel.rulebook.find(target)
            target = f"{target} {item.name}" if item else target
        elif one.do == "use_channel":
            target = f"{CHANNELS[target]} {target}"
        elif one.do == "apply_at":
            target = place_name(kernel, target)
        yield f"{ADVICE[one.do]} {one.do}: {target} ({one.because})"


def explanation_rows(explanation: Mapping[str, Any], view: View) -> None:
    """Adds every rule of an explanation to `view`, near misses with what would pass."""
    states = {True: "成立 holds", False: "不成立 does not hold", None: "未知 open"}
    for rule in explanation["rules"]:
        mark = ", 差一步 near miss" if rule["near_miss"] else ""
        then = ", ".join(f"{name} {_short(value)}" for name, value in rule["then"].items())
        lines = [f"{states[rule['held']]}{mark}: {then} ({rule['layer']}, {cited(rule['cite'])})"]
        for test in rule["tests"]:
            seen = "not known" if test["passed"] is None else f"is {_short(test['value'])}"
            verdict = {True: "ok", False: "fails", None: "open"}[test["passed"]]
            lines.append(f"    {verdict}: {test['attribute']} {seen}, wants {test['wanted']}")
        view.add(rule["rule"], lines, "green" if rule["held"] else "")
    if explanation["dropped"]:
        view.add("无关 dropped", "cannot matter to this item: " + ", ".join(explanation["dropped"]))


def _short(value: Any) -> str:
    if value is None:
        return "not there"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ", ".join(_limit(v) if isinstance(v, Mapping) else str(v) for v in value)
    return str(value)
