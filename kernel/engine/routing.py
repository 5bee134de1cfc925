"""The route: who receives, who handles, and the legs in between."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

from attrs import evolve

from tongban.kernel.engine.facts import handling_places
from tongban.kernel.engine.program import Program, remembered
from tongban.kernel.engine.resolution import Verdict
from tongban.kernel.model.application import Application
from tongban.kernel.model.decision import Handling, Leg, Receiving
from tongban.kernel.model.divisions import Apart
from tongban.kernel.model.vocabulary import RECEIVED

Route: TypeAlias = tuple[Apart, Receiving, tuple[Handling, ...], tuple[Leg, ...]]
"""How far a case reaches, where it is received, who handles it, and its legs."""


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
    if program.straight and handling[0] in application.places:
        return _straight(program, application, handling, verdict)
    accepting = _accepting(program, application, handling[0])
    receiving = _receiving(program, application, accepting, handling)
    distinct = _distinct(program, application, handling)
    return (
        crossing(program, application, handling),
        receiving,
        _authorities(program, application, handling),
        _way(program, application, accepting, receiving.place, distinct, verdict),
    )


def _straight(
    program: Program, application: Application, handling: tuple[str, ...], verdict: Verdict
) -> Route:
    """The same for one handling place that is alone: nine applications in ten, and quicker."""
    lead = handling[0]
    code, received = application.places[lead], application.received_at
    place: str = lead
    reach: Apart = "none"
    if received is not None:
        reach = program.table[received].apart(program.table[code])
        place = lead if reach == "none" else RECEIVED
    return (
        reach,
        Receiving(place, code if received is None else received),
        (Handling(lead, code, program.departments[lead], True),),
        _way(program, application, lead, place, handling, verdict),
    )


def competent(program: Program, application: Application) -> tuple[Receiving | None, Handling]:
    """Who would decide what the rules refuse: such a decision has no route.

    Args:
        program: the item's.
        application: what was put in; it may leave places open.

    Returns:
        Where it was handed in, None where that is with the authority itself; and the authority:
        of the lead handling place; where that is not said, of the place where it was handed in;
        without one, of the jurisdiction.
    """
    lead = (handling_places(program, application) or program.item.handled_at.value)[0]
    received = application.received_at
    if lead in application.places or not program.vocabulary.places[lead].division:
        authority = _authority(program, application, lead, True, True)
        said = application.places.get(lead)
    else:
        said = received or program.item.jurisdiction
        at = evolve(application, places={lead: said})
        authority = evolve(_authority(program, at, lead, True, True), place=RECEIVED)
    if received is None:
        return None, authority
    together = said is not None and program.table[received].seat == program.seat(said)
    return None if together else Receiving(RECEIVED, received), authority


def _way(
    program: Program,
    application: Application,
    accepting: str,
    receiving: str,
    distinct: tuple[str, ...],
    verdict: Verdict,
) -> tuple[Leg, ...]:
    """The legs: they follow from names of places alone."""
    by_window = application.channel == "window"
    return _legs(
        program, verdict.modes, verdict.delivery, by_window, accepting, receiving, distinct
    )


def crossing(program: Program, application: Application, handling: Sequence[str]) -> Apart:
    """How far the case reaches, over the divisions that are known, those that pay included."""
    places, table = application.places, program.table
    if program.straight:
        here, there = places.get(handling[0]), application.received_at
        return table[there].apart(table[here]) if here and there else "none"
    acting = [places[name] for name in handling if name in places]
    codes = [places[name] for name in program.involved if name in places]
    if application.received_at is not None:
        codes.append(application.received_at)
    elif program.receives is not None and program.receives in places:
        codes.append(places[program.receives])
    if len({table[code].province for code in (*acting, *codes)}) > 1:
        return "province"
    seats = {table[code].seat for code in codes}
    seats.update(map(program.seat, acting))
    return "prefecture" if len(seats) > 1 else "none"


def _accepting(program: Program, application: Application, lead: str) -> str:
    """The place that accepts; the lead, where that is the same place."""
    name = program.receives
    if name is None:
        return lead
    one, other = application.places.get(name), application.places.get(lead)
    if one is None or other is None:
        return name
    return lead if program.table[one].seat == program.seat(other) else name


def _receiving(
    program: Program, application: Application, accepting: str, handling: Sequence[str]
) -> Receiving:
    """The receiving place, by the role that it has in the case, if it has one."""
    code, places = application.received_at, application.places
    if code is None:
        return Receiving(accepting, places.get(accepting))
    table = program.table
    seat = table[code].seat
    for name in (handling[0], accepting, *handling[1:]):
        at = places.get(name)
        if at and seat == (program.seat(at) if name in handling else table[at].seat):
            return Receiving(name, code)
    return Receiving(RECEIVED, code)


def _distinct(
    program: Program, application: Application, handling: tuple[str, ...]
) -> tuple[str, ...]:
    """The handling places without those that are the same place as one before."""
    if len(handling) == 1:
        return handling
    by_seat: dict[str, str] = {}
    for name in handling:
        known = application.places.get(name)
        by_seat.setdefault(program.seat(known) if known else name, name)
    return tuple(by_seat.values())


def _authorities(
    program: Program, application: Application, handling: tuple[str, ...]
) -> tuple[Handling, ...]:
    if program.involved or len(handling) > 1:
        return tuple(
            _authority(program, application, name, name == handling[0], name in handling)
            for name in (*handling, *program.involved)
        )
    return (_authority(program, application, handling[0], True, True),)


def _authority(
    program: Program, application: Application, place: str, lead: bool, acts: bool
) -> Handling:
    code = application.places.get(place)
    if program.level and code is not None and acts:
        above = program.vocabulary.divisions.at_level(code, program.level)
        code = above.code if above else code
    return Handling(place, code, program.departments[place], lead, acts)


@remembered
def _legs(
    program: Program,
    modes: tuple[str, ...],
    delivery: tuple[str, ...],
    by_window: bool,
    accepting: str,
    receiving: str,
    handling: tuple[str, ...],
) -> tuple[Leg, ...]:
    lead = handling[0]
    legs = [Leg("applicant", receiving, "window" if by_window else "online", "application")]
    forward = "post" if by_window else "message"
    hops = () if receiving == lead else dict.fromkeys((receiving, accepting, lead))
    legs += [Leg(one, other, forward, "application") for one, other in pairwise(hops)]
    if "joint" in modes:
        legs += [Leg(lead, other, "message", "request") for other in handling[1:]]
        legs += [Leg(other, lead, "message", "confirmation") for other in handling[1:]]
    way = delivery[0] if delivery else "electronic"
    if way == "pickup":
        if receiving != lead:
            legs.append(Leg(lead, receiving, "post", "result"))
        legs.append(Leg(receiving, "applicant", "window", "result"))
    else:
        by = "online" if way == "electronic" else "post"
        legs.append(Leg(lead, "applicant", by, "result"))
    return tuple(legs)
