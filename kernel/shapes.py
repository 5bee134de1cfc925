"""Shapes: what may stand where in a rule file, said once.

A shape reads a node into a value, telling every mistake to the `Reader`, and
describes itself as JSON Schema, so that the editor's help and the errors come
from one place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any, Final, Protocol

from attrs import define, field, frozen

from tongban.kernel.errors import Problem, nearest
from tongban.kernel.notation import Node, scalar

__all__ = [
    "BAD",
    "Code",
    "Day",
    "Field",
    "Flag",
    "Keyed",
    "Lines",
    "ListOf",
    "Name",
    "Reader",
    "Shape",
    "Table",
    "Text",
    "Typed",
    "Whole",
    "Word",
]

BAD: Final[Any] = object()
"""What a shape returns for a node that it reported."""


@define
class Reader:
    """Collects the mistakes of one file.

    Attributes:
        file: name of the file, for messages.
        owner: the item or rule that is being read, for messages.
    """

    file: str
    owner: str = ""
    problems: list[Problem] = field(factory=list)

    def report(self, node: Node, message: str) -> Any:
        """Notes a mistake at `node` and returns `BAD`."""
        self.at(node.line, node.column, message)
        return BAD

    def at(self, line: int, column: int, message: str) -> None:
        """Notes a mistake at a line and a column."""
        self.problems.append(Problem(self.file, line, column, self.owner, message))

    def unknown(self, node: Node, what: str, known: Collection[str]) -> Any:
        """Notes a word that is not known, with the nearest right one."""
        near = nearest(node.text, known)
        hint = f"; did you mean {near!r}?" if near else ""
        if not near and 0 < len(known) <= 12:
            hint = f"; allowed: {', '.join(known)}"
        return self.report(node, f"unknown {what} {node.text!r}{hint}")


class Shape(Protocol):
    """What may stand in one place."""

    def read(self, node: Node, reader: Reader) -> Any:
        """The value of `node`, or `BAD` after reporting what is wrong."""

    def schema(self) -> dict[str, Any]:
        """This shape as JSON Schema."""


def _written(node: Node) -> str:
    names = {"list": "a list", "mapping": "a mapping"}
    return names.get(node.kind) or (repr(node.text) if node.text else "nothing")


@frozen
class Text:
    """One line of text."""

    what: str = "text"

    def read(self, node: Node, reader: Reader) -> Any:
        if node.kind != "scalar" or not node.text or scalar(node) is None:
            return reader.report(node, f"expected {self.what}, found {_written(node)}")
        return node.text

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "number"]}


@frozen
class Name:
    """A name that authors choose, of a given pattern."""

    pattern: str
    what: str

    def read(self, node: Node, reader: Reader) -> Any:
        if node.kind == "scalar" and re.fullmatch(self.pattern, node.text):
            return node.text
        return reader.report(node, f"expected {self.what}, found {_written(node)}")

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{self.pattern}$"}


@frozen
class Code:
    """A division code of six digits, as text or number."""

    def read(self, node: Node, reader: Reader) -> Any:
        if (
            node.kind == "scalar"
            and len(node.text) == 6
            and node.text.isascii()
            and node.text.isdigit()
        ):
            return node.text
        return reader.report(
            node, f"expected a division code of six digits, found {_written(node)}"
        )

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^[0-9]{6}$"}]}


@frozen
class Typed:
    """A scalar of one Python type."""

    type: type
    name: str
    json: str

    def read(self, node: Node, reader: Reader) -> Any:
        value = scalar(node) if node.kind == "scalar" else None
        if type(value) is self.type:
            return value
        return reader.report(node, f"expected {self.name}, found {_written(node)}")

    def schema(self) -> dict[str, Any]:
        return {"type": self.json}


Flag = Typed(bool, "true or false", "boolean")
Whole = Typed(int, "a whole number", "integer")


@frozen
class Day:
    """A date; a month without a day is its first or, with `last`, its last day."""

    last: bool = False

    def read(self, node: Node, reader: Reader) -> Any:
        value = scalar(node, last=self.last, month=True) if node.kind == "scalar" else None
        if type(value) is date:
            return value
        return reader.report(
            node, f"expected a date such as 2021-12-31 or 2021-12, found {_written(node)}"
        )

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$"}


@frozen
class Word:
    """One of a closed set of words."""

    what: str
    words: Collection[str]

    def read(self, node: Node, reader: Reader) -> Any:
        if node.kind != "scalar":
            return reader.report(node, f"expected a {self.what}, found {_written(node)}")
        return node.text if node.text in self.words else reader.unknown(node, self.what, self.words)

    def schema(self) -> dict[str, Any]:
        return {"enum": [int(w) if w.isdigit() else w for w in self.words]}


@frozen
class ListOf:
    """A list; with `single`, one value may stand without its list."""

    shape: Shape
    single: bool = False
    least: int = 0

    def read(self, node: Node, reader: Reader) -> Any:
        if node.kind != "list":
            if not self.single:
                return reader.report(node, f"expected a list, found {_written(node)}")
            value = self.shape.read(node, reader)
            return BAD if value is BAD else (value,)
        if len(node.items) < self.least:
            return reader.report(node, f"expected at least {self.least} entry, found an empty list")
        values = [self.shape.read(item, reader) for item in node.items]
        return tuple(value for value in values if value is not BAD)

    def schema(self) -> dict[str, Any]:
        listed = {"type": "array", "items": self.shape.schema(), "minItems": self.least}
        return {"anyOf": [self.shape.schema(), listed]} if self.single else listed


Lines = ListOf(Text(), single=True)


@frozen
class Keyed:
    """A mapping whose keys are names of the author's own."""

    what: str
    shape: Shape

    def read(self, node: Node, reader: Reader) -> Any:
        if node.kind != "mapping":
            return reader.report(node, f"expected a mapping of {self.what}, found {_written(node)}")
        values = {key.text: self.shape.read(value, reader) for key, value in node.keys}
        return {key: value for key, value in values.items() if value is not BAD}

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self.shape.schema()}


