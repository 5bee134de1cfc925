"""The keys of a rule file, and how each becomes part of the model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, get_args

from attrs import frozen

from tongban.kernel import shapes as s
from tongban.kernel.condition_shape import ConditionShape, Reference
from tongban.kernel.conditions import TRUE, AllOf, Between, Condition, Not
from tongban.kernel.model import (
    APPLICANTS,
    CHANNELS,
    DELIVERIES,
    LEVELS,
    MODES,
    Advice,
    Authority,
    Basis,
    Case,
    Citation,
    Layer,
    Material,
    Reading,
    Rule,
    Stated,
)
from tongban.kernel.notation import Node, scalar
from tongban.kernel.vocabulary import Vocabulary

__all__ = ["RESERVED", "Notation", "plain"]

RESERVED = ("available", "applicant", "channels")
"""Ids of the bars that come from an item's keys; no rule of an author has them."""

_BASES = get_args(Basis)
_ITEM_ID = r"(?:[0-9]{6}/)?[0-9a-z]+(?:-[0-9a-z]+)*"
_RULE_ID = r"[a-z][a-z0-9_]*"
_STEPS = ("supplement", "accept", "examine", "confirm", "decide", "deliver")


def plain(node: Node) -> Any:
    """A tree as plain Python: text, numbers, booleans, dates as text, lists, dicts."""
    if node.kind == "list":
        return [plain(item) for item in node.items]
    if node.kind == "mapping":
        return {key.text: plain(value) for key, value in node.keys}
    value = scalar(node)
    return value.isoformat() if isinstance(value, date) else value


@frozen
class _Plain:
    """Any mapping, as plain Python."""

    def read(self, node: Node, reader: s.Reader) -> Any:
        if node.kind == "mapping":
            return plain(node)
        return reader.report(node, "expected a mapping")

    def schema(self) -> dict[str, Any]:
        return {"type": "object"}


