"""From input columns to attributes: those of the vocabulary, and new ones of the department."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from attrs import define, field, frozen

from tongban.kernel import nearest
from tongban.plugins.commands.dmn.domains import OTHER, Domain, finite, ordered
from tongban.plugins.commands.dmn.feel import Cell, Literal, Range, Unread, literals, unary
from tongban.plugins.commands.dmn.table import Column, Refusal, Refused, Table

__all__ = ["Inputs", "read_inputs"]

_TYPES = {
    "string": "text",
    "boolean": "bool",
    "number": "int",
    "integer": "int",
    "long": "int",
    "double": "int",
    "date": "date",
}
_SAID = {"text": "text", "bool": "true and false", "int": "whole numbers", "date": "dates"}
_KERNEL_TYPES = {"bool": "bool", "int": "int", "date": "date"}


@frozen
class Inputs:
    """What the input columns of all tables come to.

    Attributes:
        domains: by attribute.
        attributes: of each table's columns, in order.
        boxes: of each table's rows, in order: a set of classes for each column.
        declared: new attributes, as a rule file declares them.
    """

    domains: Mapping[str, Domain]
    attributes: tuple[tuple[str, ...], ...]
    boxes: tuple[tuple[tuple[frozenset[int], ...], ...], ...]
    declared: Mapping[str, Mapping[str, Any]]


@define
class _Use:
    """An attribute, with every column that tests it."""

    name: str
    known: Any = None
    columns: list[tuple[Table, Column, list[Cell]]] = field(factory=list)

    @property
    def cells(self) -> Iterator[Cell]:
        for _, _, cells in self.columns:
            yield from cells


def read_inputs(
    tables: Sequence[Table], vocabulary: Any, department: str, names: Mapping[str, str]
) -> Inputs:
    """The attributes that input columns test, and what each row admits.

    Args:
        tables: of one file.
        vocabulary: of the kernel.
        department: whose prefix new attributes get.
        names: attributes by the name or label of a column (`--map`).

    Raises:
        Refused: with every cell that cannot be read.
    """
    refusals: list[Refusal] = []
    uses: dict[str, _Use] = {}
    order: list[list[str]] = []
    for table in tables:
        mine: list[str] = []
        for n, column in enumerate(table.inputs):
            cells = [*_cells(table, n, column, refusals)]
            name = _attribute(column, vocabulary, department, names)
            if name is None:
                message = "is an expression; an input column names one fact (or use --map)"
                refusals.append(Refusal(table.at(None, column), column.name, message))
                name = f"{department}.unreadable_{n}"
            if name in mine:
                message = f"tests {name!r} once more; one column tests one fact"
                refusals.append(Refusal(table.at(None, column), column.name, message))
            use = uses.setdefault(name, _Use(name, vocabulary.attributes.get(name)))
            use.columns.append((table, column, cells))
            mine.append(name)
        order.append(mine)
    if refusals:
        raise Refused(refusals)
    domains, declared = {}, {}
    for use in uses.values():
        domain, new = _domain(use, vocabulary, refusals)
        domains[use.name] = domain
        if new and any(cell.terms for cell in use.cells):
            declared[use.name] = new
    if refusals:
        raise Refused(refusals)
    boxes = tuple(
        tuple(_boxes(table, mine, uses, domains, refusals))
        for table, mine in zip(tables, order, strict=True)
    )
    if refusals:
        raise Refused(refusals)
    return Inputs(domains, tuple(map(tuple, order)), boxes, declared)


def _cells(table: Table, number: int, column: Column, refusals: list[Refusal]) -> Iterator[Cell]:
    for row in table.rows:
        text = row.inputs[number]
        try:
            yield unary(text)
        except Unread as error:
            refusals.append(Refusal(table.at(row, column), text, str(error)))
            yield Cell()


def _attribute(
    column: Column, vocabulary: Any, department: str, names: Mapping[str, str]
) -> str | None:
    """The attribute that a column tests, None where it is an expression."""
    for said in (column.name, column.label):
        if said and said in names:
            return names[said]
    expression = column.name.removeprefix("facts.")
    for said in (expression, column.label):
        if said in vocabulary.attributes:
            return said
    for said in (column.label, expression):
        asked = (one for one in vocabulary.facts.values() if one.asked)
        known = [one.name for one in asked if said and one.label == said]
        if len(known) == 1:
            return str(known[0])
    if expression and not re.fullmatch(r"[^\W\d][\w .]*", expression):
        return None
    word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", expression or column.label).lower()
    own = re.sub(r"[^a-z0-9]+", "_", word.removeprefix(f"{department}.")).strip("_")
    usable = own[:1].isalpha() and own.isascii() and re.search(r"[a-z]", own)
    return f"{department}.{own if usable else f'input_{column.number}'}"


def _domain(
    use: _Use, vocabulary: Any, refusals: list[Refusal]
) -> tuple[Domain, dict[str, Any] | None]:
    known = use.known
    kind = _KERNEL_TYPES.get(known.type, "text") if known else _type(use, refusals)
    for table, column, cells in use.columns:
        for row, cell in zip(table.rows, cells, strict=True):
            if wrong := [one for one in _values(cell) if _kind(one) != kind]:
                where = table.at(row, column)
                text = row.inputs[column.number - 1]
                message = f"tests {_SAID[_kind(wrong[0])]}, but {use.name!r} has {_SAID[kind]}"
                refusals.append(Refusal(where, text, message))
    optional = bool(known and known.optional)
    named = [*dict.fromkeys(value for cell in use.cells for value in _values(cell))]
    if kind == "bool":
        return finite(use.name, [True, False], rest=False, optional=optional), _new(use, kind, {})
    if kind == "text":
        return _texts(use, named, optional, vocabulary)
    low, high = (known.low, known.high) if known else _bounds(use, refusals)
    limits = {key: value for key, value in (("min", low), ("max", high)) if value is not None}
    right = [cell for cell in use.cells if all(_kind(one) == kind for one in _values(cell))]
    domain = ordered(use.name, kind, right, low, high, optional=optional)
    return domain, _new(use, kind, limits)


def _texts(
    use: _Use, named: list[Literal], optional: bool, vocabulary: Any
) -> tuple[Domain, dict[str, Any] | None]:
    known = use.known
    if known:
        closed = vocabulary.places if known.type == "place" else known.values
        values = named if closed is None else [*closed]
        return finite(use.name, values, rest=closed is None, optional=optional), None
    allowed = [value for _, column, _ in use.columns for value in _allowed(column)]
    words = [*dict.fromkeys(str(value) for value in allowed)]
    words = words or [*(str(value) for value in named if value != OTHER), OTHER]
    terms = {word: "其他" if word == OTHER else word for word in words}
    domain = finite(use.name, words, rest=False, optional=False)
    return domain, _new(use, "enum", {"values": terms})


def _allowed(column: Column) -> tuple[Literal, ...]:
    try:
        return literals(column.allowed)
    except Unread:
        return ()


def _bounds(use: _Use, refusals: list[Refusal]) -> tuple[Any, Any]:
    """The bounds of a new number, from the one range that its column allows."""
    for table, column, _ in use.columns:
        if not column.allowed:
            continue
        try:
            terms = unary(column.allowed).terms
        except Unread as error:
            refusals.append(Refusal(table.at(None, column), column.allowed, str(error)))
            continue
        if len(terms) == 1 and isinstance(terms[0], Range) and _kind(_ends(terms[0])[0]) == "int":
            return terms[0].low, terms[0].high
        if terms:
            message = "is not read as the allowed values of a number or date; one range is"
            refusals.append(Refusal(table.at(None, column), column.allowed, message))
    return None, None


def _type(use: _Use, refusals: list[Refusal]) -> str:
    """The type of a new attribute: its column's, else what its cells hold."""
    said = {column.type for _, column, _ in use.columns} - {"", "any"}
    for table, column, _ in use.columns:
        if column.type in said and column.type not in _TYPES:
            message = f"is a type that is not read; read are {', '.join(_TYPES)}"
            refusals.append(Refusal(table.at(None, column), column.type, message))
    kinds = [_TYPES[one] for one in sorted(said) if one in _TYPES]
    kinds += [_kind(value) for cell in use.cells for value in _values(cell)]
    return kinds[0] if kinds else "text"


