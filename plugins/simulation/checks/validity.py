"""Validity of results: the reminder, the lapse, each once and on its day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from tongban.kernel import protocol
from tongban.plugins.simulation.checks.node_view import NodeView
from tongban.plugins.simulation.checks.record import Record
from tongban.plugins.simulation.checks.step import Finding, Step

_BEFORE = 30
_GRACE = timedelta(days=4)
"""A clock that was wrong is put right, and a node that was down comes up, in less."""


def check_lapse(step: Step) -> Iterator[Finding]:
    """A result lapses once, when its last day is over; the reminder comes before that."""
    if step.event.kind in ("expiring", "expired"):
        yield "lapse", _lapsed(step)


def _lapsed(step: Step) -> str:
    held, kind, day = step.before.validity, step.event.kind, protocol.day_of(step.event.at)
    if held is None or not step.before.granted or step.body.until != held.until:
        return f"{kind}, and no result holds until {step.body.until}"
    log, seq = step.record.log, step.event.seq
    since = max((event.seq for event, _ in log.before(seq, "decided", "corrected")), default=0)
    said = [event for event, _ in log.before(seq, kind) if event.seq > since]
    # A clock that was wrong may have said it on another day; then it is said anew.
    if any(_fits(kind, protocol.day_of(event.at), held) for event in said):
        return f"{kind} comes a second time"
    if not _fits(kind, day, held):
        return f"{kind} on {day}, where the last day is {held.until}"
    return ""


def _fits(kind: str, day: date, held: protocol.Validity) -> bool:
    if kind == "expired":
        return day > held.until
    length = (held.until - held.since).days
    first = held.until - timedelta(days=min(_BEFORE, length // 4))
    return first <= day <= held.until


def check_lapse_missed(record: Record, node: NodeView) -> Iterator[Finding]:
    """No result is past its last day for long without its lapse.

    Args:
        record: of the case.
        node: of the office that has it.
    """
    if not record.result_runs or not node.up or node.store.restored is not None:
        return
    held = record.case.validity
    assert held is not None
    late = held.until + _GRACE < node.today
    yield "lapse", f"it held until {held.until}, and nobody was told" if late else ""