class Notation:
    """The shapes of a rule file, for one vocabulary and its sources.

    Args:
        vocabulary: the words that the file may use.
        sources: by id, each with `text`, whether its words are at hand.
        scope: what stands before the ids of rules, `510000/` outside the default jurisdiction.
    """

    def __init__(
        self, vocabulary: Vocabulary, sources: Mapping[str, Mapping[str, Any]], scope: str = ""
    ) -> None:
        self.vocabulary = vocabulary
        self.scope = scope
        self.sources = sources
        self.condition = ConditionShape(vocabulary)
        self.cite = s.Table(
            "a citation",
            {
                "row": s.Field(s.Name(r"[0-9]+/[0-9]+", "a row such as 2/3"), "list/row"),
                "section": s.Field(s.Text("a section such as 二(一)2"), "section of the plan"),
                "article": s.Field(s.Text("an article")),
                "source": s.Field(s.Word("source", tuple(sources))),
                "words": s.Field(s.Text("the operative words"), "verbatim, operative words only"),
            },
            self._cite,
        )
        self.basis = s.Word("basis", _BASES)
        self.place = s.Word("place", tuple(vocabulary.places))

    def _cite(self, values: dict[str, Any], node: Node, reader: s.Reader) -> Any:
        given = [name for name in ("row", "section", "article") if values[name]]
        if len(given) != 1:
            return reader.report(node, "a citation needs one of row, section, article")
        source = values["source"] or "plan"
        if given == ["article"] and source == "plan":
            return reader.report(node, "an article needs the source that it stands in")
        if values["words"] and not self.sources[source].get("text"):
            return reader.report(
                node, f"the text of {source!r} is not at hand; cite it without `words`"
            )
        return Citation(**{name: value or "" for name, value in values.items()})

    def advice(self) -> s.Shape:
        """`advise`: an item, or a mapping of what to do to its target."""
        return _Advise(self.place)

    def rule(self, layer: Layer) -> s.Table:
        """A rule; its full id says what it stands in, `2-03.reason`."""
        limit = {
            "step": s.Field(s.Word("step", _STEPS), required=True),
            "working_days": s.Field(s.Whole, required=True),
            "extension": s.Field(s.Whole),
        }
        conclusions = {
            "eligible": s.Field(s.Flag),
            "delivery": s.Field(s.Word("delivery", tuple(DELIVERIES))),
            "time_limit": s.Field(s.ListOf(s.Table("a time limit", limit), least=1)),
            "modes": s.Field(s.ListOf(s.Word("mode", tuple(MODES)), single=True, least=1)),
            "requires": s.Field(s.Lines),
        }

        def build(values: dict[str, Any], node: Node, reader: s.Reader) -> Any:
            return _build_rule(values, node, reader, layer, self.scope)

        condition = Reference(self.condition)
        fields = {
            "id": s.Field(
                s.Name(_RULE_ID, "an id of lower-case letters, digits, _"), required=True
            ),
            "when": s.Field(condition, "all tests must hold", default=TRUE),
            "unless": s.Field(s.ListOf(condition, single=True, least=1), "exceptions", default=()),
            "from": s.Field(s.Day(), "first day"),
            "until": s.Field(s.Day(last=True), "last day"),
            "then": s.Field(s.Table("a conclusion", conclusions), required=True),
            "because": s.Field(s.Text("one line why"), required=True),
            "cite": s.Field(self.cite, required=True),
            "basis": s.Field(self.basis, default="stated"),
            "advise": s.Field(s.ListOf(self.advice(), single=True), default=()),
        }
        return s.Table("a rule", fields, build, name="id")

    def material(self) -> s.Table:
        """A material of an item."""
        fields = {
            "name": s.Field(s.Text("its official name"), required=True),
            "title": s.Field(s.Text("plain English"), required=True),
            "form": s.Field(
                s.Word("form", ("original", "copy", "form", "electronic")), required=True
            ),
            "supplied_by": s.Field(
                s.Word("supplier", ("data_sharing", "e_certificate")), default=""
            ),
            "basis": s.Field(self.basis, default="inferred"),
            "cite": s.Field(self.cite),
        }
        return s.Table("a material", fields, lambda v, node, reader: Material(**v))

    def long(self, shape: s.Shape) -> s.Shape:
        """`shape` itself, or its long form with citation and basis."""
        return _Long(shape, self.cite, self.basis)

    def item_fields(self) -> dict[str, s.Field]:
        """The keys of an item."""
        days = {"from": s.Field(s.Day()), "until": s.Field(s.Day(last=True))}
        places = s.ListOf(self.place, least=1)
        choice = s.Table("a choice", {"one_of": s.Field(places, required=True)})
        kinds = s.ListOf(s.Word("kind of applicant", tuple(APPLICANTS)), least=1)
        channels = s.ListOf(s.Word("channel", tuple(CHANNELS)), least=1)
        return {
            "id": s.Field(s.Name(_ITEM_ID, "an id such as 2-03"), "list-row", required=True),
            "name": s.Field(s.Text("the official name"), "exact", required=True),
            "title": s.Field(s.Text("plain English"), required=True),
            "kind": s.Field(s.Word("kind", self.vocabulary.kinds), required=True),
            "applicant": s.Field(self.long(kinds), "who may apply", required=True),
            "handled_at": s.Field(self.long(_Either(choice, places)), "lead first", required=True),
            "receives": s.Field(self.long(self.place), "who accepts"),
            "involves": s.Field(self.long(places), "shown, not acting"),
            "attendance": s.Field(self.long(s.Word("attendance", ("none", "required")))),
            "channels": s.Field(self.long(channels), "only where a row closes one"),
            "level": s.Field(self.long(s.Word("level", tuple(LEVELS)))),
            "authority": s.Field(self.long(s.ListOf(self._authority(), single=True))),
            "lead": s.Field(s.Text("the lead")),
            "cooperating": s.Field(s.Lines, default=()),
            "available": s.Field(self.long(s.Table("dates", days)), required=True),
            "cite": s.Field(self.cite, required=True),
            "basis": s.Field(self.basis, default="stated"),
            "materials": s.Field(s.ListOf(self.material()), default=()),
            "decisions": s.Field(s.ListOf(_DECISION), default=()),
            "notes": s.Field(s.Lines, default=()),
            "rules": s.Field(s.ListOf(self.rule("item")), default=()),
            "cases": s.Field(s.ListOf(_CASE), default=()),
        }

    def _authority(self) -> s.Table:
        fields = {
            "id": s.Field(s.Name(_RULE_ID, "an id"), required=True),
            "name": s.Field(s.Text("its official name"), required=True),
            "at": s.Field(s.ListOf(self.place, single=True), default=()),
        }
        return s.Table("an authority", fields, lambda v, node, reader: Authority(**v))


