"""Recusal and taken tasks: who is kept off a case, and that no last day moves by it."""

from __future__ import annotations

from collections.abc import Iterator

from tongban.kernel import protocol
from tongban.kernel.ports import store
from tongban.plugins.simulation.checks.deadlines import dues
from tongban.plugins.simulation.checks.record import Record
from tongban.plugins.simulation.checks.step import Finding, Step

_TAKING = ("claimed", "released")
_STILL = (*_TAKING, "recused", "readmitted", "contact_changed", "authorised")
"""Events that move no last day."""


def check_recusal(step: Step) -> Iterator[Finding]:
    """An account that stands back from a case acts in it no more, until it is readmitted."""
    off = kept_off(step.record, step.event.seq)
    actor, event = step.event.actor, step.event
    names = {account for office, account in off if office == actor.office}
    if names and event.kind != "attempt_refused":
        acts = not actor.id or actor.id in names
        yield "recused", f"{actor.id or actor.office} acts, and stands back" if acts else ""
    if event.kind in ("recused", "readmitted"):
        now = kept_off(step.record, event.seq + 1)
        shown = {(one.office, one.officer) for one in step.after.recusals if one.lifted_at is None}
        yield "recused", f"{sorted(now ^ shown)} is kept off, or not" if now != shown else ""


def kept_off(record: Record, seq: int) -> set[tuple[str, str]]:
    """Offices and accounts that stood back before an event, and were not readmitted."""
    found: set[tuple[str, str]] = set()
    for event, body in record.log.before(seq, "recused", "readmitted"):
        one = {(body.office, body.officer)}
        found = found | one if event.kind == "recused" else found - one
    return found


def check_tasks(step: Step) -> Iterator[Finding]:
    """Who has taken a task is on record while it is to be done; no last day moves by it."""
    if step.event.kind in _STILL:
        yield "task_taken", _moved(step)
    if step.event.kind in _TAKING:
        yield "task_taken", _taken(step)
    if step.after.claims:
        offices = {office.key for office, _ in protocol.awaited(step.after) if office}
        idle = {one.office for one in step.after.claims} - offices
        yield "task_taken", f"{sorted(idle)} has no task, and one is taken" if idle else ""


def _moved(step: Step) -> str:
    calendars, now = step.node.calendars, step.event.at
    counted = [dues(case, calendars) for case in (step.before, step.after)]
    shown = [
        [(one.step, one.office, one.due) for one in protocol.limits(case, calendars, now)]
        for case in (step.before, step.after)
    ]
    if counted[0] != counted[1] or shown[0] != shown[1]:
        return f"{step.event.kind} moves a last day"
    return ""


def _taken(step: Step) -> str:
    body, actor = step.body, step.event.actor
    before = {one.office: one.account for one in step.before.claims}
    after = {one.office: one.account for one in step.after.claims}
    if step.event.kind == "claimed":
        wanted = {**before, body.office: actor.id}
        if body.office in before or body.office != actor.office or not actor.id:
            return f"{actor.id or actor.office} takes a task that is not theirs to take"
    else:
        wanted = {office: one for office, one in before.items() if office != body.office}
        if before.get(body.office) != body.account:
            return f"a task of {body.account} is given back, who has not taken it"
    if after != wanted:
        return f"{step.event.kind}: {after} has taken a task, not {wanted}"
    for row in step.node.store.tasks(store.TaskFilter(case=step.after.id)).tasks:
        if row.office and row.taken_by != after.get(row.office, ""):
            return f"the work list shows that {row.taken_by or 'nobody'} has taken {row.command}"
    return ""
