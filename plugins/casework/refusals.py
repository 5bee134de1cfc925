"""What the rules refused: on which facts, what can be done about it, and how to insist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tongban.kernel import Kernel, protocol
from tongban.kernel.model import TERMS
from tongban.plugins.casework.naming import who_types


def stated(kernel: Kernel, case: protocol.Case) -> list[str]:
    """What the application says, a line each, in the words of the vocabulary: `迁移原因:毕业`.

    Args:
        kernel: with the vocabulary.
        case: whose application is public.
    """
    words, said = kernel.rulebook.vocabulary, case.application
    kind = said.get("applicant", {}).get("kind")
    lines = (
        [_stated(words.attributes.get("applicant.kind"), "applicant.kind", kind)] if kind else []
    )
    lines += [
        _stated(words.facts.get(name), name, value) for name, value in said.get("facts", {}).items()
    ]
    for name, code in said.get("places", {}).items():
        label = words.places[name].label if name in words.places else name
        where = words.divisions.full_name(code) if code in words.divisions else code
        lines.append(f"{label}:{where}")
    return lines


def _stated(attribute: Any, name: str, value: object) -> str:
    shown = ("是" if value else "否") if isinstance(value, bool) else str(value)
    if attribute and attribute.values:
        shown = str(attribute.values.get(shown, shown))
    return f"{attribute.label if attribute else name}:{shown}"


def refusal_lines(kernel: Kernel, case: protocol.Case) -> Iterator[str]:
    """The facts, the remedies and how to insist; nothing where the rules do not refuse the case.

    Args:
        kernel: with the vocabulary.
        case: as it stands. Where somebody insisted and nobody has decided, what the rules say.
    """
    if case.state == "ineligible":
        yield f"所依据的申请信息 stated: {'、'.join(stated(kernel, case)) or '无 nothing'}"
        yield from (f"救济 remedy: {one.says.bracketed}" for one in _recourses(kernel, case))
        yield f"坚持申请 insist: {insistence(case)} --reason …"
    elif case.refused_by_rule and not case.over and case.granted is None and _refused(case):
        rules = "、".join(one.rule for one in protocol.grounds_of(case.decision))
        yield f"{TERMS['outcome']['ineligible'].bracketed}, {rules}"
        why = case.insisted_why
        if case.insisted_at:
            says = f"坚持申请的理由 the applicant insists because: {why}"
            yield says if why else "坚持申请 insisted"
        yield "准予须写明理由和依据的条款 to grant it needs --reason and --article"


def refusal_json(kernel: Kernel, case: protocol.Case) -> dict[str, Any] | None:
    """The same for machines; None where the rules do not refuse the case.

    Args:
        kernel: with the vocabulary.
        case: as it stands.
    """
    if not _refused(case):
        return None
    over = case.state == "ineligible"
    return {
        "grounds": [
            {"rule": one.rule, "because": one.because, "cite": dict(one.cite), "basis": one.basis}
            for one in protocol.grounds_of(case.decision)
        ],
        "stated": stated(kernel, case),
        "remedies": [one.to_dict() for one in _recourses(kernel, case)] if over else [],
        "insist": insistence(case) if over else None,
    }


def insistence(case: protocol.Case) -> str:
    """What the applicant types who insists."""
    return f"tongban case insist {case.id} --as {who_types(case, '')}"


def _refused(case: protocol.Case) -> bool:
    return bool(case.decision.get("outcome") == "ineligible")


def _recourses(kernel: Kernel, case: protocol.Case) -> tuple[protocol.Recourse, ...]:
    code, divisions = case.plan.way[0].division, kernel.rulebook.vocabulary.divisions
    return protocol.recourses(divisions.full_name(code) if code and code in divisions else "")
