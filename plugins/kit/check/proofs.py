"""Proofs over everything that an application can say: conflicts, gaps, dead rules, dead ends.

Each finding that some application shows comes with the smallest one, and that was
decided by the engine before it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations
from typing import Any

import z3
from attrs import define, evolve

from tongban.kernel import ApplicationError, Decision, Item, Kernel, PluginError, Rule
from tongban.kernel.engine import Program
from tongban.kernel.model import SINGLE
from tongban.plugins.console.terms import condition_text
from tongban.plugins.kit.check.findings import Finding, found
from tongban.plugins.kit.solver.choices import Formula, any_of
from tongban.plugins.kit.solver.inputs import Inputs
from tongban.plugins.kit.solver.outcome import Outcome
from tongban.plugins.kit.solver.witness import (
    Raw,
    application,
    new_solver,
    satisfiable,
    smallest,
    values_of,
)

Progress = Callable[[str, int, int], None]

_NEEDED = ("modes", "delivery")
_OWN = ("item", "department")
"""Layers whose authors can mend what is found; common rules serve others' items too."""


@define(eq=False)
class _Proof:
    """One item, its rules as formulas, and a solver."""

    kernel: Kernel
    item: Item
    program: Program
    inputs: Inputs
    outcome: Outcome
    solver: Any

    def may(self, formula: Formula) -> bool:
        """Whether some application makes it true."""
        return satisfiable(self.solver, formula)

    @cached_property
    def own(self) -> tuple[Rule, ...]:
        """The rules whose authors are asked to mend what is found."""
        return tuple(rule for rule in self.program.rules if rule.layer in _OWN)

    def witness(
        self, formula: Formula, shows: Callable[[Decision], bool] = lambda decision: True
    ) -> Raw | None:
        """The smallest application for which `formula` holds and whose decision shows it.

        Every part that decides it is there: whatever is left out may be anything.
        """
        values = values_of(self.inputs, formula, self.solver)
        if values is None:
            return None
        names = {name for name, value in values.items() if value is not None}

        def confirmed(raw: Raw) -> bool:
            decision = _decided(self.kernel, raw)
            right = decision is not None and decision.outcome != "incomplete" and shows(decision)
            return right and not self.may(z3.And(*given(raw), z3.Not(formula)))

        def given(raw: Raw) -> Iterator[Formula]:
            """What an application says; a part that was left out may have any value."""
            for name, choice in self.inputs.choices.items():
                if name not in names or not _is_asked(self.kernel, name) or _says(raw, name):
                    yield choice.is_(values[name])

        raw = application(self.kernel.rulebook, self.item, values)
        return smallest(raw, confirmed) if confirmed(raw) else None


def prove(
    kernel: Kernel, items: Sequence[Item], progress: Progress | None = None
) -> Iterator[Finding]:
    """What is wrong with items for some application, or for all of them.

    Args:
        kernel: it has loaded them.
        items: what is looked at.
        progress: called with the number done.

    Yields:
        Findings of TB301 to TB307.
    """
    idle: dict[str, Rule] = {}
    useless: dict[str, tuple[Rule, _Proof]] = {}
    working: set[str] = set()
    for number, item in enumerate(items):
        if progress:
            progress(f"证明 proving {kernel.rulebook.short(item)}", number, len(items))
        proof = _proof(kernel, item)
        yield from _conflicts(proof)
        yield from _gaps(proof)
        yield from _dead_ends(proof)
        yield from _advice(proof)
        for rule in kernel.rulebook.rules(item):
            if rule.layer in _OWN:
                idle.setdefault(rule.id, rule)
        for rule in proof.own:
            if proof.may(proof.outcome.holds[rule.id]):
                useless.setdefault(rule.id, (rule, proof))
                if rule.id not in working and _changes(proof, rule):
                    working.add(rule.id)
    for rule in idle.values():
        if rule.id not in useless:
            yield _never_fires(rule)
        elif rule.id not in working:
            yield _changes_nothing(*useless[rule.id])
    if progress:
        progress("证明 proved", len(items), len(items))


