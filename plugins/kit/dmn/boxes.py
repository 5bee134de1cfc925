"""Sets of facts as boxes: for each column, the classes of values that a row admits.

A set of classes is a whole number whose bits are the classes' numbers, so that a
column may have tens of thousands of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from attrs import define, field

Box: TypeAlias = tuple[int, ...]
"""For each column the classes of its values, as bits; none of them is empty."""

MOST = 20_000
"""Boxes that a difference may fall into before it is given up."""


class TooManyBoxesError(Exception):
    """Rows overlap in too many ways to be told apart."""


@define
class Budget:
    """How many boxes may still be compared; keeps a table's reading within seconds."""

    left: int = 1_000_000

    def spend(self, count: int) -> None:
        """Takes `count` off.

        Raises:
            TooManyBoxesError: where nothing is left.
        """
        self.left -= count
        if self.left < 0:
            raise TooManyBoxesError


def bits(numbers: int) -> Iterator[int]:
    """The numbers in a set, the smallest first."""
    text = f"{numbers:b}"[::-1]
    at = text.find("1")
    while at >= 0:
        yield at
        at = text.find("1", at + 1)


def first(numbers: int) -> int:
    """The smallest number in a set that is not empty."""
    return (numbers & -numbers).bit_length() - 1


def meet(one: Box, other: Box) -> Box | None:
    """What two boxes have in common, None where that is nothing."""
    found = tuple(a & b for a, b in zip(one, other, strict=True))
    return found if all(found) else None


def without(box: Box, others: Iterable[Box], budget: Budget | None = None) -> Sequence[Box]:
    """`box` without `others`, as boxes of which no two have anything in common.

    Raises:
        TooManyBoxesError: where they are more than `MOST`, or the budget is spent.
    """
    budget = budget or Budget()
    left: list[Box] = [box]
    for other in others:
        after: list[Box] = []
        for one in left:
            after += _minus(one, other)
        if len(after) > MOST:
            raise TooManyBoxesError
        budget.spend(len(left))
        left = after
        if not left:
            break
    return left


def _minus(box: Box, other: Box) -> Iterable[Box]:
    shared = meet(box, other)
    if shared is None:
        return [box]
    parts = []
    for n, common in enumerate(shared):
        rest = box[n] & ~common
        if rest:
            parts.append((*shared[:n], rest, *box[n + 1 :]))
    return parts


@define
class Rows:
    """Finds the rows of a table whose boxes meet one of them, without comparing each with each.

    Attributes:
        boxes: of the rows.
        budget: what looking for them may cost.
    """

    boxes: Sequence[Box]
    budget: Budget = field(factory=Budget)
    _columns: list[dict[int, int]] = field(init=False, factory=list)
    _wide: list[list[int]] = field(init=False, factory=list)
    _known: dict[tuple[int, int], int] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        for column in zip(*self.boxes, strict=True):
            rows: dict[int, list[int]] = {}
            for n, chosen in enumerate(column):
                rows.setdefault(chosen, []).append(n)
            self._columns.append({chosen: _set(some) for chosen, some in rows.items()})
            self._wide.append([one for one in rows if one.bit_count() > 1])

    def meeting(self, box: Box) -> int:
        """The rows that meet a box, as bits.

        Raises:
            TooManyBoxesError: where the budget is spent.
        """
        found = (1 << len(self.boxes)) - 1
        for n, chosen in enumerate(box):
            found &= self._holding(n, chosen)
        return found

    def _holding(self, column: int, chosen: int) -> int:
        """The rows whose cell has a class of `chosen`."""
        if (column, chosen) not in self._known:
            rows = self._columns[column]
            one = chosen.bit_count() == 1
            found = rows.get(chosen, 0) if one else 0
            wide = self._wide[column] if one else [*rows]
            self.budget.spend(len(wide) // 2)
            for other in wide:
                if other & chosen:
                    found |= rows[other]
            self._known[column, chosen] = found
        return self._known[column, chosen]


def _set(numbers: Sequence[int]) -> int:
    """A set of numbers, all at once: adding one by one copies the whole each time."""
    marks = bytearray(numbers[-1] // 8 + 1)
    for n in numbers:
        marks[n // 8] |= 1 << n % 8
    return int.from_bytes(marks, "little")
