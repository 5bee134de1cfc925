"""Sets of facts as boxes: for each column, the classes of values that a row admits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

__all__ = ["MOST", "Box", "TooManyBoxes", "meet", "without"]

Box: TypeAlias = tuple[frozenset[int], ...]
"""For each column the numbers of the classes of its values; none of them is empty."""

MOST = 20_000
"""Boxes that a difference may fall into before it is given up."""


class TooManyBoxes(Exception):
    """Rows overlap in too many ways to be told apart."""


def meet(one: Box, other: Box) -> Box | None:
    """What two boxes have in common, None where that is nothing."""
    found = tuple(a & b for a, b in zip(one, other, strict=True))
    return found if all(found) else None


def without(box: Box, others: Iterable[Box]) -> Sequence[Box]:
    """`box` without `others`, as boxes of which no two have anything in common.

    Raises:
        TooManyBoxes: where they are more than `MOST`.
    """
    left: list[Box] = [box]
    for other in others:
        after: list[Box] = []
        for one in left:
            after += _minus(one, other)
        if len(after) > MOST:
            raise TooManyBoxes
        left = after
    return left


def _minus(box: Box, other: Box) -> Iterable[Box]:
    shared = meet(box, other)
    if shared is None:
        return [box]
    parts = []
    for n, common in enumerate(shared):
        rest = box[n] - common
        if rest:
            parts.append((*shared[:n], rest, *box[n + 1 :]))
    return parts
