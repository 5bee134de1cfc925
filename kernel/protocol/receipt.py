"""Handing in, receiving, stopping on a disagreement of engines; a case of another store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tongban.kernel.errors import Defect
from tongban.kernel.protocol.actors import Actor
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.codec import FormatError
from tongban.kernel.protocol.command_bodies import Adjudicate, Receive, Submit, Suspend, TakeOver
from tongban.kernel.protocol.command_context import CommandContext, need, refuse_unless
from tongban.kernel.protocol.event_body import EventBody
from tongban.kernel.protocol.handling_events import Terminated
from tongban.kernel.protocol.intake_events import (
    Arrived,
    Received,
    Returned,
    Settled,
    Stopped,
    Submitted,
    TakenOver,
)
from tongban.kernel.protocol.messages import derived_id
from tongban.kernel.protocol.plan import Plan
from tongban.kernel.protocol.planning import is_public, plan_of
from tongban.kernel.protocol.results import RefusedError
from tongban.kernel.protocol.terms import UNIDENTIFIED

__all__ = ["receive", "settle", "stop", "submit", "take_over"]

_IDENTITY = Defect("applicant", UNIDENTIFIED.bracketed)
_STRANGER = (
    "只能由申请人、代办人或收件窗口申请 (only the applicant, the agent or the window hands in)"
)


def submit(body: Submit, context: CommandContext) -> list[EventBody]:
    """Opens a case. What is not eligible cannot be carried: it has nowhere to go."""
    _open(body.decision)
    refuse_unless(
        is_public(body.application),
        "申请中的个人信息须另行保存 (personal data must not be in the log)",
    )
    refuse_unless(bool(body.rules), "须写明规则版本 (the version of the rules must be given)")
    refuse_unless(bool(body.applicant), "须写明申请人 (the applicant must be given)")
    refuse_unless(
        not body.agent or bool(body.authorisation),
        "代办须有授权委托书 (an agent needs an authorisation)",
    )
    try:
        plan = plan_of(body)
    except FormatError as error:
        raise RefusedError("bad_input", str(error)) from None
    if not _hands_in(context.actor, body, plan):
        raise RefusedError("not_a_party", _STRANGER)
    return [
        Submitted(
            rules=body.rules,
            collaboration=_collaboration(plan, context),
            applicant=body.applicant,
            agent=body.agent,
            authorisation=body.authorisation,
            personal=body.personal,
            plan=plan,
            application=body.application,
            decision=body.decision,
        )
    ]


def _open(decision: Mapping[str, Any]) -> None:
    outcome = decision.get("outcome")
    if outcome == "eligible":
        return
    if outcome == "incomplete":
        asked = "、".join(one["question"] for one in decision.get("missing", ()))
        raise RefusedError("not_open", f"还须补充:{asked} (facts are missing)")
    because = "、".join(
        one["because"] for one in decision.get("reasons", ()) if one["conclusion"] == "eligible"
    )
    raise RefusedError("not_open", f"按规则不能跨省通办:{because} (not eligible by the rules)")


def _hands_in(actor: Actor, body: Submit, plan: Plan) -> bool:
    if actor.kind == "applicant":
        return actor.id == body.applicant
    if actor.kind == "agent":
        by_letter = actor.authorisation == body.authorisation != ""
        return by_letter and actor.id == body.agent != ""
    return actor.kind == "window" and actor.division is not None and actor.division == plan.window


def _collaboration(plan: Plan, context: CommandContext) -> str:
    """The number under which several offices act (业务协同编号); "" where one acts alone."""
    if len(plan.offices) == 1:
        return ""
    number = derived_id("collaboration", context.case)[:8].upper()
    return f"XT{plan.lead.division or '000000'}{context.today:%Y%m%d}{number}"


def receive(case: Case, body: Receive, context: CommandContext) -> list[EventBody]:
    """Form and identity only: every defect at once, or a receipt."""
    refuse_unless(
        all(one.field and one.message.strip() for one in body.defects),
        "每项缺陷须指明位置和内容 (each defect names its field and what is wrong)",
    )
    defects = [one for one in body.defects if not one.warning]
    if not body.identified:
        defects.append(_IDENTITY)
    if defects:
        warnings = (one for one in body.defects if one.warning)
        return [Returned(defects=(*defects, *warnings))]
    office = case.plan.way[0]
    receipt = f"SJ{context.today:%Y%m%d}{derived_id('receipt', case.id)[:8].upper()}"
    received = Received(receipt, office, body.materials, body.defects)
    return [received, Arrived(office)] if case.plan.accepting == 0 else [received]


def stop(case: Case, body: Suspend, context: CommandContext) -> list[EventBody]:
    """Two engines disagree: nothing goes on until a person has settled it."""
    refuse_unless(set(body.ours) != set(body.theirs), "两个引擎的结论相同 (the two engines agree)")
    return [Stopped(body.engine, body.ours, body.theirs)]


def settle(case: Case, body: Adjudicate, context: CommandContext) -> list[EventBody]:
    """Goes on where it stopped, or ends."""
    (reason,) = need("理由", body.reason)
    settled = Settled(body.goes_on, reason)
    return [settled] if body.goes_on else [settled, Terminated(reason)]


def take_over(body: TakeOver, context: CommandContext) -> list[EventBody]:
    """A case that another store sent; its first event here is the case as it left."""
    try:
        case = Case.from_dict(body.snapshot)
    except FormatError as error:
        raise RefusedError("bad_input", str(error)) from None
    refuse_unless(
        case.id == context.case and case.state == "dispatched",
        "转来的办件不符 (the case that was sent does not fit)",
    )
    return [TakenOver(body.snapshot)]
