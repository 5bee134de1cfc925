"""From the solver's changes to ways that the engine confirms, each change with what asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from attrs import evolve, field, frozen

from tongban.kernel import (
    Application,
    ApplicationError,
    Citation,
    Decision,
    Kernel,
    Rule,
    Scalar,
)
from tongban.plugins.kit.why_not.attributes import Part, Policy, part, put
from tongban.plugins.kit.why_not.goals import Want, meets
from tongban.plugins.kit.why_not.search import Found, Search

Status: TypeAlias = Literal["met", "turned", "impossible", "not_found", "unconfirmed"]
_FEW = 12
"""As many values of a part are tried to tell what else would do."""


@frozen
class Asking:
    """A rule that asks for something, with its words."""

    rule: str
    because: str
    cite: Citation


@frozen
class Change:
    """A change of one part, or the answer where nothing was said.

    Attributes:
        old: None where nothing was said.
        also: other values that would do as well, everything else the same.
        any: whether every value that was tried does.
        asked_by: the rules that refuse without it, or want it.
    """

    part: Part
    old: Scalar | None
    new: Scalar | None
    also: tuple[Scalar, ...] = ()
    any: bool = False
    asked_by: tuple[Asking, ...] = ()


@frozen
class Way:
    """Changes and answers after which the application is as wanted, as the engine confirms.

    Attributes:
        application: raw, with all of them.
        derived: facts that a plugin has to derive besides, from what was not said.
    """

    changes: tuple[Change, ...]
    answers: tuple[Change, ...]
    application: Mapping[str, Any]
    decision: Decision
    derived: Mapping[str, Scalar] = field(factory=dict)

    @property
    def rank(self) -> tuple[Any, ...]:
        """The fewest changes first; among as many, the easier ones, then those with less to say."""
        parts = [change.part for change in self.changes]
        names = tuple(one.name for one in parts)
        return len(parts), sum(one.rank for one in parts), len(self.answers), names


@frozen
class Hindrance:
    """A part that must stay and makes what is wanted impossible."""

    part: Part
    value: Scalar | None
    why: str


@frozen
class Result:
    """The result of one application.

    Attributes:
        ways: the best first; none where it is as wanted already, or cannot be.
        hindrances: without any, no change of anything would do.
        rules: those that stand in the way, or would have to hold and cannot.
        derived_by: the plugins that derive what the answer rests on, where it is not proved.
    """

    decision: Decision
    wanted: tuple[Want, ...]
    status: Status
    ways: tuple[Way, ...] = ()
    hindrances: tuple[Hindrance, ...] = ()
    rules: tuple[Rule, ...] = ()
    unconfirmed: Found | None = field(default=None)
    derived_by: tuple[str, ...] = ()


def examine(
    kernel: Kernel,
    raw: Mapping[str, Any],
    wanted: Sequence[Want],
    policy: Policy,
    most: int = 1,
) -> Result:
    """The fewest changes that turn the decision on an application.

    Args:
        kernel: decides it.
        raw: the application, as `tongban route` takes it.
        wanted: what the decision should come to.
        policy: what must stay and what may change.
        most: how many alternatives are looked for.

    Raises:
        ApplicationError: where the application is wrong.
    """
    application = kernel.application(raw)
    decision, asked = kernel.decide(application), tuple(wanted)
    if meets(decision, asked):
        return Result(decision, asked, "met")
    search = Search(kernel, application, asked, policy)
    ways = []
    # More than wanted are looked for, because the solver does not know what is easier.
    for found in search.sets(max(most, _FEW)):
        way = _confirmed(kernel, raw, application, asked, search, found)
        if way is None:
            return Result(decision, asked, "unconfirmed", unconfirmed=found)
        ways.append(way)
    if ways:
        ranked = sorted(ways, key=lambda way: way.rank)
        return Result(decision, asked, "turned", tuple(ranked[:most]))
    hindrances = tuple(
        Hindrance(part(kernel, name), search.seen.get(name), _why(search, name))
        for name in search.hindrances() or search.held_sources
    )
    rules = tuple(search.standing() or search.concluding())
    if not search.proves:
        by = search.derivation.plugins
        return Result(decision, asked, "not_found", (), hindrances, rules, derived_by=by)
    return Result(decision, asked, "impossible", (), hindrances, rules)


def _why(search: Search, name: str) -> str:
    return search.held.get(name, "日期不能倒退 no day comes back")


def _confirmed(
    kernel: Kernel,
    raw: Mapping[str, Any],
    application: Application,
    wanted: tuple[Want, ...],
    search: Search,
    found: Found,
) -> Way | None:
    """The way, where the engine comes to what is wanted; with the answers that it needs."""
    changed = put(raw, found.changes)

    def after(values: Mapping[str, Scalar | None]) -> Decision | None:
        try:
            one = kernel.application(put(changed, values))
        except ApplicationError:
            return None
        return kernel.decide(evolve(one, facts={**found.derived, **one.facts}))

    def does(values: Mapping[str, Scalar | None]) -> bool:
        decision = after(values)
        return decision is not None and meets(decision, wanted)

    if not does(found.answers):
        return None
    answers = dict(found.answers)
    for name in found.answers:
        rest = {key: value for key, value in answers.items() if key != name}
        if does(rest):
            answers = rest
    decision = after(answers)
    assert decision is not None
    changes = tuple(
        Change(
            part(kernel, name),
            search.seen.get(name),
            value,
            *_others(search, name, value, lambda other, n=name: does({**answers, n: other})),
            _asking(decision, after({**answers, name: search.seen.get(name)}), wanted),
        )
        for name, value in found.changes.items()
    )
    said = tuple(
        Change(
            part(kernel, name),
            None,
            value,
            *_others(search, name, value, lambda other, n=name: does({**answers, n: other})),
            _missing(search, name),
        )
        for name, value in answers.items()
    )
    return Way(changes, said, put(changed, answers), decision, found.derived)


def _others(
    search: Search, name: str, value: Scalar | None, does: Any
) -> tuple[tuple[Scalar, ...], bool]:
    """Other values that do as well, and whether all do; of days and long lists none is named."""
    if name == "as_of":
        return (), False
    now = search.seen.get(name)
    tried = [v for v in search.inputs.choices[name].values if v not in (None, value, now)]
    fitting = tuple(v for v in tried[:_FEW] if v is not None and does(v))
    every = now is None and len(fitting) == len(tried[:_FEW]) and bool(fitting)
    place = name == "received_at" or name.startswith("places.")
    return (() if place or len(tried) > _FEW else fitting), every


def _asking(
    decision: Decision, without: Decision | None, wanted: Sequence[Want]
) -> tuple[Asking, ...]:
    """The rules that refuse without a change; else those that conclude what is lost without it."""
    reasons = []
    if without is not None and without.outcome == "ineligible":
        reasons = [one for one in without.reasons if one.conclusion == "eligible"]
    if not reasons:
        lost = [w for w in wanted if without is None or not meets(without, [w])]
        pairs = [(want.conclusion, want.value) for want in lost]
        reasons = [one for one in decision.reasons if (one.conclusion, one.value) in pairs]
    if not reasons and without is not None:
        kept = {one.rule for one in without.reasons}
        reasons = [one for one in decision.reasons if one.rule not in kept]
    return tuple(dict.fromkeys(Asking(one.rule, one.because, one.cite) for one in reasons))


def _missing(search: Search, name: str) -> tuple[Asking, ...]:
    """The rules of the item's own that look at what was not said; the common ones look always."""
    program = search.program
    places = program.item.handled_at.value
    return tuple(
        Asking(rule.id, rule.because, rule.cite)
        for rule in program.rules
        if rule.layer in ("department", "item")
        and any(name in program.inputs(a, places) for a in program.tested_by[rule.id])
    )
