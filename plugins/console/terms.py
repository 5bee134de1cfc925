"""How the words of decisions and rules read: Chinese official terms with the codes beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tongban.kernel import Condition, Kernel
from tongban.kernel.model import TERMS, AllOf, AnyOf, Between, Not, OneOf, term

__all__ = [
    "cited",
    "concluded",
    "condition_text",
    "division_name",
    "inferred",
    "limit_text",
    "place_name",
    "plain",
]


def plain(value: Any) -> str:
    """A value as JSON or a rule file writes it."""
    if value is None:
        return "not there"
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)


def inferred(basis: str) -> str:
    """A mark for what the text does not state."""
    return f" [{term('basis', basis)}]" if basis == "inferred" else ""


def place_name(kernel: Kernel, place: str) -> str:
    """`迁入地 move_in`; the applicant and a mere receiving place have names of their own."""
    own = {"applicant": "申请人 applicant", "received": "收件地 received"}
    if place in own:
        return own[place]
    return f"{kernel.rulebook.vocabulary.places[place].label} {place}"


def division_name(kernel: Kernel, code: str | None) -> str:
    """`630100 青海省西宁市`."""
    return (
        f"{code} {kernel.base.divisions.full_name(code)}" if code else "无区划代码 no division code"
    )


def cited(kernel: Kernel, cite: Mapping[str, str]) -> str:
    """`清单 row 2/3 “…”`, `方案 section 二(一)2 “…”`, `《…》第七条`."""
    source = cite.get("source")
    where = f"《{kernel.rulebook.sources[source]['name']}》" if source else ""
    if "row" in cite:
        where += f"清单 row {cite['row']}"
    elif "section" in cite:
        where += f"{'' if source else '方案 '}section {cite['section']}"
    elif "article" in cite:
        where += cite["article"]
    return f"{where} “{cite['words']}”" if "words" in cite else where


def limit_text(limit: Mapping[str, Any]) -> str:
    """`作出决定 decide 20 (+10) 个工作日 working days`."""
    more = f" (+{limit['extension']})" if limit.get("extension") else ""
    return f"{term('step', limit['step'])} {limit['working_days']}{more} 个工作日 working days"


def concluded(kernel: Kernel, conclusion: str, value: Any) -> str:
    """`方式 modes = 多地联办 joint`."""
    return f"{term('conclusion', conclusion)} = {_value(kernel, conclusion, value)}"


def _value(kernel: Kernel, conclusion: str, value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_value(kernel, conclusion, one) for one in value)
    if conclusion == "eligible":
        return "可以办理 yes" if value else "不予办理 no"
    if conclusion in ("handling", "receiving", "involves"):
        return place_name(kernel, value)
    if conclusion == "time_limit":
        return limit_text(value)
    if conclusion == "valid_for":
        return period_text(value)
    kind = conclusion.removesuffix("s")
    return term(kind, value) if kind in TERMS else plain(value)


def period_text(period: Mapping[str, int]) -> str:
    """How long a result holds, `3个月 (3 months)`.

    Args:
        period: as a decision says it, `{"months": 3}`.
    """
    ((unit, count),) = period.items()
    return f"{count}{TERMS['period'][unit].zh} ({count} {TERMS['period'][unit].en})"


def condition_text(condition: Condition) -> str:
    """When a rule holds, as a line: `channel is window and not (…)`; "" for always."""
    if isinstance(condition, OneOf):
        return f"{condition.attribute} {_one_of(condition)}"
    if isinstance(condition, Between):
        return f"{condition.attribute} {_between(condition)}"
    if isinstance(condition, Not):
        return f"not ({condition_text(condition.part)})"
    word = " and " if isinstance(condition, AllOf) else " or "
    parts = [condition_text(part) for part in condition.parts]
    inner = [
        f"({text})" if isinstance(part, AnyOf | AllOf) and len(parts) > 1 else text
        for part, text in zip(condition.parts, parts, strict=True)
    ]
    return word.join(inner)


def _one_of(test: OneOf) -> str:
    names = [plain(value) for value in test.values]
    if test.negated:
        return "is none of " + ", ".join(names) if len(names) > 1 else f"is not {names[0]}"
    return "is one of " + ", ".join(names) if len(names) > 1 else f"is {names[0]}"


def _between(test: Between) -> str:
    dated = isinstance(test.low if test.low is not None else test.high, date)
    first, last = ("from", "until") if dated else ("at least", "at most")
    parts = [f"{first} {plain(test.low)}"] if test.low is not None else []
    parts += [f"{last} {plain(test.high)}"] if test.high is not None else []
    return " and ".join(parts)
