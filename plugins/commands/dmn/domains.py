"""The values of an attribute, parted into the classes that a table's cells tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, TypeAlias

from attrs import frozen

from tongban.plugins.commands.dmn.feel import Cell, Literal, Range

__all__ = ["Class", "Domain", "Inexpressible", "finite", "ordered"]

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
OTHER = "other"


class Inexpressible(Exception):
    """A set of values that no test of a rule says."""


@frozen
class Class:
    """Values that no cell tells apart: one value, an interval, all others, or none at all.

    Attributes:
        value: one of them; None where the fact does not exist.
        low, high: of an interval, inclusive, None for open.
        rest: whether it is all values that no cell names.
    """

    value: Literal | None
    low: Any = None
    high: Any = None
    rest: bool = False

    @property
    def single(self) -> bool:
        """Whether it is one value, not an interval of which `value` is an example."""
        open_ended = self.low is None and isinstance(self.value, date | int)
        whole = isinstance(self.value, bool) or not open_ended
        return not self.rest and whole and self.low == self.high


@frozen
class Domain:
    """An attribute's values.

    Attributes:
        attribute: its name.
        type: `bool`, `int`, `date` or `text` (of a closed list, or any).
        classes: parts of the domain; every value lies in one of them.
    """

    attribute: str
    type: str
    classes: tuple[Class, ...]

    @property
    def all(self) -> frozenset[int]:
        """Every class."""
        return frozenset(range(len(self.classes)))

    def holds(self, cell: Cell) -> frozenset[int]:
        """The classes for which an input cell holds."""
        if not cell.terms:
            return self.all
        found = {n for n, one in enumerate(self.classes) if _passes(one, cell.terms)}
        if cell.negated:
            found = {n for n in self.all - found if self.classes[n].value is not None}
        return frozenset(found)

    def tests(self, chosen: frozenset[int]) -> Sequence[Any] | None:
        """The tests of which one must hold; None where every fact will do.

        Raises:
            Inexpressible: where there are no such tests.
        """
        if chosen == self.all:
            return None
        classes = [self.classes[n] for n in sorted(chosen)]
        if any(one.value is None for one in classes):
            raise Inexpressible
        there = [n for n in sorted(self.all) if self.classes[n].value is not None]
        others = [self.classes[n] for n in there if n not in chosen]
        if self.type in ("int", "date"):
            return self._intervals(classes, others)
        if any(one.rest or one.value == OTHER for one in classes):
            if not others:
                raise Inexpressible
            return [{"not": _one_or_many([one.value for one in others])}]
        return [_one_or_many([one.value for one in classes])]

    def _intervals(self, classes: Sequence[Class], others: Sequence[Class]) -> Sequence[Any]:
        if all(one.low == one.high and one.low is not None for one in classes):
            return [_one_or_many([one.low for one in classes])]
        if others and all(one.low == one.high and one.low is not None for one in others):
            return [{"not": _one_or_many([one.low for one in others])}]
        merged: list[list[Any]] = []
        for one in classes:
            if merged and merged[-1][1] is not None and one.low == _next(merged[-1][1]):
                merged[-1][1] = one.high
            else:
                merged.append([one.low, one.high])
        return [self._between(low, high) for low, high in merged]

    def _between(self, low: Any, high: Any) -> Any:
        if low == high and low is not None:
            return low
        least, most = ("from", "before") if self.type == "date" else ("at_least", "at_most")
        there = [one for one in self.classes if one.value is not None]
        bounds = {} if low in (None, there[0].low) else {least: low}
        if high not in (None, there[-1].high):
            bounds[most] = _next(high) if self.type == "date" else high
        if not bounds and low is not None:
            bounds = {least: low}
        if not bounds:
            raise Inexpressible
        return bounds


def _one_or_many(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else list(values)


def _next(value: Any) -> Any:
    return value + timedelta(days=1) if isinstance(value, date) else value + 1


def _passes(one: Class, terms: Iterable[Literal | Range]) -> bool:
    if one.value is None:
        return False
    for term in terms:
        if isinstance(term, Range):
            low = term.low is None or (one.low is not None and one.low >= term.low)
            high = term.high is None or (one.high is not None and one.high <= term.high)
            if low and high:
                return True
        elif one.single and type(term) is type(one.value) and term == one.value:
            return True
    return False


def finite(attribute: str, values: Sequence[Literal], *, rest: bool, optional: bool) -> Domain:
    """A domain of single values.

    Args:
        attribute: its name.
        values: all of them, or those that cells name.
        rest: whether there are others.
        optional: whether the fact may not exist.
    """
    classes = [Class(value) for value in values]
    if rest:
        classes.append(Class("\u2205", rest=True))
    kind = "bool" if values and isinstance(values[0], bool) else "text"
    return Domain(attribute, kind, (*classes, *([Class(None)] if optional else [])))


_Bound: TypeAlias = Any


def ordered(
    attribute: str, kind: str, cells: Iterable[Cell], low: _Bound, high: _Bound, *, optional: bool
) -> Domain:
    """A domain of numbers or dates, cut where cells cut it.

    Args:
        attribute: its name.
        kind: `int` or `date`.
        cells: every cell that tests it.
        low, high: the domain's own bounds, None for none; a date has those of the language.
        optional: whether the fact may not exist.
    """
    if kind == "date":
        low, high = FIRST_DAY, LAST_DAY
    starts: set[Any] = set()
    for cell in cells:
        for term in cell.terms:
            begin, end = (term.low, term.high) if isinstance(term, Range) else (term, term)
            starts |= {begin} if begin is not None else set()
            # The day after the last one has no class of its own, and no date.
            starts |= {_next(end)} if end is not None and end != high else set()
    cuts = sorted(s for s in starts if (low is None or s > low) and (high is None or s <= high))
    edges = [low, *cuts]
    classes = []
    for n, begin in enumerate(edges):
        end = edges[n + 1] - (1 if kind == "int" else timedelta(days=1)) if n < len(cuts) else high
        classes.append(Class(_example(kind, begin, end), begin, end))
    return Domain(attribute, kind, (*classes, *([Class(None)] if optional else [])))


def _example(kind: str, low: Any, high: Any) -> Literal:
    """A value of an interval; of dates, one near our time."""
    usual: Any = date(2026, 1, 1) if kind == "date" else 0
    if low is not None and usual < low:
        return low  # type: ignore[no-any-return]
    if high is not None and usual > high:
        return high  # type: ignore[no-any-return]
    return usual  # type: ignore[no-any-return]
