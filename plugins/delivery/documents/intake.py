"""From the receipt to the acceptance: what the window and the accepting authority write."""

from __future__ import annotations

from collections.abc import Iterable

from tongban.kernel import protocol
from tongban.kernel.model import official
from tongban.plugins.delivery.documents.model import (
    Block,
    Form,
    Grid,
    Listing,
    Paragraph,
)
from tongban.plugins.delivery.documents.particulars import Particulars
from tongban.plugins.delivery.documents.wording import (
    Draft,
    by_law,
    channel,
    day_text,
    defect_text,
    departure,
    due_text,
    ended,
    limit_of,
    matter,
    needed,
    own_limit,
    paper_form,
    reasons,
    remedy,
    rests_on,
    stated,
    subject,
    you,
)


def receipt(case: protocol.Case, more: Particulars) -> Draft:
    """收件凭证: form and identity are right; what was handed in, and who goes on with it."""
    at = needed(case.received_at, "收件凭证")
    window, accepting = case.plan.way[0], case.accepting
    blocks: list[Block] = [
        Paragraph(
            f"{subject(case)}材料收悉。经核验,申请人身份相符,材料形式齐备,现予收件。"
            "收件不对申请作实质审查,不代表受理或者准予。"
        )
    ]
    if case.materials:
        blocks.append(papers(case.materials))
    if window != accepting:
        blocks.append(
            Paragraph(f"上述材料由本窗口转交{more.name(accepting)},由其依法作出是否受理的决定。")
        )
    blocks += [Form(tuple(_references(case, more))), Paragraph(_limits(case))]
    facts = {"receipt": case.receipt, "materials": [one.name for one in case.materials]}
    return Draft("收件凭证", case.receipt, window, at, tuple(blocks), facts)


def papers(materials: Iterable[protocol.Document]) -> Grid:
    """A list of materials."""
    rows = tuple(
        (str(number), one.name, paper_form(one.form), str(one.copies))
        for number, one in enumerate(materials, 1)
    )
    return Grid(("序号", "材料名称", "形式", "份数"), rows, (1, 6, 2, 1))


def _references(case: protocol.Case, more: Particulars) -> Iterable[tuple[str, str]]:
    yield "办件编号", case.id
    if case.collaboration:
        yield "业务协同编号", case.collaboration
    yield "事项编码", f"{case.item['jurisdiction']}/{case.item['id']}"
    yield "受理机关", more.name(case.accepting)
    if case.plan.lead != case.accepting:
        yield "办理机关", more.name(case.plan.lead)
    if case.plan.others:
        yield "协同办理机关", "、".join(more.name(one) for one in case.plan.others)
    yield "结果送达", channel(case.plan.delivery)


def _limits(case: protocol.Case) -> str:
    if not case.plan.limits:
        return "办理时限:本事项未规定办理时限。"
    shown = "、".join(
        f"{protocol.LIMIT_STEPS[one.step]}{one.working_days}个工作日" for one in case.plan.limits
    )
    silence = ""
    if case.plan.licence and own_limit(case, "supplement"):
        silence = "受理机关逾期不告知需要补正的内容的,自收到申请材料之日起即为受理。"
    return f"办理时限:{shown}。{silence}"


def returned(case: protocol.Case, more: Particulars) -> Draft:
    """退件通知书: every formal defect at once, or what a co-handling authority said."""
    at = ended(case, "returned", "退件通知书", "the case was not returned")
    issuer = case.holder if case.received_at else case.plan.way[0]
    why = tuple(map(defect_text, case.defects)) or reasons(case)
    what = "材料形式或者身份核验存在下列问题" if case.defects else "因下列原因不能继续办理"
    blocks = (
        Paragraph(f"{subject(case)}材料,经核验,{what},现将材料退回:"),
        Listing(why),
        Paragraph("以上为全部问题,一次告知。补齐或者更正后,可以重新提出申请。退件不影响再次申请。"),
    )
    return Draft("退件通知书", f"{case.id}-退件", issuer, at, blocks, {"reasons": list(why)})


def supplement(case: protocol.Case, more: Particulars) -> Draft:
    """一次性补正告知书: once, everything that is missing."""
    asked = needed(case.supplement, "补正告知书", "nothing was asked for")
    blocks: list[Block] = [
        Paragraph(
            f"{subject(case)},经审查,申请材料不齐全或者不符合法定形式。"
            f"{by_law(case, '第三十二条')}现一次性告知{you(case)}需要补正的全部内容:"
        ),
        Listing(asked.wanted),
    ]
    if asked.due:
        until = due_text(asked.due, asked.provisional)
        blocks.append(
            Paragraph(f"请于{until}前(含当日)补正;逾期未补正的,本次申请按未补正处理,可以重新申请。")
        )
    else:
        blocks.append(Paragraph("请尽快补正;本机关自收到全部补正材料后继续办理。"))
    facts = {
        "wanted": list(asked.wanted),
        "due": asked.due.isoformat() if asked.due else None,
        "provisional": asked.provisional,
    }
    number = f"{case.id}-补正"
    return Draft("一次性补正告知书", number, case.accepting, asked.asked_at, tuple(blocks), facts)


