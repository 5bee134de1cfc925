"""How a comparison of rules reads, for people and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from tongban.kernel import Decision
from tongban.kernel.model import term
from tongban.plugins.console.decisions import OUTCOMES
from tongban.plugins.console.options import as_json
from tongban.plugins.console.tables import View, table
from tongban.plugins.console.terms import cited, concluded, limit_text, place_name
from tongban.plugins.kit.diff.compare import Compared, Status, Witness
from tongban.plugins.kit.diff.outcome_changes import GROUPS, Flips
from tongban.plugins.kit.diff.replay import KINDS
from tongban.plugins.kit.diff.rulesets import Side

_STATUS: dict[Status, str] = {
    "differs": "决定不同 decisions differ",
    "added": "新增事项 added",
    "removed": "删除事项 removed",
    "equal": "证明等同 proved equal",
    "same": "程序相同 same program",
}
_MOST = 20
"""Rows of a table of turned applications; `--csv` has them all."""


def item_views(old: Side, new: Side, found: Iterable[Compared]) -> Iterator[View]:
    """A view for each item whose decisions differ."""
    for one in found:
        if one.status == "differs":
            view = View(f"{one.short} {one.name} · {one.title}", "决定不同 differs")
            for witness in one.witnesses:
                _witness(view, old, new, one, witness)
            says = "values that one side takes and the other refuses"
            view.add("取值 domains", [f"facts.{name}: {says}" for name in one.domains])
            yield view


def _witness(view: View, old: Side, new: Side, one: Compared, witness: Witness) -> None:
    label = f"{KINDS[witness.kind]} {witness.kind}"
    found = witness.found
    if found is None:
        view.add(label, "the solver finds a difference that the engine does not confirm", "red")
        return
    lines = []
    sides = (("旧 old", "old", old, found.old), ("新 new", "new", new, found.new))
    for word, name, side, decision in sides:
        day = f" (as of {side.as_of})" if side.as_of else ""
        lines.append(f"{word}{day}: {_says(side, decision, witness.kind)}")
        for rule in witness.rules:
            if rule.side == name:
                what = concluded(side.kernel, _conclusion(witness.kind), rule.value)
                also = ", which holds on both sides" if rule.held else ""
                lines.append(f"    {rule.rule}: {what}: {rule.because}{also}")
                lines.append(f"        {cited(side.kernel, rule.cite)}")
    if witness.keys:
        lines.append(f"    changed keys of the item: {', '.join(witness.keys)}")
    for name, value in found.derived.items():
        says = "not proved: no application was found of which it does"
        lines.append(f"    where a plugin derives {name} = {value} ({says})")
    if found.left_out:
        lines.append(f"    not in that side's vocabulary: {', '.join(found.left_out)}")
    lines.append(as_json(found.application))
    view.add(label, lines)


def _conclusion(kind: str) -> str:
    return {"route": "handling"}.get(kind, kind)


def _says(side: Side, decision: Decision, kind: str) -> str:
    """What a decision says of one kind of difference."""
    if kind == "eligible":
        return OUTCOMES[decision.outcome][0]
    if kind == "modes":
        return "、".join(term("mode", one) for one in decision.modes) or "none"
    if kind == "delivery":
        return "、".join(term("delivery", one) for one in decision.delivery) or "none"
    if kind == "time_limit":
        return "; ".join(map(limit_text, decision.time_limit)) or "none"
    if kind == "requires":
        needs = [str(one.value) for one in decision.reasons if one.conclusion == "requires"]
        return "; ".join(needs) or "nothing"
    if kind == "missing":
        return ", ".join(one.name for one in decision.missing) or "nothing"
    if kind == "handling":
        return "; ".join(
            f"{place_name(side.kernel, one.place)}, {one.department}{' (lead)' if one.lead else ''}"
            for one in decision.handling
        )
    legs = [f"{leg.source} → {leg.target} by {leg.by}" for leg in decision.legs]
    return f"crossing {decision.crossing}; {'; '.join(legs)}"


def summary(old: Side, new: Side, found: Sequence[Compared]) -> View:
    """The result of all items, in a few lines."""
    counts = Counter(one.status for one in found)
    title = "规则比较 rules compared"
    view = View(title, f"{_named(old)} → {_named(new)}")
    for status, label in _STATUS.items():
        named = [f"{one.short} {one.name}" for one in found if one.status == status]
        if not named:
            continue
        shown = [str(counts[status])]
        if status in ("added", "removed"):
            shown += [f"    {name}" for name in named]
        elif status in ("differs", "equal"):
            shown = [f"{counts[status]}: {', '.join(name.split(' ')[0] for name in named)}"]
        view.add(label, shown, "bold red" if status == "differs" else "")
    words = [f"{one.short}: {'; '.join(one.wording)}" for one in found if one.wording]
    view.add("仅文字 wording", words, "dim")
    return view


def _named(side: Side) -> str:
    return f"{side.name} as of {side.as_of}" if side.as_of else side.name


def flips_table(flips: Flips) -> None:
    """Writes how many applications differ, in all and by each group."""
    total = flips.total
    rows = [["合计 total", "", *_numbers(total.to_dict().values())]]
    for group, label in GROUPS.items():
        changed = [row for row in flips.rows(group) if row[2].differ]
        for key, name, counts in changed[:_MOST]:
            shown = f"{key} {name}".strip()
            rows.append([f"{label} {group}", shown, *_numbers(counts.to_dict().values())])
        if len(changed) > _MOST:
            rows.append([f"{label} {group}", f"… {len(changed) - _MOST} more", *[""] * 5])
    headings = ["范围 by", "名称 name", "申请 applications", "不同 differ"]
    headings += ["变为可办 opened", "变为不可办 closed", "其他 other"]
    table(headings, rows)


def _numbers(values: Iterable[int]) -> list[str]:
    return [str(value) for value in values]


def as_dict(old: Side, new: Side, found: Sequence[Compared], flips: Flips | None) -> dict[str, Any]:
    """The whole comparison, for JSON."""
    shown: dict[str, Any] = {
        "old": _side(old),
        "new": _side(new),
        "differs": any(one.status in ("differs", "added", "removed") for one in found),
        "items": [_item(one) for one in found],
    }
    return shown if flips is None else shown | {"applications": flips.to_dict()}


def _side(side: Side) -> dict[str, Any]:
    return {"name": side.name, "as_of": side.as_of.isoformat() if side.as_of else None}


def _item(one: Compared) -> dict[str, Any]:
    return {
        "item": one.short,
        "key": one.key,
        "name": one.name,
        "status": one.status,
        "witnesses": [_shown(witness) for witness in one.witnesses],
        "wording": list(one.wording),
        "domains": list(one.domains),
    }


def _shown(witness: Witness) -> dict[str, Any]:
    found = witness.found
    if found is None:
        return {"kind": witness.kind, "confirmed": False}
    return {
        "kind": witness.kind,
        "confirmed": True,
        "application": dict(found.application),
        "derived": {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in found.derived.items()
        },
        "left_out": list(found.left_out),
        "old": found.old.to_dict(),
        "new": found.new.to_dict(),
        "rules": [rule.to_dict() for rule in witness.rules],
        "keys": list(witness.keys),
    }
