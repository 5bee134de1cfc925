"""What an item concludes, as formulas over the parts of an application."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import combinations
from typing import Any

import z3
from attrs import define, evolve, field

from tongban.kernel import Condition, Rule, Scalar
from tongban.kernel.engine import Program
from tongban.kernel.model import LAYERS, AnyOf, Between, Not, OneOf, Test, passes
from tongban.plugins.kit.solver.choices import Choice, Formula, any_of, same
from tongban.plugins.kit.solver.inputs import Inputs

CONCLUSIONS = ("eligible", "modes", "handling", "delivery", "time_limit", "requires")
"""What two decisions may differ in."""

_RANK = {layer: rank for rank, layer in enumerate(LAYERS)}


@define(eq=False)
class Outcome:
    """What `program` concludes for an application of `inputs`.

    Every conclusion is a mapping of its values, as text, to the formula under
    which it is concluded.

    Attributes:
        holds: for each rule, by id, whether it holds.
    """

    program: Program
    inputs: Inputs
    holds: Mapping[str, Formula] = field()

    @holds.default
    def _holds(self) -> Mapping[str, Formula]:
        return {rule.id: self.condition(rule.when) for rule in self.program.rules}

    def without(self, rule: Rule) -> Outcome:
        """The outcome if there were no such rule."""
        return evolve(self, holds={name: f for name, f in self.holds.items() if name != rule.id})

    @cached_property
    def eligible(self) -> Formula:
        """Whether the application is eligible."""
        result: Formula = z3.BoolVal(True)
        for rule in reversed(self._speakers("eligible")):
            result = z3.If(self.holds[rule.id], z3.BoolVal(rule.then["eligible"]), result)
        return result

    def prevails(self, rule: Rule, conclusion: str) -> Formula:
        """Whether `rule` holds and none of a stronger layer speaks of the conclusion."""
        stronger = [
            self.holds[other.id]
            for other in self._speakers(conclusion)
            if _RANK[other.layer] > _RANK[rule.layer]
        ]
        held = self.holds[rule.id]
        return z3.And(held, z3.Not(any_of(stronger))) if stronger else held

    def concluded(self, conclusion: str) -> Mapping[str, Formula]:
        """The values of a conclusion, as text, each with when it is concluded.

        Args:
            conclusion: one of `CONCLUSIONS`; where the application is not
                eligible, nothing but that is concluded.
        """
        if conclusion == "eligible":
            return {"true": self.eligible}
        found: dict[str, list[Formula]] = {}
        for value, when in self._values(conclusion):
            found.setdefault(value, []).append(when)
        return {value: z3.And(self.eligible, any_of(when)) for value, when in found.items()}

    def differs(self, other: Outcome, conclusion: str) -> Formula:
        """Whether two outcomes differ in a conclusion; in eligibility, only there."""
        mine, theirs = self.concluded(conclusion), other.concluded(conclusion)
        never = z3.BoolVal(False)
        parts = [mine.get(v, never) != theirs.get(v, never) for v in {**mine, **theirs}]
        differ = any_of(parts) if parts else never
        if conclusion == "eligible":
            return differ
        return z3.And(self.eligible, other.eligible, differ)

    def _values(self, conclusion: str) -> Iterator[tuple[str, Formula]]:
        if conclusion == "handling":
            yield from self._handling()
        elif conclusion in ("modes", "requires"):
            for rule in self._speakers(conclusion):
                yield from ((value, self.holds[rule.id]) for value in rule.then[conclusion])
        elif conclusion == "delivery":
            for rule in self._speakers(conclusion):
                yield rule.then[conclusion], self.prevails(rule, conclusion)
        else:
            before: list[Formula] = []
            for rule in self._speakers(conclusion):
                first = z3.And(self.holds[rule.id], *map(z3.Not, before))
                yield _limits(rule), first
                before.append(self.holds[rule.id])

    def _handling(self) -> Iterator[tuple[str, Formula]]:
        item = self.program.item
        if not item.choice:
            yield ",".join(item.handled_at.value), z3.BoolVal(True)
            return
        chosen = self.inputs.choices["facts.handle_at"]
        yield from ((name, chosen.is_(name)) for name in item.handled_at.value)

    def _speakers(self, conclusion: str) -> list[Rule]:
        """The rules that conclude it, the strongest layer first."""
        speaking = [
            rule for rule in self.program.rules if conclusion in rule.then and rule.id in self.holds
        ]
        return sorted(speaking, key=lambda rule: -_RANK[rule.layer])

    def condition(self, condition: Condition) -> Formula:
        """A condition as a formula."""
        if isinstance(condition, OneOf | Between):
            return self._test(condition)
        if isinstance(condition, Not):
            return z3.Not(self.condition(condition.part))
        parts = [self.condition(part) for part in condition.parts]
        return z3.Or(parts) if isinstance(condition, AnyOf) else z3.And(parts)

    def _test(self, test: Test) -> Formula:
        family, _, rest = test.attribute.partition(".")
        if family == "place":
            place, _, aspect = rest.partition(".")
            choice, table = self._place(place), self.program.table
            return choice.among(lambda code: _passes(test, code, table, aspect))
        if family == "apart":
            return self._apart(test, *rest.split("."))
        if family == "handling":
            return self._counted(test) if rest == "count" else self._received_there(test)
        name = _INPUTS.get(test.attribute, f"facts.{test.attribute}")
        if name == "deliver_by":
            return self.inputs.choices[name].among(lambda v: passes(test, v or "default"))
        return self.inputs.choices[name].among(lambda value: passes(test, value))

    def _place(self, name: str) -> Choice:
        return self.inputs.choices["received_at" if name == "received" else f"places.{name}"]

    def _apart(self, test: Test, a: str, b: str) -> Formula:
        one, other, table = self._place(a), self._place(b), self.program.table
        together = same(one, other, lambda c: table[c].seat, lambda c: table[c].seat)
        near = same(one, other, lambda c: table[c].province, lambda c: table[c].province)
        known = z3.Not(z3.Or(one.is_(None), other.is_(None)))
        ways = {
            "none": together,
            "prefecture": z3.And(near, z3.Not(together)),
            "province": z3.And(known, z3.Not(near)),
        }
        return z3.Or([way for value, way in ways.items() if passes(test, value)])

    def _counted(self, test: Test) -> Formula:
        """The handling places, where those that are one place count once."""
        names, seat = self.program.item.handled_at.value, self.program.seat
        if self.program.item.choice:
            return z3.BoolVal(passes(test, 1))
        places = self.program.vocabulary.places
        alike = {
            (a, b): same(self._place(a), self._place(b), seat, seat)
            for a, b in combinations([n for n in names if places[n].division], 2)
        }
        new = [
            z3.Not(any_of(same_as))
            if (same_as := [alike[a, name] for a in names[:n] if (a, name) in alike])
            else z3.BoolVal(True)
            for n, name in enumerate(names)
        ]
        counts = [n for n in range(1, len(names) + 1) if passes(test, n)]
        return z3.Or([z3.PbEq([(one, 1) for one in new], n) for n in counts])

    def _received_there(self, test: Test) -> Formula:
        received, table = self.inputs.choices["received_at"], self.program.table
        places = self.program.vocabulary.places
        there = [
            z3.And(handles, same(received, self._place(name), lambda c: table[c].seat, self._seat))
            for name, handles in self._handles()
            if places[name].division
        ]
        found = any_of(there) if there else z3.BoolVal(False)
        ways = {True: found, False: z3.Not(found)}
        return z3.Or([way for value, way in ways.items() if passes(test, value)])

    def _handles(self) -> Iterator[tuple[str, Formula]]:
        item = self.program.item
        for name in item.handled_at.value:
            chosen = self.inputs.choices["facts.handle_at"].is_(name) if item.choice else True
            yield name, chosen

    def _seat(self, code: Any) -> str:
        return self.program.seat(code)


_INPUTS = {
    "channel": "channel",
    "date": "as_of",
    "applicant.kind": "applicant.kind",
    "deliver_by": "deliver_by",
}


def _passes(test: Test, code: Scalar | None, table: Mapping[str, Any], aspect: str) -> bool:
    return code is not None and passes(test, getattr(table[str(code)], aspect))


def _limits(rule: Rule) -> str:
    return "; ".join(
        f"{one['step']} {one['working_days']}"
        + (f" (+{one['extension']})" if one.get("extension") else "")
        for one in rule.then["time_limit"]
    )
