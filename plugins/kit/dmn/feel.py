"""The part of FEEL that cells may hold: values, lists, ranges, `not(…)` and `-`.

What is read follows the grammar of DMN 1.5, chapter 10.3.1: its blanks, comments,
numbers, escapes and ranges.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import NoReturn, TypeAlias

from attrs import frozen

from tongban.plugins.kit.dmn.lexis import BLANK, UnreadError, tokens, unquoted

__all__ = ["Cell", "Literal", "Range", "UnreadError", "literals", "unary"]

Literal: TypeAlias = str | int | bool | date

MOST_DIGITS = 18
"""Digits of a number; rule files hold no longer ones."""


@frozen
class Range:
    """From `low` to `high`, both inclusive, None for open."""

    low: int | date | None
    high: int | date | None


@frozen
class Cell:
    """What an input cell tests.

    Attributes:
        terms: one of them must hold; none where everything does.
        negated: whether none of them may.
    """

    terms: tuple[Literal | Range, ...] = ()
    negated: bool = False


_READ = (
    'read are values, lists of them, ranges such as [1..4] or < 5, date("2021-12-31"), not(…) and -'
)
_ANYTHING = ("", "-")


def unary(text: str) -> Cell:
    """What an input cell says.

    Args:
        text: of the cell; empty is `-`.

    Raises:
        UnreadError: where it is anything that is not read.
    """
    if text.strip(BLANK) in _ANYTHING:
        return Cell()
    parser = _Parser(text)
    if parser.alone("-"):
        return Cell()
    if parser.next_is("not") and parser.peek(1) == "(":
        parser.take()
        parser.expect("(")
        cell = Cell(parser.terms(), negated=True)
        parser.expect(")")
    elif parser.next_is("!="):
        parser.take()
        cell = Cell((parser.literal(),), negated=True)
    else:
        cell = Cell(parser.terms())
    parser.end()
    return cell


def literals(text: str) -> tuple[Literal, ...]:
    """The values of an output cell, or of a list of allowed values; none for `-` and `null`.

    Args:
        text: `"a"`, `"a", "b"` or `["a", "b"]`.

    Raises:
        UnreadError: where it is anything else.
    """
    if text.strip(BLANK) in (*_ANYTHING, "null"):
        return ()
    parser = _Parser(text)
    if parser.alone("-") or parser.alone("null"):
        return ()
    boxed = parser.next_is("[")
    if boxed:
        parser.take()
    values = [parser.literal()]
    while parser.next_is(","):
        parser.take()
        values.append(parser.literal())
    if boxed:
        parser.expect("]")
    parser.end()
    return tuple(values)


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = tokens(text)
        self.at = 0

    def alone(self, text: str) -> bool:
        """Whether nothing but this sign or word stands there, comments aside."""
        return len(self.tokens) == 1 and self.next_is(text)

    def peek(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.tokens[place][1] if place < len(self.tokens) else ""

    def next_is(self, *texts: str) -> bool:
        kind = self.tokens[self.at][0] if self.at < len(self.tokens) else ""
        return kind in ("sign", "word") and self.peek() in texts

    def take(self) -> str:
        text = self.peek()
        self.at += 1
        return text

    def expect(self, text: str) -> None:
        if not self.next_is(text):
            found = self.peek()
            _refuse(f"lacks {text!r}" + (f" before {_short(found)}" if found else " at its end"))
        self.take()

    def end(self) -> None:
        if self.at < len(self.tokens):
            _refuse(f"goes on with {_short(self.peek())}, which is an expression")

    def terms(self) -> tuple[Literal | Range, ...]:
        found = [self._term()]
        while self.next_is(","):
            self.take()
            found.append(self._term())
        return tuple(found)

    def _term(self) -> Literal | Range:
        if self.next_is("<", "<=", ">", ">="):
            sign = self.take()
            value = self._ordered()
            if sign in ("<", "<="):
                return Range(None, _step(value, -1) if sign == "<" else value)
            return Range(_step(value, 1) if sign == ">" else value, None)
        if self.next_is("="):
            self.take()
            return self.literal()
        if self.next_is("!="):
            _refuse(f"has != in a list; write not(…) alone in the cell. {_READ}")
        if self.next_is("[", "(", "]"):
            return self._range()
        return self.literal()

    def _range(self) -> Range:
        opening = self.take()
        low = self._ordered()
        if opening == "[" and self.next_is(",", "]"):
            _refuse("tests a list; one value is tested, and alternatives stand without brackets")
        self.expect("..")
        high = self._ordered()
        if not self.next_is("]", ")", "["):
            _refuse("is a range without its end; write [1..4], (1..4) or ]1..4[")
        closing = self.take()
        if type(low) is not type(high):
            _refuse("is a range from one kind of value to another")
        found = Range(
            low if opening == "[" else _step(low, 1), high if closing == "]" else _step(high, -1)
        )
        if found.low > found.high:  # type: ignore[operator]
            _refuse("is a range with nothing in it")
        return found

    def _ordered(self) -> int | date:
        value = self.literal()
        if isinstance(value, bool | str):
            _refuse("compares what has no order; numbers and dates have one")
        return value

    def literal(self) -> Literal:
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        self.at += 1
        if kind == "string":
            return unquoted(text)
        if kind == "number":
            return _whole(text)
        if text == "-" and self.at < len(self.tokens) and self.tokens[self.at][0] == "number":
            self.at += 1
            return -_whole(self.tokens[self.at - 1][1])
        if kind == "date":
            return _date(text)
        if kind != "word":
            return _refuse(f"lacks a value; {_READ}")
        if text in ("true", "false"):
            return text == "true"
        if text == "null":
            _refuse(f"tests for null, which rules cannot; {_READ}")
        if self.peek() == "(":
            _refuse(f"calls the function {text[:40]}; {_READ}")
        says = "a text stands in double quotes, an expression is not read"
        return _refuse(f"names {_short(text)}; {says}")


def _whole(text: str) -> int:
    # Decimal, since `5.0` and `5e2` are whole; its exponent is bounded before it is written out.
    value = Decimal(text)
    if value and value.adjusted() >= MOST_DIGITS:
        _refuse(f"has a number of more than {MOST_DIGITS} digits")
    if value.as_tuple().exponent and value != value.to_integral_value():
        _refuse("has a fraction; whole numbers alone are read")
    return int(value)


_DATES = {
    "date": "date", "@": "date", "time": "a time", "duration": "a duration",
    "date and time": "a date and time",
}  # fmt: skip


def _date(text: str) -> date:
    """The day that `date("2021-12-31")`, `date(2021, 12, 31)` or `@"2021-12-31"` names."""
    name = " ".join(text.split("(")[0].split()) if "(" in text else "@"
    quoted = re.search('"([^"]*)"', text)
    if name not in ("date", "@"):
        _refuse(f"is {_DATES[name]}; of these dates alone are read")
    said = quoted[1] if quoted else "-".join(f"{n:0>2}" for n in re.findall("[0-9]+", text))
    if name == "@" and (not said[:1].isdigit() or "T" in said or ":" in said):
        _refuse("is a time or a duration; of these dates alone are read")
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", said, re.ASCII):
            found = date.fromisoformat(said)
            if 1900 <= found.year < 3000:
                return found
    except ValueError:
        pass
    return _refuse('is not a date of the years 1900 to 2999, such as date("2021-12-31")')


def _step(value: int | date, by: int) -> int | date:
    return value + by if isinstance(value, int) else value + timedelta(days=by)


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")


def _refuse(message: str) -> NoReturn:
    raise UnreadError(message)
