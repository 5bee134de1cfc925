"""Every kind of document, and the way from a case to one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import frozen

from tongban.kernel import nearest, protocol
from tongban.kernel.model import printing
from tongban.plugins.delivery.documents import (
    afterwards,
    corrections,
    decisions,
    handing_over,
    intake,
    meanwhile,
    refusals,
)
from tongban.plugins.delivery.documents.model import (
    Block,
    Document,
    DocumentError,
    Form,
    Grid,
    Listing,
    Paragraph,
)
from tongban.plugins.delivery.documents.particulars import Particulars, recipient_of
from tongban.plugins.delivery.documents.wording import Draft, typeset


@frozen
class Kind:
    """One kind of document.

    Attributes:
        official: its usual name; a licence's decisions are called otherwise.
        meaning: plain English.
        write: makes it from a case.
    """

    official: str
    meaning: str
    write: Callable[[protocol.Case, Particulars], Draft]


KINDS: Mapping[str, Kind] = {
    "receipt": Kind("收件凭证", "the receipt of the window", intake.receipt),
    "return": Kind("退件通知书", "returned, with every defect at once", intake.returned),
    "supplement": Kind(
        "一次性补正告知书", "everything that is missing, asked for once", intake.supplement
    ),
    "lapse": Kind("逾期未补正告知书", "what was missing did not come", intake.lapsed),
    "correction": Kind(
        "更正告知书", "a lapse by a wrong clock is undone; the case goes on", intake.corrected
    ),
    "acceptance": Kind("受理通知书", "accepted", intake.accepted),
    "ineligible": Kind(
        "不予办理告知书", "refused by the rules, with row and words", refusals.ineligible
    ),
    "insistence": Kind(
        "坚持申请确认书", "the applicant insists, and a person decides", refusals.insisted
    ),
    "amendment": Kind("更正申请信息告知书", "what the applicant corrected", corrections.amended),
    "reopening": Kind("重新办理通知书", "what had ended goes on", corrections.reopened),
    "decision_correction": Kind(
        "更正通知书", "the decision is another one now", corrections.corrected
    ),
    "remedy_notice": Kind(
        "复议权利告知书", "what can be done against the act, until when", corrections.remedies
    ),
    "decline": Kind("不予受理决定书", "not accepted, with reasons", intake.declined),
    "transfer": Kind("材料转办清单", "what was sent on to the next authority", intake.transfer),
    "procedure": Kind("特别程序告知书", "a special procedure stops the clock", meanwhile.procedure),
    "resumption": Kind("恢复办理告知书", "the clock goes on", meanwhile.resumption),
    "extension": Kind("延期告知书", "a limit is extended, once", meanwhile.extension),
    "grant": Kind("准予决定书", "granted: the result", decisions.granted),
    "denial": Kind("不予决定书", "denied, with reasons", decisions.denied),
    "termination": Kind("终止办理通知书", "ended without a decision", decisions.terminated),
    "withdrawal": Kind("撤回确认书", "taken back", decisions.withdrawn),
    "sending": Kind("送达告知书", "how the result comes", handing_over.sending),
    "reissue": Kind("补发告知书", "a lost result is void, issued anew", handing_over.reissue),
    "authorisation": Kind(
        "委托变更告知书", "who acts for the applicant from now on", afterwards.authorisation
    ),
    "expiry": Kind("有效期届满告知书", "the last day of the result has passed", afterwards.expiry),
    "void_notice": Kind(
        "作废告知书", "a lost result that was found is void", handing_over.void_notice
    ),
    "delivery_receipt": Kind(
        "送达回证", "who got what, when and how", handing_over.delivery_receipt
    ),
}
"""Every kind by its name in JSON."""

_NO_OTHERS = Particulars()


def document(case: protocol.Case, kind: str, particulars: Particulars = _NO_OTHERS) -> Document:
    """A document of a case. Pure: the same case gives the same document.

    Args:
        case: as it stands.
        kind: a key of `KINDS`.
        particulars: what the case itself does not hold.

    Raises:
        DocumentError: where there is no such kind, or the case has not come to it.
    """
    known = KINDS.get(kind)
    if known is None:
        near = nearest(kind, KINDS)
        hint = f"; did you mean {near!r}?" if near else ""
        raise DocumentError(f"没有此类文书 (no kind of document {kind!r}{hint})")
    draft = known.write(case, particulars)
    applicant = case.application.get("applicant", {}).get("kind", "person")
    return Document(
        kind=kind,
        title=printing.visible(draft.title),
        number=printing.visible(draft.number),
        case=case.id,
        item=f"{case.item['jurisdiction']}/{case.item['id']}",
        item_name=printing.visible(case.item["name"]),
        collaboration=case.collaboration,
        rules=case.rules,
        issuer=draft.issuer.key,
        issuer_name=printing.visible(particulars.name(draft.issuer)),
        recipient=(
            recipient_of(particulars.personal, applicant)
            if draft.to is None
            else {"kind": "institution", "name": printing.visible(particulars.name(draft.to))}
        ),
        issued_on=protocol.day_of(draft.at),
        blocks=tuple(map(_typeset, draft.blocks)),
        facts=draft.facts,
    )


def _typeset(block: Block) -> Block:
    if isinstance(block, Paragraph):
        return Paragraph(_words(block.text))
    if isinstance(block, Listing):
        return Listing(tuple(map(_words, block.lines)))
    if isinstance(block, Form):
        return Form(tuple((label, _words(text)) for label, text in block.rows))
    rows = tuple(tuple(map(_words, row)) for row in block.rows)
    return Grid(block.header, rows, block.widths)


def _words(text: str) -> str:
    return typeset(printing.visible(text))
