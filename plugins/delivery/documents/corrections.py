"""What was wrong and is put right: a decision, an ending, what was applied with; and remedies."""

from __future__ import annotations

from tongban.kernel import protocol
from tongban.plugins.delivery.documents.model import Block, Listing, Paragraph
from tongban.plugins.delivery.documents.particulars import Particulars
from tongban.plugins.delivery.documents.wording import (
    Draft,
    day_text,
    due_text,
    matter,
    needed,
    remedy,
    subject,
    you,
)

_WORDS = {True: "准予", False: "不予"}


def corrected(case: protocol.Case, more: Particulars) -> Draft:
    """更正通知书: the decision is another one now; the former one is void."""
    one = needed(case.corrections, "更正通知书", "no decision of the case was corrected")[-1]
    blocks: list[Block] = [
        Paragraph(
            f"{subject(case)},原{one.void}号决定({_WORDS[one.was_granted]})经"
            f"{_carried_out(case, one.remedy)}更正为{_WORDS[one.granted]}。理由如下:"
        ),
        Listing(one.reasons),
        Paragraph(
            f"依据{one.article},原{one.void}号决定书作废,以{one.number}号决定书为准,另行送达。"
        ),
        remedy(case.plan.lead, more, "本更正"),
    ]
    facts = {
        "void": one.void,
        "number": one.number,
        "granted": one.granted,
        "article": one.article,
        "remedy": protocol.REMEDY,
    }
    number = f"{case.id}-更正{len(case.corrections)}"
    return Draft("更正通知书", number, case.plan.lead, one.at, tuple(blocks), facts)


def reopened(case: protocol.Case, more: Particulars) -> Draft:
    """重新办理通知书: a case that had ended without a decision goes on."""
    one = needed(case.reopenings, "重新办理通知书", "the case was not reopened")[-1]
    ended = protocol.STATES[one.ended].official
    blocks = (
        Paragraph(
            f"{subject(case)},原处理为“{ended}”。经{_carried_out(case, one.remedy)}"
            f"依据{one.article},自{day_text(one.at)}起重新办理,办理时限重新计算。理由:{one.reason}。"
        ),
        Paragraph(f"{you(case)}此前提交的材料继续有效,需要补充的另行告知。"),
    )
    facts = {"ended": one.ended, "article": one.article}
    number = f"{case.id}-重新办理{len(case.reopenings)}"
    return Draft("重新办理通知书", number, case.holder, one.at, blocks, facts)


def _carried_out(case: protocol.Case, number: int) -> str:
    """`执行市人民政府行政复议决定(变更),`; `自行复核,` where no remedy is carried out."""
    if not number:
        return "本机关复核,"
    one = case.remedies[number - 1]
    outcome = f"({protocol.REMEDY_OUTCOMES[one.outcome]})" if one.outcome else ""
    document = one.document and f"{one.document.removesuffix('号')}号"
    return f"执行{one.organ}{document}{protocol.REMEDIES[one.kind]}决定{outcome},"


def amended(case: protocol.Case, more: Particulars) -> Draft:
    """更正申请信息告知书: what was corrected, and what the rules say of it."""
    one = needed(case.amendments, "更正申请信息告知书", "nothing was corrected")[-1]
    evidence = "、".join(paper.name for paper in one.evidence)
    result = "可以办理" if one.outcome == "eligible" else "不予办理"
    blocks: list[Block] = [
        Paragraph(
            f"{subject(case)},已按{you(case)}的请求更正{len(one.changed)}项信息"
            f"(证明材料:{evidence};理由:{one.reason})。"
        ),
        Paragraph(f"按更正后的信息,依本事项规则{result}。以上更正不是本人意思的,请立即提出。"),
    ]
    if more.stated:
        blocks[1:1] = [Paragraph("更正后的申请信息为:"), Listing(more.stated)]
    facts = {"changed": list(one.changed), "outcome": one.outcome}
    number = f"{case.id}-更正信息{len(case.amendments)}"
    return Draft("更正申请信息告知书", number, case.holder, one.at, tuple(blocks), facts)


def remedies(case: protocol.Case, more: Particulars) -> Draft:
    """复议权利告知书: what can be done against the act, until which day, and where."""
    what = "复议权利告知书"
    at = needed(protocol.made_at(case), what, "there is no act yet that can be challenged")
    office = protocol.office_of_act(case)
    days, calendars = [], more.calendars
    for kind in protocol.REMEDIES:
        term = protocol.remedy_due(case, kind, calendars) if calendars else None
        if term:
            inferred = "(送达日推断)" if term.basis == "inferred" else ""
            days.append(
                f"{protocol.REMEDIES[kind]}:至{due_text(term.due, term.provisional)},"
                f"自{day_text(term.since)}次日起算{inferred},{term.article}"
            )
    act = f"{case.result}号决定" if case.decided_at else protocol.STATES[case.state].official
    blocks: tuple[Block, ...] = (
        Paragraph(f"关于{you(case)}申请的{matter(case)},本机关已作出{act}。"),
        remedy(office, more, "该决定"),
        *((Paragraph("截止日:"), Listing(tuple(days))) if days else ()),
    )
    facts = {"act": protocol.act_of(case), "remedy": protocol.REMEDY}
    return Draft(what, f"{case.id}-复议权利", office, at, blocks, facts)
