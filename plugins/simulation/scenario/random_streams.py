"""Chance that follows from a seed and a name, and from nothing else.

Each draw has a name of its own. So a case draws the same whether others run beside
it or not, which is what lets a failing run be made smaller. No draw uses a
function whose last digit depends on the machine's mathematics library.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from hashlib import blake2b
from itertools import accumulate
from typing import Generic, TypeVar

from attrs import field, frozen

T = TypeVar("T")

_BITS = 53


@frozen
class Spread:
    """A spread of whole numbers: half of them below the usual one, half above.

    Attributes:
        least, usual, most: in this order.
    """

    least: int
    usual: int
    most: int


@frozen(slots=False)
class Weighted(Generic[T]):
    """Things to choose from, each with a whole number as its weight."""

    things: tuple[T, ...]
    weights: tuple[int, ...]

    @cached_property
    def sums(self) -> tuple[int, ...]:
        """The weights added up, one after the other."""
        return tuple(accumulate(self.weights))


@frozen
class Chance:
    """Draws of one run.

    Attributes:
        seed: of the run.
    """

    seed: int
    _salt: bytes = field(init=False, repr=False)

    @_salt.default
    def _salted(self) -> bytes:
        return f"tongban simulation {self.seed}\n".encode()

    def bits(self, *name: object) -> int:
        """A whole number of 64 bits that belongs to a name."""
        text = "\x1f".join(map(str, name)).encode()
        return int.from_bytes(blake2b(self._salt + text, digest_size=8).digest(), "big")

    def unit(self, *name: object) -> float:
        """A number from 0 up to, but not including, 1."""
        return (self.bits(*name) >> (64 - _BITS)) / (1 << _BITS)

    def happens(self, rate: float, *name: object) -> bool:
        """Whether something happens that happens at a rate from 0 to 1."""
        return rate > 0 and self.unit(*name) < rate

    def below(self, end: int, *name: object) -> int:
        """A whole number from 0 up to, but not including, `end`."""
        return (self.bits(*name) * end) >> 64

    def of(self, spread: Spread, *name: object) -> int:
        """A whole number of a spread."""
        place = self.below(2_000_000, *name)
        low, high, part = spread.least, spread.usual, place
        if place >= 1_000_000:
            low, high, part = spread.usual, spread.most, place - 1_000_000
        return low + (high - low) * part // 1_000_000

    def choose(self, among: Weighted[T], *name: object) -> T:
        """One of several things, by their weights."""
        place = self.below(among.sums[-1], *name)
        low, high = 0, len(among.sums) - 1
        while low < high:
            middle = (low + high) // 2
            if among.sums[middle] > place:
                high = middle
            else:
                low = middle + 1
        return among.things[low]

    def pick(self, among: Sequence[T], *name: object) -> T:
        """One of several things, each as likely as the others."""
        return among[self.below(len(among), *name)]

    def hexadecimal(self, *name: object) -> str:
        """An id of 32 digits that belongs to a name."""
        text = "\x1f".join(map(str, name)).encode()
        return blake2b(self._salt + text, digest_size=16).hexdigest()
