"""The vocabulary: every attribute that a rule may test, with its type and domain.

Facts and places are declared in YAML. What the kernel derives from an
application (`channel`, `place.hukou.standing`, `apart.move_in.move_out`, …)
follows from the places, so it is made here and declared nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property
from itertools import islice, permutations
from typing import Literal, TypeAlias, get_args

from attrs import evolve, field, frozen

from tongban.kernel.errors import Text
from tongban.kernel.model.conditions import Between, OneOf, Scalar, Test
from tongban.kernel.model.divisions import Divisions, Standing
from tongban.kernel.model.rules import APPLICANTS, CHANNELS, DELIVERIES, LEVELS
from tongban.kernel.model.terms import official

Type: TypeAlias = Literal["bool", "int", "enum", "date", "division", "place", "text"]

PERSONAL = tuple(f"applicant.{part}" for part in ("name", "id_number", "credit_code"))
"""Personal data that facts follow from; no rule tests it. How one is reached is no ground."""

INPUTS = ("channel", "received_at", "as_of", "applicant.kind", *PERSONAL)
"""Parts of an application beside its facts and places."""

RECEIVED = "received"
"""What the receiving place is called in `apart.received.<place>`."""


@frozen
class Attribute:
    """One thing that a rule may look at.

    Attributes:
        name: as rules write it, `move_reason`, `place.hukou.standing`.
        type: `place` is an enum of the item's places, `division` a six-digit code.
        question: asks for it, in Chinese and, where its author wrote it, in English.
        values: of an enum, each with its Chinese term; None where the domain is open.
        low, high: bounds of a number.
        asked: whether an application says it; else it is derived.
        derived_by: the plugin that derives it; "" where a file does not say.
        derived_from: the parts of an application that it follows from, `facts.amount`,
            `applicant.id_number`; none where a file does not say.
        fixed: it cannot be changed (a birth, a past event).
        owner: the department that declares it, "" for the shared vocabulary.
        optional: it may not exist in a case (a place without a division).
    """

    name: str
    type: Type
    label: str
    title: str
    question: Text = Text()
    values: Mapping[str, str] | None = None
    low: int | None = None
    high: int | None = None
    asked: bool = True
    fixed: bool = False
    owner: str = ""
    optional: bool = False
    derived_by: str = ""
    derived_from: tuple[str, ...] = ()

    def problem(self, value: object) -> str | None:
        """What is wrong with `value`, None where it is in the domain. Nothing is coerced."""
        if self.type == "bool":
            return None if isinstance(value, bool) else "must be true or false"
        if self.type == "int":
            return self._number_problem(value)
        if self.type == "date":
            ok = type(value) is date
            return None if ok else "must be a date such as 2026-01-31"
        if not isinstance(value, str):
            return f"must be text{self._choices()}"
        if self.values is not None and value not in self.values:
            return f"must be {self._choices().removeprefix(': ')}"
        return None

    def _number_problem(self, value: object) -> str | None:
        whole = type(value) is int
        low = self.low is None or (whole and value >= self.low)  # type: ignore[operator]
        high = self.high is None or (whole and value <= self.high)  # type: ignore[operator]
        if whole and low and high:
            return None
        least = f" from {self.low}" if self.low is not None else ""
        most = f" to {self.high}" if self.high is not None else ""
        return f"must be a whole number{least}{most}"

    def _choices(self) -> str:
        if not self.values or len(self.values) > 12:
            return ""
        return ": " + ", ".join(self.values)

    def told_apart(self, tests: Iterable[Test]) -> list[Scalar]:
        """Values that stand for all that `tests` can tell apart.

        Every value of the domain passes the same tests as one of these.
        """
        if self.type == "bool":
            return [False, True]
        if self.type in ("int", "date"):
            return self._ordered(tests)
        named = [v for t in tests if isinstance(t, OneOf) for v in t.values]
        if self.values is None:
            other = "\u2205"
            return [*dict.fromkeys(named), other]
        known = dict.fromkeys(named)
        others = (value for value in self.values if value not in known)
        return [*known, *islice(others, 1)]

    def _ordered(self, tests: Iterable[Test]) -> list[Scalar]:
        points: set[int | date] = set()
        for test in tests:
            values = (test.low, test.high) if isinstance(test, Between) else test.values
            for value in values:
                if type(value) is int:
                    points.update((value - 1, value, value + 1))
                elif type(value) is date:
                    points.update(value + timedelta(days=step) for step in (-1, 0, 1))
        if self.type == "int":
            points.add(self.low if self.low is not None else 0)
        return [p for p in sorted(points) if self.problem(p) is None]


@frozen
class Place:
    """A role that a division plays in a case.

    Attributes:
        division: False where no division code names it (a military agency).
        mainland: whether it lies in the mainland by its nature, as a register does; False
            where it may lie in Hong Kong, Macao or Taiwan, and then no authority acts there.
    """

    name: str
    label: str
    title: str
    question: Text = Text()
    division: bool = True
    mainland: bool = True


def _enum(name: str, label: str, title: str, values: Mapping[str, str]) -> Attribute:
    optional = name.startswith(("place.", "apart."))
    return Attribute(name, "enum", label, title, values=values, asked=False, optional=optional)


_STANDINGS = dict(
    zip(get_args(Standing), ("省会城市", "计划单列市", "直辖市", "自治区首府", "其他"), strict=True)
)


def kernel_attributes(
    places: Mapping[str, Place], provinces: Mapping[str, str], kinds: Iterable[str]
) -> Iterator[Attribute]:
    """What the kernel derives for every application.

    Args:
        places: all places, by name.
        provinces: code to name.
        kinds: the kinds of items.
    """
    question = Text("通过哪种渠道申请?", "Through which channel is the application made?")
    yield evolve(_enum("channel", "申请渠道", "channel", CHANNELS), question=question)
    kind = _enum("applicant.kind", "申请人类别", "kind of applicant", APPLICANTS)
    question = Text(
        "申请人是个人、企业还是机构?", "Is the applicant a person, an enterprise or an institution?"
    )
    yield evolve(kind, question=question)
    deliveries = {"default": "未选择", **DELIVERIES}
    question = Text("结果怎样送达?", "How should the result be delivered?")
    yield evolve(_enum("deliver_by", "送达方式", "delivery chosen", deliveries), question=question)
    yield Attribute("date", "date", "日期", "date of the decision", asked=False)
    yield _enum("attendance", "到场要求", "attendance", official("attendance"))
    yield _enum("item.kind", "事项类别", "kind of item", {kind: kind for kind in kinds})
    yield Attribute("handling.count", "int", "办理地数", "handling places", low=1, asked=False)
    yield Attribute(
        "handling.includes_receiving",
        "bool",
        "收件地是办理地",
        "received where handled",
        asked=False,
    )
    for place in places.values():
        if place.division:
            yield from _of_place(place, provinces)
    ends = [*[p.name for p in places.values() if p.division], RECEIVED]
    labels = {name: places[name].label for name in ends if name != RECEIVED} | {RECEIVED: "收件地"}
    for a, b in permutations(ends, 2):
        far = f"how far {a} is from {b}"
        yield _enum(f"apart.{a}.{b}", f"{labels[a]}与{labels[b]}", far, official("apart"))


def _of_place(place: Place, provinces: Mapping[str, str]) -> Iterator[Attribute]:
    prefix, label = f"place.{place.name}", place.label
    yield _enum(f"{prefix}.province", f"{label}所在省", f"province of {place.name}", provinces)
    yield _enum(f"{prefix}.level", f"{label}层级", f"level of {place.name}", LEVELS)
    yield _enum(f"{prefix}.standing", f"{label}城市类别", f"standing of {place.name}", _STANDINGS)


@frozen
class Vocabulary:
    """Everything that has a name.

    Attributes:
        attributes: all that rules may test, by name.
        facts: the attributes that stand under `facts` in an application.
        places: by name.
    """

    places: Mapping[str, Place]
    facts: Mapping[str, Attribute]
    kinds: tuple[str, ...]
    divisions: Divisions = field(repr=False)

    @cached_property
    def attributes(self) -> Mapping[str, Attribute]:
        """Facts and derived attributes, by the name that rules use."""
        derived = kernel_attributes(self.places, self.provinces, self.kinds)
        return {**{a.name: a for a in derived}, **self.facts}

    @cached_property
    def provinces(self) -> Mapping[str, str]:
        """Code to name."""
        codes = [code for code in self.divisions if code.endswith("0000")]
        named = [self.divisions[code] for code in codes]
        return {d.code: d.name for d in named if d.level == "province"}

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The parts of an application from which facts may be derived, by their paths."""
        facts = (f"facts.{name}" for name, fact in self.facts.items() if fact.asked)
        places = (f"places.{name}" for name, place in self.places.items() if place.division)
        return (*INPUTS, *facts, *places)

    def with_facts(self, more: Iterable[Attribute]) -> Vocabulary:
        """This vocabulary and the attributes that departments declare."""
        facts = {a.name: a for a in more}
        return evolve(self, facts={**self.facts, **facts}) if facts else self
