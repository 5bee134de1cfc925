"""Applications at random, over every item, and catalogues that are larger than ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from random import Random

from attrs import evolve, frozen

from tongban.kernel import (
    APPLICANTS,
    CHANNELS,
    DELIVERIES,
    Application,
    Item,
    Kernel,
    Party,
    Rulebook,
    Scalar,
)
from tongban.kernel.engine import Facts, Program

_FIRST, _DAYS = date(2021, 1, 1), 6 * 365
_ADULT, _CHILD = "630102199001010013", "630102201801010011"
"""Well-formed numbers of nobody, for items whose rules look at age."""


@frozen
class Case:
    """An application, and the facts that an engine is asked about, made beforehand."""

    application: Application
    facts: Facts


class Draw:
    """Draws applications at random.

    Args:
        kernel: whose items.
        seed: the same seed draws the same applications.
    """

    def __init__(self, kernel: Kernel, seed: int) -> None:
        self._kernel = kernel
        self._random = Random(seed)
        self._codes = [
            code for code, d in kernel.base.divisions.items() if d.level == "county" and not d.until
        ]

    def complete(self, item: Item) -> Application:
        """One that says all that its item can ask: any date, channel, place and fact.

        One applicant in twenty is of any kind, the others of a kind that the item admits.
        """
        random, program = self._random, self._kernel.program(item)
        places = self._places(program)
        channel = random.choice([*CHANNELS])
        received = None if channel == "online" else self._near(places)
        kinds = [*APPLICANTS] if random.random() < 0.05 else [*item.applicant.value]
        number = random.choice((_ADULT, _CHILD)) if _looks_at_age(program) else None
        return Application(
            item=item.key,
            as_of=_FIRST + timedelta(days=random.randrange(_DAYS)),
            channel=channel,
            received_at=received,
            applicant=Party(kind=random.choice(kinds), id_number=number),
            places=places,
            facts=self._facts(program),
            deliver_by=random.choice([None, None, None, *DELIVERIES]),
        )

    def incomplete(self, item: Item) -> Application:
        """One that leaves one of its places or facts unsaid."""
        application = self.complete(item)
        said = [*application.places, *application.facts]
        if not said:
            return evolve(application, channel=None)
        left_out = self._random.choice(said)
        return evolve(
            application,
            places={n: v for n, v in application.places.items() if n != left_out},
            facts={n: v for n, v in application.facts.items() if n != left_out},
        )

    def many(self, count: int, left_out: float = 0.0) -> Iterator[Application]:
        """Applications over items at random, of which a share leaves something unsaid."""
        items = self._kernel.items
        for _ in range(count):
            item = self._random.choice(items)
            whole = self._random.random() >= left_out
            yield self.complete(item) if whole else self.incomplete(item)

    def cases(self, count: int) -> list[Case]:
        """Complete applications with their facts, and nothing besides that a rule looks at."""
        return [self._case(one) for one in self.many(count)]

    def completions(self, application: Application) -> list[Facts]:
        """The facts of an application, for each value that what it leaves unsaid may take.

        Args:
            application: one that leaves out at most one thing.

        Returns:
            What a rule looks at, by attribute; a single one where nothing is left out.
        """
        return [self._facts_of(one) for one in self._completed(application)]

    def _completed(self, application: Application) -> list[Application]:
        program = self._kernel.program(application.item)
        item, facts, places = program.item, application.facts, application.places
        if application.channel is None:
            return [evolve(application, channel=channel) for channel in CHANNELS]
        values = {**program.told_apart, "handle_at": item.handled_at.value if item.choice else ()}
        for name, told_apart in values.items():
            if name not in facts and told_apart:
                return [evolve(application, facts={**facts, name: v}) for v in told_apart]
        for name in self._named(program):
            if name not in places:
                handles = name in item.handled_at.value
                known = [*places.values(), *filter(None, [application.received_at])]
                found = program.sampler.sample(known, name, handles)
                return [evolve(application, places={**places, name: code}) for code in found]
        return [application]

    def _case(self, application: Application) -> Case:
        return Case(application, self._facts_of(application))

    def _facts_of(self, application: Application) -> Facts:
        facts = self._kernel.engines.facts(application)
        tested = self._kernel.program(application.item).tested
        return {name: facts[name] for name in facts if name in tested}

    def _places(self, program: Program) -> dict[str, str]:
        places: dict[str, str] = {}
        for name in self._named(program):
            places[name] = self._near(places)
        return places

    def _named(self, program: Program) -> list[str]:
        """The places of an item that have a division."""
        names = dict.fromkeys((*program.needed_places, *program.item.handled_at.value))
        return [name for name in names if program.vocabulary.places[name].division]

    def _near(self, places: Mapping[str, str]) -> str:
        """A county anywhere, or, two times in five, one that the case names already."""
        if places and self._random.random() < 0.4:
            return self._random.choice([*places.values()])
        return self._random.choice(self._codes)

    def _facts(self, program: Program) -> dict[str, Scalar]:
        facts: dict[str, Scalar] = {}
        for name in program.asked:
            tests = [test for test in program.tests if test.attribute == name]
            values = program.vocabulary.facts[name].told_apart(tests)
            facts[name] = self._random.choice(values)
        if program.item.choice:
            facts["handle_at"] = self._random.choice(program.item.handled_at.value)
        return facts


def _looks_at_age(program: Program) -> bool:
    return any(name.startswith("identity.") for name in program.tested)


def copies(rulebook: Rulebook, times: int) -> Rulebook:
    """A catalogue `times` as large: its own items, and theirs under other jurisdictions.

    Args:
        rulebook: what is copied.
        times: how large; 1 is the rulebook itself.
    """
    departments = [
        evolve(
            department,
            jurisdiction=jurisdiction,
            items=tuple(evolve(item, jurisdiction=jurisdiction) for item in department.items),
        )
        for jurisdiction in (f"{number:06d}" for number in range(1, times))
        for department in rulebook.departments
    ]
    everything = (*rulebook.departments, *departments)
    return Rulebook(rulebook.base, rulebook.vocabulary, everything)
