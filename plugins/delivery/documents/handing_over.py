"""How the result comes to the applicant, and the proof that it did."""

from __future__ import annotations

from tongban.kernel import protocol
from tongban.plugins.delivery.documents.model import Block, Form, Paragraph
from tongban.plugins.delivery.documents.particulars import Particulars
from tongban.plugins.delivery.documents.wording import (
    Draft,
    channel,
    matter,
    moment_text,
    needed,
    you,
)


def result_title(case: protocol.Case) -> str:
    """What the result of a case is called."""
    licence = "行政许可" if case.plan.licence else ""
    return f"{'准予' if case.granted else '不予'}{licence}决定书"


def _last(case: protocol.Case, what: str) -> protocol.Delivery:
    return needed(case.deliveries, what, "nothing was handed to a channel")[-1]


def sending(case: protocol.Case, more: Particulars) -> Draft:
    """送达告知书: how and where."""
    last = _last(case, "送达告知书")
    window = case.plan.way[0]
    said = {
        "electronic": "已以电子形式送达,可以凭文书编号和验证码核验。",
        "post": "已交邮寄递,邮递费由申请人承担。"
        + (f"邮件号码{last.tracking}。" if last.tracking else "")
        + "退回或者丢失的,本机关将重新送达;丢失的予以补发,原件作废。",
        "pickup": f"已备妥,请凭有效身份证件到{more.name(window)}领取;代领的,须持授权委托书。",
    }
    blocks = (
        Paragraph(
            f"{you(case)}申请的{matter(case)}已作出{result_title(case)}"
            f"({last.number}号),{said.get(last.by, channel(last.by))}"
        ),
    )
    facts = {"by": last.by, "number": last.number, "tracking": last.tracking}
    number = f"{case.id}-送达{len(case.deliveries)}"
    return Draft("送达告知书", number, case.plan.lead, last.started_at, blocks, facts)


def reissue(case: protocol.Case, more: Particulars) -> Draft:
    """补发告知书: the lost one is void."""
    last = _last(case, "补发告知书")
    void = needed(case.voided, "补发告知书", "no result was lost")[-1]
    blocks = (
        Paragraph(
            f"{you(case)}申请的{matter(case)},原{result_title(case)}({void}号)"
            f"在寄递中丢失,现予作废,补发{case.result}号{result_title(case)},内容不变。"
        ),
        Paragraph("原件日后寻获的,不再具有效力。"),
    )
    facts = {"void": case.voided[-1], "number": case.result}
    number = f"{case.id}-补发{len(case.voided)}"
    return Draft("补发告知书", number, case.plan.lead, last.started_at, blocks, facts)


def void_notice(case: protocol.Case, more: Particulars) -> Draft:
    """作废告知书: a lost result that turned up has no force; which one has."""
    found = needed(case.void_found, "作废告知书", "no void result was found")[-1]
    void = case.deliveries[found.delivery - 1]
    blocks = (
        Paragraph(
            f"{you(case)}申请的{matter(case)},原{result_title(case)}({void.number}号)曾在寄递中"
            f"丢失,已作废并补发。现原件已经寻获,特此告知:{void.number}号{result_title(case)}"
            f"不具有效力,以{case.result}号{result_title(case)}为准。"
        ),
        Paragraph("请勿使用已作废的原件,并请将其交回本机关或者收件窗口。"),
    )
    facts = {"void": void.number, "number": case.result}
    number = f"{case.id}-作废{len(case.void_found)}"
    return Draft("作废告知书", number, case.plan.lead, found.at, blocks, facts)


def delivery_receipt(case: protocol.Case, more: Particulars) -> Draft:
    """送达回证: a form; before the delivery with room to sign, afterwards with the moment."""
    last = _last(case, "送达回证")
    office = case.plan.way[0] if last.by == "pickup" else case.plan.lead
    recipient = str(more.personal.get("name") or "申请人")
    arrived = moment_text(case.delivered_at) if case.delivered_at else ""
    where = {
        "electronic": "电子送达",
        "post": "申请人填写的邮寄地址",
        "pickup": more.name(case.plan.way[0]),
    }
    signed = {"electronic": "电子送达,以到达申请人系统的日期为送达日期"}
    rows = (
        ("受送达人", recipient),
        ("案由", f"{case.item['name']}(办件编号{case.id})"),
        ("送达文书", f"{result_title(case)} {last.number}号"),
        ("送达方式", channel(last.by)),
        ("邮件号码", last.tracking) if last.by == "post" else ("送达地点", where.get(last.by, "")),
        ("送达时间", arrived),
        ("受送达人签名或者盖章", signed.get(last.by, "")),
        ("代收人及代收理由", ""),
        ("送达人", ""),
        ("备注", f"第{len(case.deliveries)}次送达" if len(case.deliveries) > 1 else ""),
    )
    blocks: tuple[Block, ...] = (Form(rows),)
    at = case.delivered_at or last.started_at
    facts = {
        "by": last.by,
        "number": last.number,
        "delivered_at": case.delivered_at.isoformat() if case.delivered_at else None,
    }
    number = f"{case.id}-回证{len(case.deliveries)}"
    return Draft("送达回证", number, office, at, blocks, facts)
