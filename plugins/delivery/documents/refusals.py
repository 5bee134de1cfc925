"""What the rules refuse: the refusal in writing, and that the applicant insists."""

from __future__ import annotations

from tongban.kernel import protocol
from tongban.plugins.delivery.documents.model import Block, Listing, Paragraph
from tongban.plugins.delivery.documents.particulars import Particulars
from tongban.plugins.delivery.documents.wording import (
    LAW,
    Draft,
    ended,
    ground_text,
    matter,
    needed,
    remedy,
    stated,
    subject,
    you,
)

_OFFICIAL = "不予办理告知书"


def ineligible(case: protocol.Case, more: Particulars) -> Draft:
    """不予办理告知书, of a licence 不予受理决定书: the rules refuse it (行政许可法 article 32)."""
    why = "the rules do not refuse the case, or not what it says now"
    if case.ruled_at is not None and not case.amendments:
        at = case.ruled_at  # also where somebody insisted since, or it was reopened
    else:
        at = ended(case, "ineligible", _OFFICIAL, why)
    grounds = protocol.grounds_of(case.decision)
    act = "不予受理" if case.plan.licence else "不予办理"
    law = f"并依据{LAW}第三十二条," if case.plan.licence else ""
    blocks: tuple[Block, ...] = (
        Paragraph(f"{subject(case)},按本事项规则存在下列情形:"),
        Listing(_ground_lines(grounds, more)),
        *stated(more),
        Paragraph(f"据此{law}决定对{matter(case)}申请{act}。"),
        Paragraph(
            f"{you(case)}认为所填信息有误或者规则适用不当的,可以坚持申请,由经办人审查决定;"
            "也可以更正后重新申请。"
        ),
        remedy(case.plan.way[0], more),
    )
    title = "行政许可申请不予受理决定书" if case.plan.licence else _OFFICIAL
    facts = {
        "reasons": list(case.reasons),
        "rules": [one.rule for one in grounds],
        "remedy": protocol.REMEDY,
    }
    return Draft(title, f"{case.id}-不予办理", case.plan.way[0], at, blocks, facts)


def insisted(case: protocol.Case, more: Particulars) -> Draft:
    """坚持申请确认书: a person will decide what the rules refuse."""
    at = needed(case.insisted_at, "坚持申请确认书", "nobody insisted on the application")
    blocks = (
        Paragraph(
            f"{subject(case)},按本事项规则不予办理。{you(case)}坚持申请,本件按收到的申请办理,"
            "由经办人审查决定。按规则不予办理的情形:"
        ),
        Listing(_ground_lines(protocol.grounds_of(case.decision), more)),
    )
    return Draft("坚持申请确认书", f"{case.id}-坚持申请", case.plan.way[0], at, blocks)


def _ground_lines(grounds: tuple[protocol.Ground, ...], more: Particulars) -> tuple[str, ...]:
    return tuple(f"{one.because};依据{ground_text(one, more)}" for one in grounds)
