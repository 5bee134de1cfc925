"""Remedies and what is put right, as the timeline of a case tells them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from tongban.kernel import Kernel
from tongban.kernel.model import term
from tongban.kernel.protocol import STATES

Lines: TypeAlias = Iterator[str]


def amended(kernel: Kernel, body: Any) -> Lines:
    yield f"更正 corrected: {'、'.join((*body.changed, *body.fields))}"
    yield f"证明 evidence: {'、'.join(one.name for one in body.evidence)}"
    yield f"理由 reason: {body.reason}" if body.reason else ""
    yield f"按规则 by the rules: {term('outcome', str(body.decision['outcome']))}"


def corrected(kernel: Kernel, body: Any) -> Lines:
    word = "准予 granted" if body.granted else "不予 denied"
    yield f"{word}; {body.void} 作废 void → {body.number}"
    yield f"理由 reason: {'、'.join(body.reasons)}"
    yield _on_account(body)


def reopened(kernel: Kernel, body: Any) -> Lines:
    yield f"→ {term('state', body.to)}"
    yield f"理由 reason: {body.reason}" if body.reason else ""
    yield _on_account(body)


def _on_account(body: Any) -> str:
    """The article of a correction or a reopening, and the remedy that it carries out."""
    remedy = f"; 执行第 {body.remedy} 号复议诉讼结果 carries out remedy {body.remedy}"
    return f"依据 by {body.article}" + (remedy if body.remedy else "")


def lodged(kernel: Kernel, body: Any) -> Lines:
    yield f"第 {body.number} 号 {term('remedy', body.remedy)}, {body.on}, {body.organ}"
    last = f", 期限至 last day {body.due}" if body.due else ""
    late = ", 逾期提起 late" if body.late else ""
    yield f"针对 against {_act(body.act)}{last}{late}"
    yield f"理由 reason: {body.reason}" if body.reason else ""


def _act(act: str) -> str:
    """The number of the decision, or how the case ended, counted from the second time on."""
    state, _, nth = act.partition("-")
    if state not in STATES:
        return act
    return term("state", state) + (f", 第 {nth} 次 number {nth}" if nth else "")


def admitted(kernel: Kernel, body: Any) -> Lines:
    word = "受理 admitted" if body.admitted else "不予受理 not admitted"
    yield f"第 {body.number} 号: {word}, {body.on}"
    yield body.note


def resolved(kernel: Kernel, body: Any) -> Lines:
    document = f", 文号 {body.document}" if body.document else ""
    yield f"第 {body.number} 号: {term('remedy_outcome', body.outcome)}, {body.on}{document}"
    yield body.note
