"""The solver's part: the smallest sets of changes after which an application is as wanted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property, partial
from itertools import product
from math import prod
from typing import Any

import z3
from attrs import evolve, frozen

from tongban.kernel import Application, Kernel, Rule, Scalar
from tongban.kernel.engine import Program
from tongban.kernel.model import passes
from tongban.plugins.kit.solver.choices import Choice, Formula, any_of
from tongban.plugins.kit.solver.derivation import MAX_CALLS, Derivation
from tongban.plugins.kit.solver.inputs import Inputs
from tongban.plugins.kit.solver.outcome import Outcome
from tongban.plugins.kit.solver.witness import new_solver, satisfiable
from tongban.plugins.kit.why_not.attributes import Policy
from tongban.plugins.kit.why_not.goals import Want

_YEAR = timedelta(days=365)
_YEARS_AHEAD = 150
"""How far one may wait for a derived fact, such as an age, to change."""


@frozen
class Found:
    """A smallest set of changes.

    Attributes:
        changes: part to new value.
        answers: what was not said and is free to say, part to value.
        derived: facts that a plugin has to derive from what was not said and cannot be tried.
    """

    changes: Mapping[str, Scalar | None]
    answers: Mapping[str, Scalar | None]
    derived: Mapping[str, Scalar]


class _Dated(Inputs):
    """Inputs with more days to choose from, and more values of facts that others follow from."""

    def __init__(
        self,
        programs: Sequence[Program],
        seen: Application,
        days: Sequence[date],
        sources: Mapping[str, Sequence[Scalar]],
    ) -> None:
        self._days = tuple(days)
        self._sources = sources
        super().__init__(programs, seen)

    def _dates(self) -> list[Scalar | None]:
        return [*dict.fromkeys([*super()._dates(), *self._days])]

    def _facts(self) -> Iterator[Choice]:
        more = dict(self._sources)
        for choice in super()._facts():
            values = (*choice.values, *more.pop(choice.name, ()))
            yield Choice(choice.name, tuple(dict.fromkeys(values)))
        for name, rest in more.items():
            yield self._choice(name, [*rest])


class Search:
    """Finds changes of one application.

    Args:
        kernel: decides it.
        application: as it was put in.
        wanted: what the decision should come to.
        policy: parts that must stay, parts that may change after all.
    """

    def __init__(
        self, kernel: Kernel, application: Application, wanted: Sequence[Want], policy: Policy
    ) -> None:
        self.kernel = kernel
        self.policy = policy
        self.wanted = tuple(wanted)
        self.program = kernel.program(application.item)
        self.derivation = Derivation(kernel, self.program, application)
        self.derived = self.derivation.names
        now = self.derivation.of(application)
        known = {name: value for name, value in now.items() if value is not None}
        self.application = application
        seen = evolve(application, facts={**application.facts, **known})
        self.days = self._turning_days(now)
        sources = {part: self.derivation.values(part) for part in self.derivation.parts}
        self.inputs = _Dated([self.program], seen, [*self.days], sources)
        self.seen = self.inputs.seen
        self.outcome = Outcome(self.program, self.inputs)
        self.solver: Any = new_solver(self.inputs)
        self._forward = self.inputs.choices["as_of"].among(self._is_to_come)
        self.solver.add(*self._frame())

    @cached_property
    def held(self) -> dict[str, str]:
        """The parts that were said and must stay, each with why."""
        reasons = {
            name: self.policy.why_held(self.kernel, name)
            for name in self.changeable_names
            if name != "as_of"
        }
        reasons["as_of"] = self.policy.why_held(self.kernel, "as_of")
        return {name: why for name, why in reasons.items() if why}

    @property
    def changeable_names(self) -> list[str]:
        """The parts that were said, by name; without derived ones."""
        said = [name for name in self.inputs.choices if name in self.seen]
        return [name for name in said if name.removeprefix("facts.") not in self.derived]

    @property
    def free(self) -> list[str]:
        """The parts that may change, at the cost of a change."""
        names = [name for name in self.changeable_names if name not in self.held]
        if "deliver_by" not in self.seen and "deliver_by" not in self.policy.hold:
            names.append("deliver_by")
        return names

    @property
    def open(self) -> list[str]:
        """The parts that were not said: answers, which cost nothing."""
        named = {*self.seen, "deliver_by", *(f"facts.{name}" for name in self.derived)}
        return [name for name in self.inputs.choices if name not in named]

    def sets(self, most: int) -> Iterator[Found]:
        """The smallest sets of changes, those with the fewest first; none contains another.

        Args:
            most: after this many it stops.
        """
        solver, free = self.solver, self.free
        changed = {name: z3.Not(self._unchanged(name)) for name in free}
        solver.push()
        try:
            solver.add(self.target, self._forward)
            solver.add(*(self._unchanged(name) for name in self.held))
            count = 0
            for size in range(len(free) + 1):
                while count < most:
                    solver.push()
                    if changed:
                        solver.add(z3.PbLe([(one, 1) for one in changed.values()], size))
                    found = satisfiable(solver)
                    values = self.inputs.values(solver.model()) if found else {}
                    solver.pop()
                    if not found:
                        break
                    turned = [n for n in free if values[n] != self._now(n)]
                    count += 1
                    yield self._best(turned, free)
                    if not turned:
                        return
                    solver.add(z3.Not(z3.And([changed[name] for name in turned])))
        finally:
            solver.pop()

    def hindrances(self) -> list[str]:
        """The held parts that together make what is wanted impossible; [] where nothing helps.

        `as_of` among them says that it is too late: only an earlier day would do.
        """
        kept = {name: self._unchanged(name) for name in self.held}
        kept.setdefault("as_of", self._forward)
        self.solver.push()
        try:
            self.solver.add(self.target)
            return _core(self.solver, kept)
        finally:
            self.solver.pop()

    def standing(self) -> list[Rule]:
        """The rules that stand in the way: a smallest set that cannot all be kept from holding."""
        rules = [r for r in self.program.rules if r.then.get("eligible") is False]
        if any(want.conclusion == "outcome" and want.value == "ineligible" for want in self.wanted):
            return []
        overruled = {rule.id: self._overruled(rule) for rule in rules}
        self.solver.push()
        try:
            self.solver.add(self._forward, *(self._unchanged(name) for name in self.held))
            core = _core(self.solver, overruled)
            return [rule for rule in rules if rule.id in core]
        finally:
            self.solver.pop()

    def _overruled(self, rule: Rule) -> Formula:
        """That a rule which refuses does not hold, or one that is more specific says yes."""
        allowing = [r for r in self.program.rules if r.then.get("eligible") is True]
        layers = [*dict.fromkeys(r.layer for r in self.program.rules)]
        above = [r for r in allowing if layers.index(r.layer) > layers.index(rule.layer)]
        yes = [self.outcome.prevails(r, "eligible") for r in above]
        return z3.Or(z3.Not(self.outcome.holds[rule.id]), *yes)

    def concluding(self) -> list[Rule]:
        """The rules that would conclude what is wanted besides the outcome, and cannot."""
        pairs = [(w.conclusion, w.value) for w in self.wanted if w.conclusion != "outcome"]
        # The program lacks the rules that cannot hold for this item, so all are looked at.
        return [
            rule
            for rule in self.program.whole
            for conclusion, value in pairs
            if value in _values_of(rule, conclusion)
        ]

    @cached_property
    def target(self) -> Formula:
        """That the decision is as wanted."""
        return z3.And([self._wanted(want) for want in self.wanted])

    def _wanted(self, want: Want) -> Formula:
        if want.conclusion == "outcome":
            eligible = self.outcome.eligible
            return eligible if want.value == "eligible" else z3.Not(eligible)
        concluded = self.outcome.concluded(want.conclusion)
        fits = [when for value, when in concluded.items() if want.value in value.split(",")]
        return any_of(fits) if fits else z3.BoolVal(False)

    def _is_to_come(self, day: object) -> bool:
        return isinstance(day, date) and day >= self.application.as_of

    def _frame(self) -> Iterator[Formula]:
        """What holds whatever changes: plugins derive what they derive."""
        received, channel = self.inputs.choices["received_at"], self.inputs.choices["channel"]
        if "received_at" not in self.seen:
            # Online the place is not asked; that is not an answer which could help.
            yield z3.Implies(channel.is_("online"), received.is_(None))
        days, kinds = self.inputs.choices["as_of"], self.inputs.choices["applicant.kind"]
        settled = [name for name in self.derived if name not in self.derivation.unsettled]
        if not settled:
            return
        tried = []
        for day, kind in product(days.values, kinds.values):
            for facts in self.combinations:
                put = {f"facts.{name}": value for name, value in facts.items()}
                given = z3.And(days.is_(day), kinds.is_(kind), self.inputs.is_(put))
                tried.append(given)
                yield z3.Implies(given, self._derives(settled, day, kind, facts))
        yield z3.Or(tried)

    @cached_property
    def combinations(self) -> list[Mapping[str, Scalar]]:
        """Values of the facts that others follow from, each with which plugins are asked.

        Where there are too many, those in which one of them changes.
        """
        now = self.application.facts
        choices: dict[str, Sequence[Scalar]] = {}
        for part in self.derivation.parts:
            name = part.removeprefix("facts.")
            kept = name in now and part in self.held
            values = (now[name],) if kept else self.inputs.choices[part].values
            choices[name] = [value for value in values if value is not None]
        if self._tried_all:
            return [dict(zip(choices, one, strict=True)) for one in product(*choices.values())]
        first = {name: now.get(name, values[0]) for name, values in choices.items()}
        return [first, *({**first, n: v} for n, values in choices.items() for v in values)]

    @cached_property
    def _tried_all(self) -> bool:
        """Whether plugins are asked about every combination of the values that are tried."""
        free = [part for part in self.derivation.parts if part not in self.held]
        sizes = [len(self.inputs.choices[part].values) for part in free]
        return prod(sizes) <= MAX_CALLS

    @property
    def proves(self) -> bool:
        """Whether what it does not find does not exist; else plugins derive what it rests on."""
        parts, facts = self.derivation.parts, self.program.vocabulary.facts
        declared = all(facts[name].derived_from for name in self.derived)
        finite = all(part in self.held or self.derivation.finite(part) for part in parts)
        return declared and finite and self._tried_all

    def _derives(
        self, names: Sequence[str], day: Any, kind: Scalar | None, facts: Mapping[str, Scalar]
    ) -> Formula:
        """That derived facts have the values that plugins find; never where they abstain."""
        found = self._derived_on(day, kind, facts)
        if any(found[name] is None for name in names):
            return z3.BoolVal(False)
        alike = self.derivation.alike
        choices = {name: self.inputs.choices[f"facts.{name}"] for name in names}
        return z3.And([c.among(partial(alike, n, found[n])) for n, c in choices.items()])

    def _derived_on(
        self, day: date, kind: Scalar | None = None, facts: Mapping[str, Scalar] | None = None
    ) -> Mapping[str, Any]:
        later = evolve(
            self.application, as_of=day, facts={**self.application.facts, **(facts or {})}
        )
        if kind is not None:
            later = evolve(later, applicant=evolve(later.applicant, kind=str(kind)))
        return self.derivation.of(later)

    def _turning_days(self, now: Mapping[str, Any]) -> list[date]:
        """The first days from which rules see another derived fact, one for each change."""
        found: list[date] = []
        if all(value is None for value in now.values()):
            return found
        day, before = self.application.as_of, self._seen_on(self.application.as_of)
        for _ in range(_YEARS_AHEAD):
            if day > date.max - _YEAR:
                break
            low, high = day, day + _YEAR
            day, after = high, self._seen_on(high)
            while after != before and (high - low).days > 1:
                middle = low + (high - low) // 2
                same = self._seen_on(middle) == before
                low, high = (middle, high) if same else (low, middle)
            if after != before:
                found.append(high)
            before = after
        return found

    def _seen_on(self, day: date) -> list[bool]:
        """What the tests of derived facts say on a day."""
        derived = self._derived_on(day)
        return [
            passes(t, derived[t.attribute]) for t in self.program.tests if t.attribute in derived
        ]

    def _now(self, name: str) -> Scalar | None:
        return self.seen.get(name)

    def _unchanged(self, name: str) -> Formula:
        return self.inputs.choices[name].is_(self._now(name))

    def _best(self, turned: Collection[str], free: Sequence[str]) -> Found:
        """The most usual values for a set of parts that turn; of days, the first."""
        solver = self.solver
        solver.push()
        try:
            solver.add(*(self._unchanged(name) for name in free if name not in turned))
            chosen: dict[str, Scalar | None] = {}
            unsettled = (f"facts.{name}" for name in sorted(self.derivation.unsettled))
            for name in (*turned, *self.open, *unsettled):
                for value in self._preferred(name):
                    if name in turned and value == self._now(name):
                        continue
                    put = self.inputs.choices[name].is_(value)
                    if satisfiable(solver, put):
                        solver.add(put)
                        chosen[name] = value
                        break
            return Found(
                {name: chosen[name] for name in turned},
                {name: chosen[name] for name in self.open if chosen.get(name) is not None},
                {
                    name: value
                    for name in sorted(self.derivation.unsettled)
                    if (value := chosen[f"facts.{name}"]) is not None
                },
            )
        finally:
            solver.pop()

    def _preferred(self, name: str) -> Sequence[Scalar | None]:
        values = self.inputs.choices[name].values
        return sorted(values, key=str) if name == "as_of" else values


def _core(solver: Any, wanted: Mapping[str, Formula]) -> list[str]:
    """The names of a smallest set of formulas that contradict what the solver knows; [] for none.

    What nothing depends on is left out one by one, so no part of the set could be spared.
    """
    marks = {name: z3.Bool(f"core {name}") for name in wanted}
    solver.add(*(z3.Implies(marks[name], formula) for name, formula in wanted.items()))
    if satisfiable(solver, *marks.values()):
        return []
    core = list(marks)
    for name in marks:
        rest = [other for other in core if other != name]
        if not satisfiable(solver, *(marks[other] for other in rest)):
            core = rest
    return core


def _values_of(rule: Rule, conclusion: str) -> Collection[str]:
    value = rule.then.get(conclusion, ())
    return (value,) if isinstance(value, str) else value
