"""How a condition is written: a mapping of attribute to test."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import frozen

from tongban.kernel import shapes as s
from tongban.kernel.conditions import AllOf, AnyOf, Between, Condition, OneOf
from tongban.kernel.notation import Node, scalar
from tongban.kernel.vocabulary import Attribute, Vocabulary

__all__ = ["ConditionShape", "Reference"]

_BOUNDS = ("not", "at_least", "at_most", "before", "from")


@frozen
class ConditionShape:
    """A mapping of attribute to test, all of which must hold (`when`, `unless`)."""

    vocabulary: Vocabulary

    def read(self, node: Node, reader: s.Reader) -> Any:
        if node.kind != "mapping":
            return reader.report(node, "expected a condition: a mapping of attribute to test")
        parts = [self._part(key, value, reader) for key, value in node.keys]
        if s.BAD in parts:
            return s.BAD
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _part(self, key: Node, value: Node, reader: s.Reader) -> Any:
        if key.text == "any":
            options = s.ListOf(self, least=1).read(value, reader)
            return options if options is s.BAD else AnyOf(options)
        attribute = self.vocabulary.attributes.get(key.text)
        if attribute is None:
            return reader.unknown(key, "attribute", self.vocabulary.attributes)
        if value.kind == "mapping":
            return self._bounds(attribute, value, reader)
        values = _values(attribute, value, self.vocabulary, reader)
        return values if values is s.BAD else OneOf(attribute.name, values)

    def _bounds(self, attribute: Attribute, node: Node, reader: s.Reader) -> Any:
        low: Any = None
        high: Any = None
        parts: list[Condition] = []
        for key, value in node.keys:
            if key.text not in _BOUNDS:
                return reader.unknown(key, "test", _BOUNDS)
            if key.text == "not":
                values = _values(attribute, value, self.vocabulary, reader)
                if values is s.BAD:
                    return s.BAD
                parts.append(OneOf(attribute.name, values, negated=True))
                continue
            bound = _bound(attribute, key, value, reader)
            if bound is s.BAD:
                return s.BAD
            if key.text in ("at_least", "from"):
                low = bound
            else:
                high = bound - timedelta(days=1) if key.text == "before" else bound
        if low is not None or high is not None:
            if low is not None and high is not None and low > high:
                return reader.report(node, "no value lies between these bounds")
            parts.append(Between(attribute.name, low, high))
        if not parts:
            return reader.report(node, f"an empty test; expected one of {', '.join(_BOUNDS)}")
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def schema(self) -> dict[str, Any]:
        properties = {
            name: {"description": f"{a.label} · {a.title}"}
            for name, a in self.vocabulary.attributes.items()
            if not name.startswith(("place.", "apart."))
        }
        derived: dict[str, Any] = {"^(place|apart)\\.": {}}
        nested = {"type": "array", "items": {"$ref": "#/$defs/condition"}, "minItems": 1}
        return {
            "type": "object",
            "properties": {**properties, "any": nested},
            "patternProperties": derived,
        }


@frozen
class Reference:
    """A shape that the schema names once; the condition, which contains itself."""

    shape: s.Shape

    def read(self, node: Node, reader: s.Reader) -> Any:
        return self.shape.read(node, reader)

    def schema(self) -> dict[str, Any]:
        return {"$ref": "#/$defs/condition"}


def _bound(attribute: Attribute, key: Node, node: Node, reader: s.Reader) -> Any:
    wanted = "date" if key.text in ("before", "from") else "int"
    if attribute.type != wanted:
        needs = "a date" if wanted == "date" else "a number"
        return reader.report(
            key, f"{key.text!r} tests {needs}, but {attribute.name!r} is of type {attribute.type}"
        )
    return s.Day().read(node, reader) if wanted == "date" else s.Whole.read(node, reader)


def _values(attribute: Attribute, node: Node, vocabulary: Vocabulary, reader: s.Reader) -> Any:
    nodes = node.items if node.kind == "list" else [node]
    if not nodes:
        return reader.report(node, "an empty list: the test can never hold")
    values = [_value(attribute, one, vocabulary, reader) for one in nodes]
    return s.BAD if s.BAD in values else tuple(values)


def _value(attribute: Attribute, node: Node, vocabulary: Vocabulary, reader: s.Reader) -> Any:
    if node.kind != "scalar":
        return reader.report(node, f"expected a value of {attribute.name!r}")
    value: Any = node.text
    if attribute.type in ("bool", "int", "date"):
        value = scalar(node)
    elif attribute.values is not None and node.text not in attribute.values:
        return reader.unknown(node, f"value of {attribute.name!r}", attribute.values)
    elif attribute.type == "place" and node.text not in vocabulary.places:
        return reader.unknown(node, "place", vocabulary.places)
    elif attribute.type == "division" and node.text not in vocabulary.divisions:
        return reader.unknown(node, "division code", vocabulary.divisions)
    problem = attribute.problem(value)
    if problem:
        return reader.report(node, f"{attribute.name!r} {problem}, found {node.text!r}")
    return value
