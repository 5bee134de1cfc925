"""How an item reads: whole, as a guide for applicants, and for machines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tongban.kernel import CHANNELS, MODES, Item, Kernel, Material, Rule, Stated
from tongban.kernel.engine import possible_modes, question
from tongban.kernel.model import STATED, TERMS, Period, Text, day_of, evaluate, term
from tongban.plugins.console.tables import View
from tongban.plugins.console.terms import (
    cited,
    concluded,
    condition_text,
    inferred,
    period_text,
    place_name,
)


def item_view(kernel: Kernel, item: Item) -> View:
    """An item, whole."""
    view = View(f"{kernel.rulebook.short(item)} {item.name} · {item.title}")

    def stated(label: str, value: Stated[object] | None, text: str) -> None:
        view.add(label, _stated(kernel, value, text) if value and text else [])

    view.add("类别 kind", item.kind)
    view.add("牵头 lead", f"{item.lead} {item.department}")
    view.add("配合 cooperating", "、".join(item.cooperating) or [])
    stated("申请人 applicant", item.applicant, _applicants(item))
    stated("办理 handled at", item.handled_at, _places(kernel, item))
    if item.receives:
        stated("受理 receives", item.receives, place_name(kernel, item.receives.value))
    involved = ", ".join(place_name(kernel, place) for place in item.involves.value)
    stated("参与 involves", item.involves, involved)
    view.add("机关 authority", [f"{one.name} {one.id}" for one in item.authorities])
    if item.level:
        stated("层级 level", item.level, term("level", item.level.value))
    if item.attendance.value == "required":
        stated("到场 attendance", item.attendance, term("attendance", "required"))
    stated("代办 agent", item.agent, term("no_agent", "none"))
    stated("有效期 validity", item.valid_for, _validity(item))
    stated("渠道 channels", item.channels, "、".join(CHANNELS[one] for one in item.channels.value))
    stated("可办 available", item.available, _dates(item))
    view.add("方式 modes", _modes(kernel, item))
    view.add("问题 questions", [f"{name}: {text.both}" for name, text in _questions(kernel, item)])
    view.add("材料 materials", _materials(kernel, item))
    view.add("规则 rules", [line for rule in item.rules for line in _rule(kernel, rule)])
    view.add("解读 decisions", _decisions(item))
    view.add("备注 notes", item.notes)
    view.add("出处 source", cited(kernel, item.cite.to_dict()))
    return view


def guide_view(kernel: Kernel, item: Item) -> View:
    """An item as a guide for applicants (办事指南)."""
    view = View(f"办事指南 {item.name} · {item.title}")
    view.add("谁能办 who", _applicants(item))
    view.add("何时起 since", _dates(item))
    view.add("在哪办 where", _places(kernel, item))
    view.add("由谁办 by", f"{kernel.rulebook.department(item).title} (牵头 lead: {item.lead})")
    view.add("怎么办 how", _modes(kernel, item))
    if item.attendance.value == "required":
        view.add("到场 attendance", "须到场 in person")
    if item.agent:
        view.add("代办 agent", TERMS["no_agent"]["none"].both)
    view.add("有效期 validity", _validity(item) or [])
    materials = kernel.rulebook.materials(item)
    view.add("需带材料 bring", [_material(m) for m in materials if not m.supplied_by], "bold")
    view.add("无需提交 not asked for", [_material(m) for m in materials if m.supplied_by], "dim")
    today = _in_force(kernel, item)
    refusals = [r for r in today if r.layer == "item" and r.then.get("eligible") is False]
    view.add("不予办理 refused where", dict.fromkeys(rule.because for rule in refusals))
    view.add("会问到 questions", [text.both for _, text in _questions(kernel, item, today)])
    view.add("备注 notes", item.notes)
    source = cited(kernel, item.cite.to_dict())
    view.add("出处 source", f"{source}; materials are inferred, the annex lists none")
    view.add("下一步 next", f"tongban ask {kernel.rulebook.short(item)}")
    return view


def _validity(item: Item) -> str:
    return period_text(item.valid_for.value.to_dict()) if item.valid_for else ""


def _applicants(item: Item) -> str:
    return "、".join(term("applicant", kind) for kind in item.applicant.value)


def _stated(kernel: Kernel, stated: Stated[object], text: str) -> Iterable[str]:
    yield f"{text}: {stated.because}" if stated.because else text
    yield f"    {cited(kernel, stated.cite.to_dict())}{inferred(stated.basis)}"


def _places(kernel: Kernel, item: Item) -> str:
    names = [place_name(kernel, place) for place in item.handled_at.value]
    return ("任选其一 one of: " if item.choice else "") + ", ".join(names)


def _dates(item: Item) -> str:
    first, last = item.available.value
    parts = [f"自 from {first}"] if first else []
    return " ".join([*parts, f"至 until {last}"] if last else parts)


def _modes(kernel: Kernel, item: Item) -> list[str]:
    possible = possible_modes(kernel.program(item), day_of(kernel.clock()))
    return [term("mode", mode) for mode in MODES if mode in possible]


def _rule(kernel: Kernel, rule: Rule) -> Iterable[str]:
    then = ", ".join(concluded(kernel, name, value) for name, value in rule.then.items())
    yield f"{rule.id}: {then}: {rule.because}"
    yield f"    when {condition_text(rule.when) or 'always'}"
    yield f"    {cited(kernel, rule.cite.to_dict())}{inferred(rule.basis)}"


def _decisions(item: Item) -> Iterable[str]:
    for one in item.decisions:
        yield one.question
        yield f"    {one.reading} ({one.because}){inferred(one.basis)}"


def _materials(kernel: Kernel, item: Item) -> Iterable[str]:
    for one in kernel.rulebook.materials(item):
        yield f"{_material(one)}{inferred(one.basis)}"


def _material(one: Material) -> str:
    supplied = f", 无需提交 supplied by {term('supplier', one.supplied_by)}"
    note = supplied if one.supplied_by else ""
    return f"{one.name} {one.title} ({term('form', one.form)}{note})"


def _in_force(kernel: Kernel, item: Item) -> list[Rule]:
    """The rules that can hold today, whatever else is so."""
    program = kernel.program(item)
    now, others = {"date": day_of(kernel.clock())}, program.tested - {"date"}
    return [rule for rule in program.rules if evaluate(rule.when, now, others) is not False]


def _questions(
    kernel: Kernel, item: Item, rules: Iterable[Rule] | None = None
) -> list[tuple[str, Text]]:
    """Everything that may have to be asked for the item, by all its rules or by some."""
    program, vocabulary = kernel.program(item), kernel.rulebook.vocabulary
    wanted = {
        name
        for rule in (program.rules if rules is None else rules)
        for attribute in program.tested_by[rule.id]
        for name in program.inputs(attribute, item.handled_at.value)
    }
    chosen = ["handle_at"] if item.choice else []
    facts = [name for name in program.asked if f"facts.{name}" in wanted]
    ours = (*program.routed, *(item.handled_at.value if item.choice else ()))
    tested = [name for name in program.needed_places if f"places.{name}" in wanted]
    places = dict.fromkeys((*ours, *tested))
    derived = (name for name in program.by_plugins if f"facts.{name}" in wanted)
    sources = (part for name in derived for part in vocabulary.facts[name].derived_from)
    personal = (part for part in sources if part.startswith("applicant.") and "kind" not in part)
    return [
        *((f"facts.{n}", vocabulary.facts[n].question) for n in (*facts, *chosen)),
        *((n, question(kernel.rulebook, item, n).wording) for n in dict.fromkeys(personal)),
        *(
            (f"places.{n}", vocabulary.places[n].question)
            for n in places
            if vocabulary.places[n].division
        ),
    ]


def named_dict(item: Item) -> dict[str, Any]:
    """What an item is called, for JSON."""
    names = ("id", "jurisdiction", "name", "title", "kind", "department", "lead")
    return {name: getattr(item, name) for name in names}


_LATER = ("agent", "valid_for")


def available_dict(item: Item) -> dict[str, Any]:
    """First and last day of an item, for JSON."""
    first, last = (day and day.isoformat() for day in item.available.value)
    return {"from": first, "until": last}


def as_dict(kernel: Kernel, item: Item) -> dict[str, Any]:
    """An item for JSON."""
    stated = [name for name in STATED if name not in ("available", *_LATER)]
    return {
        **named_dict(item),
        "cooperating": list(item.cooperating),
        **{name: _stated_dict(getattr(item, name)) for name in stated},
        # Keys that came later stand there only where the item has them.
        **{name: said for name in _LATER if (said := _stated_dict(getattr(item, name)))},
        "choice": item.choice,
        "authorities": [{"id": a.id, "name": a.name, "at": list(a.at)} for a in item.authorities],
        "available": available_dict(item),
        "cite": item.cite.to_dict(),
        "questions": [
            {"name": name, "question": text.zh, "question_en": text.en}
            for name, text in _questions(kernel, item)
        ],
        "materials": [_material_dict(one) for one in kernel.rulebook.materials(item)],
        "rules": [_rule_dict(rule) for rule in item.rules],
        "decisions": [
            {"question": d.question, "reading": d.reading, "because": d.because, "basis": d.basis}
            for d in item.decisions
        ],
        "notes": list(item.notes),
    }


def _stated_dict(stated: Stated[object] | None) -> dict[str, Any] | None:
    if stated is None:
        return None
    value = list(stated.value) if isinstance(stated.value, tuple) else stated.value
    value = value.to_dict() if isinstance(value, Period) else value
    cite = stated.cite.to_dict()
    return {"value": value, "cite": cite, "basis": stated.basis, "because": stated.because}


def _material_dict(one: Material) -> dict[str, Any]:
    names = ("name", "title", "form", "supplied_by", "basis")
    return {name: getattr(one, name) for name in names}


def _rule_dict(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "when": condition_text(rule.when),
        "then": dict(rule.then),
        "because": rule.because,
        "cite": rule.cite.to_dict(),
        "basis": rule.basis,
        "advise": [{"do": one.do, "target": one.target} for one in rule.advise],
    }
