"""The values of an attribute, parted into the classes that a table's cells tell apart."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any, TypeAlias

from attrs import frozen

from tongban.plugins.kit.dmn.boxes import bits
from tongban.plugins.kit.dmn.feel import Cell, Literal, Range

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)


class InexpressibleError(Exception):
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


@frozen(eq=False)
class Domain:
    """An attribute's values; sets of its classes are whole numbers with a bit for each.

    Attributes:
        attribute: its name.
        type: `bool`, `int`, `date` or `text` (of a closed list, or any).
        classes: parts of the domain; every value lies in one of them.
        other: the value of a closed list that stands for all that cells do not name, "" for none.
    """

    attribute: str
    type: str
    classes: tuple[Class, ...]
    other: str = ""

    @cached_property
    def all(self) -> int:
        """Every class."""
        return (1 << len(self.classes)) - 1

    @cached_property
    def there(self) -> int:
        """The classes in which the fact exists."""
        return self.all >> sum(one.value is None for one in self.classes)

    @cached_property
    def _numbers(self) -> dict[tuple[Any, Any], int]:
        """The classes of one value, by it."""
        interval = self.type in ("int", "date")
        return {
            (type(one.value), one.value): n
            for n, one in enumerate(self.classes)
            if not one.rest and (not interval or (one.low is not None and one.low == one.high))
        }

    def has(self, value: Literal) -> bool:
        """Whether a class is this one value."""
        return (type(value), value) in self._numbers

    @cached_property
    def _edges(self) -> tuple[list[Any], list[Any]]:
        """Where intervals begin, but for an open first one, and end, but for an open last one."""
        parts = [one for one in self.classes if one.value is not None]
        lows = [one.low for one in parts if one.low is not None]
        return lows, [one.high for one in parts if one.high is not None]

    def holds(self, cell: Cell) -> int:
        """The classes for which an input cell holds."""
        if not cell.terms:
            return self.all
        # A mark for each class: adding bits one by one copies the whole number each time.
        marks = bytearray(len(self.classes))
        for term in cell.terms:
            if isinstance(term, Range):
                begin, end = self._between_edges(term)
                marks[begin:end] = b"\1" * max(0, end - begin)
            elif (n := self._numbers.get((type(term), term))) is not None:
                marks[n] = 1
        found = int(marks[::-1].translate(_BINARY), 2)
        return self.there & ~found if cell.negated else found

    def _between_edges(self, term: Range) -> tuple[int, int]:
        """The first class of a range, and the one after its last."""
        lows, highs = self._edges
        count = self.there.bit_length()
        begin = 0 if term.low is None else bisect_left(lows, term.low) + count - len(lows)
        return begin, count if term.high is None else bisect_right(highs, term.high)

    def tests(self, chosen: int) -> Sequence[Any] | None:
        """The tests of which one must hold; None where every fact will do.

        Raises:
            InexpressibleError: where there are no such tests.
        """
        if chosen == self.all:
            return None
        if chosen & ~self.there:
            raise InexpressibleError
        classes = [self.classes[n] for n in bits(chosen)]
        if self.type in ("int", "date"):
            return self._intervals(classes, self.there & ~chosen)
        if any(one.rest or (self.other and one.value == self.other) for one in classes):
            others = [self.classes[n].value for n in bits(self.there & ~chosen)]
            if not others:
                raise InexpressibleError
            return [{"not": _one_or_many(others)}]
        return [_one_or_many([one.value for one in classes])]

    def _intervals(self, classes: Sequence[Class], rest: int) -> Sequence[Any]:
        if _single(classes):
            return [_one_or_many([one.low for one in classes])]
        if rest and rest.bit_count() <= len(classes):
            others = [self.classes[n] for n in bits(rest)]
            if _single(others):
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
        last = self.classes[self.there.bit_length() - 1]
        bounds = {} if low in (None, self.classes[0].low) else {least: low}
        if high not in (None, last.high):
            bounds[most] = _next(high) if self.type == "date" else high
        if not bounds and low is not None:
            bounds = {least: low}
        if not bounds:
            raise InexpressibleError
        return bounds


_BINARY = bytes.maketrans(b"\0\1", b"01")


def _single(classes: Iterable[Class]) -> bool:
    return all(one.low == one.high and one.low is not None for one in classes)


def _one_or_many(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else list(values)


def _next(value: Any) -> Any:
    return value + timedelta(days=1) if isinstance(value, date) else value + 1


def unused(word: str, taken: Collection[object]) -> str:
    """`word`, with a number where something else is called so."""
    number, found = 1, word
    while found in taken:
        number += 1
        found = f"{word}_{number}"
    return found


def finite(
    attribute: str,
    values: Sequence[Literal],
    *,
    rest: bool = False,
    optional: bool = False,
    other: str = "",
) -> Domain:
    """A domain of single values.

    Args:
        attribute: its name.
        values: all of them, or those that cells name.
        rest: whether there are others.
        optional: whether the fact may not exist.
        other: the one of them that stands for all that cells do not name.
    """
    classes = [Class(value) for value in values]
    if rest:
        classes.append(Class("\u2205", rest=True))
    kind = "bool" if values and isinstance(values[0], bool) else "text"
    return Domain(attribute, kind, (*classes, *([Class(None)] if optional else [])), other)


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