@frozen
class Field:
    """One key of a `Table`: its shape, what a reader of the schema is told, its default."""

    shape: Shape
    help: str = ""
    required: bool = False
    default: Any = None


def _as_is(values: dict[str, Any], node: Node, reader: Reader) -> Any:
    return values


@frozen
class Table:
    """A mapping with known keys.

    Attributes:
        what: what it is called in messages.
        fields: by key.
        build: makes the value from the keys' values; it may report more.
        name: the key whose value names the table in messages about what is in it.
    """

    what: str
    fields: Mapping[str, Field]
    build: Callable[[dict[str, Any], Node, Reader], Any] = _as_is
    name: str = ""

    def read(self, node: Node, reader: Reader) -> Any:
        if node.kind != "mapping":
            return reader.report(node, f"expected {self.what}: a mapping, found {_written(node)}")
        outer = reader.owner
        own = node.get(self.name) if self.name else None
        if own is not None and own.text:
            reader.owner = f"{outer}.{own.text}" if outer else own.text
        try:
            values = self._values(node, reader)
            return values if values is BAD else self.build(values, node, reader)
        finally:
            reader.owner = outer

    def _values(self, node: Node, reader: Reader) -> Any:
        values: dict[str, Any] = {}
        whole = True
        for key, value in node.keys:
            if key.text not in self.fields:
                reader.unknown(key, f"key of {self.what}", self.fields)
                whole = False
                continue
            read = self.fields[key.text].shape.read(value, reader)
            whole = whole and read is not BAD
            values[key.text] = read
        for name, one in self.fields.items():
            if name not in values:
                values[name] = one.default
                if one.required:
                    reader.report(node, f"{self.what} needs the key {name!r}")
                    whole = False
        return values if whole else BAD

    def schema(self) -> dict[str, Any]:
        properties = {
            name: one.shape.schema() | ({"description": one.help} if one.help else {})
            for name, one in self.fields.items()
        }
        required = [name for name, one in self.fields.items() if one.required]
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }
