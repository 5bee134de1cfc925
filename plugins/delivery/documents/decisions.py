"""How a case ends: granted, denied, terminated, withdrawn."""

from __future__ import annotations

from datetime import datetime

from tongban.kernel import protocol
from tongban.plugins.delivery.documents.model import Block, Listing, Paragraph
from tongban.plugins.delivery.documents.particulars import Particulars
from tongban.plugins.delivery.documents.wording import (
    Draft,
    channel,
    day_text,
    departure,
    ended,
    matter,
    needed,
    reasons,
    remedy,
    rests_on,
    stated,
    subject,
    you,
)


def granted(case: protocol.Case, more: Particulars) -> Draft:
    """准予决定书: the result."""
    at = _decided(case, True, "准予决定书")
    act = "准予行政许可" if case.plan.licence else "准予办理"
    blocks: list[Block] = [
        Paragraph(
            f"{subject(case)},本机关于{day_text(case.accepted_on or at)}受理。"
            f"{_examined(case)}{rests_on(case, more, '第三十八条')}决定{act}{matter(case)}。"
        )
    ]
    if protocol.departs(case):
        says = "按本事项规则原为不予办理,本机关因下列理由作出上述决定:"
        blocks += [Paragraph(says), Listing(reasons(case))]
    if case.voided:
        blocks.append(Paragraph(f"{_replaces(case)},以本决定书为准。"))
    held = case.validity
    until = f"有效期至{day_text(held.until)}。" if held else ""
    blocks.append(Paragraph(f"本决定书{channel(_by(case))},自送达之日起生效。{until}"))
    title = "准予行政许可决定书" if case.plan.licence else "准予决定书"
    facts = {
        "granted": True,
        "decided_on": protocol.day_of(at).isoformat(),
        "voided": list(case.voided),
        **({"valid_until": held.until.isoformat()} if held else {}),
    }
    return Draft(title, case.result, case.plan.lead, at, tuple(blocks), facts)


def denied(case: protocol.Case, more: Particulars) -> Draft:
    """不予决定书, with reasons and the remedy."""
    at = _decided(case, False, "不予决定书")
    act = "不予行政许可" if case.plan.licence else "不予办理"
    blocks: list[Block] = [
        Paragraph(
            f"{subject(case)},本机关于{day_text(case.accepted_on or at)}受理。"
            f"经{'复核' if case.corrections else '审查'},存在下列情形:"
        ),
        Listing(reasons(case)),
        *departure(case),
        *stated(more),
        Paragraph(
            f"{rests_on(case, more, '第三十八条')}本机关决定对{you(case)}申请的"
            f"{matter(case)}{act}。"
        ),
        remedy(case.plan.lead, more),
    ]
    if case.voided:
        blocks.insert(
            len(blocks) - 1,
            Paragraph(f"{_replaces(case)}。"),
        )
    title = "不予行政许可决定书" if case.plan.licence else "不予决定书"
    facts = {
        "granted": False,
        "decided_on": protocol.day_of(at).isoformat(),
        "reasons": list(case.reasons),
        "remedy": protocol.REMEDY,
        "voided": list(case.voided),
    }
    return Draft(title, case.result, case.plan.lead, at, tuple(blocks), facts)


def _replaces(case: protocol.Case) -> str:
    """Why former numbers are void: corrected, or lost and issued anew."""
    why = "更正后的决定书" if case.corrections else "补发"
    return f"本决定书为{why},原{'、'.join(case.voided)}号决定书同时作废"


def _decided(case: protocol.Case, yes: bool, what: str) -> datetime:
    at = protocol.made_at(case) if case.granted is yes else None
    return needed(at, what, "the case was not decided so")


def _examined(case: protocol.Case) -> str:
    """On what a grant rests: the finding; of a corrected one the reasons of the correction."""
    if not case.corrections:
        return f"经审查,{_finding(case)}"
    if protocol.departs(case):
        return "经复核,"  # the reasons follow
    return f"经复核,{'、'.join(one.rstrip('。;,') for one in case.corrections[-1].reasons)}。"


def _finding(case: protocol.Case) -> str:
    """The finding of the examination, as a clause."""
    said = protocol.sentence(case.finding).zh.strip().rstrip("。;,")
    return f"{said}。" if said else ""


def _by(case: protocol.Case) -> str:
    return case.deliveries[-1].by if case.deliveries else case.delivery


def terminated(case: protocol.Case, more: Particulars) -> Draft:
    """终止办理通知书, with reasons and the remedy."""
    at = ended(case, "terminated", "终止办理通知书", "the case was not terminated")
    names = {one.key: more.name(one) for one in case.plan.others}
    said = tuple(
        f"{names.get(key, key)}不予确认:{one.text}"
        for key, one in case.answers.items()
        if not one.confirmed
    )
    blocks = (
        Paragraph(f"{subject(case)},因下列原因终止办理:"),
        Listing((*reasons(case), *said)),
        Paragraph("原因消除后,可以重新提出申请。"),
        remedy(case.plan.lead, more, "本处理"),
    )
    facts = {"reasons": [*case.reasons, *said], "remedy": protocol.REMEDY}
    return Draft("终止办理通知书", f"{case.id}-终止", case.plan.lead, at, blocks, facts)


def withdrawn(case: protocol.Case, more: Particulars) -> Draft:
    """撤回确认书."""
    at = ended(case, "withdrawn", "撤回确认书", "the case was not withdrawn")
    blocks = (
        Paragraph(
            f"{subject(case)},已于{day_text(at)}由{you(case)}撤回。"
            "本机关终结本次办理,材料退回。撤回不影响再次申请。"
        ),
    )
    return Draft("撤回确认书", f"{case.id}-撤回", case.holder, at, blocks)
