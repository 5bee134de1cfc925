"""Remedies (复议诉讼) and what was put right, on the screens: one case, lists, figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tongban.kernel import protocol
from tongban.kernel.model import term
from tongban.plugins.casework.naming import moment

_STATUS = {True: "已受理 admitted", None: "待处理 pending"}


def remedy_text(one: protocol.Remedy) -> str:
    """`第 1 号 行政复议 reconsideration, 2026-04-01, 西宁市人民政府: 待处理 pending`."""
    status = term("remedy_outcome", one.outcome) if one.outcome else _STATUS[one.admitted]
    late = ", 逾期提起 late" if one.late else ""
    document = f", 文号 {one.document}" if one.document else ""
    return (
        f"第 {one.number} 号 {term('remedy', one.kind)}, {one.on}, {one.organ}{late}:"
        f" {status}{document}"
    )


def remedy_lines(case: protocol.Case) -> Iterator[str]:
    """Every remedy of a case, and which of them the authority has to carry out.

    Args:
        case: as it stands.
    """
    waiting = {one.number for one in protocol.owed(case)}
    for one in case.remedies:
        yield remedy_text(one)
        if one.number in waiting:
            yield "    须执行,尚未更正或者重新办理 to be carried out: correct or reopen"


_DEPARTED = "; 曾偏离规则 departed from the rules"


def put_right_lines(case: protocol.Case) -> Iterator[str]:
    """Corrections of the decision, reopenings and amendments of a case, in this order.

    Args:
        case: as it stands.
    """
    for one in case.corrections:
        was, now = _decided(one.was_granted), _decided(one.granted)
        says = f"{one.void} {was} → {one.number} {now}{_DEPARTED if one.departed else ''}"
        yield f"更正决定 corrected {moment(one.at)}: {says}"
    for again in case.reopenings:
        says = f"{term('state', again.ended)}{_DEPARTED if again.departed else ''}"
        yield f"重新办理 reopened {moment(again.at)}: {says}"
    for amended in case.amendments:
        outcome = term("outcome", amended.outcome)
        changed = "、".join(amended.changed)
        yield f"更正申请信息 amended {moment(amended.at)}: {changed}; 按规则 by rule: {outcome}"


def _decided(granted: bool) -> str:
    return "准予 granted" if granted else "不予 denied"


def concerned(case: protocol.Case) -> tuple[protocol.Remedy, ...]:
    """The remedies of a case that are pending, or still to be carried out.

    Args:
        case: as it stands.
    """
    waiting = {*protocol.pending(case), *protocol.owed(case)}
    return tuple(one for one in case.remedies if one in waiting)


def remedy_json(one: protocol.Remedy) -> dict[str, Any]:
    """A remedy in a list, for machines."""
    return {
        "number": one.number,
        "kind": one.kind,
        "on": one.on.isoformat(),
        "organ": one.organ,
        "late": one.late,
        "admitted": one.admitted,
        "outcome": one.outcome,
    }
