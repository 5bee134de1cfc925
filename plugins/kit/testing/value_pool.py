"""What may stand in an application for an item: values by name, the usual ones first.

Plain lists, drawn from the vocabulary and the item's rules, in an order that is always
the same. The hypothesis strategies and `tongban conformance` draw from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from attrs import field, frozen

from tongban.kernel import (
    APPLICANTS,
    CHANNELS,
    DELIVERIES,
    Division,
    Divisions,
    Item,
    Kernel,
    Scalar,
)
from tongban.kernel.engine import Program
from tongban.plugins.kit.examples import AS_OF

USUAL_DATE = date.fromisoformat(AS_OF)

TEXTS = ("证明", "", " ", "0", "a\nb", "\u0000", "\u202e", "𠮷😀", "x" * 65_536)
"""Texts that are whole and may stand in a fact, one of each sort that programs stumble over."""

NAMES = ("张三", "买买提·吐尔逊", "O'Neill", "𠮷野 家", "a\tb", "\u202e李四", "名" * 2_000)
"""Names of people, the usual one first."""

AGES = (36, 0, 6, 14, 15, 16, 17, 18, 50, 55, 60, 63, 65, 100, 150)
"""Ages in completed years that rules tend to tell apart."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_MAX_NUMBER = 10**12


def as_json(value: Scalar) -> Any:
    """A value as an application in JSON says it."""
    return value.isoformat() if isinstance(value, date) else value


def in_force(
    divisions: Divisions,
    level: str | None = None,
    province: str | None = None,
    standing: str | None = None,
    abolished: bool = False,
) -> tuple[str, ...]:
    """Codes of divisions of the mainland, in the order of the table.

    Args:
        divisions: the table.
        level: `province`, `prefecture`, `county`; None for all.
        province: six digits; only divisions in it, itself among them.
        standing: of the place that a division counts as, `capital` for one.
        abolished: whether codes that hold no longer are among them, where one took their place.
    """

    def wanted(one: Division) -> bool:
        return (
            not one.outside
            and (not one.until or (abolished and len(divisions.successors(one.code)) == 1))
            and level in (None, one.level)
            and province in (None, one.province)
            and standing in (None, one.standing)
        )

    return tuple(code for code in divisions if wanted(divisions[code]))


