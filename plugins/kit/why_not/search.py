"""The solver's part: the smallest sets of changes after which an application is as wanted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property, partial
from itertools import product
from math import prod
from typing import Any, Literal

import z3
from attrs import evolve, frozen

from tongban.kernel import Application, Kernel, Rule, Scalar
from tongban.kernel.engine import Program
from tongban.kernel.model import passes
from tongban.plugins.kit.solver.choices import Choice, Formula, any_of
from tongban.plugins.kit.solver.derivation import MAX_CALLS, Derivation, with_parts
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
        settled = [name for name in self.derived if name not in self.derivation.unsettled]
        if settled:
            given = {z3.And(self.inputs.is_(put)): put for put in self._combinations()}
            yield from (z3.Implies(one, self._derives(settled, put)) for one, put in given.items())
            yield z3.Or([*given])

    def _combinations(self) -> Iterator[Mapping[str, Scalar | None]]:
        """Values of the parts that facts are derived from, of which plugins are asked.

        Where there are too many, held parts keep theirs; where there still are, one changes.
        """
        choices = {part: self.inputs.choices[part].values for part in self._sources}
        now = {part: self.seen.get(part, values[0]) for part, values in choices.items()}
        if self._tried == "some":
            yield now
            for part, values in choices.items():
                yield from ({**now, part: value} for value in values)
            return
        if self._tried == "free":
            choices |= {part: (now[part],) for part in self.held if part in choices}
        for values in product(*choices.values()):
            yield dict(zip(choices, values, strict=True))

    @cached_property
    def _sources(self) -> tuple[str, ...]:
        """The parts that derived facts follow from, as far as the solver knows them."""
        known = self.inputs.choices
        declared = (part for part in self.derivation.sources if part in known)
        return tuple(dict.fromkeys(("as_of", "applicant.kind", *declared)))

    @cached_property
    def _tried(self) -> Literal["all", "free", "some"]:
        """Of which parts plugins are asked about every combination: all, those not held, none."""
        sizes = {part: len(self.inputs.choices[part].values) for part in self._sources}
        if prod(sizes.values()) <= MAX_CALLS:
            return "all"
        free = prod(size for part, size in sizes.items() if part not in self.held)
        return "free" if free <= MAX_CALLS else "some"

    @property
    def proves(self) -> bool:
        """Whether what it does not find does not exist; else plugins derive what it rests on."""
        facts = self.program.vocabulary.facts
        declared = all(facts[name].derived_from for name in self.derived)
        finite = all(part in self.held or self.derivation.finite(part) for part in self._sources)
        return declared and finite and self._tried != "some"

    @property
    def held_sources(self) -> list[str]:
        """The held parts that derived facts follow from."""
        return [part for part in self._sources if part in self.held]

    def _derives(self, names: Sequence[str], put: Mapping[str, Scalar | None]) -> Formula:
        """That derived facts have the values that plugins find; never where they abstain."""
        found = self.derivation.of(with_parts(self.application, put))
        if any(found[name] is None for name in names):
            return z3.BoolVal(False)
        alike = self.derivation.alike
        choices = {name: self.inputs.choices[f"facts.{name}"] for name in names}
        return z3.And([c.among(partial(alike, n, found[n])) for n, c in choices.items()])

    def _derived_on(self, day: date) -> Mapping[str, Any]:
        return self.derivation.of(evolve(self.application, as_of=day))

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
