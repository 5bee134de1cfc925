"""Handing in and receiving: form and identity, every defect at once, or a receipt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from tongban.kernel.errors import Defect
from tongban.kernel.model.application import Application
from tongban.kernel.model.decision import Decision
from tongban.kernel.model.later import later
from tongban.kernel.model.rules import Item
from tongban.kernel.protocol.actors import Actor, Office
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.codec import FormatError, dump
from tongban.kernel.protocol.commands import (
    CommandBody,
    CommandContext,
    RefusedError,
    command,
    refuse_unless,
)
from tongban.kernel.protocol.ending import Returned
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.grounds import grounds_of
from tongban.kernel.protocol.guards import check_authorised
from tongban.kernel.protocol.mandate import Mandate
from tongban.kernel.protocol.messages import Draft, derived_id, notice
from tongban.kernel.protocol.plan import (
    Document,
    OnRefusal,
    Plan,
    is_public,
    plan_of,
    plan_of_refused,
    public_part,
)
from tongban.kernel.protocol.refusal import RuledIneligible
from tongban.kernel.protocol.representation import check_in_person, check_mandate
from tongban.kernel.protocol.terms import NO_LIMIT, UNIDENTIFIED
from tongban.kernel.protocol.transfer import Arrived

__all__ = ["Receive", "Received", "Submit", "Submitted", "submit"]

LICENCE = "许可"
"""The kind of items for which the Administrative Licensing Law sets limits."""


@command("submit")
@frozen
class Submit(CommandBody):
    """Hands an application in. `tongban.kernel.protocol.submit` makes one from a decision.

    Attributes:
        rules: the version of the rules, a hash; the case is handled by them to its end.
        application: what was put in, without personal data.
        decision: `Decision.to_dict()`.
        applicant: an opaque id.
        agent: opaque id of an agent (帮办代办), with the number of the `authorisation`.
        personal: the salted hash of the personal data, which lives apart.
        licence: whether the item is a licence (行政许可).
        on_refusal: what a refusal by a co-handling authority does.
        mandate: what the `authorisation` says beside its number; None where that is not known.
        in_person: whether the item takes no agent (亲自办理).
        way: of what the rules refuse: the offices that would handle it, as `plan_of_refused` asks.
        doubted: whether second engines find otherwise: it is not refused by the rules then.
    """

    rules: str
    application: Mapping[str, Any]
    decision: Mapping[str, Any]
    applicant: str
    agent: str = ""
    authorisation: str = ""
    personal: str = ""
    licence: bool = False
    on_refusal: OnRefusal = "end"
    mandate: Mandate | None = later()
    in_person: bool = later(False)
    way: tuple[Office, ...] = later(())
    doubted: bool = later(False)

    def open(self, context: CommandContext) -> list[EventBody]:
        """Opens a case; where the rules refuse it, it is over at once, until somebody insists."""
        _check_complete(self.decision)
        refuse_unless(
            is_public(self.application),
            "申请中的个人信息须另行保存",
            "personal data must not be in the log",
        )
        refuse_unless(bool(self.rules), "须写明规则版本", "the version of the rules must be given")
        refuse_unless(bool(self.applicant), "须写明申请人", "the applicant must be given")
        check_mandate(self.agent, self.authorisation, self.mandate, context.today)
        plan = self._plan()
        if not self._refused:
            check_in_person(plan, self.agent, self.decision)
        if not self._may(context.actor, plan):
            raise RefusedError(
                "not_a_party",
                "只能由申请人、代办人或收件窗口申请",
                "only the applicant, the agent or the window hands in",
            )
        if context.actor.kind == "agent":
            check_authorised(self.mandate, self.authorisation, "submit", context.today)
        submitted = Submitted(
            rules=self.rules,
            collaboration=collaboration_number(plan, context),
            applicant=self.applicant,
            agent=self.agent,
            authorisation=self.authorisation,
            personal=self.personal,
            plan=plan,
            application=self.application,
            decision=self.decision,
            mandate=self.mandate,
        )
        if self._refused and not self.doubted:
            return [submitted, RuledIneligible(grounds_of(self.decision))]
        return [submitted]

    @property
    def _refused(self) -> bool:
        return bool(self.decision["outcome"] == "ineligible")

    def _plan(self) -> Plan:
        of_it = (self.decision, self.application, self.licence, self.on_refusal, self.in_person)
        return plan_of_refused(*of_it, way=self.way) if self._refused else plan_of(*of_it)

    def _may(self, actor: Actor, plan: Plan) -> bool:
        """Whether an actor may hand it in."""
        if actor.kind == "applicant":
            return actor.id == self.applicant
        if actor.kind == "agent":
            by_letter = actor.authorisation == self.authorisation != ""
            return by_letter and actor.id == self.agent != ""
        at_window = actor.division is not None and actor.division == plan.window
        return actor.kind == "window" and at_window


def _check_complete(decision: Mapping[str, Any]) -> None:
    """Check that the rules come to something: what is incomplete is asked for first.

    Raises:
        RefusedError: where facts are missing.
        FormatError: where the outcome is none.
    """
    outcome = decision.get("outcome")
    if outcome == "incomplete":
        asked = "、".join(one["question"] for one in decision.get("missing", ()))
        raise RefusedError("not_open", f"还须补充:{asked}", "facts are missing")
    if outcome not in ("eligible", "ineligible"):
        raise FormatError("submit.decision.outcome: must be eligible, ineligible or incomplete")


def collaboration_number(plan: Plan, context: CommandContext) -> str:
    """The number under which several offices act (业务协同编号); "" where one acts alone."""
    if len(plan.offices) == 1:
        return ""
    number = derived_id("collaboration", context.case)[:8].upper()
    return f"XT{plan.lead.division or '000000'}{context.today:%Y%m%d}{number}"


def submit(
    decision: Decision,
    item: Item,
    application: Application,
    *,
    rules: str,
    applicant: str,
    agent: str = "",
    authorisation: str = "",
    personal: str = "",
    on_refusal: OnRefusal = "end",
    mandate: Mandate | None = None,
    way: tuple[Office, ...] = (),
) -> Submit:
    """The command that opens a case.

    Args:
        decision: the kernel's, on this application.
        item: the item that is applied for.
        application: checked; its personal data is left out.
        rules: the version of the rules, from `rules_version`.
        applicant: an opaque id.
        agent: opaque id of who acts for the applicant.
        authorisation: the number of the letter that lets the agent act.
        personal: the salted hash of the personal data.
        on_refusal: what a refusal by a co-handling authority does.
        mandate: what that letter says beside its number; None where that is not known.
        way: as in `Submit`; needed where the decision is ineligible.
    """
    return Submit(
        rules=rules,
        application=public_part(application),
        decision=dump(decision.to_dict()),
        applicant=applicant,
        agent=agent,
        authorisation=authorisation,
        personal=personal,
        licence=item.kind == LICENCE,
        on_refusal=on_refusal,
        mandate=mandate,
        in_person=item.agent is not None,
        way=way,
    )


@event("submitted")
@frozen
class Submitted(EventBody):
    """申请: handed in. The first event; the case is handled by its `rules` to the end.

    Attributes:
        rules: the version of the rules, a hash.
        collaboration: the number under which several offices act (业务协同编号), "" for one.
        decision: as it was made under these rules.
        personal: the salted hash of the personal data, which lives apart.
        mandate: what the letter of authorisation says beside its number.
    """

    rules: str
    collaboration: str
    applicant: str
    agent: str
    authorisation: str
    personal: str
    plan: Plan
    application: Mapping[str, Any]
    decision: Mapping[str, Any]
    mandate: Mandate | None = later()

    def opens(self, event: Event) -> Case:
        if event.seq != 1:
            return EventBody.opens(self, event)
        return Case(
            id=event.case,
            state="submitted",
            version=1,
            rules=self.rules,
            plan=self.plan,
            item=self.decision["item"],
            application=self.application,
            decision=self.decision,
            applicant=self.applicant,
            submitted_at=event.at,
            collaboration=self.collaboration,
            agent=self.agent,
            authorisation=self.authorisation,
            personal=self.personal,
            seen=(event.cause,),
            mandate=self.mandate,
        )


@command("receive")
@frozen
class Receive(CommandBody):
    """Examines form and identity: received, or returned with every defect at once.

    Attributes:
        defects: what plugins (`Ports.examine`) and the window found; warnings keep nothing back.
        identified: whether the identity of the one who hands in was verified.
        materials: what was handed in.
    """

    defects: tuple[Defect, ...] = ()
    identified: bool = True
    materials: tuple[Document, ...] = ()

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """Form and identity only: every defect at once, or a receipt."""
        refuse_unless(
            all(one.field and one.message.strip() for one in self.defects),
            "每项缺陷须指明位置和内容",
            "each defect names its field and what is wrong",
        )
        defects = [one for one in self.defects if not one.warning]
        if not self.identified:
            defects.append(Defect("applicant", UNIDENTIFIED))
        if defects:
            warnings = (one for one in self.defects if one.warning)
            return [Returned(defects=(*defects, *warnings))]
        office = case.plan.way[0]
        receipt = f"SJ{context.today:%Y%m%d}{derived_id('receipt', case.id)[:8].upper()}"
        received = Received(receipt, office, self.materials, self.defects)
        return [received, Arrived(office)] if case.plan.accepting == 0 else [received]


@event("received")
@frozen
class Received(EventBody):
    """收件: form and identity are right; `receipt` is the number of the receipt 收件凭证.

    Attributes:
        warnings: what is to be looked at and keeps nothing back.
    """

    receipt: str
    office: Office
    materials: tuple[Document, ...] = ()
    warnings: tuple[Defect, ...] = ()

    def changes(self, case: Case, event: Event) -> Changes:
        return {
            "state": "received",
            "receipt": self.receipt,
            "materials": self.materials,
            "received_at": event.at,
        }

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        yield notice(
            "收件凭证",
            receipt=self.receipt,
            office=dump(self.office),
            materials=dump(self.materials),
            warnings=list(map(str, self.warnings)),
            limits=dump(after.plan.limits) or NO_LIMIT,
        )
