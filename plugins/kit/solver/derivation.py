"""What plugins derive for one item: from which parts of an application, and what they say of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property
from itertools import combinations, islice, product
from typing import Any

from attrs import evolve

from tongban.kernel import Application, Kernel, Scalar
from tongban.kernel.engine import Program
from tongban.kernel.model import Between, passes

MAX_CALLS = 6_000
"""How many combinations of values plugins are asked about."""

_MOST = 16
"""Values of one part that are tried beside those that rules tell apart."""


class Derivation:
    """The facts that plugins derive and the item's rules test.

    Args:
        kernel: asks the plugins.
        program: the item's.
        application: whose values are among those that are tried.
    """

    def __init__(self, kernel: Kernel, program: Program, application: Application) -> None:
        self.kernel = kernel
        self.program = program
        self.application = application
        self.names = program.unasked
        self._facts = program.vocabulary.facts

    def of(self, application: Application) -> Mapping[str, Any]:
        """What plugins derive from an application, by fact; None where they do not."""
        facts = self.kernel.engines.facts(application)
        return {name: facts.get(name) for name in self.names}

    @cached_property
    def plugins(self) -> tuple[str, ...]:
        """Who derives them, where files say it."""
        return tuple(dict.fromkeys(filter(None, (self._facts[n].derived_by for n in self.names))))

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The facts that they follow from, `facts.amount`.

        Where a file does not say which: those that rules test, that are said, and the others of
        the same department.
        """
        found: dict[str, None] = {}
        for name in self.names:
            owner = self._facts[name].owner
            own = (one for one, fact in self._facts.items() if owner and fact.owner == owner)
            undeclared = (*self.program.asked, *self.application.facts, *own)
            sources = self._facts[name].derived_from or (
                f"facts.{one}" for one in undeclared if self._facts[one].asked
            )
            found |= dict.fromkeys(one for one in sources if one.startswith("facts."))
        return tuple(found)

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """All that they follow from, as far as files say it, and `parts`."""
        declared = (part for name in self.names for part in self._facts[name].derived_from)
        return tuple(dict.fromkeys((*self.parts, *declared)))

    @cached_property
    def unsettled(self) -> frozenset[str]:
        """Facts that are not derived, and follow from what cannot be tried: personal data."""
        now = self.of(self.application)
        return frozenset(
            name
            for name in self.names
            if now[name] is None
            and any(one.startswith("applicant.") for one in self._facts[name].derived_from)
        )

    def values(self, part: str) -> tuple[Scalar, ...]:
        """Values of one of `parts` to try: those that rules tell apart, and those around others."""
        fact = self._facts[part.removeprefix("facts.")]
        apart = fact.told_apart(t for t in self.program.tests if t.attribute == fact.name)
        near = sorted({one for one in self._near(fact) if fact.problem(one) is None})
        return tuple(dict.fromkeys([*apart, *near[:_MOST]]))

    def finite(self, part: str) -> bool:
        """Whether the values that are tried of a part are all that there are."""
        if part.startswith("facts."):
            return self._facts[part.removeprefix("facts.")].type in ("bool", "enum", "place")
        # Days are found by bisection, and personal data is nobody's to change.
        return part in ("as_of", "channel") or part.startswith("applicant.")

    def _near(self, fact: Any) -> Iterator[Any]:
        if fact.type in ("enum", "place"):
            yield from fact.values or ()
        if fact.type not in ("int", "date"):
            return
        step: Any = 1 if fact.type == "int" else timedelta(days=1)
        kind = int if fact.type == "int" else date
        sources = {part.removeprefix("facts.") for part in self.parts}
        points: list[Any] = [
            value for name, value in self.application.facts.items() if name in sources
        ]
        for test in self.program.tests:
            if test.attribute in sources:
                points += [test.low, test.high] if isinstance(test, Between) else test.values
        ends = (fact.low, fact.high) if fact.type == "int" else (self.application.as_of,)
        for point in (*points, *ends):
            if type(point) is kind:
                yield from (point - step, point, point + step)

    def realised(self, wanted: Mapping[str, Scalar]) -> Iterator[Application]:
        """The application with other facts, as few as possible, of which plugins derive this.

        Args:
            wanted: derived fact to a value that stands for all that pass the same tests.

        Yields:
            Those among `MAX_CALLS` combinations of values; none where none is found.
        """
        for said in islice(self._changed(), MAX_CALLS):
            one = evolve(self.application, facts={**self.application.facts, **said})
            found = self.of(one)
            if all(self.alike(name, found[name], value) for name, value in wanted.items()):
                yield one

    def _changed(self) -> Iterator[Mapping[str, Scalar]]:
        """Other values of no fact, of one, of two, …"""
        for size in range(len(self.parts) + 1):
            for some in combinations(self.parts, size):
                names = [part.removeprefix("facts.") for part in some]
                for values in product(*map(self.values, some)):
                    yield dict(zip(names, values, strict=True))

    def alike(self, name: str, one: Any, other: Scalar) -> bool:
        """Whether two values of a derived fact pass the same tests; None, which is none, never."""
        tests = [test for test in self.program.tests if test.attribute == name]
        return one is not None and all(passes(t, one) is passes(t, other) for t in tests)


def with_parts(application: Application, parts: Mapping[str, Any]) -> Application:
    """The application with other parts, by the names of `Inputs.choices`; None takes one away."""
    facts, places = dict(application.facts), dict(application.places)
    plain: dict[str, Any] = {}
    for name, value in parts.items():
        family, _, rest = name.partition(".")
        if family in ("facts", "places"):
            room: dict[str, Any] = facts if family == "facts" else places
            room[rest] = value
            if value is None:
                del room[rest]
        elif name == "applicant.kind":
            plain["applicant"] = evolve(application.applicant, kind=value)
        else:
            plain[name] = value
    return evolve(application, facts=facts, places=places, **plain)
