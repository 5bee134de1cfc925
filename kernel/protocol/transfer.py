"""On the way from one office to the next: sent with a list, confirmed or chased."""

from __future__ import annotations

from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.command_bodies import Arrive, Chase, Forward
from tongban.kernel.protocol.command_context import CommandContext, need, not_yours, refuse_unless
from tongban.kernel.protocol.event_body import EventBody
from tongban.kernel.protocol.handling_events import CoHandlingRequested
from tongban.kernel.protocol.intake_events import Arrived, Chased, Dispatched
from tongban.kernel.protocol.results import RefusedError

__all__ = ["arrive", "chase", "forward", "requested"]

_WAYS = ("post", "message")


def forward(case: Case, body: Forward, context: CommandContext) -> list[EventBody]:
    """Sends what the office has to the next on the way; once more where it was lost."""
    way, at = case.plan.way, case.at
    if at + 1 >= len(way):
        raise RefusedError(
            "wrong_state", "本办件已在办理机关,无须转办 (it is with the authority that decides)"
        )
    actor = context.actor
    has_it = actor.serves(way[at]) or (at == 0 and actor.kind == "window")
    if not has_it:
        raise not_yours(body, "现持件的机关", "the office that has it")
    need("发送清单", *(paper.name for paper in body.materials))
    refuse_unless(
        all(paper.copies > 0 for paper in body.materials),
        "份数须为正数 (the number of copies must be positive)",
    )
    refuse_unless(
        body.by in _WAYS, "发送方式须为 post 或 message (it is sent by post or as a message)"
    )
    return [Dispatched(way[at], way[at + 1], body.materials, body.by, body.tracking)]


def arrive(case: Case, body: Arrive, context: CommandContext) -> list[EventBody]:
    """The next office has it, and says what is not there though it was listed."""
    if not context.actor.serves(case.holder):
        raise not_yours(body, "接收机关", "the office that it is sent to")
    listed = {paper.name for paper in case.shipments[-1].materials}
    unlisted = [name for name in body.missing if name not in listed]
    refuse_unless(
        not unlisted,
        f"清单中没有:{'、'.join(unlisted)} (not in the list of what was sent)",
    )
    arrived = Arrived(case.holder, body.missing)
    if case.accepted_on is not None and case.holder == case.plan.lead:
        return [arrived, *requested(case)]
    return [arrived]


def requested(case: Case) -> list[EventBody]:
    """The request to every other authority, where there is any."""
    others = case.plan.others
    return [CoHandlingRequested(case.collaboration, others)] if others else []


def chase(case: Case, body: Chase, context: CommandContext) -> list[EventBody]:
    """Asks again for what is awaited."""
    awaited = (case.holder,) if case.state == "dispatched" else case.unanswered
    return [Chased(awaited, body.note)]
