"""What must hold of the letters of a result to the applicant; from the log alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from tongban.kernel import protocol as p
from tongban.plugins.simulation.explorer.breach import Breach
from tongban.plugins.simulation.explorer.site_state import SiteState


def of_log(kept: SiteState, chosen: Collection[str] = ()) -> Iterator[Breach]:
    """A letter goes the way that held when it was begun; a lost one that turns up is void.

    Args:
        kept: by one node. Where it was put back and lost events, nothing is looked at.
        chosen: ids of the commands in which an officer names another way.
    """
    log = kept.log
    if not log or any(event.kind == "recovered" for event in log):
        return
    way, letters, void = _begun(log[0].body)
    found: set[int] = set()
    for event in log:
        body: Any = event.body
        if event.kind == "contact_changed":
            way = body.delivery or way
        elif event.kind in ("reissued", "corrected"):
            void.add(body.void)
        elif event.kind == "delivery_started":
            letters.append(body.number)
            if body.by != way and event.cause not in chosen:
                yield Breach("contact", f"letter {body.delivery} goes by {body.by}, not by {way}")
        elif event.kind == "delivered" and letters[body.delivery - 1] in void:
            yield Breach("contact", f"letter {body.delivery} counts; its number is void")
        elif event.kind == "void_found":
            if letters[body.delivery - 1] not in void:
                yield Breach("contact", f"letter {body.delivery} is called void, and holds")
            if body.delivery in found:
                yield Breach("contact", f"letter {body.delivery} is found twice")
            found.add(body.delivery)


def _begun(first: Any) -> tuple[str, list[str], set[str]]:
    """The way of delivery, the numbers in letters, and void ones, before the first event."""
    if not isinstance(first, p.TakenOver):
        return _applied(first.application), [], set()
    brought = first.snapshot
    ways = [one["delivery"] for one in brought.get("contact_changes", ()) if one["delivery"]]
    way = ways[-1] if ways else _applied(brought["application"])
    return way, [one["number"] for one in brought["deliveries"]], set(brought["voided"])


def _applied(application: Any) -> str:
    return str(application.get("deliver_by") or "electronic")
