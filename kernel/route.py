"""The route: who receives, who handles, and the legs in between."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from attrs import frozen

from tongban.kernel.application import Application
from tongban.kernel.decision import Handling, Leg, Receiving
from tongban.kernel.divisions import Apart, Divisions
from tongban.kernel.model import Item
from tongban.kernel.program import Program, authority_seat
from tongban.kernel.resolution import Verdict

__all__ = ["Route", "route"]

RECEIVED_PLACE = "received"


@frozen
class Route:
    """Where a case goes.

    Attributes:
        crossing: how far it reaches, over the receiving place and all handling places.
    """

    crossing: Apart
    receiving: Receiving
    handling: tuple[Handling, ...]
    legs: tuple[Leg, ...]


def route(
    program: Program, application: Application, handling: tuple[str, ...], verdict: Verdict
) -> Route:
    """The route of an eligible case whose places are all known.

    Args:
        program: the item's.
        application: what was put in.
        handling: the handling places, the lead first.
        verdict: what the rules conclude.
    """
    accepting = _accepting(program, application, handling[0])
    receiving = _receiving(program, application, accepting, handling)
    distinct = _distinct(program, application, handling)
    by_window = application.channel == "window"
    key = (verdict.modes, verdict.delivery, by_window, accepting, receiving.place, distinct)
    legs = program.memo.get(key)
    if legs is None:
        legs = program.memo[key] = _legs(by_window, accepting, receiving.place, distinct, verdict)
    return Route(
        crossing(program, application, handling),
        receiving,
        _authorities(program, application, handling),
        legs,
    )


def crossing(program: Program, application: Application, handling: Sequence[str]) -> Apart:
    """How far the case reaches, over the divisions that are known, those that pay included."""
    divisions = program.vocabulary.divisions
    places = application.places
    acting = [places[name] for name in handling if name in places]
    codes = [places[name] for name in program.item.involves.value if name in places]
    if application.received_at is not None:
        codes.append(application.received_at)
    elif program.item.receives and program.item.receives.value in places:
        codes.append(places[program.item.receives.value])
    if len({divisions[code].province for code in (*acting, *codes)}) > 1:
        return "province"
    seats = {divisions[code].seat for code in codes}
    seats |= {authority_seat(program.item, divisions, code) for code in acting}
    return "prefecture" if len(seats) > 1 else "none"


def _accepting(program: Program, application: Application, lead: str) -> str:
    """The place that accepts; the lead, where that is the same place."""
    receives = program.item.receives
    if receives is None:
        return lead
    divisions, places = program.vocabulary.divisions, application.places
    name: str = receives.value
    one, other = places.get(name), places.get(lead)
    if one is None or other is None:
        return name
    same = divisions[one].seat == authority_seat(program.item, divisions, other)
    return lead if same else name


def _receiving(
    program: Program, application: Application, accepting: str, handling: Sequence[str]
) -> Receiving:
    """The receiving place, by the role that it has in the case, if it has one."""
    code = application.received_at
    if code is None:
        return Receiving(accepting, application.places.get(accepting))
    divisions, places = program.vocabulary.divisions, application.places
    seat = divisions[code].seat
    for name in (handling[0], accepting, *handling[1:]):
        if name in places and _seat(program, divisions, places[name], name in handling) == seat:
            return Receiving(name, code)
    return Receiving(RECEIVED_PLACE, code)


def _seat(program: Program, divisions: Divisions, code: str, handles: bool) -> str:
    return authority_seat(program.item, divisions, code) if handles else divisions[code].seat


def _distinct(
    program: Program, application: Application, handling: tuple[str, ...]
) -> tuple[str, ...]:
    """The handling places without those that are the same place as one before."""
    if len(handling) == 1:
        return handling
    divisions, places = program.vocabulary.divisions, application.places
    by_seat: dict[str, str] = {}
    for name in handling:
        known = places.get(name)
        seat = authority_seat(program.item, divisions, known) if known else name
        by_seat.setdefault(seat, name)
    return tuple(by_seat.values())


def _authorities(
    program: Program, application: Application, handling: tuple[str, ...]
) -> tuple[Handling, ...]:
    item = program.item
    involved: tuple[str, ...] = item.involves.value
    if not involved and len(handling) == 1:
        return (_authority(program, item, application, handling[0], True, True),)
    return tuple(
        _authority(program, item, application, name, name == handling[0], name in handling)
        for name in (*handling, *involved)
    )


def _authority(
    program: Program, item: Item, application: Application, place: str, lead: bool, acts: bool
) -> Handling:
    code = application.places.get(place)
    if item.level and code is not None and acts:
        above = program.vocabulary.divisions.at_level(code, item.level.value)
        code = above.code if above else code
    authority = item.authority(place) if item.authorities else None
    return Handling(place, code, authority.id if authority else item.department, lead, acts)


def _legs(
    by_window: bool, accepting: str, receiving: str, handling: tuple[str, ...], verdict: Verdict
) -> tuple[Leg, ...]:
    lead = handling[0]
    legs = [Leg("applicant", receiving, "window" if by_window else "online", "application")]
    forward = "post" if by_window else "message"
    hops = () if receiving == lead else dict.fromkeys((receiving, accepting, lead))
    legs += [Leg(one, other, forward, "application") for one, other in pairwise(hops)]
    if "joint" in verdict.modes:
        legs += [Leg(lead, other, "message", "request") for other in handling[1:]]
        legs += [Leg(other, lead, "message", "confirmation") for other in handling[1:]]
    delivery = verdict.delivery[0] if verdict.delivery else "electronic"
    if delivery == "pickup":
        if receiving != lead:
            legs.append(Leg(lead, receiving, "post", "result"))
        legs.append(Leg(receiving, "applicant", "window", "result"))
    else:
        by = "online" if delivery == "electronic" else "post"
        legs.append(Leg(lead, "applicant", by, "result"))
    return tuple(legs)
