"""While a case is handled: special procedures, extensions."""

from __future__ import annotations

from tongban.kernel import protocol
from tongban.plugins.delivery.documents.model import Block, Listing, Paragraph
from tongban.plugins.delivery.documents.particulars import Particulars
from tongban.plugins.delivery.documents.wording import (
    Draft,
    by_law,
    day_text,
    limit_of,
    needed,
    subject,
)


def procedure(case: protocol.Case, more: Particulars) -> Draft:
    """特别程序告知书: the clock stands, and how long that will take."""
    pause = needed(case.pauses, "特别程序告知书", "there was no special procedure")[-1]
    name = protocol.PROCEDURES[pause.procedure]
    length = f"预计需要{pause.expected}个工作日," if pause.expected else "所需时间另行告知,"
    blocks = (
        Paragraph(
            f"{subject(case)},因{pause.reason},依法需要进行{name}。"
            f"{by_law(case, '第四十五条')}自{day_text(pause.since)}起进行{name},"
            f"{length}该时间不计算在办理时限内。"
        ),
        Paragraph("程序结束后,本机关将恢复计算办理时限并另行告知。"),
    )
    facts = {"procedure": pause.procedure, "working_days": pause.expected}
    number = f"{case.id}-特别程序{len(case.pauses)}"
    return Draft("特别程序告知书", number, case.plan.lead, pause.since, blocks, facts)


def resumption(case: protocol.Case, more: Particulars) -> Draft:
    """恢复办理告知书: the procedure is over, and the new last day."""
    ended = [one for one in case.pauses if one.until is not None]
    last = needed(ended, "恢复办理告知书", "no special procedure has ended")[-1]
    at, name = needed(last.until, "恢复办理告知书"), protocol.PROCEDURES[last.procedure]
    text, facts = limit_of(case, more, "decide", at)
    until = f"作出决定的时限为{text}。" if text else "本事项未规定作出决定的时限。"
    blocks = (Paragraph(f"{subject(case)},{name}已经结束,自{day_text(at)}起恢复办理。{until}"),)
    number = f"{case.id}-恢复{len(ended)}"
    return Draft("恢复办理告知书", number, case.plan.lead, at, blocks, {"limit": facts or None})


def extension(case: protocol.Case, more: Particulars) -> Draft:
    """延期告知书: once, with reasons."""
    happened = [one for one in more.events if isinstance(one.body, protocol.Extended)]
    why = "no extension in the log; its reasons stand there: give the case's events"
    event = needed(happened, "延期告知书", why)[-1]
    body = event.body
    assert isinstance(body, protocol.Extended)
    step = protocol.LIMIT_STEPS[body.step]
    text, facts = limit_of(case, more, body.step, event.at)
    blocks: list[Block] = [
        Paragraph(f"{subject(case)},因下列理由不能在规定时限内{step}:"),
        Listing(body.reasons),
        Paragraph(
            f"{by_law(case, '第四十二条')}经批准,{step}的时限延长{body.working_days}个工作日,"
            f"延长后共{text}。时限只延长一次。"
        ),
    ]
    said = {
        "step": body.step,
        "working_days": body.working_days,
        "reasons": list(body.reasons),
        "limit": facts or None,
    }
    return Draft("延期告知书", f"{case.id}-延期", case.plan.lead, event.at, tuple(blocks), said)