def _proof(kernel: Kernel, item: Item) -> _Proof:
    program = kernel.program(item)
    inputs = Inputs([program])
    return _Proof(kernel, item, program, inputs, Outcome(program, inputs), new_solver(inputs))


def _conflicts(proof: _Proof) -> Iterator[Finding]:
    """Two rules of one rank that conclude differently, where none of a stronger rank speaks."""
    for conclusion in SINGLE:
        speaking = [rule for rule in proof.program.rules if conclusion in rule.then]
        for one, other in combinations(speaking, 2):
            if one.layer != other.layer or one.then[conclusion] == other.then[conclusion]:
                continue
            prevails = proof.outcome.prevails
            both = z3.And(prevails(one, conclusion), prevails(other, conclusion))
            if proof.may(both):
                yield found(
                    "TB301",
                    other.file,
                    other.line,
                    f"concludes another {conclusion} than {one.id} ({one.file}:{one.line})"
                    " for the same facts",
                    rule=other.id,
                    witness=proof.witness(both),
                )


def _gaps(proof: _Proof) -> Iterator[Finding]:
    """Eligible applications for which nothing concludes a value that they need."""
    limited = any("time_limit" in rule.then for rule in proof.own)
    for conclusion in (*_NEEDED, *(["time_limit"] if limited else [])):
        values = proof.outcome.concluded(conclusion).values()
        open_ = z3.And(proof.outcome.eligible, z3.Not(any_of([*values])))
        if proof.may(open_):
            yield found(
                "TB302",
                proof.item.file,
                proof.item.line,
                f"eligible applications for which no rule concludes {conclusion}",
                rule=proof.kernel.rulebook.short(proof.item),
                witness=proof.witness(open_, lambda d, name=conclusion: not getattr(d, name)),  # type: ignore[misc]
            )


def _dead_ends(proof: _Proof) -> Iterator[Finding]:
    """Applicants and channels that are admitted and always refused, cases without a route."""
    item, eligible, choices = proof.item, proof.outcome.eligible, proof.inputs.choices
    short = proof.kernel.rulebook.short(item)

    def nobody(says: str) -> Finding:
        return found("TB305", item.file, item.line, says, rule=short)

    if not proof.may(eligible):
        raw = proof.witness(z3.BoolVal(True))
        refused = _decided(proof.kernel, raw) if raw else None
        by = f", one by {refused.reasons[0].rule}" if refused and refused.reasons else ""
        yield evolve(nobody(f"refuses every application, on every date{by}"), witness=raw)
        return
    for kind in item.applicant.value:
        if not proof.may(z3.And(eligible, choices["applicant.kind"].is_(kind))):
            yield nobody(f"admits the applicant kind {kind} and always refuses it")
    for channel in item.channels.value:
        if not proof.may(z3.And(eligible, choices["channel"].is_(channel))):
            yield nobody(f"opens the channel {channel} and always refuses it")
    for when in _ways(proof):
        raw = proof.witness(z3.And(eligible, when), _has_no_route)
        if raw is not None:
            says = "an eligible case that no authority receives or handles"
            yield found("TB306", item.file, item.line, says, rule=short, witness=raw)
            return


def _ways(proof: _Proof) -> Iterator[Formula]:
    """The combinations of channel and chosen place, which routes follow from."""
    channel = proof.inputs.choices["channel"]
    chosen = proof.inputs.choices.get("facts.handle_at")
    for one in channel.values:
        for place in chosen.values if chosen else [None]:
            at = chosen.is_(place) if chosen else z3.BoolVal(True)
            yield z3.And(channel.is_(one), at)


