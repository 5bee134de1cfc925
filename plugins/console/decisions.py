"""How a decision reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tongban.kernel import Decision, Item, Kernel
from tongban.kernel.engine import value_terms
from tongban.kernel.model import TERMS, term
from tongban.plugins.console.tables import View
from tongban.plugins.console.terms import (
    cited,
    concluded,
    division_name,
    inferred,
    limit_text,
    place_name,
    plain,
)

__all__ = ["answers", "decision_view"]

OUTCOMES = {
    outcome: (term("outcome", outcome), f"bold {colour}")
    for outcome, colour in (("eligible", "green"), ("ineligible", "red"), ("incomplete", "yellow"))
}
LEG_THINGS = {
    "application": "申请材料",
    "request": "协查请求",
    "confirmation": "确认反馈",
    "result": "办理结果",
}
ADVICE = {
    "use_item": "改办事项",
    "use_channel": "改用渠道",
    "apply_at": "到该地申请",
    "bring": "携带",
}


def decision_view(kernel: Kernel, decision: Decision, where: str = "") -> View:
    """A decision, whole.

    Args:
        kernel: whose decision it is.
        decision: what to show.
        where: the file and line of the application, where there are several.
    """
    key = f"{decision.item['jurisdiction']}/{decision.item['id']}"
    item = kernel.rulebook.items[key]
    view = View(f"{kernel.rulebook.short(item)} {item.name} · {item.title}", where)
    outcome, style = OUTCOMES[decision.outcome]
    view.add("结果 outcome", f"{outcome}, as of {decision.as_of}", style)
    view.add("方式 modes", [term("mode", mode) for mode in decision.modes], "green")
    if decision.crossing and decision.outcome == "eligible":
        far = decision.crossing
        view.add("跨域 crossing", f"{term('apart', far)} ({TERMS['apart'][far].en})")
    if decision.receiving:
        at = decision.receiving
        where = f"{place_name(kernel, at.place)}: {division_name(kernel, at.division)}"
        view.add("收件 receiving", where)
    view.add("办理 handling", [_handling(kernel, item, one) for one in decision.handling])
    if decision.outcome == "eligible":
        view.add("配合 cooperating", "、".join(item.cooperating) or [])
    view.add("流程 legs", _legs(kernel, decision))
    view.add("送达 delivery", [term("delivery", way) for way in decision.delivery])
    view.add("时限 time limit", map(limit_text, decision.time_limit))
    view.add("缺少 missing", _missing(kernel, decision), "yellow")
    view.add("依据 reasons", _reasons(kernel, decision))
    view.add("被取代 overridden", _overridden(kernel, decision), "dim")
    view.add("建议 advice", _advice(kernel, decision), "magenta")
    if decision.missing:
        short = kernel.rulebook.short(item)
        view.add("下一步 next", f"add what is missing, or answer questions: tongban ask {short}")
    return view


def _handling(kernel: Kernel, item: Item, one: Any) -> str:
    part = "牵头 lead" if one.lead else "协同 acts too"
    part = part if one.acts else "不办理 does not act"
    where = f"{place_name(kernel, one.place)}: {division_name(kernel, one.division)}"
    own = next((a.name for a in item.authorities if a.id == one.department), None)
    return f"{where}, {own or kernel.rulebook.department(item).title} ({part})"


def _legs(kernel: Kernel, decision: Decision) -> Iterable[str]:
    for n, leg in enumerate(decision.legs, 1):
        source, target = place_name(kernel, leg.source), place_name(kernel, leg.target)
        what, way = f"{LEG_THINGS[leg.what]} {leg.what}", term("way", leg.by)
        yield f"{n}. {source} → {target}: {what}, {way}"


def answers(kernel: Kernel, name: str, values: Iterable[Any]) -> dict[Any, str]:
    """What may be answered where `name` is missing, each with its Chinese term, "" without one."""
    terms = value_terms(kernel.rulebook.vocabulary, name)
    return {value: terms.get(value, "") for value in values}


def _missing(kernel: Kernel, decision: Decision) -> Iterable[str]:
    for one in decision.missing:
        allowed = answers(kernel, one.name, one.values).items()
        shown = ", ".join(f"{plain(value)} {term}".rstrip() for value, term in allowed)
        yield f"{one.name}: {one.question} {one.question_en}".rstrip()
        if shown:
            yield f"    {shown}"
        # The common rules ask for every item, which informs about nothing.
        asking = [rule for rule in one.rules if not rule.startswith("common.")]
        if asking:
            yield f"    asked by {', '.join(asking)}"
    if any(not one.exact for one in decision.missing):
        yield "(too much is open to try everything; this may name more than what matters)"


def _reasons(kernel: Kernel, decision: Decision) -> Iterable[str]:
    for one in decision.reasons:
        yield f"{concluded(kernel, one.conclusion, one.value)}: {one.because}"
        yield f"    {one.rule}, {cited(kernel, one.cite.to_dict())}{inferred(one.basis)}"


def _overridden(kernel: Kernel, decision: Decision) -> Iterable[str]:
    for one in decision.overridden:
        yield f"{one.rule}: {concluded(kernel, one.conclusion, one.value)}"
        yield f"    {one.by} prevails"


def _advice(kernel: Kernel, decision: Decision) -> Iterable[str]:
    for one in decision.advice:
        target = one.target
        if one.do == "use_item":
            item = kernel.rulebook.find(target)
            target = f"{target} {item.name}" if item else target
        elif one.do == "use_channel":
            target = term("channel", target)
        elif one.do == "apply_at":
            target = place_name(kernel, target)
        yield f"{ADVICE[one.do]} {one.do}: {target} ({one.because})"
