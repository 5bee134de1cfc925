"""What must hold of the last day of a result: its reminder and its lapse; from the log alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from tongban.kernel import protocol as p
from tongban.plugins.simulation.explorer.breach import Breach
from tongban.plugins.simulation.explorer.site_state import SiteState

_ORDER = ("", "expiring", "expired")


def of_log(kept: SiteState) -> Iterator[Breach]:
    """The reminder comes before the last day is over, the lapse after it; each once.

    Args:
        kept: by one node. Where it was put back and lost events, nothing is looked at.
    """
    log = kept.log
    if not log or isinstance(log[0].body, p.TakenOver) and log[0].body.snapshot.get("validity"):
        return
    if any(event.kind == "recovered" for event in log):
        return
    until: date | None = None
    told = ""
    for event in log:
        body: Any = event.body
        if event.kind in ("decided", "corrected"):
            until, told = body.validity.until if body.validity else None, ""
        if event.kind not in _ORDER:
            continue
        if body.until != until:
            yield Breach("lapse", f"{event.kind} on {body.until}; the last day is {until}")
        elif (p.day_of(event.at) > body.until) != (event.kind == "expired"):
            yield Breach("lapse", f"{event.kind} on {p.day_of(event.at)}; the last day is {until}")
        if _ORDER.index(event.kind) <= _ORDER.index(told):
            yield Breach("lapse", f"{event.kind} once more, after {told}")
        told = event.kind


def in_silence(case: p.Case, kept: SiteState, today: date) -> Iterator[Breach]:
    """A result that the applicant has does not lapse in silence.

    Args:
        case: as the node keeps it that knows the most of it.
        kept: by that node.
        today: when time has brought all that it brings.
    """
    held = case.validity
    has_it = case.granted and case.state in ("delivered", "closed")
    if not has_it or held is None or today <= held.until:
        return
    since = max(n for n, event in enumerate(kept.log) if event.kind in ("decided", "corrected"))
    if not any(event.kind == "expired" for event in kept.log[since:]):
        yield Breach("lapse", f"the last day was {held.until}; nobody told the applicant")
