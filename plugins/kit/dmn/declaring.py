"""What an attribute that columns test may be: its type, its values, how a rule file declares it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from attrs import define, field

from tongban.plugins.kit.dmn.domains import Domain, finite, ordered, unused
from tongban.plugins.kit.dmn.feel import Cell, Literal, Range, UnreadError, literals, unary
from tongban.plugins.kit.dmn.names import asked
from tongban.plugins.kit.dmn.table import Column, Refusal, Table

_TYPES = {"string": "text", "boolean": "bool", "number": "int", "date": "date"}
_READ = "string, boolean, number, integer, long, double, date"
_SAID = {"text": "text", "bool": "true and false", "int": "whole numbers", "date": "dates"}
_KERNEL_TYPES = {"bool": "bool", "int": "int", "date": "date"}


@define
class Use:
    """An attribute, with every column that tests it.

    Attributes:
        name: the attribute's.
        known: it, where the vocabulary has it.
        columns: each with its table and its cells, one for each row.
    """

    name: str
    known: Any = None
    columns: list[tuple[Table, Column, list[Cell]]] = field(factory=list)

    @property
    def cells(self) -> Iterator[Cell]:
        """The cells of all columns."""
        for _, _, cells in self.columns:
            yield from cells


def domain_of(
    use: Use, vocabulary: Any, refusals: list[Refusal]
) -> tuple[Domain, dict[str, Any] | None]:
    """The values of an attribute, and how a rule file declares it where it is a new one.

    Args:
        use: the attribute.
        vocabulary: of the kernel.
        refusals: what is refused is added.
    """
    known = use.known
    kind = _KERNEL_TYPES.get(known.type, "text") if known else _type(use, refusals)
    for table, column, cells in use.columns:
        for row, cell in zip(table.rows, cells, strict=True):
            if message := _misfit(use, kind, cell):
                text = row.inputs[column.number - 1]
                refusals.append(Refusal(table.at(row, column), text, message))
    optional = bool(known and known.optional)
    right = [cell for cell in use.cells if all(_kind(one) == kind for one in values(cell))]
    if kind == "bool":
        return finite(use.name, [True, False], optional=optional), _new(use, kind, {})
    if kind == "text":
        named = [*dict.fromkeys(str(value) for cell in right for value in values(cell))]
        if known:
            return _of_vocabulary(use, named, vocabulary), None
        return _texts(use, named, refusals)
    low, high = (known.low, known.high) if known else _bounds(use, kind, refusals)
    limits = {key: value for key, value in (("min", low), ("max", high)) if value is not None}
    domain = ordered(use.name, kind, right, low, high, optional=optional)
    return domain, _new(use, kind, limits)


def _misfit(use: Use, kind: str, cell: Cell) -> str:
    """Why a cell tests what its attribute cannot be, "" where it does not."""
    for value in values(cell):
        if _kind(value) != kind:
            return f"tests {_SAID[_kind(value)]}, but {use.name!r} has {_SAID[kind]}"
        if isinstance(value, str) and (message := _no_value(value)):
            return message
    return ""


def _no_value(value: str) -> str:
    """Why this text cannot be given, "" where it can."""
    if not value.strip():
        return "tests for the empty text, which no applicant can give; name a value, or -"
    if re.search("[\n\r]", value):
        return "tests for a text of several lines, which no applicant can give"
    return ""


def _of_vocabulary(use: Use, named: list[str], vocabulary: Any) -> Domain:
    known = use.known
    closed = vocabulary.places if known.type == "place" else known.values
    every = named if closed is None else [*closed]
    return finite(use.name, every, rest=closed is None, optional=known.optional)


def _texts(
    use: Use, named: list[str], refusals: list[Refusal]
) -> tuple[Domain, dict[str, Any] | None]:
    """A closed list: what every column allows, else what cells name, and one value for the rest."""
    allowed = [_allowed(table, column, refusals) for table, column, _ in use.columns]
    words = [*dict.fromkeys(word for some in allowed for word in some)]
    other = ""
    if not all(allowed):
        words = [*dict.fromkeys((*words, *named))]
        other = unused("other", words)
    looks: dict[str, str] = {}
    for word in words:
        twin = looks.setdefault(_look(word), word)
        if twin != word:
            where = use.columns[0][0].at(None, use.columns[0][1])
            message = f"looks like {twin!r}, which is another value; write one of them otherwise"
            refusals.append(Refusal(where, word, message))
    terms = {word: word for word in words} | ({other: "其他"} if other else {})
    if other != "other" and other:
        terms[other] = "以上都不是"
    domain = finite(use.name, [*terms], other=other)
    return domain, _new(use, "enum", {"values": terms})


def _look(word: str) -> str:
    """What a reader sees of a value: without the difference of widths and blanks."""
    return " ".join(unicodedata.normalize("NFKC", word).split())


def _allowed(table: Table, column: Column, refusals: list[Refusal]) -> list[str]:
    """The texts that a column allows, none where it does not say."""
    try:
        found = literals(column.allowed)
    except UnreadError as error:
        message = f"is not read as the allowed values of a text; a list is: {error}"
        refusals.append(Refusal(table.at(None, column), column.allowed, message))
        return []
    for value in found:
        message = (
            "" if isinstance(value, str) else f"allows {_SAID[_kind(value)]} where text is tested"
        )
        if message := message or _no_value(str(value)):
            refusals.append(Refusal(table.at(None, column), column.allowed, message))
            return []
    return [str(value) for value in found]


def _bounds(use: Use, kind: str, refusals: list[Refusal]) -> tuple[Any, Any]:
    """The bounds of a new number, where each of its columns allows one range: the widest."""
    found: list[Range] = []
    for table, column, _ in use.columns:
        try:
            cell = unary(column.allowed)
        except UnreadError as error:
            refusals.append(Refusal(table.at(None, column), column.allowed, str(error)))
            continue
        ranges = [one for one in cell.terms if isinstance(one, Range)]
        if not cell.terms:
            continue
        if len(cell.terms) > 1 or not ranges or cell.negated or _kind(_ends(ranges[0])[0]) != "int":
            message = "is not read as the allowed values of a number or date; one range is"
            message += " of numbers" if kind == "date" else ""
            refusals.append(Refusal(table.at(None, column), column.allowed, message))
        elif kind == "date":
            message = "allows numbers where dates are tested"
            refusals.append(Refusal(table.at(None, column), column.allowed, message))
        found += ranges[:1]
    if len(found) < len(use.columns):
        return None, None
    lows, highs = [one.low for one in found], [one.high for one in found]
    low = None if None in lows else min(lows)  # type: ignore[type-var]
    return low, None if None in highs else max(highs)  # type: ignore[type-var]


def _type(use: Use, refusals: list[Refusal]) -> str:
    """The type of a new attribute: its column's, else what its cells hold."""
    said = {column.type for _, column, _ in use.columns} - {""}
    for table, column, _ in use.columns:
        if column.untyped:
            refusals.append(
                Refusal(table.at(None, column), "", f"{column.untyped}; read are {_READ}")
            )
        if column.type in said and column.type not in _TYPES:
            message = f"is a type that is not read; read are {_READ}"
            refusals.append(Refusal(table.at(None, column), column.type, message))
    kinds = [_TYPES[one] for one in sorted(said) if one in _TYPES]
    kinds += [_kind(value) for cell in use.cells for value in values(cell)]
    return kinds[0] if kinds else "text"


def _new(use: Use, kind: str, more: Mapping[str, Any]) -> dict[str, Any] | None:
    if use.known:
        return None
    label = next((column.label or column.name for _, column, _ in use.columns), use.name)
    own = use.name.partition(".")[2].replace("_", " ")
    title = own if use.columns[0][1].name.isascii() else f"TODO {own}"
    named = {"name": label or own, "title": title, "question": asked(label or own)}
    return {"type": kind, **more, **named}


def values(cell: Cell) -> Iterator[Literal]:
    """Every value that a cell names, the ends of ranges among them."""
    for term in cell.terms:
        if isinstance(term, Range):
            yield from _ends(term)
        else:
            yield term


def _ends(term: Range) -> list[Literal]:
    return [end for end in (term.low, term.high) if end is not None]


def _kind(value: Literal) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    return "date" if isinstance(value, date) else "text"
