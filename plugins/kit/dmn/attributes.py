"""Which attribute each input column tests: one of the vocabulary, or a new one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tongban.plugins.kit.dmn.names import Names
from tongban.plugins.kit.dmn.outputs import is_conclusion
from tongban.plugins.kit.dmn.table import Column, Refusal, Table


def attributes(
    tables: Sequence[Table],
    vocabulary: Any,
    department: str,
    names: Mapping[str, str],
    refusals: list[Refusal],
) -> tuple[tuple[str, ...], ...]:
    """The attribute of each column of each table.

    Two columns test one attribute where they name one fact: FEEL tells names apart by
    every letter. Different facts never become one, unless `names` says so.

    Args:
        tables: of one file.
        vocabulary: of the kernel.
        department: whose prefix new attributes get.
        names: attributes by the name or label of a column (`--map`).
        refusals: what is refused is added.
    """
    wished = {column: name for column, name in names.items() if not is_conclusion(name)}
    made = Names(department, {*vocabulary.attributes, *wished.values()})
    first: dict[str, tuple[str, str]] = {}
    order = []
    for table in tables:
        mine: list[str] = []
        for column in table.inputs:
            where, fact = table.at(None, column), _fact(column)
            name = _wished(column, wished) or _known(column, vocabulary)
            if column.unnamed and not _wished(column, wished):
                refusals.append(Refusal(where, column.name, column.unnamed))
            elif name and not _wished(column, wished):
                other, there = first.setdefault(name, (fact, where))
                if other != fact:
                    message = (
                        f"comes to {name!r}, as {other!r} does ({there}); two facts are never "
                        "taken for one: rename a column, or name its attribute with --map"
                    )
                    refusals.append(Refusal(where, fact, message))
            name = name or made.of(fact)
            if name in mine:
                message = f"tests {name!r} once more; one column tests one fact"
                refusals.append(Refusal(where, column.name, message))
            mine.append(name)
        order.append(tuple(mine))
    refusals += _ambiguous(tables, wished)
    return tuple(order)


def _fact(column: Column) -> str:
    """What the column names; a column without an expression is known by its heading."""
    return column.name.removeprefix("facts.") or column.label or f"input {column.number}"


def _wished(column: Column, names: Mapping[str, str]) -> str:
    return next((names[said] for said in (column.name, column.label) if said in names), "")


def _known(column: Column, vocabulary: Any) -> str:
    """The attribute of the vocabulary that bears the column's name or its Chinese term."""
    expression = column.name.removeprefix("facts.")
    name = expression or column.label
    if column.unnamed:
        return ""
    if name in vocabulary.attributes:
        return name
    for said in (column.label, expression):
        asked = (one for one in vocabulary.facts.values() if one.asked)
        known = [str(one.name) for one in asked if said and one.label == said]
        if len(known) == 1:
            return known[0]
    return ""


def _ambiguous(tables: Sequence[Table], names: Mapping[str, str]) -> Iterator[Refusal]:
    """Wishes by heading that would make one attribute of different facts."""
    columns = [column for table in tables for column in table.inputs]
    by_name = {column.name for column in columns}
    for said in names:
        meant = {_fact(one) for one in columns if said == one.label and one.name not in names}
        if said not in by_name and len(meant) > 1:
            facts = ", ".join(sorted(map(repr, meant)))
            yield Refusal("", said, f"of --map is the heading of {facts}; name one of these")
