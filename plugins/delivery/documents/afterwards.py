"""Beside the result: who may act for the applicant, and the lapse of what was granted."""

from __future__ import annotations

from tongban.kernel import protocol
from tongban.plugins.delivery.documents.model import Block, Paragraph
from tongban.plugins.delivery.documents.particulars import Particulars
from tongban.plugins.delivery.documents.wording import Draft, day_text, matter, needed, subject, you


def expiry(case: protocol.Case, more: Particulars) -> Draft:
    """有效期届满告知书: the last day of a result has passed."""
    held = needed(case.validity, "有效期届满告知书", "nothing says how long the result holds")
    at = needed(held.expired_at, "有效期届满告知书", "the result has not lapsed")
    blocks = (
        Paragraph(
            f"{you(case)}申请的{matter(case)},本机关于{day_text(held.since)}作出{case.result}号"
            f"决定,有效期至{day_text(held.until)},现已届满。"
        ),
        Paragraph("自届满次日起,该结果不再作为有效凭证使用;仍有需要的,可以重新提出申请。"),
    )
    facts = {
        "number": case.result,
        "valid_from": held.since.isoformat(),
        "valid_until": held.until.isoformat(),
    }
    number = f"{case.result}-届满"
    return Draft("有效期届满告知书", number, case.plan.lead, at, blocks, facts)


def authorisation(case: protocol.Case, more: Particulars) -> Draft:
    """委托变更告知书: who acts for the applicant from now on, by which letter."""
    happened = [one for one in more.events if isinstance(one.body, protocol.Authorised)]
    why = "no change of the authorisation in the log: give the case's events"
    event = needed(happened, "委托变更告知书", why)[-1]
    body = event.body
    assert isinstance(body, protocol.Authorised)
    said = body.mandate or protocol.Mandate()
    if body.agent:
        text = (
            f"自{day_text(event.at)}起,由代办人凭授权委托书{body.authorisation}办理"
            f"({';'.join(mandate_lines(said))})。此前的授权委托不再适用于本办件。"
        )
    else:
        text = f"自{day_text(event.at)}起,本办件不再由代办人办理,此前的授权委托不再适用于本办件。"
    blocks: tuple[Block, ...] = (
        Paragraph(f"{subject(case)},委托事项已经变更。{text}"),
        Paragraph("以上变更不是本人意思的,请立即向本机关提出。"),
    )
    facts = {
        "authorisation": body.authorisation,
        "scope": list(said.scope),
        "from": said.since.isoformat() if said.since else None,
        "until": said.until.isoformat() if said.until else None,
    }
    number = f"{case.id}-委托{len(happened)}"
    return Draft("委托变更告知书", number, case.holder, event.at, blocks, facts)


def mandate_lines(said: protocol.Mandate) -> list[str]:
    """What an authorisation says, in Chinese.

    Args:
        said: as it stands in the case.
    """
    scope = "、".join(protocol.SCOPES[one] for one in said.scope) or "未载明"
    since = f"自{day_text(said.since)}" if said.since else ""
    until = f"至{day_text(said.until)}" if said.until else ""
    lines = [f"授权范围:{scope}", f"期限:{since}{until}" if since or until else "期限:未载明"]
    if said.kinship:
        lines.append(f"与申请人的关系:{protocol.KINSHIPS[said.kinship]}")
    return lines
