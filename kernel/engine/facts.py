"""What is known of an application when its item is decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from tongban.kernel.engine.codegen import Deriver
from tongban.kernel.engine.program import AGENT, Program
from tongban.kernel.model.application import Application
from tongban.kernel.model.conditions import Scalar


def with_derived(application: Application, more: Mapping[str, Scalar]) -> Application:
    """`application` with the facts that plugins derived, where it does not say them itself."""
    if not more:
        return application
    one = application
    return Application(
        one.item,
        one.as_of,
        one.channel,
        one.received_at,
        one.applicant,
        one.places,
        MappingProxyType({**more, **one.facts.copy()}),
        one.deliver_by,
    )


def is_said(application: Application, path: str) -> bool:
    """Whether an application says a part of it, or need not: online nobody receives it.

    Args:
        path: of `Vocabulary.sources`.
    """
    family, _, rest = path.partition(".")
    if family in ("facts", "places"):
        return rest in getattr(application, family)
    if path == "received_at" and application.channel == "online":
        return True
    of = application.applicant if family == "applicant" else application
    return getattr(of, rest or family) is not None


def by_agent(application: Application) -> dict[str, Scalar]:
    """The fact `AGENT`, whether somebody acts for the applicant.

    A guardian who applies (`guardian_applies`) is no agent: the law says who that is, no letter.
    """
    acts = application.applicant.agent is not None
    return {AGENT: acts and application.facts.get("guardian_applies") is not True}


def handling_places(program: Program, application: Application) -> tuple[str, ...] | None:
    """The places whose authorities act; None while the applicant has not chosen.

    A choice is what `handle_at` says; left out, the receiving place decides it
    where it is the same place as one of the options (the first listed wins).
    """
    if program.fixed is not None:
        return program.fixed
    options: tuple[str, ...] = program.item.handled_at.value
    chosen = application.facts.get("handle_at")
    if isinstance(chosen, str):
        return (chosen,)
    if len(options) == 1:
        return options
    if application.received_at is None:
        return None
    seat = program.table[application.received_at].seat
    for name in options:
        code = application.places.get(name)
        if code is not None and program.table[code].seat == seat:
            return (name,)
    return None


def all_said(program: Program, application: Application, handling: tuple[str, ...] | None) -> bool:
    """Whether `open_inputs` has nothing to name, found quickly."""
    channel = application.channel
    if (
        handling is None
        or channel is None
        or (channel != "online" and application.received_at is None)
        or application.applicant.kind is None
    ):
        return False
    said, asked = application.places.keys(), program.asked_names
    if (asked and not application.facts.keys() >= asked) or not said >= program.needed_names:
        return False
    if program.fixed is not None:
        return True
    places = program.vocabulary.places
    return all(name in said or not places[name].division for name in handling)


def open_inputs(
    program: Program, application: Application, handling: tuple[str, ...] | None
) -> tuple[str, ...]:
    """What rules or route may need and the application does not say, in the order of asking."""
    names: list[str] = []
    if application.channel is None:
        names.append("channel")
    if application.received_at is None and application.channel != "online":
        names.append("received_at")
    if application.applicant.kind is None:
        names.append("applicant.kind")
    facts, places = application.facts, application.places
    names += [path for name, path in program.asked_inputs if name not in facts]
    if handling is None:
        names.append("facts.handle_at")
    names += [path for name, path in program.needed_inputs(handling) if name not in places]
    return tuple(names)


def facts_of(
    program: Program,
    application: Application,
    more: Mapping[str, Scalar],
    handling: tuple[str, ...],
    derived: Sequence[tuple[str, Deriver]],
) -> dict[str, Scalar | None]:
    """The facts that the item's rules test.

    Args:
        program: the item's.
        application: what is said.
        more: facts that plugins derived.
        handling: the handling places; none while the choice is open.
        derived: the attributes that follow from places, with what derives them: all that
            follow from places that are said.
    """
    places, received = application.places, application.received_at
    parts: dict[str, Scalar | None] = {
        "channel": application.channel,
        "date": application.as_of,
        "applicant.kind": application.applicant.kind,
        "deliver_by": application.deliver_by or "default",
    }
    said = application.facts.copy()
    facts: dict[str, Scalar | None] = {**more, **said, **parts}
    if program.fixed is None and handling:
        facts["handle_at"] = handling[0]
    for name, derive in derived:
        facts[name] = derive(places, received, handling)
    return facts


def situation(
    program: Program,
    application: Application,
    more: Mapping[str, Scalar],
    handling: tuple[str, ...] | None,
    unsaid: Collection[str] = (),
) -> tuple[dict[str, Scalar | None], frozenset[str]]:
    """The facts that the item's rules test, by attribute, and the attributes that are unknown.

    Args:
        program: the item's.
        application: what is said.
        more: facts that plugins derived.
        handling: the handling places.
        unsaid: what the application leaves open, of `open_inputs`.
    """
    unknown, derived = program.known_of(tuple(unsaid), handling)
    return facts_of(program, application, more, handling or (), derived), unknown
