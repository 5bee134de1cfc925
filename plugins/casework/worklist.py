"""What somebody may do in a case now, without what the protocol would refuse anyway."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tongban.kernel import protocol

__all__ = ["possible"]


def possible(case: protocol.Case, actor: protocol.Actor) -> tuple[str, ...]:
    """The commands that are worth naming, in the protocol's order.

    Args:
        case: as it stands.
        actor: who asks.
    """
    return tuple(
        kind
        for kind in protocol.allowed(case, actor)
        if _SENSIBLE.get(kind, _always)(case, actor) and kind not in ("stop", "take_over")
    )


def _always(case: protocol.Case, actor: protocol.Actor) -> bool:
    return True


def _forward(case: protocol.Case, actor: protocol.Actor) -> bool:
    return case.at + 1 < len(case.plan.way)


def _here(case: protocol.Case, actor: protocol.Actor) -> bool:
    return case.at + 1 == len(case.plan.way)


def _supplement(case: protocol.Case, actor: protocol.Actor) -> bool:
    return case.supplement is None


def _extend(case: protocol.Case, actor: protocol.Actor) -> bool:
    return any(one.extension and one.step not in case.extensions for one in case.plan.limits)


def _answer(case: protocol.Case, actor: protocol.Actor) -> bool:
    return any(actor.serves(office) for office in case.unanswered)


def _rate(case: protocol.Case, actor: protocol.Actor) -> bool:
    return {office.key for office in case.reached} > {one.side for one in case.ratings}


def _follow_up(case: protocol.Case, actor: protocol.Actor) -> bool:
    open_ones = {one.side for one in case.follow_ups if not one.result}
    return any(office.key in open_ones and actor.serves(office) for office in case.plan.offices)


def _report(case: protocol.Case, actor: protocol.Actor) -> bool:
    return case.state != "delivered"


_SENSIBLE: Mapping[str, Callable[[protocol.Case, protocol.Actor], bool]] = {
    "forward": _forward,
    "supplement": _supplement,
    "examine": _here,
    "grant": _here,
    "deny": _here,
    "pause": _here,
    "extend": _extend,
    "confirm": _answer,
    "refuse": _answer,
    "rate": _rate,
    "follow_up": _follow_up,
    "report": _report,
}
"""What the state alone does not tell."""
