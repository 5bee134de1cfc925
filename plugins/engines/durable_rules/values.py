"""Values as durable-rules can hold them without harm.

It takes True for 1 and "5" for 5, compares "100" with "18" as text, and takes
None for something that is there. So every value goes over as text with its type
in front, what does not exist as a text of its own; what is compared by order
goes over once more, as a number.
"""

from __future__ import annotations

import json
from datetime import date
from struct import calcsize
from typing import Literal, TypeAlias

from attrs import frozen

from tongban.kernel import Scalar
from tongban.kernel.engine import Facts

MOST_BYTES = 60_000
"""Of one text as JSON; the engine counts its length in 16 bits."""

_LONG: int = 2 ** (8 * calcsize("l") - 1)
HIGHEST = _LONG - 1
LOWEST = 1 - _LONG
"""The numbers that the engine reads and compares exactly: beyond a C long it clamps."""

_NOWHERE = -_LONG
"""The number of what is not a number: it lies before every interval."""

NOTHING = "-"
"""The text of what does not exist; no value's text begins so."""

Cell: TypeAlias = str | int

_TYPES: dict[str, type] = {"int": int, "date": date}


class AbstentionError(Exception):
    """The engine gives no answer, and why."""


@frozen
class Column:
    """How the engine sees an attribute: any value as text, or those of one type as numbers."""

    attribute: str
    kind: Literal["text", "int", "date"] = "text"

    def cell(self, facts: Facts) -> Cell:
        """The attribute's value for the engine.

        Raises:
            AbstentionError: where the engine cannot hold it.
        """
        value = facts.get(self.attribute)
        try:
            if self.kind == "text":
                return as_text(value)
            return as_number(value) if type(value) is _TYPES[self.kind] else _NOWHERE
        except AbstentionError as reason:
            raise AbstentionError(f"the value of {self.attribute!r} {reason}") from None


def as_text(value: Scalar | None) -> str:
    """One text for each value of each type, and one for what does not exist.

    Raises:
        AbstentionError: where the text is too long or no text at all, or the type unknown.
    """
    if value is None:
        return NOTHING
    kind = type(value)
    if kind is str:
        return _checked(f"s{value}")
    if kind is bool:
        return "b1" if value else "b0"
    if kind is int:
        # Hexadecimal, because Python refuses to write a very long number in decimals.
        return _checked(f"n{value:x}")
    if kind is date:
        return f"d{value}"
    raise AbstentionError(f"is a {kind.__name__}")


def as_number(value: Scalar | None) -> int:
    """A number or date as a number that keeps the order.

    Raises:
        AbstentionError: where it is beyond what the engine compares exactly.
    """
    number = value.toordinal() if isinstance(value, date) else value
    if not isinstance(number, int):
        raise AbstentionError("is neither a number nor a date")
    if not LOWEST <= number <= HIGHEST:
        raise AbstentionError("is too large a number")
    return number


def _checked(text: str) -> str:
    if len(text) * 6 < MOST_BYTES and text.isascii():
        return text
    try:
        size = len(json.dumps(text, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        raise AbstentionError("holds half a character (a lone surrogate)") from None
    if size > MOST_BYTES:
        raise AbstentionError(f"is longer than {MOST_BYTES} bytes")
    return text