def resident_number(division: str, born: date, nth: int = 1) -> str:
    """A well-formed resident ID number (GB 11643) that is invented.

    Args:
        division: six digits.
        born: the date of birth.
        nth: 1 to 999; an odd one is a man's.
    """
    body = f"{division}{born:%Y%m%d}{nth:03d}"
    total = sum(int(sign) * weight for sign, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


@frozen(eq=False)
class Choices:
    """The values that an application for one item may have, part by part.

    Args:
        kernel: it has loaded the item.
        item: the item.
    """

    kernel: Kernel
    item: Item
    _sampled: dict[tuple[tuple[str, ...], str], tuple[str, ...]] = field(factory=dict, init=False)

    @cached_property
    def program(self) -> Program:
        """What decides the item."""
        return self.kernel.program(self.item)

    @property
    def short(self) -> str:
        """The item's id, as an application names it."""
        return self.kernel.rulebook.short(self.item)

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """Those that are open first, and of these online."""
        closed = set(CHANNELS) - set(self.item.channels.value or CHANNELS)
        if self.item.attendance.value == "required":
            closed |= {"online", "kiosk"}
        return tuple(sorted(CHANNELS, key=lambda one: one in closed))

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of applicants, those first that the item admits."""
        return tuple(dict.fromkeys((*self.item.applicant.value, *APPLICANTS)))

    @cached_property
    def deliveries(self) -> tuple[str | None, ...]:
        """Ways to deliver; None, the item's own, first."""
        return (None, *DELIVERIES)

    @cached_property
    def days(self) -> tuple[date, ...]:
        """Dates, the usual one first, then those around each day that the rules tell apart."""
        told = self._told_apart("date")
        first, last = self.item.available.value
        usual = USUAL_DATE
        if (first and usual < first) or (last and usual > last):
            usual = last or first or usual
        days = [one for one in told if isinstance(one, date)]
        return tuple(dict.fromkeys((usual, *sorted(days, reverse=True))))

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The facts that an application must say before it can be decided, whatever it is."""
        chosen = ("handle_at",) if self.item.choice else ()
        return (*chosen, *self.program.asked)

    @cached_property
    def other_facts(self) -> tuple[str, ...]:
        """Facts that it may say and no rule of the item looks at."""
        facts = self.kernel.rulebook.vocabulary.facts
        return tuple(
            name
            for name in facts
            if facts[name].asked and name not in self.facts and name != "handle_at"
        )

    @cached_property
    def options(self) -> tuple[str, ...]:
        """The places of which the applicant chooses one; none where there is no choice."""
        return tuple(self.item.handled_at.value) if self.item.choice else ()

    def places(self, handle_at: Scalar | None = None) -> tuple[str, ...]:
        """The places that an application must say.

        Args:
            handle_at: the place that the applicant chose, for an item with a choice.
        """
        named = self.kernel.rulebook.vocabulary.places
        chosen = (str(handle_at),) if self.item.choice and handle_at in named else ()
        names = dict.fromkeys((*self.program.needed_places, *chosen))
        return tuple(name for name in names if named[name].division)

    def values(self, name: str) -> tuple[Scalar, ...]:
        """Values of an attribute, the boundaries of its domain and of the rules first.

        Args:
            name: as rules write it, `move_reason`, `place.hukou.standing`.
        """
        if name == "handle_at" and self.options:
            return self.options
        return values_of(self.kernel, name, self._told_apart(name))

    def codes(self, place: str, known: Sequence[str] = ()) -> tuple[str, ...]:
        """Divisions that stand for all that the item's rules tell apart.

        Args:
            place: the name of the place; `received` for the receiving one.
            known: the divisions that other places have.

        Returns:
            The usual one first, then the same place as a known one, one near it, others far away.
        """
        key = (tuple(known), place)
        if key not in self._sampled:
            handles = place in self.item.handled_at.value
            sampled = self.program.sampler.sample(known, place, handles)
            usual = [known[0] if known else self._capital]
            self._sampled[key] = tuple(
                code for code in dict.fromkeys((*usual, *sampled)) if self.fits(place, code)
            )
        return self._sampled[key]

    def fits(self, place: str, code: str) -> bool:
        """Whether a division is precise enough for a place: an authority has its level."""
        level = self.program.level
        if level is None or place not in self.item.handled_at.value:
            return True
        return self.kernel.base.divisions.at_level(code, level) is not None

    @cached_property
    def _capital(self) -> str:
        """The usual place: where the seat of the item's own province is, as precise as it needs."""
        divisions, home = self.kernel.base.divisions, self.item.jurisdiction
        seats = ("capital", "autonomous_capital", "municipality")
        found = [
            code
            for code in in_force(divisions, province=home)
            if divisions[code].standing in seats and divisions[code].level != "province"
        ]
        level = self.program.level
        fit = (code for code in found if level is None or divisions.at_level(code, level))
        return next(fit, home)

    def _told_apart(self, name: str) -> Sequence[Scalar]:
        attribute = self.kernel.rulebook.vocabulary.attributes[name]
        return attribute.told_apart(test for test in self.program.tests if test.attribute == name)


def values_of(kernel: Kernel, name: str, told: Iterable[Scalar] = ()) -> tuple[Scalar, ...]:
    """Values of an attribute, boundaries first; all of them where its domain is small.

    Args:
        kernel: its vocabulary declares the attribute.
        name: as rules write it.
        told: values that rules tell apart.
    """
    attribute = kernel.rulebook.vocabulary.attributes[name]
    found = (*_usual(kernel, attribute), *told, *_more(kernel, attribute))
    return tuple(dict.fromkeys(one for one in found if attribute.problem(one) is None))


def _usual(kernel: Kernel, attribute: Any) -> Iterator[Scalar]:
    if attribute.type == "bool":
        yield from (False, True)
    elif attribute.type == "int":
        low = 0 if attribute.low is None else attribute.low
        yield low
        yield low + 1
        if attribute.high is not None:
            yield from (attribute.high, attribute.high - 1)
        if attribute.low is None:
            yield from (-1, -_MAX_NUMBER)
        if attribute.high is None:
            yield _MAX_NUMBER
    elif attribute.type == "date":
        yield from (USUAL_DATE, date(2000, 2, 29), date(1900, 1, 1), date(2999, 12, 31))
    elif attribute.type == "place":
        yield from kernel.rulebook.vocabulary.places
    elif attribute.type == "enum":
        yield from attribute.values or ()


def _more(kernel: Kernel, attribute: Any) -> Iterator[Scalar]:
    if attribute.type == "division":
        divisions = kernel.base.divisions
        yield from in_force(divisions, level="prefecture")[:3]
        yield from in_force(divisions, level="province")[:3]
        yield from in_force(divisions, level="county")[:3]
    elif attribute.type == "text":
        yield from TEXTS
    elif attribute.type == "date":
        yield USUAL_DATE - timedelta(days=365)
