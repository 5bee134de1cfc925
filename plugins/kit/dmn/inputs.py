"""From input columns to attributes: those of the vocabulary, and new ones of the department."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from tongban.kernel import nearest
from tongban.plugins.kit.dmn.attributes import attributes
from tongban.plugins.kit.dmn.boxes import Box
from tongban.plugins.kit.dmn.declaring import Use, domain_of, values
from tongban.plugins.kit.dmn.domains import Domain
from tongban.plugins.kit.dmn.feel import Cell, UnreadError, unary
from tongban.plugins.kit.dmn.names import asked
from tongban.plugins.kit.dmn.table import Column, Refusal, Table, TableError

MOST_HINTS = 20
"""Refused cells for which the nearest right word is looked up."""


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
    boxes: tuple[tuple[Box, ...], ...]
    declared: Mapping[str, Mapping[str, Any]]


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
        TableError: with every cell that cannot be read.
    """
    refusals: list[Refusal] = []
    uses: dict[str, Use] = {}
    order = attributes(tables, vocabulary, department, names, refusals)
    for table, mine in zip(tables, order, strict=True):
        for n, (column, name) in enumerate(zip(table.inputs, mine, strict=True)):
            cells = [*_cells(table, n, column, refusals)]
            use = uses.setdefault(name, Use(name, vocabulary.attributes.get(name)))
            use.columns.append((table, column, cells))
    if refusals:
        raise TableError(refusals)
    domains, declared = {}, {}
    for use in uses.values():
        domain, new = domain_of(use, vocabulary, refusals)
        domains[use.name] = domain
        if new and any(cell.terms for cell in use.cells):
            declared[use.name] = new
    if refusals:
        raise TableError(refusals)
    boxes = tuple(
        tuple(_boxes(table, mine, uses, domains, refusals))
        for table, mine in zip(tables, order, strict=True)
    )
    if refusals:
        raise TableError(refusals)
    _tell_apart(declared, uses)
    return Inputs(domains, order, boxes, declared)


def _tell_apart(declared: Mapping[str, dict[str, Any]], uses: Mapping[str, Use]) -> None:
    """Gives attributes with the same heading terms and questions of their own."""
    terms = [one["name"] for one in declared.values()]
    taken = {term for term in terms if terms.count(term) == 1}
    for name, new in declared.items():
        if new["name"] in taken:
            continue
        column = uses[name].columns[0][1]
        own = column.name if column.name != new["name"] else ""
        first = term = f"{new['name']}({own})" if own else new["name"]
        number = 1
        while term in taken:
            number += 1
            term = f"{first}({number})"
        taken.add(term)
        new |= {"name": term, "question": asked(term)}


def _cells(table: Table, number: int, column: Column, refusals: list[Refusal]) -> Iterator[Cell]:
    for row in table.rows:
        text = row.inputs[number]
        try:
            yield unary(text)
        except UnreadError as error:
            refusals.append(Refusal(table.at(row, column), text, str(error)))
            yield Cell()


def _boxes(
    table: Table,
    names: Sequence[str],
    uses: Mapping[str, Use],
    domains: Mapping[str, Domain],
    refusals: list[Refusal],
) -> Iterator[Box]:
    columns = [
        (column, next(c for t, o, c in uses[name].columns if t is table and o is column), name)
        for column, name in zip(table.inputs, names, strict=True)
    ]
    for n, row in enumerate(table.rows):
        box = []
        for column, cells, name in columns:
            held = domains[name].holds(cells[n])
            message = _outside(cells[n], name, domains[name], held, len(refusals) < MOST_HINTS)
            if message:
                text = row.inputs[column.number - 1]
                refusals.append(Refusal(table.at(row, column), text, message))
            box.append(held)
        yield tuple(box)


def _outside(cell: Cell, name: str, domain: Domain, held: int, hint: bool) -> str:
    """What is wrong with a cell that names what its attribute never is, "" for nothing."""
    if domain.type == "text" and not any(one.rest for one in domain.classes[-2:]):
        for value in values(cell):
            if not domain.has(value):
                known = [str(one.value) for one in domain.classes if one.value is not None]
                near = nearest(value, known) if hint else None
                meant = f"; did you mean {near!r}?" if near else f"; it has {_some(known)}"
                return f"names {value!r}, which {name!r} never is{meant}"
    return "" if held else f"never holds: {name!r} has no such value"


def _some(words: Sequence[str]) -> str:
    return ", ".join(words) if len(words) <= 12 else f"{', '.join(words[:12])} and others"
