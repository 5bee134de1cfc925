"""From an application to a decision: facts, rules, route, reasons."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from tongban.kernel.engine.codegen import Facts
from tongban.kernel.engine.facts import (
    all_said,
    facts_of,
    handling_places,
    is_said,
    situation,
    with_derived,
)
from tongban.kernel.engine.missing_facts import Branch, may_be_eligible, outlook
from tongban.kernel.engine.program import Program, remembered
from tongban.kernel.engine.questions import BESIDE, allowed_values
from tongban.kernel.engine.resolution import Verdict, agreed, verdict
from tongban.kernel.engine.routing import crossing, route
from tongban.kernel.errors import Text
from tongban.kernel.model.application import Application
from tongban.kernel.model.conditions import Scalar
from tongban.kernel.model.decision import AdviceGiven, Decision, Missing, Receiving
from tongban.kernel.model.vocabulary import Attribute

Matching = Callable[[Program, Facts], int]
"""An engine: takes an item's program and facts; returns which rules hold, as a mask."""

Reads = Callable[[Application, Attribute], Collection[str]]
"""The parts of an application that a plugin looks at to derive a fact."""

Would = Callable[[Application, str], bool]
"""Whether the item named in advice would not refuse the same application."""


def decide(
    program: Program,
    application: Application,
    more: Mapping[str, Scalar],
    would: Would,
    reads: Reads,
    matching: Matching | None = None,
) -> Decision:
    """The decision on an application that was checked.

    Args:
        program: the item's.
        application: what was put in.
        more: facts that plugins derived.
        would: filters advice to use another item.
        reads: asked where a fact could not be derived and does not declare what from.
        matching: the engine that is asked; None for the kernel's own.
    """
    if more:
        would = _on(application, would)
        application = with_derived(application, more)
    handling = handling_places(program, application)
    if handling is None or not all_said(program, application, handling):
        return _with_gaps(program, application, more, would, reads, matching)
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
    reads: Reads,
    matching: Matching | None,
) -> Decision:
    """The decision where something is open: complete, refused whatever it is, or incomplete."""
    ahead = outlook(program, application, more)
    leaves = () if ahead.matters else ahead.leaves
    if not leaves:
        wanted = _wanted(program, application, ahead.matters, reads)
        # What a fact follows from may not matter: that is known where it is derived.
        missing = [
            _missing(program, name, ahead.exact and facts == (name,), facts)
            for name, facts in wanted.items()
        ]
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


def _wanted(
    program: Program, application: Application, matters: Sequence[str], reads: Reads
) -> dict[str, tuple[str, ...]]:
    """What is missing, in the order of asking, each with what rules test of it.

    In place of a fact that no plugin derived stand the parts of the application that it
    follows from and that are open; the fact itself where all of them are said.
    """
    if not program.by_plugins:
        return {name: (name,) for name in matters}
    facts = program.vocabulary.facts
    wanted: dict[str, tuple[str, ...]] = {}
    for name in matters:
        fact = facts.get(name.removeprefix("facts.")) if name.startswith("facts.") else None
        names = [name]
        if fact is not None and not fact.asked:
            known = program.vocabulary.sources
            sources = fact.derived_from or [one for one in reads(application, fact) if one in known]
            names = [one for one in sources if not is_said(application, one)] or names
        for one in names:
            wanted[one] = (*wanted.get(one, ()), name)
    return wanted


@remembered
def _missing(program: Program, name: str, exact: bool, looked: tuple[str, ...]) -> Missing:
    """The question for an open input, with the rules that look at it or at what follows from it."""
    vocabulary, item = program.vocabulary, program.item
    family, _, rest = name.partition(".")
    names = {name, *looked}
    asking = tuple(
        rule.id
        for rule in program.rules
        if any(
            not names.isdisjoint(program.inputs(a, item.handled_at.value))
            for a in program.tested_by[rule.id]
        )
    )
    if name in BESIDE:
        asks = BESIDE[name].question
        return Missing(name, asks.zh, (), asking, exact, asks.en)
    if family == "places":
        asks = vocabulary.places[rest].question
        return Missing(name, asks.zh, (), asking, exact, asks.en)
    attribute = vocabulary.facts[rest] if family == "facts" else vocabulary.attributes[name]
    if not attribute.asked and not attribute.question.zh:
        asks = _not_derived(attribute)
        by = attribute.derived_by
        return Missing(name, asks.zh, (), asking, exact, asks.en, by or "?")
    values = allowed_values(item, name, attribute)
    asks = attribute.question
    return Missing(name, asks.zh, values, asking, exact, asks.en)


def _not_derived(fact: Attribute) -> Text:
    """What to say of a fact that its plugin did not derive though it had all that it asks for."""
    by = Text(f"插件{fact.derived_by}", f"the plugin {fact.derived_by}")
    if not fact.derived_by:
        by = Text("插件", "a plugin")
    sources = ", ".join(fact.derived_from)
    told = Text("请联系办理部门", "ask the department")
    if sources:
        told = Text(f"请核对 {sources},或者{told.zh}", f"check {sources}, or {told.en}")
    return Text(
        f"“{fact.label}”由{by.zh}得出,但未能得出;{told.zh}",
        f"{by.en} derives {fact.title} and did not; {told.en}",
    )