def _new(use: _Use, kind: str, more: Mapping[str, Any]) -> dict[str, Any] | None:
    if use.known:
        return None
    label = next((column.label or column.name for _, column, _ in use.columns), use.name)
    own = use.name.partition(".")[2].replace("_", " ")
    named = {"name": label or own, "title": own, "question": f"{label or own}?"}
    return {"type": kind, **more, **named}


def _boxes(
    table: Table,
    names: Sequence[str],
    uses: Mapping[str, _Use],
    domains: Mapping[str, Domain],
    refusals: list[Refusal],
) -> Iterator[tuple[frozenset[int], ...]]:
    for n, row in enumerate(table.rows):
        box = []
        for column, name in zip(table.inputs, names, strict=True):
            cells = next(c for t, o, c in uses[name].columns if t is table and o is column)
            held = domains[name].holds(cells[n])
            message = _outside(cells[n], uses[name], domains[name], held)
            if message:
                text = row.inputs[column.number - 1]
                refusals.append(Refusal(table.at(row, column), text, message))
            box.append(held)
        yield tuple(box)


def _outside(cell: Cell, use: _Use, domain: Domain, held: frozenset[int]) -> str:
    """What is wrong with a cell that names what its attribute never is, "" for nothing."""
    if domain.type == "text" and not any(one.rest for one in domain.classes):
        values = [str(one.value) for one in domain.classes if one.value is not None]
        for value in _values(cell):
            if value not in values:
                near = nearest(value, values)
                hint = f"; did you mean {near!r}?" if near else f"; it has {', '.join(values)}"
                return f"names {value!r}, which {use.name!r} never is{hint}"
    return "" if held else f"never holds: {use.name!r} has no such value"


def _values(cell: Cell) -> Iterator[Literal]:
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
