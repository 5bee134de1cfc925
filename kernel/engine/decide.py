"""From an application to a decision: facts, rules, route, reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tongban.kernel.engine.codegen import Facts
from tongban.kernel.engine.facts import (
    all_said,
    facts_of,
    handling_places,
    situation,
    with_derived,
)
from tongban.kernel.engine.missing_facts import Branch, may_be_eligible, outlook
from tongban.kernel.engine.program import Program, remembered
from tongban.kernel.engine.questions import allowed_values
from tongban.kernel.engine.resolution import Verdict, agreed, verdict
from tongban.kernel.engine.routing import crossing, route
from tongban.kernel.model.application import Application
from tongban.kernel.model.conditions import Scalar
from tongban.kernel.model.decision import AdviceGiven, Decision, Missing, Receiving

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
    held = _held(program, application, handling, matching)
    return _decision(program, application, handling, verdict(program, held, handling), would)


def _held(
    program: Program,
    application: Application,
    handling: tuple[str, ...],
    matching: Matching | None = None,
) -> int:
    """Which rules hold of an application that says all."""
    if matching is not None:
        return matching(program, facts_of(program, application, {}, handling, program.derived))
    return program.holding(
        application.facts,
        application.places,
        application.received_at,
        handling,
        application.channel,
        application.as_of,
        application.applicant.kind,
        application.deliver_by or "default",
    )


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
        held = _held(program, application, handling)
        return not verdict(program, held, handling).eligible
    return not may_be_eligible(program, application, more)


def _decision(
    program: Program,
    application: Application,
    handling: tuple[str, ...],
    verdict: Verdict,
    would: Would,
) -> Decision:
    if not verdict.eligible:
        return Decision(
            program.identity,
            application.as_of,
            "ineligible",
            verdict.modes,
            crossing(program, application, handling),
            _handed_in(application),
            reasons=verdict.reasons,
            overridden=verdict.overridden,
            advice=_advice(application, verdict.advised, would),
        )
    reach, receiving, authorities, legs = route(program, application, handling, verdict)
    return Decision(
        program.identity,
        application.as_of,
        "eligible",
        verdict.modes,
        reach,
        receiving,
        authorities,
        legs,
        verdict.delivery,
        verdict.time_limit,
        verdict.reasons,
        verdict.overridden,
        (),
        verdict.advised,
        program.valid_for,
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
    ahead = outlook(program, application, more)
    leaves = () if ahead.matters else ahead.leaves
    if not leaves:
        missing = [_missing(program, name, ahead.exact) for name in ahead.matters]
        return Decision(
            program.identity,
            application.as_of,
            "incomplete",
            receiving=_handed_in(application),
            missing=tuple(missing),
        )
    found = agreed([_of_leaf(program, leaf, matching) for leaf in leaves])
    one = leaves[0]
    if one.eligible:
        return _decision(program, application, one.handling or (), found, would)
    return Decision(
        program.identity,
        application.as_of,
        "ineligible",
        receiving=_handed_in(application),
        reasons=found.reasons,
        overridden=found.overridden,
        advice=_advice(application, found.advised, would),
    )


def _of_leaf(program: Program, leaf: Branch, matching: Matching | None) -> Verdict:
    """What the rules conclude that hold in every completion of `leaf`."""
    held, handling = leaf.held, leaf.handling
    if matching is not None:
        facts, _ = situation(program, leaf.application, {}, handling, leaf.unsaid)
        held = matching(program, facts) & leaf.known
    return verdict(program, held, handling or ())


@remembered
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
        asks = vocabulary.places[rest].question
        return Missing(name, asks.zh, (), asking, exact, asks.en)
    attribute = vocabulary.facts[rest] if family == "facts" else vocabulary.attributes[name]
    values = allowed_values(item, name, attribute)
    asks = attribute.question
    return Missing(name, asks.zh, values, asking, exact, asks.en)
