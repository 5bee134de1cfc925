"""How a case is written: an application without its item, and what must come out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from attrs import frozen

from tongban.kernel.model.rules import APPLICANTS, CHANNELS, DELIVERIES, MODES, Example
from tongban.kernel.model.terms import TERMS
from tongban.kernel.model.vocabulary import Attribute, Vocabulary
from tongban.kernel.rulefile import fields as s
from tongban.kernel.rulefile.condition_field import OWN, read_division, value_of, value_schema
from tongban.kernel.rulefile.diagnostics import written
from tongban.kernel.rulefile.yaml_tree import Node, scalar


def _plain(node: Node) -> Any:
    """A tree as plain Python: text, numbers, booleans, dates as text, lists, dicts."""
    if node.kind == "list":
        return [_plain(item) for item in node.items]
    if node.kind == "mapping":
        return {key.text: _plain(value) for key, value in node.keys}
    value = scalar(node)
    return value.isoformat() if isinstance(value, date) else value


@frozen(eq=False, repr=False)
class _Plain:
    """Any mapping; what is in it is checked when the case runs."""

    properties: Mapping[str, Any]

    def read(self, node: Node, diag: s.Diagnostics) -> Any:
        if node.kind == "mapping":
            return _plain(node)
        return diag.misread(node, f"expected a mapping, found {written(node)}")

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "properties": self.properties, "additionalProperties": False}


@frozen(eq=False, repr=False)
class _Division:
    """A division code of the table."""

    vocabulary: Vocabulary

    def read(self, node: Node, diag: s.Diagnostics) -> Any:
        return read_division(node, self.vocabulary.divisions, diag)

    def schema(self) -> dict[str, Any]:
        return s.Code().schema()


@frozen(eq=False, repr=False)
class _Value:
    """A value of an attribute."""

    attribute: Attribute
    vocabulary: Vocabulary

    def read(self, node: Node, diag: s.Diagnostics) -> Any:
        return value_of(self.attribute, node, self.vocabulary, diag)

    def schema(self) -> dict[str, Any]:
        return value_schema(self.attribute)


@frozen(eq=False, repr=False)
class _Named:
    """A mapping of names of the vocabulary to what an application says of them.

    Attributes:
        what: what the names name, `fact`.
        shapes: of the values, by name.
        closed: names that an application cannot say, with the reason.
    """

    what: str
    shapes: Mapping[str, s.Shape]
    closed: Mapping[str, str]

    def read(self, node: Node, diag: s.Diagnostics) -> Any:
        if node.kind != "mapping":
            what = f"{self.what}s: a mapping of {self.what} to value"
            return diag.misread(node, f"expected {what}, found {written(node)}")
        for key, value in node.keys:
            if key.text in self.shapes:
                self.shapes[key.text].read(value, diag)
            elif key.text in self.closed:
                diag.report(key, f"{key.text!r} cannot be given: {self.closed[key.text]}")
            else:
                diag.unknown(key, self.what, self.shapes)
        return None

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {name: shape.schema() for name, shape in self.shapes.items()},
            "patternProperties": {OWN: {}},
            "additionalProperties": False,
        }


def _places(vocabulary: Vocabulary) -> _Named:
    division, places = _Division(vocabulary), vocabulary.places.values()
    closed = {p.name: "no division code names it" for p in places if not p.division}
    return _Named("place", {p.name: division for p in places if p.division}, closed)


def _facts(vocabulary: Vocabulary) -> _Named:
    facts = vocabulary.facts.values()
    closed = {f.name: "it is derived" for f in facts if not f.asked}
    return _Named("fact", {f.name: _Value(f, vocabulary) for f in facts if f.asked}, closed)


_PARTY = {
    "kind": {"enum": list(APPLICANTS)},
    **{key: {"type": "string"} for key in ("name", "id_number", "credit_code", "phone", "address")},
}


@frozen(eq=False, repr=False)
class _Missing(s.Word):
    """What a decision may say is missing; facts of departments only the kernel knows."""

    def schema(self) -> dict[str, Any]:
        own = {"type": "string", "pattern": OWN.replace("^", r"^facts\.", 1)}
        return {"anyOf": [s.Word.schema(self), own]}


def _missing(vocabulary: Vocabulary) -> _Missing:
    derived = (f"facts.{name}" for name, fact in vocabulary.facts.items() if not fact.asked)
    names = (*vocabulary.sources, *derived)
    return _Missing("fact or place", names)


def case_shape(vocabulary: Vocabulary) -> s.Table:
    """A case of an item, for one vocabulary."""
    place = s.Word("place", tuple(vocabulary.places))
    party = {**_PARTY, "agent": {"type": "object", "properties": _PARTY}}
    given = {
        "channel": s.Field(s.Word("channel", tuple(CHANNELS))),
        "received_at": s.Field(_Division(vocabulary)),
        "as_of": s.Field(s.Day(month=False)),
        "applicant": s.Field(_Plain(party)),
        "places": s.Field(_places(vocabulary)),
        "facts": s.Field(_facts(vocabulary)),
        "deliver_by": s.Field(s.Word("delivery", tuple(DELIVERIES))),
    }
    expect = {
        "eligible": s.Field(s.Flag),
        "outcome": s.Field(s.Word("outcome", tuple(TERMS["outcome"]))),
        "modes": s.Field(s.ListOf(s.Word("mode", tuple(MODES)))),
        "handling": s.Field(s.ListOf(place)),
        "crossing": s.Field(s.Word("crossing", ("none", "prefecture", "province"))),
        "delivery": s.Field(s.ListOf(s.Word("delivery", tuple(DELIVERIES)))),
        "missing": s.Field(s.ListOf(_missing(vocabulary))),
        "reasons": s.Field(s.Lines, "rules that must be among the reasons"),
        "advice": s.Field(s.Lines, "items, channels, places, things"),
    }

    def said(values: dict[str, Any], node: Node, diag: s.Diagnostics) -> dict[str, Any]:
        return _plain(node)  # type: ignore[no-any-return]

    def compared(values: dict[str, Any], node: Node, diag: s.Diagnostics) -> Any:
        if not node.keys:
            return diag.report(node, f"expects nothing; expected one of {', '.join(expect)}")
        return {key: value for key, value in values.items() if value is not None}

    def build(values: dict[str, Any], node: Node, diag: s.Diagnostics) -> Example:
        return Example(values["name"], values["given"], values["expect"], diag.file, node.line)

    expectation = s.Table(
        "an expectation", expect, compared, example="{eligible: true}", also={"minProperties": 1}
    )
    fields = {
        "name": s.Field(s.Text("what it shows"), required=True),
        "given": s.Field(s.Table("an application", given, said), required=True),
        "expect": s.Field(expectation, "what must come out", required=True),
    }
    return s.Table("a case", fields, build)
