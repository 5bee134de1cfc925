"""`tongban show`: one item, with its rules and their words, or as a guide (办事指南)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from tongban.kernel import APPLICANTS, CHANNELS, MODES, Item, Kernel, Rule, Stated
from tongban.plugins.commands.decisions import cited, place_name
from tongban.plugins.commands.options import find_item, json_option, write_json
from tongban.plugins.commands.views import View
from tongban.plugins.commands.views import show as show_view

__all__ = ["show"]

FORMS = {"original": "原件", "copy": "复印件", "form": "填报", "electronic": "电子件"}
SUPPLIERS = {"data_sharing": "数据共享", "e_certificate": "电子证照"}


@click.command()
@click.argument("item", metavar="ITEM")
@click.option("--guide", is_flag=True, help="As a guide for applicants (办事指南).")
@json_option
@click.pass_obj
def show(kernel: Kernel, item: str, guide: bool, as_json: bool) -> None:
    """Show an item: names, places, questions, rules with the words that say so.

    ITEM is an id or the exact official name.

    \b
    Examples:
      tongban show 2-03
      tongban show 结婚登记 --guide
    """
    found = find_item(kernel, item)
    if as_json:
        write_json(_as_dict(kernel, found))
    elif guide:
        show_view(_guide(kernel, found))
    else:
        show_view(_view(kernel, found))


def _stated(stated: Stated, text: str) -> str:
    mark = " [推断 inferred]" if stated.basis == "inferred" else ""
    because = f": {stated.because}" if stated.because else ""
    return f"{text}{because} ({cited(stated.cite.to_dict())}){mark}"


def _places(kernel: Kernel, item: Item) -> str:
    names = [place_name(kernel, place) for place in item.handled_at.value]
    return ("任选其一 one of: " if item.choice else "") + ", ".join(names)


def _dates(item: Item) -> str:
    first, last = item.available.value
    return " ".join(
        part for part in (f"自 from {first}" if first else "", f"至 until {last}" if last else "")
        if part
    )  # fmt: skip


def _view(kernel: Kernel, item: Item) -> View:
    view = View(f"{kernel.rulebook.short(item)} {item.name} · {item.title}")
    view.add("类别 kind", item.kind)
    view.add("牵头 lead", f"{item.lead} {item.department}")
    view.add("配合 cooperating", "、".join(item.cooperating) or [])
    applicants = "、".join(f"{APPLICANTS[kind]} {kind}" for kind in item.applicant.value)
    view.add("申请人 applicant", _stated(item.applicant, applicants))
    view.add("办理 handled at", _stated(item.handled_at, _places(kernel, item)))
    if item.receives:
        place = place_name(kernel, item.receives.value)
        view.add("受理 receives", _stated(item.receives, place))
    names = ", ".join(place_name(kernel, place) for place in item.involves.value)
    view.add("参与 involves", _stated(item.involves, names) if names else [])
    view.add("机关 authority", [f"{a.name} {a.id}" for a in item.authorities])
    if item.level:
        view.add("层级 level", _stated(item.level, item.level.value))
    if item.attendance.value == "required":
        view.add("到场 attendance", _stated(item.attendance, "须到场 required"))
    if item.channels.value:
        names = "、".join(CHANNELS[channel] for channel in item.channels.value)
        view.add("渠道 channels", _stated(item.channels, names))
    view.add("可办 available", _stated(item.available, _dates(item)))
    modes = kernel.possible_modes(item, kernel.clock().date())
    view.add("方式 modes", [f"{MODES[mode]} {mode}" for mode in MODES if mode in modes])
    view.add("问题 questions", [f"{q['name']}: {q['question']}" for q in _questions(kernel, item)])
    view.add("材料 materials", _materials(kernel, item))
    view.add("规则 rules", [line for rule in item.rules for line in _rule(rule)])
    view.add("解读 decisions", _decisions(item))
    view.add("备注 notes", item.notes)
    view.add("出处 source", cited(item.cite.to_dict()))
    return view


def _rule(rule: Rule) -> Iterable[str]:
    then = ", ".join(f"{name} = {str(value).lower()}" for name, value in rule.then.items())
    mark = " [推断 inferred]" if rule.basis == "inferred" else ""
    yield f"{rule.id}: {then}: {rule.because}"
    yield f"    {cited(rule.cite.to_dict())}{mark}"


def _decisions(item: Item) -> Iterable[str]:
    for one in item.decisions:
        yield f"{one.question}"
        yield f"    {one.reading} ({one.because}) [{one.basis}]"


def _materials(kernel: Kernel, item: Item) -> Iterable[str]:
    for material in kernel.rulebook.materials(item):
        supplied = SUPPLIERS.get(material.supplied_by)
        note = f", 无需提交 supplied by {supplied} {material.supplied_by}" if supplied else ""
        yield f"{material.name} {material.title} ({FORMS[material.form]}{note}) [{material.basis}]"


def _questions(kernel: Kernel, item: Item) -> list[dict[str, str]]:
    """Everything that may have to be asked for the item."""
    program, vocabulary = kernel.program(item), kernel.rulebook.vocabulary
    names = dict.fromkeys((*program.needed_places, *(item.handled_at.value if item.choice else ())))
    facts = [*program.asked, *(["handle_at"] if item.choice else [])]
    return [
        *({"name": f"facts.{n}", "question": vocabulary.facts[n].question} for n in facts),
        *(
            {"name": f"places.{n}", "question": vocabulary.places[n].question}
            for n in names
            if vocabulary.places[n].division
        ),
    ]


def _guide(kernel: Kernel, item: Item) -> View:
    view = View(f"办事指南 {item.name} · {item.title}")
    view.add("谁能办 who", "、".join(APPLICANTS[kind] for kind in item.applicant.value))
    view.add("何时起 since", _dates(item))
    view.add("在哪办 where", _places(kernel, item))
    modes = kernel.possible_modes(item, kernel.clock().date())
    view.add("怎么办 how", [f"{MODES[mode]} {mode}" for mode in MODES if mode in modes])
    if item.attendance.value == "required":
        view.add("到场 attendance", "须到场 in person")
    materials = kernel.rulebook.materials(item)
    bring = [m for m in materials if not m.supplied_by]
    shared = [m for m in materials if m.supplied_by]
    view.add("需带材料 bring", [f"{m.name} {m.title} ({FORMS[m.form]})" for m in bring], "bold")
    view.add(
        "无需提交 not asked for",
        [f"{m.name} {m.title} ({SUPPLIERS[m.supplied_by]} {m.supplied_by})" for m in shared],
        "dim",
    )
    refusals = [r for r in item.rules if r.then.get("eligible") is False]
    view.add("不予办理 refused where", [rule.because for rule in refusals])
    view.add("会问到 questions", [q["question"] for q in _questions(kernel, item)])
    view.add("备注 notes", item.notes)
    view.add(
        "出处 source", f"{cited(item.cite.to_dict())}; materials are inferred, the annex lists none"
    )
    return view


def _as_dict(kernel: Kernel, item: Item) -> dict[str, Any]:
    first, last = item.available.value

    def stated(value: Stated | None) -> dict[str, Any] | None:
        if value is None:
            return None
        shown = list(value.value) if isinstance(value.value, tuple) else value.value
        return {
            "value": shown,
            "cite": value.cite.to_dict(),
            "basis": value.basis,
            "because": value.because,
        }

    return {
        "id": item.id,
        "jurisdiction": item.jurisdiction,
        "name": item.name,
        "title": item.title,
        "kind": item.kind,
        "department": item.department,
        "lead": item.lead,
        "cooperating": list(item.cooperating),
        "applicant": stated(item.applicant),
        "handled_at": stated(item.handled_at),
        "choice": item.choice,
        "receives": stated(item.receives),
        "involves": stated(item.involves),
        "attendance": stated(item.attendance),
        "channels": stated(item.channels),
        "level": stated(item.level),
        "authorities": [{"id": a.id, "name": a.name, "at": list(a.at)} for a in item.authorities],
        "available": {
            "from": first.isoformat() if first else None,
            "until": last.isoformat() if last else None,
        },
        "cite": item.cite.to_dict(),
        "questions": _questions(kernel, item),
        "materials": [
            {
                "name": m.name,
                "title": m.title,
                "form": m.form,
                "supplied_by": m.supplied_by,
                "basis": m.basis,
            }
            for m in kernel.rulebook.materials(item)
        ],
        "rules": [
            {
                "id": rule.id,
                "then": dict(rule.then),
                "because": rule.because,
                "cite": rule.cite.to_dict(),
                "basis": rule.basis,
            }
            for rule in item.rules
        ],
        "decisions": [
            {"question": d.question, "reading": d.reading, "because": d.because, "basis": d.basis}
            for d in item.decisions
        ],
        "notes": list(item.notes),
    }
