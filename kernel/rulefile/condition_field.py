"""How a condition is written: a mapping of attribute to test."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any, ClassVar

from attrs import frozen

from tongban.kernel.model.conditions import AllOf, AnyOf, Between, Condition, OneOf
from tongban.kernel.model.divisions import DivisionError, Divisions
from tongban.kernel.model.vocabulary import Attribute, Vocabulary
from tongban.kernel.rulefile import fields as s
from tongban.kernel.rulefile.diagnostics import day_hint, instead, written
from tongban.kernel.rulefile.yaml_tree import Node, scalar

_TESTS = {
    "int": ("not", "at_least", "at_most"),
    "date": ("not", "before", "from"),
}
"""Tests written as a mapping, by type of attribute; the other types know only `not`."""

_ALL_TESTS = ("not", "at_least", "at_most", "before", "from")


@frozen(eq=False, repr=False)
class ConditionShape:
    """A mapping of attribute to test, all of which must hold (`when`, `unless`)."""

    vocabulary: Vocabulary
    what: ClassVar[str] = "condition"

    def read(self, node: Node, diag: s.Diagnostics) -> Any:
        if node.kind != "mapping":
            return diag.misread(
                node, f"expected a condition such as {{channel: window}}, found {written(node)}"
            )
        if not node.keys:
            return diag.report(node, "an empty condition; expected an attribute and its test")
        parts = [self._part(key, value, diag) for key, value in node.keys]
        if s.BAD in parts:
            return s.BAD
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _part(self, key: Node, value: Node, diag: s.Diagnostics) -> Any:
        if key.text == "any":
            options = s.ListOf(self, least=1).read(value, diag)
            return options if options is s.BAD else AnyOf(options)
        attribute = self.vocabulary.attributes.get(key.text)
        if attribute is None:
            diag.unknown(key, "attribute", self.vocabulary.attributes)
            return s.BAD
        if value.kind == "mapping":
            return self._bounds(attribute, value, diag)
        values = _values(attribute, value, self.vocabulary, diag)
        return values if values is s.BAD else OneOf(attribute.name, values)

    def _bounds(self, attribute: Attribute, node: Node, diag: s.Diagnostics) -> Any:
        low: Any = None
        high: Any = None
        parts: list[Condition] = []
        whole = True
        for key, value in node.keys:
            read = self._bound(attribute, key, value, diag)
            if read is s.BAD:
                whole = False
            elif key.text == "not":
                parts.append(OneOf(attribute.name, read, negated=True))
            elif key.text in ("at_least", "from"):
                low = read
            else:
                high = read - timedelta(days=1) if key.text == "before" else read
        if not node.keys:
            tests = ", ".join(_TESTS.get(attribute.type, ("not",)))
            return diag.report(node, f"an empty test; expected a value or {tests}")
        if not whole:
            return s.BAD
        if low is not None or high is not None:
            if not _some_value(attribute, low, high):
                return diag.report(
                    node, f"no value of {attribute.name!r} lies in these bounds{_range(attribute)}"
                )
            parts.append(Between(attribute.name, low, high))
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _bound(self, attribute: Attribute, key: Node, node: Node, diag: s.Diagnostics) -> Any:
        """The value of one test of a mapping; several values for `not`."""
        tests = _TESTS.get(attribute.type, ("not",))
        if key.text == "not":
            return _values(attribute, node, self.vocabulary, diag)
        if key.text in tests:
            return (s.Day() if attribute.type == "date" else s.Whole).read(node, diag)
        if key.text in _ALL_TESTS:
            kind = "dates" if key.text in ("before", "from") else "numbers"
            return diag.report(
                key,
                f"{key.text!r} tests {kind}, but {attribute.name!r} is of type {attribute.type}",
            )
        diag.unknown(key, "test", tests)
        return s.BAD

    def schema(self) -> dict[str, Any]:
        attributes = self.vocabulary.attributes.values()
        nested = {"type": "array", "items": {"$ref": "#/$defs/condition"}, "minItems": 1}
        return {
            "type": "object",
            "properties": {
                "any": {**nested, "description": "one of these conditions must hold"},
                **{a.name: _test_schema(a) for a in attributes},
            },
            "patternProperties": {OWN: {}},
            "additionalProperties": False,
            "minProperties": 1,
        }


OWN = r"^(?!(place|apart|applicant|item|handling|identity)\.)[a-z][a-z0-9_]*\."
"""Attributes that departments declare: only the kernel knows them."""


@frozen(eq=False, repr=False)
class Reference:
    """A shape that the schema says once, under a name.

    Attributes:
        name: in the schema's `$defs`.
    """

    name: str
    shape: s.Shape

    @property
    def what(self) -> str:
        """What it is called in messages."""
        return self.name

    def read(self, node: Node, diag: s.Diagnostics) -> Any:
        return self.shape.read(node, diag)

    def schema(self) -> dict[str, Any]:
        return {"$ref": f"#/$defs/{self.name}"}


def value_schema(attribute: Attribute) -> dict[str, Any]:
    """The values of `attribute` as JSON Schema."""
    if attribute.values is not None:
        return s.Word(attribute.name, tuple(attribute.values)).schema()
    if attribute.type == "int":
        bounds = {"minimum": attribute.low, "maximum": attribute.high}
        return {"type": "integer", **{k: v for k, v in bounds.items() if v is not None}}
    if attribute.type == "place":
        return {"$ref": "#/$defs/place"}
    shapes: dict[str, s.Shape] = {
        "bool": s.Flag,
        "date": s.Day(month=False),
        "division": s.Code(),
        "text": s.Text(),
    }
    return shapes[attribute.type].schema()


def _test_schema(attribute: Attribute) -> dict[str, Any]:
    """A test of `attribute` as JSON Schema; what many attributes share stands in `$defs`."""
    family, _, rest = attribute.name.partition(".")
    if family == "apart":
        return {"$ref": "#/$defs/test_apart"}
    if family == "place":
        return {"$ref": f"#/$defs/test_{rest.rpartition('.')[2]}"}
    values = (attribute.values or {}).items()
    terms = ", ".join(f"{value} {term}" for value, term in values if value != term)
    said = f"{attribute.label} · {attribute.title}"
    return test_schema(attribute) | {"description": f"{said}: {terms}" if terms else said}


def test_schema(attribute: Attribute) -> dict[str, Any]:
    """A test of `attribute`, in full."""
    value = value_schema(attribute)
    values = {"anyOf": [value, {"type": "array", "items": value, "minItems": 1}]}
    bound = s.Day().schema() if attribute.type == "date" else {"type": "integer"}
    tests = _TESTS.get(attribute.type, ("not",))
    table = {
        "type": "object",
        "properties": {"not": values, **{name: bound for name in tests if name != "not"}},
        "additionalProperties": False,
        "minProperties": 1,
    }
    return {"anyOf": [*values["anyOf"], table]}


def _some_value(attribute: Attribute, low: Any, high: Any) -> bool:
    """Whether some value of `attribute` lies within both its own bounds and these."""
    lows = [bound for bound in (low, attribute.low) if bound is not None]
    highs = [bound for bound in (high, attribute.high) if bound is not None]
    return not lows or not highs or bool(max(lows) <= min(highs))


def _range(attribute: Attribute) -> str:
    bounds = (("from", attribute.low), ("to", attribute.high))
    known = " ".join(f"{word} {bound}" for word, bound in bounds if bound is not None)
    return f"; it runs {known}" if known else ""


def _values(attribute: Attribute, node: Node, vocabulary: Vocabulary, diag: s.Diagnostics) -> Any:
    nodes = node.items if node.kind == "list" else [node]
    if not nodes:
        return diag.report(node, f"an empty list; expected a value of {attribute.name!r}")
    values = [value_of(attribute, one, vocabulary, diag) for one in nodes]
    return s.BAD if s.BAD in values else tuple(values)


def value_of(attribute: Attribute, node: Node, vocabulary: Vocabulary, diag: s.Diagnostics) -> Any:
    """The value of `attribute` that `node` says, or `BAD` after reporting what is wrong."""
    if node.kind != "scalar":
        return diag.misread(node, f"expected a value of {attribute.name!r}, found {written(node)}")
    value: Any = node.text
    known: Collection[str] | None = attribute.values
    if attribute.type in ("bool", "int", "date"):
        value = scalar(node)
    elif attribute.type == "place":
        known = vocabulary.places
    elif attribute.type == "division":
        return read_division(node, vocabulary.divisions, diag)
    if known is not None and node.text not in known:
        diag.unknown(node, "value", known, f" of {attribute.name!r}")
        return s.BAD
    problem = attribute.problem(value)
    if problem is None:
        return value
    hint = day_hint(node) if attribute.type == "date" else instead(node, attribute.type == "bool")
    return diag.misread(node, f"{attribute.name!r} {problem}, found {written(node)}{hint}")


def read_division(node: Node, divisions: Divisions, diag: s.Diagnostics) -> Any:
    """The code in force that `node` means, or `BAD` after reporting what is wrong."""
    if node.kind != "scalar" or node.text not in divisions:
        return _bad_division(node, divisions, diag)
    try:
        return divisions.in_force(node.text)
    except DivisionError as error:
        return diag.report(node, str(error))


def _bad_division(node: Node, divisions: Divisions, diag: s.Diagnostics) -> Any:
    """Reports a code that is not in the table, with the one that was probably meant."""
    if node.kind != "scalar":
        return diag.misread(node, f"expected a division code of six digits, found {written(node)}")
    near = divisions.suggest(node.text)
    hint = f"; did you mean {near} {divisions.full_name(near)}?" if near else ""
    return diag.misread(node, f"unknown division code {written(node)}{hint}")
