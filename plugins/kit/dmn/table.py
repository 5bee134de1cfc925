"""A decision table as it is drawn, and what is refused of it."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

POLICIES = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT")
"""The hit policies that are read."""


MOST_SHOWN = 80
"""Characters of a cell that a message repeats."""


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
        text = self.text if len(self.text) <= MOST_SHOWN else f"{self.text[:MOST_SHOWN]}…"
        said = f"{text!r} " if text else ""
        return f"{self.where}: {said}{self.message}" if self.where else f"{said}{self.message}"


class TableError(Exception):
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
        name: an input's expression, its blanks made one space; an output's name, that of its
            decision where it has none of its own.
        type: the type of FEEL that its `typeRef` comes to, "" for none or any.
        allowed: the text of `inputValues` or `outputValues`, else of its type's allowed values.
        default: the text of an output's default, "" for none.
        unnamed: why an input's expression is not a name, "" where it is one.
        untyped: why its `typeRef` is not read, "" where it is; a known attribute needs none.
    """

    side: str
    number: int
    label: str
    name: str
    type: str = ""
    allowed: str = ""
    default: str = ""
    unnamed: str = ""
    untyped: str = ""

    def __str__(self) -> str:
        return f'{self.side} {self.number} "{self.label or self.name}"'


@frozen
class Row:
    """A rule of the table: its cells' texts, and its annotations.

    Attributes:
        number: counted from 1; 0 for what the outputs are where no row holds.
    """

    number: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    annotations: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"row {self.number}" if self.number else "default outputs"

    @property
    def id(self) -> str:
        """The id of the rule that it becomes."""
        return f"row_{self.number}" if self.number else "otherwise"


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

    @property
    def default(self) -> Row | None:
        """What the outputs are where no row holds, as a row; None where the table has none."""
        values = tuple(column.default for column in self.outputs)
        return Row(0, ("",) * len(self.inputs), values) if any(values) else None

    def at(self, row: Row | None = None, column: Column | None = None) -> str:
        """Coordinates of a cell, row or column, for messages."""
        parts = [f'decision "{self.name or self.id}"']
        parts += [str(row)] if row else []
        parts += [str(column)] if column else []
        return ", ".join(parts)