def _build_rule(
    values: dict[str, Any], node: Node, reader: s.Reader, layer: Layer, scope: str
) -> Any:
    if values["id"] in RESERVED:
        return reader.report(node, f"the id {values['id']!r} belongs to the item's own key")
    then = {name: value for name, value in values["then"].items() if value is not None}
    if not then:
        return reader.report(node, "the rule concludes nothing; expected eligible, modes, …")
    first, last = values["from"], values["until"]
    if first and last and first > last:
        return reader.report(node, f"the rule ends on {last}, before it begins on {first}")
    parts: list[Condition] = [values["when"]]
    if first or last:
        parts.append(Between("date", first, last))
    parts += [Not(exception) for exception in values["unless"]]
    return Rule(
        id=scope + reader.owner,
        layer=layer,
        then=then,
        because=values["because"],
        cite=values["cite"],
        when=parts[0] if len(parts) == 1 else AllOf(tuple(parts)),
        basis=values["basis"],
        advise=values["advise"],
        file=reader.file,
        line=node.line,
    )


@frozen
class _Advise:
    """One piece of advice."""

    place: s.Word

    def read(self, node: Node, reader: s.Reader) -> Any:
        if node.kind == "scalar":
            item = s.Name(_ITEM_ID, "an item's id such as 2-03").read(node, reader)
            return item if item is s.BAD else Advice("use_item", item)
        targets: dict[str, tuple[str, s.Shape]] = {
            "item": ("use_item", s.Name(_ITEM_ID, "an item's id")),
            "channel": ("use_channel", s.Word("channel", tuple(CHANNELS))),
            "apply_at": ("apply_at", self.place),
            "bring": ("bring", s.Text("what to bring")),
        }
        if node.kind != "mapping" or len(node.keys) != 1:
            return reader.report(node, f"expected an item's id or one of {', '.join(targets)}")
        key, value = node.keys[0]
        if key.text not in targets:
            return reader.unknown(key, "advice", targets)
        do, shape = targets[key.text]
        target = shape.read(value, reader)
        return target if target is s.BAD else Advice(do, target)

    def schema(self) -> dict[str, Any]:
        keys = {"channel": {"enum": list(CHANNELS)}, "apply_at": {}, "bring": {}, "item": {}}
        table = {"type": "object", "properties": keys, "additionalProperties": False}
        return {"anyOf": [{"type": "string"}, table]}


@frozen
class _Either:
    """A mapping of one shape, or anything else of another."""

    mapping: s.Shape
    other: s.Shape

    def read(self, node: Node, reader: s.Reader) -> Any:
        return (self.mapping if node.kind == "mapping" else self.other).read(node, reader)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.mapping.schema(), self.other.schema()]}


@frozen
class _Long:
    """A value, or a mapping of `value` with its own citation."""

    shape: s.Shape
    cite: s.Shape
    basis: s.Shape

    def _table(self) -> s.Table:
        fields = {
            "value": s.Field(self.shape, required=True),
            "cite": s.Field(self.cite),
            "basis": s.Field(self.basis, default="stated"),
            "because": s.Field(s.Text("one line why"), default=""),
        }
        return s.Table("a value with its citation", fields, lambda v, node, reader: Stated(**v))

    def read(self, node: Node, reader: s.Reader) -> Any:
        if node.kind == "mapping" and node.get("value") is not None:
            return self._table().read(node, reader)
        value = self.shape.read(node, reader)
        return value if value is s.BAD else Stated(value, None)  # type: ignore[arg-type]

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.shape.schema(), self._table().schema()]}


_DECISION = s.Table(
    "a decision",
    {
        "question": s.Field(s.Text("the question"), required=True),
        "reading": s.Field(s.Text("how it is read"), required=True),
        "because": s.Field(s.Text("one line why"), required=True),
        "basis": s.Field(s.Word("basis", _BASES), default="inferred"),
    },
    lambda values, node, reader: Reading(**values),
)

_EXPECT = s.Table(
    "an expectation",
    {
        "eligible": s.Field(s.Flag),
        "outcome": s.Field(s.Word("outcome", ("eligible", "ineligible", "incomplete"))),
        "modes": s.Field(s.ListOf(s.Word("mode", tuple(MODES)))),
        "handling": s.Field(s.Lines),
        "crossing": s.Field(s.Word("crossing", ("none", "prefecture", "province"))),
        "delivery": s.Field(s.Lines),
        "missing": s.Field(s.Lines),
        "reasons": s.Field(s.Lines),
        "advice": s.Field(s.Lines),
    },
    lambda values, node, reader: {k: v for k, v in values.items() if v is not None},
)

_CASE = s.Table(
    "a case",
    {
        "name": s.Field(s.Text("what it shows"), required=True),
        "given": s.Field(_Plain(), required=True),
        "expect": s.Field(_EXPECT, required=True),
    },
    lambda v, node, reader: Case(v["name"], v["given"], v["expect"], reader.file, node.line),
)
