"""From an application to a decision: facts, rules, route, reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tongban.kernel.application import Application
from tongban.kernel.conditions import Scalar
from tongban.kernel.decision import AdviceGiven, Decision, Missing, Receiving
from tongban.kernel.engine import Facts
from tongban.kernel.program import Program
from tongban.kernel.resolution import Verdict, agreed, resolve
from tongban.kernel.route import crossing, route
from tongban.kernel.situation import handling_places, open_inputs, situation, with_derived
from tongban.kernel.unknown import Leaf, prospects

__all__ = ["Matching", "Would", "decide"]

Matching = Callable[[Program, Facts], int]
"""An engine: takes an item's program and facts; returns which rules hold, as a mask."""

Would = Callable[[Application, str], bool]
"""Whether the item named in advice would not refuse the same application."""


def compiled(program: Program, facts: Facts) -> int:
    """The kernel's own engine."""
    return program.match(facts)


def decide(
    program: Program,
    application: Application,
    more: Mapping[str, Scalar],
    would: Would,
    matching: Matching = compiled,
) -> Decision:
    """The decision on an application that was checked.

    Args:
        program: the item's.
        application: what was put in.
        more: facts that plugins derived.
        would: filters advice to use another item.
        matching: the engine that is asked.
    """
    if more:
        would = _on(application, would)
        application = with_derived(application, more)
    handling = handling_places(program, application)
    unsaid = _unsaid(program, application, handling)
    if unsaid:
        return _with_gaps(program, application, more, would, matching)
    assert handling is not None
    facts = situation(program, application, more, handling).facts
    verdict = _verdict(program, matching(program, facts), handling)
    return _decision(program, application, handling, verdict, would)


def _on(application: Application, would: Would) -> Would:
    """`would`, asked about `application` without what plugins derived for another item."""
    return lambda _, item: would(application, item)


def _unsaid(
    program: Program, application: Application, handling: tuple[str, ...] | None
) -> tuple[str, ...]:
    """`open_inputs`, but quick where everything is said."""
    if (
        handling is not None
        and application.channel is not None
        and application.applicant.kind is not None
        and application.facts.keys() >= set(program.asked)
        and application.places.keys() >= set(program.needed_places)
        and not program.item.choice
    ):
        return ()
    return open_inputs(program, application, handling)


def _verdict(program: Program, held: int, handling: tuple[str, ...]) -> Verdict:
    """The verdict for the rules that hold, remembered: the same rules conclude the same."""
    verdict: Verdict | None = program.memo.get((held, handling))
    if verdict is None:
        verdict = program.memo[held, handling] = resolve(program, held, handling)
    return verdict


def _decision(
    program: Program,
    application: Application,
    handling: tuple[str, ...],
    verdict: Verdict,
    would: Would,
) -> Decision:
    if not verdict.eligible:
        return Decision(
            item=program.identity,
            as_of=application.as_of,
            outcome="ineligible",
            crossing=crossing(program, application, handling),
            receiving=_handed_in(application),
            reasons=verdict.reasons,
            overridden=verdict.overridden,
            advice=_advice(application, verdict.advised, would),
        )
    way = route(program, application, handling, verdict)
    return Decision(
        item=program.identity,
        as_of=application.as_of,
        outcome="eligible",
        modes=verdict.modes,
        crossing=way.crossing,
        receiving=way.receiving,
        handling=way.handling,
        legs=way.legs,
        delivery=verdict.delivery,
        time_limit=verdict.time_limit,
        reasons=verdict.reasons,
        overridden=verdict.overridden,
        advice=verdict.advised,
    )


def _handed_in(application: Application) -> Receiving | None:
    code = application.received_at
    return Receiving("received", code) if code else None


def _advice(
    application: Application, advised: tuple[AdviceGiven, ...], would: Would
) -> tuple[AdviceGiven, ...]:
    return tuple(a for a in advised if a.do != "use_item" or would(application, a.target))


def _with_gaps(
    program: Program,
    application: Application,
    more: Mapping[str, Scalar],
    would: Would,
    matching: Matching,
) -> Decision:
    """The decision where something is open: complete, refused whatever it is, or incomplete."""
    ahead = prospects(program, application, more)
    if ahead.matters or not ahead.leaves:
        return Decision(
            item=program.identity,
            as_of=application.as_of,
            outcome="incomplete",
            receiving=_handed_in(application),
            missing=tuple(_missing(program, name, ahead.exact) for name in ahead.matters),
        )
    verdict = agreed(_of_leaf(program, leaf, matching) for leaf in ahead.leaves)
    one = ahead.leaves[0]
    if one.eligible:
        return _decision(program, application, one.handling, verdict, would)
    return Decision(
        item=program.identity,
        as_of=application.as_of,
        outcome="ineligible",
        receiving=_handed_in(application),
        reasons=verdict.reasons,
        overridden=verdict.overridden,
        advice=_advice(application, verdict.advised, would),
    )


def _of_leaf(program: Program, leaf: Leaf, matching: Matching) -> Verdict:
    """What the rules conclude that hold in every completion of `leaf`."""
    unsaid = open_inputs(program, leaf.application, leaf.handling or None)
    facts = situation(program, leaf.application, {}, leaf.handling, unsaid).facts
    return _verdict(program, matching(program, facts) & leaf.known, leaf.handling)


def _missing(program: Program, name: str, exact: bool) -> Missing:
    """The question for an open input, with the rules that ask."""
    vocabulary, item = program.vocabulary, program.item
    family, _, rest = name.partition(".")
    asking = tuple(
        rule.id
        for rule in program.rules
        if any(name in program.inputs(a, item.handled_at.value) for a in program.tested_by[rule.id])
    )
    if family == "places":
        return Missing(name, vocabulary.places[rest].question, (), asking, exact)
    attribute = vocabulary.facts[rest] if family == "facts" else vocabulary.attributes[name]
    values: tuple[Any, ...] = ()
    if rest == "handle_at":
        values = tuple(item.handled_at.value)
    elif name == "applicant.kind":
        values = tuple(item.applicant.value)
    elif attribute.type == "bool":
        values = (True, False)
    elif attribute.values is not None:
        values = tuple(attribute.values)
    elif attribute.low is not None and attribute.high is not None and attribute.high < 20:
        values = tuple(range(attribute.low, attribute.high + 1))
    return Missing(name, attribute.question, values, asking, exact)
