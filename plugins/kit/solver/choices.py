"""One part of an application, as a choice among values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date
from functools import cached_property
from typing import Any, TypeAlias

import z3
from attrs import field, frozen

from tongban.kernel import Scalar

Formula: TypeAlias = Any
"""A formula of the solver, which has no types of its own."""


def any_of(parts: Sequence[Formula]) -> Formula:
    """Whether some part holds; with no parts, never."""
    return parts[0] if len(parts) == 1 else z3.Or(list(parts))


@frozen(eq=False)
class Choice:
    """A part of an application and the values that it may have, exactly one at a time.

    Attributes:
        name: as an application says it: `channel`, `places.hukou`, `facts.own_record`.
        values: the most usual first; None where the application may leave it out.
    """

    name: str
    values: tuple[Scalar | None, ...]
    selectors: tuple[Formula, ...] = field(init=False, repr=False)

    @selectors.default
    def _selectors(self) -> tuple[Formula, ...]:
        if len(self.values) == 1:
            return (z3.BoolVal(True),)
        return tuple(z3.Bool(f"{self.name}={_written(value)}") for value in self.values)

    @cached_property
    def exactly_one(self) -> Formula:
        """That it has one of its values, and only one."""
        if len(self.values) == 1:
            return z3.BoolVal(True)
        return z3.PbEq([(selector, 1) for selector in self.selectors], 1)

    def among(self, wanted: Callable[[Scalar | None], bool]) -> Formula:
        """Whether its value is wanted."""
        chosen = [s for s, value in zip(self.selectors, self.values, strict=True) if wanted(value)]
        if len(chosen) == len(self.values):
            return z3.BoolVal(True)
        return any_of(chosen) if chosen else z3.BoolVal(False)

    def is_(self, value: Scalar | None) -> Formula:
        """Whether it has this very value; never, where that is none of its values."""
        return self.among(lambda one: type(one) is type(value) and one == value)

    def of(self, model: Any) -> Scalar | None:
        """Its value in a model of the solver."""
        for selector, value in zip(self.selectors, self.values, strict=True):
            if z3.is_true(model.eval(selector, model_completion=True)):
                return value
        raise AssertionError(f"{self.name} has no value")


def same(
    one: Choice, other: Choice, key: Callable[[Any], object], key_of_other: Callable[[Any], object]
) -> Formula:
    """Whether two choices have values with the same key.

    Args:
        one, other: what is compared; a value of None has no key.
        key, key_of_other: what of a value is compared.
    """
    mine, theirs = _keys(one.values, key), _keys(other.values, key_of_other)
    shared = [k for k in dict.fromkeys(mine) if k is not None and k in theirs]
    parts = [
        z3.And(_having(one, mine, shared_key), _having(other, theirs, shared_key))
        for shared_key in shared
    ]
    return any_of(parts) if parts else z3.BoolVal(False)


def _keys(values: Sequence[Any], key: Callable[[Any], object]) -> list[object]:
    return [None if value is None else key(value) for value in values]


def _having(choice: Choice, keys: Collection[object], wanted: object) -> Formula:
    return any_of([s for s, k in zip(choice.selectors, keys, strict=True) if k == wanted])


def _written(value: Scalar | None) -> str:
    kind = "" if isinstance(value, str | date) else type(value).__name__
    return f"{kind}{value}"
