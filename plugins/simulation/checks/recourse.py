"""What must hold of refusals by the rules, departures, remedies and corrections."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tongban.kernel import protocol
from tongban.plugins.simulation.checks.deadlines import remedy_day
from tongban.plugins.simulation.checks.step import Check, Finding, Step

_GOES_ON = ("insisted", "amended", "reopened")
_LOOKED_UP = re.compile("[0-9一二三四五六七八九十]")


def _refused_in_writing(step: Step) -> Iterator[Finding]:
    """A refusal by the rules says by which of them, and what the applicant can do."""
    if step.event.kind != "ruled_ineligible":
        return
    written = [one.body for one in step.messages if _to_applicant(one) and "grounds" in one.body]
    yield "refused_in_writing", _wrong_in(written, step.after)


def _to_applicant(message: protocol.Message) -> bool:
    return message.kind == "notice" and message.receiver == "applicant"


def _wrong_in(written: list[Mapping[str, Any]], case: protocol.Case) -> str:
    if not written:
        return "the applicant is not sent the refusal"
    rules = {one["rule"] for one in case.decision["reasons"] if one["conclusion"] == "eligible"}
    if {one["rule"] for one in written[0]["grounds"]} != rules or not rules:
        return "the refusal does not name the rules that refuse"
    if not all(one["because"] for one in written[0]["grounds"]) or not written[0]["reasons"]:
        return "the refusal does not say why"
    return "" if written[0]["remedy"] else "the refusal does not tell the remedies"


def _stays_refused(step: Step) -> Iterator[Finding]:
    """What the rules refuse goes on where somebody wants it to, and not otherwise."""
    if step.before.state != "ineligible" or step.event.seq == step.before.version:
        return
    went_on = step.after.state != "ineligible" and step.event.kind not in _GOES_ON
    yield "stays_refused", f"it goes on by {step.event.kind}" if went_on else ""


def _departs(step: Step) -> Iterator[Finding]:
    """Who decides otherwise than the rules says on which article, and why."""
    body, kind, allowed = step.body, step.event.kind, step.after.decision["outcome"] == "eligible"
    if kind == "decided":
        departs = body.granted != allowed
    elif kind == "declined":
        departs = allowed
    else:
        departs = kind in ("corrected", "reopened")
    if not departs:
        return
    reasons = body.reasons if kind != "reopened" else (body.reason,)
    why = bool(reasons) and all(one.strip() for one in reasons)
    named = bool(_LOOKED_UP.search(body.article)) and why
    yield "departs", "" if named else f"{kind} without an article or a reason"


def _keeps_remedies(step: Step) -> Iterator[Finding]:
    """A remedy stays on record, and is late only where a second count says so too."""
    before, after = step.before.remedies, step.after.remedies
    lodged = step.event.kind == "remedy_lodged"
    if not before and not lodged:
        return
    kept = [(one.number, one.kind, one.act, one.on, one.due, one.late) for one in after]
    was = [(one.number, one.kind, one.act, one.on, one.due, one.late) for one in before]
    lost = kept[: len(was)] != was or len(kept) != len(was) + lodged
    yield "remedies", "a remedy is lost, or is another one" if lost else ""
    if lodged:
        body = step.body
        day = remedy_day(step.before, body.remedy, step.node.calendars)
        late = day is not None and body.on > day
        fits = (body.due, body.late) == (day, late)
        counted = f"{body.remedy} of {body.on} is due {body.due}, late {body.late}; it is {day}"
        yield "remedies", "" if fits else counted


def _corrects(step: Step) -> Iterator[Finding]:
    """A corrected result is void, and what is delivered from then on is the valid one."""
    case, kind = step.after, step.event.kind
    if kind == "corrected":
        known = {step.before.result, *step.before.voided}
        fresh = case.result not in known and case.result == step.body.number
        void = step.before.result in case.voided and set(step.before.voided) < set(case.voided)
        yield "corrected", "" if fresh and void else "the former result is not void"
    if kind in ("delivery_started", "delivered") and case.corrections:
        number = case.deliveries[step.body.delivery - 1].number
        valid = number == case.result and number not in case.voided
        yield "corrected", "" if valid else f"{number} is delivered, and {case.result} is valid"


CHECKS: tuple[Check, ...] = (
    _refused_in_writing,
    _stays_refused,
    _departs,
    _keeps_remedies,
    _corrects,
)
