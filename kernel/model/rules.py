"""What rules are made of, as frozen values. Nothing here reads or decides."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from attrs import field, fields, frozen

from tongban.kernel.model.conditions import TRUE, Condition
from tongban.kernel.model.divisions import Level
from tongban.kernel.model.later import later
from tongban.kernel.model.terms import official

Basis: TypeAlias = Literal["stated", "inferred"]
Layer: TypeAlias = Literal["common", "department", "item", "bar"]

LAYERS: tuple[Layer, ...] = ("common", "department", "item", "bar")
"""From weak to strong. A bar comes from an item's own keys; nothing overrides it."""

SINGLE = ("eligible", "delivery", "time_limit")
"""Conclusions with one value: hit policy priority, the strongest layer prevails."""

COLLECTED = ("modes", "requires")
"""Conclusions with many values: hit policy collect."""

MODES, CHANNELS, DELIVERIES, APPLICANTS, LEVELS = map(
    official, ("mode", "channel", "delivery", "applicant", "level")
)
"""Code to official term."""

FORMS, SUPPLIERS = official("form"), official("supplier")
"""What a material is handed in as, and its source where the applicant is not asked for it."""

RULE_STEPS = ("supplement", "accept", "examine", "confirm", "decide", "deliver")
"""The steps for which a rule may give a limit."""


@frozen
class Citation:
    """The words that say so: a row of the annex, a section of the plan, an article.

    Attributes:
        row: `"2/3"`, list 2, row 3 of the annex.
        section: `"二(一)2"`, a section of the plan.
        article: of the source named in `source`.
        source: a source of `rules/sources.yaml`, or of the department's file; "" is the plan.
        words: the operative words, verbatim.
    """

    row: str = ""
    section: str = ""
    article: str = ""
    source: str = ""
    words: str = ""

    def to_dict(self) -> dict[str, str]:
        """The keys that are set, for JSON."""
        names = ("source", "row", "section", "article", "words")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


PeriodUnit: TypeAlias = Literal["days", "working_days", "months", "years"]

MOST_YEARS = 100
"""No result holds longer by a stated period; a greater number is a mistake."""

MOST_OF: Mapping[PeriodUnit, int] = {
    "days": 36_500,
    "working_days": 1_000,
    "months": 1_200,
    "years": MOST_YEARS,
}
"""The most that a period has of each unit."""


@frozen
class Period:
    """How long something holds.

    Attributes:
        unit: `days`, `working_days`, `months`, `years`.
        count: how many, from 1 to `MOST_OF` the unit.
    """

    unit: PeriodUnit
    count: int

    def last_day(self, first: date) -> date:
        """Its last day, where it is not counted in working days.

        The day on which it begins is not counted (民法典第二百零一条); of months and years the
        last day is the one of the same number, or the last of its month (第二百零二条).

        Args:
            first: the day on which it begins.
        """
        if self.unit == "days":
            return first + timedelta(days=self.count)
        months = self.count * (12 if self.unit == "years" else 1)
        year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
        return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))

    def to_dict(self) -> dict[str, int]:
        """For JSON, as a rule file writes it: `{"months": 3}`."""
        return {self.unit: self.count}


_T_co = TypeVar("_T_co", covariant=True)


@frozen
class Stated(Generic[_T_co]):
    """A value of an item with its own citation.

    Attributes:
        value: as the key wants it.
        cite: the item's citation where the value has none of its own.
        basis: whether the text states it or we infer it.
        because: one line why, "" where the words speak for themselves.
    """

    value: _T_co
    cite: Citation
    basis: Basis = "stated"
    because: str = ""


@frozen
class Advice:
    """What to do instead: use another item or channel, apply elsewhere, bring something.

    Attributes:
        do: `use_item`, `use_channel`, `apply_at` or `bring`.
        target: the item's id, the channel, the place or the thing.
    """

    do: str
    target: str


