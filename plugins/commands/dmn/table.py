"""A decision table as it is drawn, and what is refused of it."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

__all__ = ["POLICIES", "Column", "Refusal", "Refused", "Row", "Table"]

POLICIES = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT")
"""The hit policies that are read."""


@frozen
class Refusal:
    """One thing that cannot be read: where it stands, what it says, what would be read.

    Attributes:
        where: `decision "费用", row 3, input 2 "年龄"`; "" for the whole file.
        text: what stands there, "" where that says nothing.
        message: why it is not read, and what would be.
    """

    where: str
    text: str
    message: str

    def __str__(self) -> str:
        said = f"{self.text!r} " if self.text else ""
        return f"{self.where}: {said}{self.message}" if self.where else f"{said}{self.message}"


class Refused(Exception):
    """A table that cannot be imported; `refusals` holds everything that is wrong."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__("\n".join(map(str, self.refusals)))


@frozen
class Column:
    """An input or output column.

    Attributes:
        number: counted from 1, inputs and outputs apart.
        label: its heading, "" where it has none.
        name: an input's expression, an output's name.
        type: `typeRef`, lower case, without a prefix.
        allowed: the text of `inputValues` or `outputValues`.
    """

    side: str
    number: int
    label: str
    name: str
    type: str
    allowed: str

    def __str__(self) -> str:
        return f'{self.side} {self.number} "{self.label or self.name}"'


@frozen
class Row:
    """A rule of the table: its cells' texts, and its annotations."""

    number: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    annotations: tuple[str, ...]


@frozen
class Table:
    """A decision with a decision table.

    Attributes:
        id: the decision's.
        name: the decision's.
        policy: one of `POLICIES`.
    """

    id: str
    name: str
    policy: str
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rows: tuple[Row, ...]

    def at(self, row: Row | None = None, column: Column | None = None) -> str:
        """Coordinates of a cell, row or column, for messages."""
        parts = [f'decision "{self.name or self.id}"']
        parts += [f"row {row.number}"] if row else []
        parts += [str(column)] if column else []
        return ", ".join(parts)
