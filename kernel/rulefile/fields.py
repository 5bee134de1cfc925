"""Shapes: what may stand where in a rule file, said once.

A shape reads a node into a value, reporting every mistake to the `Diagnostics`, and
describes itself as JSON Schema, so that the editor's help and the errors come
from one place. Shapes are neither compared nor printed: without the methods for
that their classes are made in half the time, which every start takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Protocol

from attrs import frozen

from tongban.kernel.rulefile.diagnostics import BAD, Diagnostics, day_hint, instead, written
from tongban.kernel.rulefile.yaml_tree import Node, scalar

__all__ = [
    "BAD",
    "Code",
    "Count",
    "Day",
    "Diagnostics",
    "Field",
    "Flag",
    "Keyed",
    "Lines",
    "ListOf",
    "Name",
    "Shape",
    "Table",
    "Text",
    "Typed",
    "Whole",
    "Word",
    "refuse_doubles",
]


class Shape(Protocol):
    """What may stand in one place."""

    def read(self, node: Node, diag: Diagnostics) -> Any:
        """The value of `node`, or `BAD` after reporting what is wrong."""

    def schema(self) -> dict[str, Any]:
        """This shape as JSON Schema."""


@frozen(eq=False, repr=False)
class Text:
    """One line of text."""

    what: str = "text"

    def read(self, node: Node, diag: Diagnostics) -> Any:
        text = node.text.strip()
        if node.kind != "scalar" or not text or (node.plain and text in ("~", "null")):
            return diag.report(node, f"expected {self.what}, found {written(node)}")
        if "\n" in text:
            return diag.report(node, "expected one line, found several")
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "number"]}


@frozen(eq=False, repr=False)
class Name:
    """A name that authors choose, of a given pattern."""

    pattern: str
    what: str

    def read(self, node: Node, diag: Diagnostics) -> Any:
        if node.kind == "scalar" and re.fullmatch(self.pattern, node.text):
            return node.text
        return diag.misread(node, f"expected {self.what}, found {written(node)}")

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{self.pattern}$"}


@frozen(eq=False, repr=False)
class Code:
    """A division code of six digits, as text or number."""

    def read(self, node: Node, diag: Diagnostics) -> Any:
        if (
            node.kind == "scalar"
            and len(node.text) == 6
            and node.text.isascii()
            and node.text.isdigit()
        ):
            return node.text
        return diag.misread(node, f"expected a division code of six digits, found {written(node)}")

    def schema(self) -> dict[str, Any]:
        number = {"type": "integer", "minimum": 100_000, "maximum": 999_999}
        return {"anyOf": [number, {"type": "string", "pattern": "^[0-9]{6}$"}]}


@frozen(eq=False, repr=False)
class Typed:
    """A scalar of one Python type."""

    type: type
    name: str
    json: str
    least: int | None = None
    most: int | None = None

    def read(self, node: Node, diag: Diagnostics) -> Any:
        value = scalar(node) if node.kind == "scalar" else None
        if type(value) is self.type and self._within(value):
            return value
        hint = instead(node, self.type is bool)
        return diag.misread(node, f"expected {self.name}, found {written(node)}{hint}")

    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": self.json}
        bounds = {"minimum": self.least, "maximum": self.most}
        return schema | {name: one for name, one in bounds.items() if one is not None}

    def _within(self, value: Any) -> bool:
        big_enough = self.least is None or value >= self.least
        return big_enough and (self.most is None or value <= self.most)


Flag = Typed(bool, "true or false", "boolean")
Whole = Typed(int, "a whole number", "integer")
Count = Typed(int, "a whole number from 1", "integer", least=1)


@frozen(eq=False, repr=False)
class Day:
    """A date; a month without a day is its first or, with `last`, its last day.

    Attributes:
        month: whether a month without a day will do.
    """

    last: bool = False
    month: bool = True

    def read(self, node: Node, diag: Diagnostics) -> Any:
        value = scalar(node, last=self.last, month=self.month) if node.kind == "scalar" else None
        if type(value) is date:
            return value
        such = "2021-12-31 or 2021-12" if self.month else "2021-12-31"
        found = f"{written(node)}{day_hint(node)}"
        return diag.misread(node, f"expected a date such as {such}, found {found}")

    def schema(self) -> dict[str, Any]:
        day = "(-[0-9]{2})?" if self.month else "-[0-9]{2}"
        return {"type": "string", "pattern": f"^[0-9]{{4}}-[0-9]{{2}}{day}$"}


@frozen(eq=False, repr=False)
class Word:
    """One of a closed set of words."""

    what: str
    words: Collection[str]

    def read(self, node: Node, diag: Diagnostics) -> Any:
        if node.kind != "scalar":
            return diag.misread(node, f"expected a {self.what}, found {written(node)}")
        if node.text in self.words:
            return node.text
        diag.unknown(node, self.what, self.words)
        return BAD

    def schema(self) -> dict[str, Any]:
        return {"enum": [int(w) if w.isdigit() else w for w in self.words]}


@frozen(eq=False, repr=False)
class ListOf:
    """A list; with `single`, one value may stand without its list."""

    shape: Shape
    single: bool = False
    least: int = 0

    def read(self, node: Node, diag: Diagnostics) -> Any:
        if node.kind != "list":
            if not self.single:
                short = node.kind == "scalar" and 0 < len(node.text) <= 60
                hint = f"; write [{node.text}]" if short else ""
                return diag.misread(node, f"expected a list, found {written(node)}{hint}")
            value = self.shape.read(node, diag)
            return BAD if value is BAD else (value,)
        if len(node.items) < self.least:
            what = getattr(self.shape, "what", "entry").removeprefix("a ").removeprefix("an ")
            return diag.report(node, f"an empty list; expected at least one {what}")
        values = [self.shape.read(item, diag) for item in node.items]
        return tuple(value for value in values if value is not BAD)

    def schema(self) -> dict[str, Any]:
        listed: dict[str, Any] = {"type": "array", "items": self.shape.schema()}
        if self.least:
            listed["minItems"] = self.least
        return {"anyOf": [self.shape.schema(), listed]} if self.single else listed


def refuse_doubles(node: Node, diag: Diagnostics) -> None:
    """Reports entries of a list whose `id` another entry has."""
    first: dict[str, int] = {}
    for item in node.items:
        name = item.get("id")
        if name is None or not name.text:
            continue
        if name.text in first:
            outer = diag.owner
            diag.owner = f"{outer}.{name.text}" if outer else name.text
            line = first[name.text]
            diag.report(name, f"the id {name.text!r} is taken, first in line {line}")
            diag.owner = outer
        first.setdefault(name.text, name.line)


Lines = ListOf(Text(), single=True)


@frozen(eq=False, repr=False)
class Keyed:
    """A mapping whose keys are names of the author's own."""

    what: str
    shape: Shape

    def read(self, node: Node, diag: Diagnostics) -> Any:
        if node.kind != "mapping":
            return diag.misread(node, f"expected a mapping of {self.what}, found {written(node)}")
        values: dict[str, Any] = {}
        outer = diag.owner
        for key, value in node.keys:
            diag.owner = key.text
            values[key.text] = self.shape.read(value, diag)
        diag.owner = outer
        return {key: value for key, value in values.items() if value is not BAD}

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self.shape.schema()}


