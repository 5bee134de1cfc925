"""Correction of a decision (更正决定): the old result is void, the new one is delivered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from attrs import frozen

from tongban.kernel.errors import Text
from tongban.kernel.model.later import later
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.case_parts import Correction, Validity
from tongban.kernel.protocol.commands import (
    REASONS,
    CommandBody,
    CommandContext,
    RefusedError,
    command,
    refuse_unless,
)
from tongban.kernel.protocol.departures import departs
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.grounds import need_article
from tongban.kernel.protocol.messages import Draft, notice
from tongban.kernel.protocol.remedy import remedy_of
from tongban.kernel.protocol.remedy_terms import act_of, act_text, carried_out, owed
from tongban.kernel.protocol.terms import OBLIGING, REMEDIES, REMEDY, REMEDY_OUTCOMES
from tongban.kernel.protocol.validity import validity_from

__all__ = ["Correct", "Corrected", "DecisionReplaced"]


def carries_out(case: Case, number: int, needed: str, elsewhere: bool = False) -> int:
    """The number of the remedy that a step carries out; 0 for one on the authority's own account.

    Args:
        case: as it stands.
        number: as it was given.
        needed: the kind of the command that asks.
        elsewhere: as in `CommandContext`: a former version took one against another act.

    Raises:
        RefusedError: where there is no such remedy, nothing was ordered on it, it was carried
            out, or challenged another act than the one that holds now; and where one that must
            be carried out is not named.
    """
    waiting = owed(case)
    if not number:
        refuse_unless(
            not waiting,
            f"第{waiting[0].number if waiting else 0}号复议、诉讼的结果须执行,请用 --remedy 写明",
            "a remedy must be carried out: name it with --remedy",
        )
        return 0
    one = remedy_of(case, number, needed)
    if one.outcome not in OBLIGING:
        result = REMEDY_OUTCOMES[one.outcome] if one.outcome else "尚无结果"
        raise RefusedError(
            "bad_input",
            f"第{number}号{REMEDIES[one.kind]}的结果为“{result}”,无须执行",
            f"remedy {number} asks for nothing: {one.outcome or 'pending'}",
        )
    refuse_unless(
        number not in carried_out(case),
        f"第{number}号{REMEDIES[one.kind]}的结果已执行",
        f"remedy {number} was carried out already",
    )
    challenged, now = act_text(one.act), act_text(act_of(case))
    does = Text("请不写 --remedy,在理由中说明", "leave --remedy out, and say why in the reasons")
    if waiting:
        one_of = waiting[0].number
        does = Text(f"须执行的是第{one_of}号", f"the one to be carried out is {one_of}")
    refuse_unless(
        elsewhere or one.act == act_of(case),
        f"第{number}号{REMEDIES[one.kind]}针对的是{challenged.zh},现行的是{now.zh},不能据以办理;{does.zh}",
        f"remedy {number} challenged {challenged.en}, and what holds now is {now.en}: {does.en}",
    )
    return number


@command("correct", needs={"reasons": REASONS})
@frozen
class Correct(CommandBody):
    """Corrects a decision; the old result is void, the new one is delivered like any other.

    Attributes:
        granted: whether it is granted now.
        article: the law on which the correction rests.
        remedy: number of the remedy that it carries out; 0 on the authority's own account.
        document: name or hash of the new result.
        valid_until: the last day of what is granted, where the rules do not say it.
    """

    granted: bool
    reasons: tuple[str, ...]
    article: str
    remedy: int = 0
    document: str = ""
    valid_until: date | None = None

    @classmethod
    def not_now(cls, case: Case) -> Text | None:
        if case.over:
            return Text("未作出决定,可以“重新办理”", "nothing was decided; `reopen` it instead")
        return Text("尚未作出决定,没有可以更正的内容", "nothing was decided yet")

    def check(self, day: date) -> None:
        super().check(day)
        need_article(self.article)

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """With reasons and the law; once for each remedy that it carries out."""
        reasons, article = self.reasons, need_article(self.article)
        remedy = carries_out(case, self.remedy, self.kind, context.elsewhere)
        same = (self.granted, reasons) == (case.granted, case.reasons)
        refuse_unless(
            not same or bool(self.document.strip()),
            "更正后的决定与原决定相同",
            "the corrected decision says the same as the one before",
        )
        number = f"{case.id}-{len(case.voided) + 2}"
        held = validity_from(case, context, self.valid_until) if self.granted else None
        corrected = Corrected(
            case.result, number, self.granted, reasons, article, remedy, self.document, held
        )
        return [corrected, DecisionReplaced(case.result, number, self.granted, self.document)]


@event("corrected")
@frozen
class Corrected(EventBody):
    """更正决定: the decision is another one; `void` is void, `number` takes its place.

    Attributes:
        granted, reasons: what holds now, and why.
        article: the law on which it rests.
        remedy: number of the remedy that it carries out; 0 where it carries out none.
        document: name or hash of the new result.
        validity: how long it holds; None where nothing says it.
    """

    void: str
    number: str
    granted: bool
    reasons: tuple[str, ...]
    article: str
    remedy: int = 0
    document: str = later("")
    validity: Validity | None = later()

    def origin(self) -> Correct:
        held = self.validity
        stated = held.until if held and held.basis == "officer" else None
        more = (self.remedy, self.document, stated)
        return Correct(self.granted, self.reasons, self.article, *more)

    def changes(self, case: Case, event: Event) -> Changes:
        assert case.granted is not None
        one = Correction(
            event.at,
            self.void,
            self.number,
            case.granted,
            case.reasons,
            self.granted,
            self.reasons,
            self.article,
            self.remedy,
            departs(case) is not None,
        )
        return {
            "state": "decided",
            "granted": self.granted,
            "reasons": self.reasons,
            "article": self.article,
            "validity": self.validity,
            "result": self.number,
            "voided": (*case.voided, self.void),
            "corrections": (*case.corrections, one),
            "delivered_at": None,
            "ended_at": None,
        }

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        yield notice(
            "更正通知书",
            void=self.void,
            number=self.number,
            was_granted=before.granted,
            granted=self.granted,
            reasons=list(self.reasons),
            article=self.article,
            carries_out=_resolution(after, self.remedy),
            remedy=REMEDY,
        )


@event("decision_replaced")
@frozen
class DecisionReplaced(EventBody):
    """换发决定书: the document of the decision as it was corrected.

    Attributes:
        void: number of the result that is void.
        number: of the one that takes its place.
        granted: whether it is granted now.
    """

    void: str
    number: str
    granted: bool
    document: str = ""

    def changes(self, case: Case, event: Event) -> Changes:
        return {}

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        now = after.corrections[-1]
        says = {"number": self.number, "void": self.void, "article": now.article}
        if self.granted:
            yield notice("准予决定书", result=self.document, **says)
        else:
            yield notice("不予决定书", reasons=list(now.reasons), remedy=REMEDY, **says)


def _resolution(case: Case, number: int) -> dict[str, str] | None:
    """What was decided on the remedy that is carried out, for a document; None where none is."""
    if not number:
        return None
    one = case.remedies[number - 1]
    assert one.outcome is not None
    assert one.resolved_on is not None
    return {
        "remedy": one.kind,
        "organ": one.organ,
        "outcome": one.outcome,
        "document": one.document,
        "on": one.resolved_on.isoformat(),
    }
