"""Amendment (更正申请信息): the applicant corrects what was applied with, with evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import attrs
from attrs import field, frozen

from tongban.kernel.errors import Text
from tongban.kernel.model.later import later
from tongban.kernel.model.printing import printable
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.case_parts import Amendment, PlannedOn
from tongban.kernel.protocol.codec import dump
from tongban.kernel.protocol.commands import (
    REASONS,
    CommandBody,
    CommandContext,
    RefusedError,
    command,
    need,
    refuse_unless,
)
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.messages import Draft, notice, request_of
from tongban.kernel.protocol.plan import Document, Plan, is_public, plan_of
from tongban.kernel.protocol.receipt import collaboration_number

__all__ = ["Amend", "Amended"]


_CORRECTED = ("facts", "places", "applicant")
"""What of an application may be corrected."""


@command("amend", needs={"reason": REASONS})
@frozen
class Amend(CommandBody):
    """Corrects facts, names and numbers of the application, with evidence; never the item.

    Attributes:
        application: the whole of it as it is now, without personal data.
        decision: `Decision.to_dict()` on it, by the rules of the case.
        evidence: what shows that it was wrong.
        personal: the salted hash of the personal data as it is now; "" where it stays.
        fields: names of what was corrected of personal data.
    """

    application: Mapping[str, Any]
    decision: Mapping[str, Any]
    evidence: tuple[Document, ...]
    reason: str
    personal: str = ""
    fields: tuple[str, ...] = ()

    @classmethod
    def not_now(cls, case: Case) -> Text | None:
        if case.decided_at is not None:
            return Text(
                "决定已作出,申请信息不得再更正;认为决定有误的,可请办理机关更正决定,或者申请复议",
                "it was decided: ask the authority to correct its decision, or lodge a remedy",
            )
        return None

    def check(self, day: date) -> None:
        """Evidence and a reason are there."""
        super().check(day)
        need(Text("更正的证明材料", "evidence of the correction"), *(x.name for x in self.evidence))

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """Corrected, with the decision of the rules on it; the plan must stay the same."""
        self._check_form(case)
        public = changed_fields(case.application, self.application)
        refuse_unless(
            bool(public) or bool(self.personal), "没有更正任何内容", "nothing is corrected"
        )
        outcome = self.decision.get("outcome")
        if outcome not in ("eligible", "ineligible"):
            raise RefusedError(
                "not_open",
                f"更正后信息不全,请补全后再提交: {_asked(self.decision, 'question')}",
                f"missing after the correction: {_asked(self.decision, 'question_en')}",
            )
        plan = self._plan(case)
        number = collaboration_number(plan, context) if plan else ""
        return [
            Amended(
                changed=public,
                evidence=self.evidence,
                reason=self.reason,
                application=self.application,
                decision=self.decision,
                personal=self.personal,
                fields=self.fields,
                plan=plan,
                collaboration=number,
            )
        ]

    def _plan(self, case: Case) -> Plan | None:
        """How it goes where the rules refused it and do not any more; None where that stays."""
        if self.decision["outcome"] == "ineligible":
            return None
        if case.state == "ineligible":
            known = (case.plan.licence, case.plan.on_refusal, case.plan.in_person)
            plan = plan_of(self.decision, self.application, *known)
            _check_received_here(case, plan)
            return plan
        refuse_unless(
            bool(case.plan.modes),
            "本件按坚持申请办理,更正后按规则可以办理:请由经办人决定,或者撤回后重新申请",
            "it is handled because the applicant insisted; the rules allow it after that: leave it"
            " to the officer, or withdraw and apply anew",
        )
        _check_plan(case, self.application, self.decision)
        return None

    def _check_form(self, case: Case) -> None:
        refuse_unless(
            is_public(self.application),
            "申请中的个人信息须另行保存",
            "personal data must not be in the log",
        )
        same = self.application.get("item") == case.application.get("item")
        refuse_unless(
            same and self.decision.get("item") == case.item,
            "不得更正为另一事项;请撤回后重新申请",
            "the item cannot be corrected: withdraw and apply anew",
        )
        fixed = [
            name
            for name in changed_fields(case.application, self.application)
            if name.partition(".")[0] not in _CORRECTED
        ]
        refuse_unless(
            not fixed,
            f"{'、'.join(fixed)}不能更正:送达方式请“变更联系方式”,其他的请撤回后重新申请",
            f"{', '.join(fixed)} cannot be corrected: change the way of delivery by"
            " `change-contact`, withdraw and apply anew for anything else",
        )
        refuse_unless(
            bool(self.personal) == bool(self.fields),
            "更正个人信息须写明更正了哪些字段",
            "name the fields of personal data that are corrected",
        )


def _asked(decision: Mapping[str, Any], words: str) -> str:
    """What a decision says is missing, in its own words."""
    missing = decision.get("missing")
    some = missing if isinstance(missing, list | tuple) else ()
    said = (one.get(words) or one.get("name") for one in some if isinstance(one, Mapping))
    return "、".join(printable(str(one)) for one in said) or "—"


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the fields in which two applications differ, `facts.x` for a fact.

    Args:
        before, after: without personal data, as JSON.
    """
    old, new = dict(_flat(before)), dict(_flat(after))
    missing = object()
    return tuple(
        name for name in sorted({*old, *new}) if old.get(name, missing) != new.get(name, missing)
    )


