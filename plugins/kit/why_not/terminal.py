"""How the ways to another decision read, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from tongban.kernel import Item, Kernel
from tongban.plugins.console.decisions import OUTCOMES
from tongban.plugins.console.options import as_json
from tongban.plugins.console.tables import View
from tongban.plugins.console.terms import cited
from tongban.plugins.kit.why_not.attributes import shown
from tongban.plugins.kit.why_not.goals import Want
from tongban.plugins.kit.why_not.repairs import Asking, Change, Hindrance, Result, Way

_STATUS = {
    "met": ("已经如此 it is so already", "green"),
    "turned": ("可以改变 it can be turned", "bold green"),
    "impossible": ("无法改变 proved: nothing that may change turns it", "bold red"),
    "not_found": ("未找到办法 none found, not proved", "bold red"),
    "unconfirmed": ("未获确认 the engine does not confirm the solver, a bug", "bold red"),
}


def result_view(kernel: Kernel, result: Result, where: str = "") -> View:
    """The result of one application.

    Args:
        kernel: whose decision it is.
        where: its file and line, where there are several.
    """
    item = _item(kernel, result)
    view = View(f"{kernel.rulebook.short(item)} {item.name} · {item.title}", where)
    outcome, style = OUTCOMES[result.decision.outcome]
    view.add("现在 now", f"{outcome}, as of {result.decision.as_of}", style)
    view.add("想要 wanted", ", ".join(map(str, result.wanted)))
    says, style = _STATUS[result.status]
    view.add("答案 answer", says, style)
    for number, way in enumerate(result.ways, 1):
        label = f"办法 way {number}" if len(result.ways) > 1 else "办法 way"
        view.add(label, _way(kernel, way))
    view.add("未证明 not proved", _not_proved(result))
    view.add("不可改变 held", _hindrances(kernel, result), "yellow")
    view.add("阻碍规则 rules", _rules(kernel, result))
    view.add("改办事项 other items", _advice(kernel, result), "magenta")
    return view


def _item(kernel: Kernel, result: Result) -> Item:
    identity = result.decision.item
    return kernel.rulebook.items[f"{identity['jurisdiction']}/{identity['id']}"]


def _way(kernel: Kernel, way: Way) -> Iterator[str]:
    for change in way.changes:
        yield f"改变 change {_named(change)}: {_from_to(kernel, change)}{_also(kernel, change)}"
        yield from _details(kernel, change)
    for answer in way.answers:
        value = "任意 any" if answer.any else shown(kernel, answer.part.name, answer.new)
        example = f", 例如 e.g. {shown(kernel, answer.part.name, answer.new)}" if answer.any else ""
        true = "" if answer.any else " (如属实 if true)"
        yield f"回答 answer: {_named(answer)}: {value}{example}{_also(kernel, answer)}{true}"
        yield from _details(kernel, answer)
    for name, derived in way.derived.items():
        fact = kernel.rulebook.vocabulary.facts[name]
        sources = ", ".join(fact.derived_from)
        named = f"{name} ({fact.label} {fact.title})"
        yield f"还须 needs: {named}: 例如 e.g. {shown(kernel, f'facts.{name}', derived)}"
        yield f"    由插件{fact.derived_by}得出 derived by the plugin from: {sources}"
    yield as_json(way.application)


def _not_proved(result: Result) -> Iterator[str]:
    if result.status == "not_found":
        by = "、".join(result.derived_by) or "?"
        yield f"所依据的事实由插件{by}得出,只试了部分取值"
        yield f"facts are derived by the plugin {by}: some values were tried, not all"


def _named(change: Change) -> str:
    part = change.part
    return f"{part.name} ({part.label} {part.title})"


def _from_to(kernel: Kernel, change: Change) -> str:
    name = change.part.name
    text = f"{shown(kernel, name, change.old)} → {shown(kernel, name, change.new)}"
    if name == "as_of" and isinstance(change.old, date) and isinstance(change.new, date):
        days = (change.new - change.old).days
        return f"{text} (等待 wait {days:,} 天 day{'s' if days > 1 else ''}: the first day)"
    return text


def _also(kernel: Kernel, change: Change) -> str:
    if change.any or not change.also:
        return ""
    others = (shown(kernel, change.part.name, value) for value in change.also)
    return f" (或 or {', '.join(others)})"


def _details(kernel: Kernel, change: Change) -> Iterator[str]:
    if change.part.question.zh:
        yield f"    {change.part.question.both}"
    for asking in change.asked_by:
        yield f"    {asking.rule}: {asking.because}"
        if words := cited(kernel, asking.cite.to_dict()):
            yield f"        {words}"


def _hindrances(kernel: Kernel, result: Result) -> Iterator[str]:
    for one in result.hindrances:
        yield f"{one.part.name} ({one.part.label}): {shown(kernel, one.part.name, one.value)}"
        yield f"    {one.why}"
        if one.part.name.startswith("places."):
            yield f"    若可改变 if it can change: --free {one.part.name}"
    if result.status == "impossible" and not result.hindrances:
        yield "无关 none: no application for this item comes to what is wanted"


def _rules(kernel: Kernel, result: Result) -> Iterator[str]:
    for rule in result.rules:
        yield f"{rule.id}: {rule.because}"
        yield f"    {cited(kernel, rule.cite.to_dict())}"


def _advice(kernel: Kernel, result: Result) -> Iterator[str]:
    for one in result.decision.advice if result.status != "met" else ():
        if one.do == "use_item":
            item = kernel.rulebook.find(one.target)
            yield f"{one.target} {item.name if item else ''}".rstrip() + f" ({one.because})"


def as_dict(kernel: Kernel, result: Result) -> dict[str, Any]:
    """The same for JSON."""
    decision = result.decision
    shown_: dict[str, Any] = {
        "item": dict(decision.item),
        "as_of": decision.as_of.isoformat(),
        "outcome": decision.outcome,
        "wanted": _wanted(result.wanted),
        "status": result.status,
        "ways": [_way_dict(way) for way in result.ways],
        "derived_by": list(result.derived_by),
        "held": [_hindrance(one) for one in result.hindrances],
        "rules": [
            {"rule": rule.id, "because": rule.because, "cite": rule.cite.to_dict()}
            for rule in result.rules
        ],
        "advice": [one.to_dict() for one in decision.advice],
    }
    return shown_


def _wanted(wanted: Iterable[Want]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for want in wanted:
        found.setdefault(want.conclusion, []).append(want.value)
    return found


def _way_dict(way: Way) -> dict[str, Any]:
    return {
        "changes": [_change(one) for one in way.changes],
        "answers": [_change(one) for one in way.answers],
        "application": dict(way.application),
        "derived": {name: _json(value) for name, value in way.derived.items()},
        "decision": way.decision.to_dict(),
    }


def _change(change: Change) -> dict[str, Any]:
    part = change.part
    return {
        "name": part.name,
        "label": part.label,
        "title": part.title,
        "question": part.question.zh,
        "question_en": part.question.en,
        "from": _json(change.old),
        "to": _json(change.new),
        "also": [_json(value) for value in change.also],
        "any": change.any,
        "rules": [_asking(one) for one in change.asked_by],
    }


def _asking(one: Asking) -> dict[str, Any]:
    return {"rule": one.rule, "because": one.because, "cite": one.cite.to_dict()}


def _hindrance(one: Hindrance) -> dict[str, Any]:
    return {"name": one.part.name, "value": _json(one.value), "why": one.why}


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