def lapsed(case: protocol.Case, more: Particulars) -> Draft:
    """逾期未补正告知书."""
    what, why = "逾期未补正告知书", "nothing has lapsed"
    at, asked = ended(case, "lapsed", what, why), needed(case.supplement, what, why)
    due = needed(asked.due, what, why)
    blocks = (
        Paragraph(
            f"{subject(case)},本机关于{day_text(asked.asked_at)}一次性告知补正。"
            f"截至{day_text(due)},下列内容仍未补正:"
        ),
        Listing(asked.outstanding),
        Paragraph("本次申请不再继续办理,材料退回。备齐后可以重新提出申请。"),
    )
    facts = {"outstanding": list(asked.outstanding), "due": due.isoformat()}
    return Draft(what, f"{case.id}-逾期", case.accepting, at, blocks, facts)


def corrected(case: protocol.Case, more: Particulars) -> Draft:
    """更正告知书: a lapse that a wrong clock has brought is undone."""
    undone = [
        one for one in more.events
        if isinstance(one.body, protocol.ClockChecked) and one.body.reinstated
    ]  # fmt: skip
    what, why = "更正告知书", "no lapse in the log was undone"
    asked = needed(case.supplement if undone else None, what, why)
    due = needed(asked.due, what, why)
    until = due_text(due, asked.provisional)
    blocks = (
        Paragraph(
            f"{subject(case)},本机关出具的逾期未补正告知书(编号{case.id}-逾期)"
            "因系统时钟有误而作出,现予撤销,本次申请继续办理。下列内容仍需补正:"
        ),
        Listing(asked.outstanding),
        Paragraph(f"请于{until}前(含当日)补正。"),
    )
    facts = {"outstanding": list(asked.outstanding), "due": due.isoformat()}
    at = undone[-1].at
    return Draft("更正告知书", f"{case.id}-更正", case.accepting, at, blocks, facts)


def accepted(case: protocol.Case, more: Particulars) -> Draft:
    """受理通知书; where silence meant acceptance, it says so."""
    at = needed(case.accepted_at, "受理通知书")
    on = case.accepted_on or protocol.day_of(at)
    law, day = by_law(case, "第三十二条"), day_text(on)
    if case.accepted_silently:
        first = f"本机关逾期未告知补正,{law}自{day}起即为受理。"
    else:
        first = f"经审查,符合受理条件。{law}自{day}起予以受理。"
    blocks: list[Block] = [Paragraph(f"{subject(case)},{first}")]
    text, facts = limit_of(case, more, "decide", at)
    if text:
        blocks.append(
            Paragraph(f"作出决定的时限为{text}。听证、检验、检测、专家评审等所需时间不计算在内。")
        )
    else:
        blocks.append(Paragraph("本事项未规定作出决定的时限。"))
    if case.plan.others:
        others = "、".join(more.name(one) for one in case.plan.others)
        blocks.append(Paragraph(f"本办件由{others}协同办理,业务协同编号{case.collaboration}。"))
    blocks.append(
        Paragraph(f"办理结果将{channel(case.plan.delivery)}。查询请提供办件编号{case.id}。")
    )
    title = "行政许可申请受理通知书" if case.plan.licence else "受理通知书"
    said = {"accepted_on": on.isoformat(), "silent": case.accepted_silently, "limit": facts or None}
    return Draft(title, f"{case.id}-受理", case.accepting, at, tuple(blocks), said)


def declined(case: protocol.Case, more: Particulars) -> Draft:
    """不予受理决定书, with reasons and the remedy."""
    at = ended(case, "declined", "不予受理决定书", "the case was not declined")
    blocks = (
        Paragraph(f"{subject(case)},经审查,因下列理由不予受理:"),
        Listing(reasons(case)),
        *departure(case),
        *stated(more),
        Paragraph(f"{rests_on(case, more, '第三十二条')}本机关决定对{matter(case)}申请不予受理。"),
        remedy(case.accepting, more),
    )
    title = "行政许可申请不予受理决定书" if case.plan.licence else "不予受理决定书"
    facts = {"reasons": list(case.reasons), "remedy": protocol.REMEDY}
    return Draft(title, f"{case.id}-不予受理", case.accepting, at, blocks, facts)


def transfer(case: protocol.Case, more: Particulars) -> Draft:
    """材料转办清单: the list that goes with the materials; the last one that was sent."""
    sent = needed(case.shipments, "材料转办清单", "nothing was forwarded")[-1]
    by = official("way").get(sent.by, sent.by)
    rows = [
        ("转出", more.name(sent.source)),
        ("接收", more.name(sent.target)),
        ("方式", f"{by} {sent.tracking}".strip()),
    ]
    if sent.arrived_at:
        missing = f",缺:{'、'.join(sent.missing)}" if sent.missing else ",与清单相符"
        rows.append(("到达", f"{day_text(sent.arrived_at)}{missing}"))
    else:
        rows.append(("到达", ""))
    blocks = (
        Paragraph(f"现将{matter(case)}申请(办件编号{case.id})的下列材料转交,请核对并确认到达:"),
        papers(sent.materials),
        Form(tuple(rows)),
    )
    number = f"{case.id}-转办{len(case.shipments)}"
    facts = {"materials": [one.name for one in sent.materials], "tracking": sent.tracking}
    return Draft("材料转办清单", number, sent.source, sent.sent_at, blocks, facts, to=sent.target)