def _flat(application: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in application.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{key}", one) for key, one in value.items())
        else:
            yield name, value


def _check_received_here(case: Case, plan: Plan) -> None:
    """Check that a refused case which goes on is received where it is: nobody else has it.

    Raises:
        RefusedError: where it would be received at another place, with its name.
    """
    first = plan.way[0]
    refuse_unless(
        first.division == case.holder.division,
        f"更正后应由另一机关({first.key})收件;请向该机关申请",
        f"after that it is to be handed in at another authority, {first.key}: apply there",
    )


def _check_plan(case: Case, application: Mapping[str, Any], decision: Mapping[str, Any]) -> None:
    """Check that the corrected application is for the same authorities, handled in the same way.

    Raises:
        RefusedError: where it is not, with the name of the new authority.
        FormatError: where the decision is not one that the kernel makes.
    """
    known = (case.plan.licence, case.plan.on_refusal, case.plan.in_person)
    plan = plan_of(decision, application, *known)
    if attrs.evolve(plan, delivery=case.plan.delivery) == case.plan:
        return
    lead = plan.lead
    if lead != case.plan.lead:
        department = f"{lead.division or lead.place}/{lead.department}"
        raise RefusedError(
            "bad_input",
            f"更正后应由另一机关({department})办理;请撤回本件,向该机关重新申请",
            f"another authority is competent after that, {department}: withdraw and apply there",
        )
    others = "、".join(one.key for one in plan.offices if one not in case.plan.offices)
    named = f"({others})" if others else ""
    raise RefusedError(
        "bad_input",
        f"更正后的受理、协同机关{named}或者办理方式、时限与原申请不同;请撤回后重新申请",
        "after that other offices take part, or other ways or limits hold: withdraw and apply anew",
    )


@event("amended")
@frozen
class Amended(EventBody):
    """更正申请信息: corrected by the applicant; the decision of the rules is the one on it.

    Attributes:
        changed: names of the public fields.
        fields: names of the fields of personal data.
        application: the whole of it as it is now, without personal data.
        personal: the salted hash of the personal data as it is now; "" where it stays.
        plan: where the case was refused by the rules and goes on, how it goes.
    """

    changed: tuple[str, ...]
    evidence: tuple[Document, ...]
    reason: str
    application: Mapping[str, Any] = field(repr=False)
    decision: Mapping[str, Any]
    personal: str = ""
    fields: tuple[str, ...] = ()
    plan: Plan | None = later()
    collaboration: str = later("")

    def origin(self) -> Amend:
        return Amend(
            self.application,
            self.decision,
            self.evidence,
            self.reason,
            self.personal,
            self.fields,
        )

    def changes(self, case: Case, event: Event) -> Changes:
        one = Amendment(
            event.at,
            (*self.changed, *self.fields),
            self.evidence,
            self.reason,
            str(self.decision["outcome"]),
        )
        changes: Changes = {
            "application": self.application,
            "decision": self.decision,
            "personal": self.personal or case.personal,
            "amendments": (*case.amendments, one),
            "planned_on": None,
        }
        if one.outcome == "ineligible" and case.plan.modes:
            basis = PlannedOn(case.application, case.decision)
            changes["planned_on"] = case.planned_on or basis
        if self.plan is not None:
            more = {"plan": self.plan, "collaboration": self.collaboration}
            changes |= {"state": "submitted", "ended_at": None, "reasons": (), **more}
        return changes

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        changed = [*self.changed, *self.fields]
        yield notice(
            "更正申请信息告知书",
            changed=changed,
            evidence=dump(self.evidence),
            reasons=[self.reason],
            outcome=self.decision["outcome"],
        )
        for office in after.unanswered:
            asks = {"awaited": "answer", "note": f"申请信息已更正:{'、'.join(changed)}"}
            yield office.key, "chase", {**asks, **request_of(after)}
