"""Between acceptance and decision: examination, co-handling, the clock, the decision."""

from __future__ import annotations

from tongban.kernel.protocol.actors import Office
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.command_bodies import (
    Confirm,
    Deny,
    Examine,
    Extend,
    Grant,
    Pause,
    Refuse,
    Resume,
)
from tongban.kernel.protocol.command_context import CommandContext, need, refuse_unless
from tongban.kernel.protocol.event_body import EventBody
from tongban.kernel.protocol.handling_events import (
    CoHandlingCompleted,
    CoHandlingConfirmed,
    CoHandlingRefused,
    Decided,
    Examined,
    Extended,
    Paused,
    Resumed,
    Terminated,
)
from tongban.kernel.protocol.intake_events import Returned
from tongban.kernel.protocol.limits import limit
from tongban.kernel.protocol.results import RefusedError
from tongban.kernel.protocol.terms import (
    EXAMINED_WITH_DECISION,
    LIMIT_STEPS,
    MOST_DAYS,
    NOT_CONFIRMED,
)

__all__ = ["confirm", "deny", "examine", "extend", "grant", "pause", "refuse", "resume"]


def examine(case: Case, body: Examine, context: CommandContext) -> list[EventBody]:
    """Records the finding."""
    _is_here(case)
    (finding,) = need("审查意见", body.finding)
    return [Examined(case.plan.lead, finding)]


def _is_here(case: Case) -> None:
    """The authority that decides must have it: it may still be with the one that accepted."""
    if case.at != len(case.plan.way) - 1:
        raise RefusedError(
            "wrong_state",
            "本办件尚未转到办理机关 (it has not reached the authority that decides yet)",
        )


def confirm(case: Case, body: Confirm, context: CommandContext) -> list[EventBody]:
    """An answer; the last one lets the case go on."""
    office = _answering(case, context)
    if office is None:
        return []
    confirmed = CoHandlingConfirmed(office, body.note, late=case.over)
    if case.over or len(case.unanswered) > 1:
        return [confirmed]
    return [confirmed, CoHandlingCompleted()]


def refuse(case: Case, body: Refuse, context: CommandContext) -> list[EventBody]:
    """A refusal ends the case or returns it, as its rules say."""
    (reason,) = need("理由", body.reason)
    office = _answering(case, context)
    if office is None:
        return []
    refused = CoHandlingRefused(office, reason, late=case.over)
    if case.over:
        return [refused]
    if case.plan.on_refusal == "return":
        return [refused, Returned(reasons=(NOT_CONFIRMED.bracketed,))]
    return [refused, Terminated(NOT_CONFIRMED.bracketed)]


def _answering(case: Case, context: CommandContext) -> Office | None:
    """For which authority the answer counts; None where it has answered before."""
    if case.requested_at is None and case.over:
        raise RefusedError(
            "over", "本办件已经结束,未曾请求协同 (the case is over, and nobody was asked)"
        )
    if case.requested_at is None:
        raise RefusedError("wrong_state", "尚未发出协同办理请求 (the authority has not been asked)")
    return next((one for one in case.unanswered if context.actor.serves(one)), None)


def pause(case: Case, body: Pause, context: CommandContext) -> list[EventBody]:
    """The clock stops; the applicant is told how long it will take."""
    _is_here(case)
    (reason,) = need("理由", body.reason)
    refuse_unless(
        body.expected is None or 0 < body.expected <= MOST_DAYS,
        f"所需时间须为1至{MOST_DAYS}个工作日 (it may be expected to take 1 to {MOST_DAYS} days)",
    )
    return [Paused(body.procedure, reason, body.expected)]


def resume(case: Case, body: Resume, context: CommandContext) -> list[EventBody]:
    """The clock goes on."""
    return [Resumed(body.note)]


def extend(case: Case, body: Extend, context: CommandContext) -> list[EventBody]:
    """Once, with reasons, by no more than the rule allows, before the limit has passed."""
    _is_here(case)
    reasons = need("理由", *body.reasons)
    rule = next((one for one in case.plan.limits if one.step == body.step), None)
    running = limit(case, context.calendars, context.now, body.step)
    name = LIMIT_STEPS.get(body.step, body.step[:40])
    if rule is None or running is None:
        raise RefusedError(
            "bad_input", f"没有可延长的“{name}”时限 (no limit of this name is running)"
        )
    if not rule.extension:
        raise RefusedError("bad_input", f"“{name}”时限依规不得延长 (no rule allows an extension)")
    if body.step in case.extensions:
        raise RefusedError("once_only", "时限只能延长一次 (a limit may be extended only once)")
    if running.state == "overdue":
        raise RefusedError("too_late", "时限已过,不能延长 (the limit has passed already)")
    days = rule.extension if body.working_days is None else body.working_days
    refuse_unless(
        0 < days <= rule.extension,
        f"最多可延长{rule.extension}个工作日"
        f" (it may be extended by 1 to {rule.extension} working days)",
    )
    return [Extended(body.step, days, reasons)]


def grant(case: Case, body: Grant, context: CommandContext) -> list[EventBody]:
    """Granted; where nothing was recorded of the examination, it is recorded now."""
    return [*_examined(case, body.finding), _decided(case, True, (), body.document)]


def deny(case: Case, body: Deny, context: CommandContext) -> list[EventBody]:
    """Denied, with reasons."""
    reasons = need("理由", *body.reasons)
    return [*_examined(case, body.finding), _decided(case, False, reasons, body.document)]


def _examined(case: Case, finding: str) -> list[EventBody]:
    _is_here(case)
    if case.state == "examined":
        return []
    return [Examined(case.plan.lead, finding.strip() or EXAMINED_WITH_DECISION.bracketed)]


def _decided(case: Case, granted: bool, reasons: tuple[str, ...], document: str) -> EventBody:
    return Decided(granted, f"{case.id}-1", reasons, document)
