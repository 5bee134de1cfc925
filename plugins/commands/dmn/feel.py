"""The part of FEEL that cells may hold: values, lists, ranges, `not(…)` and `-`."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NoReturn, TypeAlias

from attrs import frozen

__all__ = ["Cell", "Literal", "Range", "Unread", "literals", "unary"]

Literal: TypeAlias = str | int | bool | date


class Unread(Exception):
    """A cell that is not read; its text says why, and what would be read."""


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


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<date>(?:date\s*\(\s*"[^"]*"\s*\)|@"[^"]*"))
    | (?P<number>-?\d+(?:\.\d+)?(?!\w|\.\d))
    | (?P<word>[^\W\d]\w*)
    | (?P<sign><=|>=|\.\.|[-<>=\[\](),])
    )""",
    re.VERBOSE,
)
_READ = (
    'read are values, lists of them, ranges such as [1..4] or < 5, date("2021-12-31"), not(…) and -'
)
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "r": "\r", "/": "/", "'": "'"}


def unary(text: str) -> Cell:
    """What an input cell says.

    Args:
        text: of the cell; empty is `-`.

    Raises:
        Unread: where it is anything that is not read.
    """
    if text.strip() in ("", "-"):
        return Cell()
    parser = _Parser(text)
    if parser.next_is("not") and parser.peek(1) == "(":
        parser.take()
        parser.expect("(")
        cell = Cell(parser.terms(), negated=True)
        parser.expect(")")
    else:
        cell = Cell(parser.terms())
    parser.end()
    return cell


def literals(text: str) -> tuple[Literal, ...]:
    """The values of an output cell, or of a list of allowed values; none for `-` and `null`.

    Args:
        text: `"a"`, `"a", "b"` or `["a", "b"]`.

    Raises:
        Unread: where it is anything else.
    """
    if text.strip() in ("", "-", "null"):
        return ()
    parser = _Parser(text)
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
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            match = _TOKEN.match(text, at)
            if match is None:
                _refuse(f"cannot be read from {text[at:].strip()[:20]!r} on")
            self.tokens.append((match.lastgroup or "", match[match.lastgroup or 0]))
            at = match.end()
        self.at = 0

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
            _refuse(f"lacks {text!r}" + (f" before {found!r}" if found else " at its end"))
        self.take()

    def end(self) -> None:
        if self.at < len(self.tokens):
            _refuse(f"goes on with {self.peek()!r}, which is an expression")

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
        if self.next_is("[", "(", "]"):
            return self._range()
        return self.literal()

    def _range(self) -> Range:
        opening = self.take()
        low = self._ordered()
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
            return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", _unescape, text[1:-1], flags=re.DOTALL)
        if kind == "number":
            if "." in text:
                _refuse("has a fraction; whole numbers alone are read")
            return int(text)
        if kind == "date":
            return _date(re.findall(r'"([^"]*)"', text)[0])
        if text in ("true", "false"):
            return text == "true"
        if text == "null":
            _refuse("tests for null, which rules cannot; " + _READ)
        if kind == "word" and self.peek() == "(":
            _refuse(f"calls the function {text}; {_READ}")
        if kind == "word":
            _refuse(f"names {text!r}; a text stands in double quotes, an expression is not read")
        return _refuse(f"lacks a value; {_READ}")


def _unescape(match: re.Match[str]) -> str:
    sign = match[1]
    if len(sign) == 5:
        return chr(int(sign[1:], 16))
    return _ESCAPES.get(sign, sign)


def _date(text: str) -> date:
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            found = date.fromisoformat(text)
            if 1900 <= found.year < 3000:
                return found
    except ValueError:
        pass
    return _refuse('is no date of the years 1900 to 2999, such as date("2021-12-31")')


def _step(value: int | date, by: int) -> int | date:
    return value + by if isinstance(value, int) else value + timedelta(days=by)


def _refuse(message: str) -> NoReturn:
    raise Unread(message)
