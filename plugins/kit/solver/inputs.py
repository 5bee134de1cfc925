"""An application as the solver sees it: a choice for each of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import z3

from tongban.kernel import APPLICANTS, CHANNELS, DELIVERIES, Application, Scalar
from tongban.kernel.engine import Program, Sampler
from tongban.kernel.model import Test
from tongban.plugins.kit.solver.choices import Choice, Formula

USUAL_DATE = date(2026, 1, 1)
"""The date that a witness has where any will do; the same as in cases that say none."""


class Inputs:
    """The parts of an application, over one or several items or versions of an item.

    Args:
        programs: what decides it; everything that any of their rules tells apart is told apart.
        seen: an application whose own values are among those of the choices.

    Attributes:
        choices: by name: `as_of`, `channel`, `applicant.kind`, `received_at`,
            `deliver_by`, `places.…`, `facts.…`.
        valid: what holds for every complete application.
    """

    def __init__(self, programs: Sequence[Program], seen: Application | None = None) -> None:
        self.programs = tuple(programs)
        self.seen = said(seen) if seen else {}
        self.choices: Mapping[str, Choice] = {c.name: c for c in self._choices()}
        online = self.choices["channel"].is_("online")
        received = z3.Not(self.choices["received_at"].is_(None))
        ones = [choice.exactly_one for choice in self.choices.values()]
        self.valid: Formula = z3.And(*ones, z3.Or(online, received))

    @cached_property
    def tests(self) -> tuple[Test, ...]:
        """Every test of every program."""
        return tuple(test for program in self.programs for test in program.tests)

    @cached_property
    def attributes(self) -> frozenset[str]:
        """Every attribute that some program tests."""
        return frozenset(test.attribute for test in self.tests)

    def is_(self, values: Mapping[str, Scalar | None]) -> Formula:
        """That the parts named have these values."""
        return z3.And([self.choices[name].is_(value) for name, value in values.items()])

    def values(self, model: Any) -> dict[str, Scalar | None]:
        """The parts of an application in a model, None for what it leaves out."""
        return {name: choice.of(model) for name, choice in self.choices.items()}

    def _choices(self) -> Iterator[Choice]:
        yield self._choice("channel", list(CHANNELS))
        yield self._choice("applicant.kind", self._kinds())
        yield self._choice("as_of", self._dates())
        yield self._choice("deliver_by", [None, *DELIVERIES] if self._chosen else [None])
        yield from self._facts()
        yield from self._places()

    @property
    def _chosen(self) -> bool:
        return "deliver_by" in self.attributes

    def _kinds(self) -> list[Scalar | None]:
        admitted = [kind for p in self.programs for kind in p.item.applicant.value]
        return [*dict.fromkeys([*admitted, *APPLICANTS])]

    def _dates(self) -> list[Scalar | None]:
        tests = [test for test in self.tests if test.attribute == "date"]
        dates = self.programs[0].vocabulary.attributes["date"].told_apart(tests)
        return [*dict.fromkeys([USUAL_DATE, *sorted(dates, reverse=True)])]

    def _facts(self) -> Iterator[Choice]:
        options = [o for p in self.programs if p.item.choice for o in p.item.handled_at.value]
        if options:
            yield self._choice("facts.handle_at", [*dict.fromkeys(options)])
        for name in sorted(self.attributes):
            fact = next((v[name] for p in self.programs if name in (v := p.vocabulary.facts)), None)
            if fact is not None and name != "handle_at":
                looked = [test for test in self.tests if test.attribute == name]
                yield self._choice(f"facts.{name}", [*fact.told_apart(looked)])

    def _places(self) -> Iterator[Choice]:
        names = sorted({name for program in self.programs for name in _places_of(program)})
        codes: dict[str, list[Scalar | None]] = {name: [] for name in [*names, "received"]}
        known: dict[str, None] = {}
        for name, value in self.seen.items():
            if value is not None and (name.startswith("places.") or name == "received_at"):
                known[str(value)] = None
        samplers = [(program, self._sampler(program)) for program in self.programs]
        for _ in codes:
            # Each round adds one more place of each sort: as many as there are unknown places.
            for name, found in codes.items():
                for program, sampler in samplers:
                    handles = name in program.item.handled_at.value
                    found += sampler.sample(known, name, handles)
            known |= {str(code): None for found in codes.values() for code in found}
        yield self._choice("received_at", [None, *dict.fromkeys(codes["received"])])
        for name in names:
            yield self._choice(f"places.{name}", [*dict.fromkeys(codes[name])])

    def _sampler(self, program: Program) -> Sampler:
        return Sampler(program.vocabulary.divisions, self.tests, program.level)

    def _choice(self, name: str, values: Sequence[Scalar | None]) -> Choice:
        given = self.seen.get(name)
        more = [] if given is None or given in values else [given]
        return Choice(name, (*more, *values))


def said(application: Application) -> dict[str, Scalar | None]:
    """The parts that an application says, by the names of `Inputs.choices`."""
    parts: dict[str, Scalar | None] = {
        "as_of": application.as_of,
        "channel": application.channel,
        "applicant.kind": application.applicant.kind,
        "received_at": application.received_at,
        "deliver_by": application.deliver_by,
        **{f"places.{name}": code for name, code in application.places.items()},
        **{f"facts.{name}": value for name, value in application.facts.items()},
    }
    return {name: value for name, value in parts.items() if value is not None}


def _places_of(program: Program) -> Iterator[str]:
    """Places with a division that the item's rules or route look at."""
    places = program.vocabulary.places
    yield from program.needed_places
    yield from (name for name in program.item.handled_at.value if places[name].division)