def _has_no_route(decision: Decision) -> bool:
    """Whether nobody acts, or something goes between two places of which no division is known."""
    acting = [one for one in decision.handling if one.acts]
    if decision.outcome != "eligible" or not (acting and decision.legs and decision.receiving):
        return decision.outcome == "eligible"
    known = {one.place for one in decision.handling if one.division}
    known |= {decision.receiving.place} if decision.receiving.division else set()
    return any(
        not known.intersection((leg.source, leg.target))
        and "applicant" not in (leg.source, leg.target)
        for leg in decision.legs
    )


def _advice(proof: _Proof) -> Iterator[Finding]:
    """Advice to an item that refuses those who are advised."""
    for rule in proof.own:
        for advice in rule.advise:
            if advice.do == "use_item" and rule.then.get("eligible") is False:
                yield from _useless_advice(proof, rule, advice.target)


def _useless_advice(proof: _Proof, rule: Rule, target: str) -> Iterator[Finding]:
    rulebook, item = proof.kernel.rulebook, proof.item
    key = target if "/" in target else f"{item.jurisdiction}/{target}"
    other = rulebook.items.get(key)
    if other is None or other.key == item.key:
        return
    program = proof.kernel.program(other)
    inputs = Inputs([proof.program, program])
    here, there = Outcome(proof.program, inputs), Outcome(program, inputs)
    solver = new_solver(inputs)
    advised = here.prevails(rule, "eligible")
    if not satisfiable(solver, advised) or satisfiable(solver, advised, there.eligible):
        return
    yield found(
        "TB307",
        rule.file,
        rule.line,
        f"advises {rulebook.short(other)} {other.name}, which refuses every application that"
        " this rule refuses",
        rule=rule.id,
        witness=proof.witness(proof.outcome.prevails(rule, "eligible")),
    )


def _changes(proof: _Proof, rule: Rule) -> bool:
    """Whether some application would be decided, advised or explained otherwise without `rule`."""
    outcome = proof.outcome
    if rule.advise and proof.may(outcome.prevails(rule, "eligible")):
        return True
    if (rule.cite.words or rule.cite.article) and proof.may(_speaks_alone(proof, rule)):
        return True
    less = outcome.without(rule)
    return any(proof.may(outcome.differs(less, conclusion)) for conclusion in rule.then)


def _speaks_alone(proof: _Proof, rule: Rule) -> Formula:
    """That it is the only rule of its layer to say what it says, with the words of its source.

    A row that repeats what holds for every item anyway (可网上办理) is worth quoting.
    """
    holds = proof.outcome.holds
    alike = [
        holds[other.id]
        for other in proof.own
        if other is not rule and other.layer == rule.layer and other.then == rule.then
    ]
    visible = z3.Or([proof.outcome.prevails(rule, conclusion) for conclusion in rule.then])
    return z3.And(visible, *map(z3.Not, alike))


def _never_fires(rule: Rule) -> Finding:
    when = condition_text(rule.when)
    return found("TB303", rule.file, rule.line, f"no facts meet it: {when}", rule=rule.id)


def _changes_nothing(rule: Rule, proof: _Proof) -> Finding:
    held = proof.outcome.holds[rule.id]
    raw = proof.witness(held)
    decision = _decided(proof.kernel, raw) if raw else None
    by = [one.rule for one in decision.reasons if one.conclusion in rule.then] if decision else []
    others = ", ".join(dict.fromkeys(name for name in by if name != rule.id))
    says = f"; {others} says the same" if others else ""
    return found(
        "TB304",
        rule.file,
        rule.line,
        f"every decision is the same without it{says}",
        rule=rule.id,
        witness=raw,
    )


def _is_asked(kernel: Kernel, name: str) -> bool:
    """Whether an application may say a part; others follow from it by plugins."""
    family, _, fact = name.partition(".")
    return family != "facts" or kernel.rulebook.vocabulary.facts[fact].asked


def _says(raw: Raw, name: str) -> bool:
    family, _, part = name.partition(".")
    return part in raw.get(family, {}) if part else family in raw


def _decided(kernel: Kernel, raw: Mapping[str, Any]) -> Decision | None:
    try:
        return kernel.decide(raw)
    except (ApplicationError, PluginError):
        return None