@frozen(eq=False, repr=False)
class Field:
    """One key of a `Table`: its shape, its text in the schema, its default."""

    shape: Shape
    help: str = ""
    required: bool = False
    default: Any = None


def _as_is(values: dict[str, Any], node: Node, diag: Diagnostics) -> Any:
    return values


@frozen(eq=False, repr=False)
class Table:
    """A mapping with known keys.

    Attributes:
        what: what it is called in messages.
        fields: by key.
        build: makes the value from the keys' values; it may report more.
        name: the key whose value names the table in messages about what is in it.
        example: how a short one is written.
        also: what the schema says besides of it, where `build` checks more.
    """

    what: str
    fields: Mapping[str, Field]
    build: Callable[[dict[str, Any], Node, Diagnostics], Any] = _as_is
    name: str = ""
    example: str = ""
    also: Mapping[str, Any] = MappingProxyType({})

    def read(self, node: Node, diag: Diagnostics) -> Any:
        if node.kind != "mapping":
            such = f" such as {self.example}" if self.example else ": a mapping"
            return diag.misread(node, f"expected {self.what}{such}, found {written(node)}")
        outer = diag.owner
        own = node.get(self.name) if self.name else None
        if own is not None and own.text:
            diag.owner = f"{outer}.{own.text}" if outer else own.text
        try:
            values = self._values(node, diag)
            return values if values is BAD else self.build(values, node, diag)
        finally:
            diag.owner = outer

    def _values(self, node: Node, diag: Diagnostics) -> Any:
        values: dict[str, Any] = {}
        whole = True
        meant: set[str | None] = set()
        for key, value in node.keys:
            known = self.fields.get(key.text)
            if known is None:
                meant.add(diag.unknown(key, "key", self.fields, f" of {self.what}"))
                whole = False
                continue
            read = values[key.text] = known.shape.read(value, diag)
            whole = whole and read is not BAD
        if len(values) == len(self.fields):
            return values if whole else BAD
        absent = []
        for name, one in self.fields.items():
            if name not in values:
                values[name] = one.default
                if one.required:
                    whole = False
                    if name not in meant:
                        absent.append(name)
        if absent:
            keys = "key" if len(absent) == 1 else "keys"
            diag.report(node, f"{self.what} needs the {keys} {', '.join(absent)}")
        return values if whole else BAD

    def schema(self) -> dict[str, Any]:
        properties = {
            name: one.shape.schema() | ({"description": one.help} if one.help else {})
            for name, one in self.fields.items()
        }
        required = [name for name, one in self.fields.items() if one.required]
        table: dict[str, Any] = {
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
        }
        return table | ({"required": required} if required else {}) | dict(self.also)
