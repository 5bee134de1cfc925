"""From an application to a decision: facts, rules, route, reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tongban.kernel.application import Application
from tongban.kernel.conditions import Scalar
from tongban.kernel.decision import AdviceGiven, Decision, Missing, Receiving
from tongban.kernel.engine import Facts
from tongban.kernel.program import Program
from tongban.kernel.resolution import Verdict, agreed, resolve, settled
from tongban.kernel.route import crossing, route
from tongban.kernel.situation import (
    all_said,
    facts_of,
    handling_places,
    open_inputs,
    situation,
    with_derived,
)
from tongban.kernel.unknown import Leaf, may_be_eligible, prospects

__all__ = ["Matching", "Would", "decide", "refuses"]

Matching = Callable[[Program, Facts], int]
"""An engine: takes an item's program and facts; returns which rules hold, as a mask."""

Would = Callable[[Application, str], bool]
"""Whether the item named in advice would not refuse the same application."""


def decide(
    program: Program,
    application: Application,
    more: Mapping[str, Scalar],
    would: Would,
    matching: Matching | None = None,
) -> Decision:
    """The decision on an application that was checked.

    Args:
        program: the item's.
        application: what was put in.
        more: facts that plugins derived.
        would: filters advice to use another item.
        matching: the engine that is asked; None for the kernel's own.
    """
    if more:
        would = _on(application, would)
        application = with_derived(application, more)
    handling = handling_places(program, application)
    if handling is None or not all_said(program, application, handling):
        return _with_gaps(program, application, more, would, matching)
    facts = facts_of(program, application, more, handling)
    held = program.match(facts) if matching is None else matching(program, facts)
    return _decision(program, application, handling, _verdict(program, held, handling), would)


def _on(application: Application, would: Would) -> Would:
    """`would`, asked about `application` without what plugins derived for another item."""
    return lambda _, item: would(application, item)


def refuses(program: Program, application: Application, more: Mapping[str, Scalar]) -> bool:
    """Whether an application is ineligible, whatever is still open; `decide` without the rest.

    Args:
        program: the item's.
        application: what was put in.
        more: facts that plugins derived.
    """
    application = with_derived(application, more) if more else application
    handling = handling_places(program, application)
    if handling is not None and all_said(program, application, handling):
        held = program.match(facts_of(program, application, more, handling))
        return not _verdict(program, held, handling).eligible
    unsaid = open_inputs(program, application, handling)
    now = situation(program, application, more, handling, unsaid)
    certain = settled(program, program.states(now.facts, now.unknown))
    if certain is not None:
        return not certain
    return not may_be_eligible(program, application, more)


def _verdict(program: Program, held: int, handling: tuple[str, ...]) -> Verdict:
    """The verdict for the rules that hold, remembered: the same rules conclude the same."""
    verdict: Verdict | None = program.memo.get((held, handling))
    if verdict is None:
        verdict = resolve(program, held, handling)
        program.remember((held, handling), verdict)
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
    reach, receiving, authorities, legs = route(program, application, handling, verdict)
    return Decision(
        item=program.identity,
        as_of=application.as_of,
        outcome="eligible",
        modes=verdict.modes,
        crossing=reach,
        receiving=receiving,
        handling=authorities,
        legs=legs,
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
    if not advised:
        return advised
    return tuple(a for a in advised if a.do != "use_item" or would(application, a.target))


def _with_gaps(
    program: Program,
    application: Application,
    more: Mapping[str, Scalar],
    would: Would,
    matching: Matching | None,
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


def _of_leaf(program: Program, leaf: Leaf, matching: Matching | None) -> Verdict:
    """What the rules conclude that hold in every completion of `leaf`."""
    unsaid = open_inputs(program, leaf.application, leaf.handling or None)
    facts = situation(program, leaf.application, {}, leaf.handling, unsaid).facts
    held = program.match(facts) if matching is None else matching(program, facts)
    return _verdict(program, held & leaf.known, leaf.handling)


def _missing(program: Program, name: str, exact: bool) -> Missing:
    """The question for an open input, remembered."""
    missing: Missing | None = program.memo.get((name, exact))
    if missing is None:
        missing = _question(program, name, exact)
        program.remember((name, exact), missing)
    return missing


def _question(program: Program, name: str, exact: bool) -> Missing:
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