@frozen
class Rule:
    """What follows from which facts, and the words that say so.

    Attributes:
        id: full id, `2-03.reason`; unique in a rulebook.
        layer: how specific it is.
        when: the condition, the rule's own exceptions and dates included.
        then: conclusion to value; collected conclusions hold tuples.
        because: one line for the applicant.
        cite, basis: where it comes from.
        advise: what to do instead where it refuses.
    """

    id: str
    layer: Layer
    then: Mapping[str, Any]
    because: str
    cite: Citation
    when: Condition = TRUE
    basis: Basis = "stated"
    advise: tuple[Advice, ...] = ()
    file: str = field(default="", eq=False)
    line: int = field(default=0, eq=False)


@frozen
class Authority:
    """Who acts at `at` (everywhere, where empty) instead of the lead department's branch."""

    id: str
    name: str
    at: tuple[str, ...] = ()


@frozen
class Material:
    """What an application needs; `supplied_by` says that the applicant is not asked for it."""

    name: str
    title: str
    form: str
    supplied_by: str = ""
    basis: Basis = "inferred"
    cite: Citation | None = None


@frozen
class Reading:
    """An open question of the text, and how it is read (`decisions`)."""

    question: str
    reading: str
    because: str
    basis: Basis = "inferred"


@frozen
class Example:
    """An example beside a rule: an application without its item, and what must come out."""

    name: str
    given: Mapping[str, Any]
    expect: Mapping[str, Any]
    file: str
    line: int


@frozen
class Item:
    """One service of the catalogue (政务服务事项).

    Attributes:
        id: `2-03`, unique in its jurisdiction.
        jurisdiction: the province whose plan it carries out, six digits.
        department: id of the lead department.
        handled_at: places whose authorities act, the lead first; of a choice, the options.
        choice: whether the applicant chooses one of `handled_at`.
        receives: the place that accepts; None where the handling place does.
        agent: `none` where the applicant must act in person (亲自办理); None where nothing says it.
        valid_for: how long the result holds (有效期); None where nothing says it.
        batch: the list of the annex that it stands in, "" outside of one.
    """

    id: str
    name: str
    title: str
    kind: str
    jurisdiction: str
    department: str
    lead: str
    applicant: Stated[tuple[str, ...]]
    handled_at: Stated[tuple[str, ...]]
    choice: bool
    receives: Stated[str] | None
    involves: Stated[tuple[str, ...]]
    attendance: Stated[str]
    channels: Stated[tuple[str, ...]]
    level: Stated[Level] | None
    available: Stated[tuple[date | None, date | None]]
    authorities: tuple[Authority, ...]
    cooperating: tuple[str, ...]
    cite: Citation
    basis: Basis
    materials: tuple[Material, ...]
    decisions: tuple[Reading, ...]
    notes: tuple[str, ...]
    rules: tuple[Rule, ...]
    cases: tuple[Example, ...] = field(eq=False)
    file: str = field(eq=False)
    line: int = field(eq=False)
    agent: Stated[str] | None = later()
    valid_for: Stated[Period] | None = later()

    @cached_property
    def key(self) -> str:
        """The id that is unique everywhere: `630000/2-03`."""
        return f"{self.jurisdiction}/{self.id}"

    @property
    def batch(self) -> str:
        """The list of the annex, from the row that the item cites."""
        return self.cite.row.partition("/")[0]

    @property
    def opens(self) -> date | None:
        """The first day on which it is available, if it has one."""
        return self.available.value[0]

    def authority(self, place: str) -> Authority | None:
        """Who acts at `place`, where it is not the lead department's own branch."""
        return next((one for one in self.authorities if not one.at or place in one.at), None)


STATED = tuple(one.name for one in fields(Item) if str(one.type).startswith("Stated"))
"""Keys of an item that carry a citation of their own."""


@frozen
class Department:
    """A department's rules, as one file says them."""

    id: str
    jurisdiction: str
    name: str
    title: str
    rules: tuple[Rule, ...]
    items: tuple[Item, ...]
    file: str = field(eq=False)
    sources: Mapping[str, Mapping[str, Any]] = field(factory=dict)
