"""The keys of a rule file, and how each becomes part of the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from attrs import frozen

from tongban.kernel.model.conditions import TRUE, AllOf, Between, Condition, Not, breadth
from tongban.kernel.model.rules import (
    APPLICANTS,
    CHANNELS,
    DELIVERIES,
    FORMS,
    LEVELS,
    MODES,
    MOST_OF,
    RULE_STEPS,
    SUPPLIERS,
    Authority,
    Basis,
    Citation,
    Layer,
    Material,
    Period,
    Reading,
    Rule,
    Stated,
)
from tongban.kernel.model.terms import TERMS
from tongban.kernel.model.vocabulary import Vocabulary
from tongban.kernel.rulefile import fields as s
from tongban.kernel.rulefile.condition_field import OWN, ConditionShape, Reference
from tongban.kernel.rulefile.contradictions import MOST_ALTERNATIVES
from tongban.kernel.rulefile.example_field import case_shape
from tongban.kernel.rulefile.rule_field import ITEM_ID, AdviceShape, RulesShape
from tongban.kernel.rulefile.yaml_tree import Node

RESERVED = ("available", "applicant", "channels", "agent")
"""Ids of the bars that come from an item's keys; no rule of an author has them."""

_BASES = get_args(Basis)
_RULE_ID = r"[a-z][a-z0-9_]*"


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
        self.condition = Reference("condition", ConditionShape(vocabulary))
        self.place = Reference("place", s.Word("place", tuple(vocabulary.places)))
        citation = s.Table(
            "a citation",
            {
                "row": s.Field(s.Name(r"[0-9]+/[0-9]+", "a row such as 2/3"), "list/row"),
                "section": s.Field(s.Text("a section such as 二(一)2"), "section of the plan"),
                "article": s.Field(s.Text("an article")),
                "source": s.Field(_Source(s.Word("source", tuple(sources))), "which text"),
                "words": s.Field(s.Text("the operative words"), "verbatim, operative words only"),
            },
            self._cite,
            example="{row: 2/3}",
            also={"oneOf": [{"required": [name]} for name in ("row", "section", "article")]},
        )
        self.cite = Reference("citation", citation)
        self.advice = Reference("advice", AdviceShape(self.place))
        self.basis = s.Word("basis", _BASES)

    def _cite(self, values: dict[str, Any], node: Node, diag: s.Diagnostics) -> Any:
        given = [name for name in ("row", "section", "article") if values[name]]
        if len(given) != 1:
            found = f", found {' and '.join(given)}" if given else ""
            return diag.report(
                node, f"a citation needs exactly one of row, section, article{found}"
            )
        source = values["source"] or "plan"
        if given == ["article"] and source == "plan":
            key = node.get("article") or node
            return diag.report(key, "an article needs the `source` that it stands in")
        if values["words"] and not self.sources[source].get("text"):
            return diag.report(
                node.get("words") or node,
                f"the text of {source!r} is not at hand; cite it without `words`",
            )
        return Citation(**{name: value or "" for name, value in values.items()})

    @property
    def definitions(self) -> tuple[Reference, ...]:
        """The shapes that the schema says once, under their names."""
        return (self.condition, self.cite, self.place, self.advice, self._rule("item"))

    def _rule(self, layer: Layer) -> Reference:
        """A rule; its full id says what it stands in, `2-03.reason`."""
        limit = {
            "step": s.Field(s.Word("step", RULE_STEPS), required=True),
            "working_days": s.Field(s.Count, required=True),
            "extension": s.Field(s.Count, "by how many working days at most"),
        }
        conclusions = {
            "eligible": s.Field(s.Flag, "the most specific layer prevails"),
            "delivery": s.Field(s.Word("delivery", tuple(DELIVERIES)), "how the result comes"),
            "time_limit": s.Field(s.ListOf(s.Table("a time limit", limit), least=1), "by step"),
            "modes": s.Field(
                s.ListOf(s.Word("mode", tuple(MODES)), single=True, least=1), "all that apply"
            ),
            "requires": s.Field(s.Lines, "what the applicant must bring"),
        }

        def build(values: dict[str, Any], node: Node, diag: s.Diagnostics) -> Any:
            return _build_rule(values, node, diag, layer, self.scope)

        when = self.condition
        then = s.Table(
            "a conclusion", conclusions, example="{eligible: false}", also={"minProperties": 1}
        )
        name = s.Name(_RULE_ID, "an id of lower-case letters, digits, _")
        fields = {
            "id": s.Field(name, "unique in its item", required=True),
            "when": s.Field(when, "all tests must hold; left out: always", default=TRUE),
            "unless": s.Field(s.ListOf(when, single=True, least=1), "exceptions", default=()),
            "from": s.Field(s.Day(), "first day"),
            "until": s.Field(s.Day(last=True), "last day"),
            "then": s.Field(then, "what follows", required=True),
            "because": s.Field(s.Text("one line why"), "for the applicant, Chinese", required=True),
            "cite": s.Field(self.cite, "the words that say so", required=True),
            "basis": s.Field(self.basis, "whether the text says so", default="stated"),
            "advise": s.Field(s.ListOf(self.advice, single=True), "what instead", default=()),
        }
        return Reference("rule", s.Table("a rule", fields, build, name="id"))

    def rules(self, layer: Layer) -> s.Shape:
        """The rules of one layer, checked against each other."""
        return RulesShape(self._rule(layer), self.vocabulary)

    def material(self) -> s.Table:
        """A material of an item."""
        fields = {
            "name": s.Field(s.Text("its official name"), required=True),
            "title": s.Field(s.Text("plain English"), required=True),
            "form": s.Field(s.Word("form", tuple(FORMS)), required=True),
            "supplied_by": s.Field(s.Word("supplier", tuple(SUPPLIERS)), default=""),
            "basis": s.Field(self.basis, default="inferred"),
            "cite": s.Field(self.cite),
        }
        return s.Table("a material", fields, lambda v, node, diag: Material(**v))

    def long(self, shape: s.Shape) -> s.Shape:
        """`shape` itself, or its long form with citation and basis."""
        return _Long(shape, self.cite, self.basis)

    def item_fields(self) -> dict[str, s.Field]:
        """The keys of an item."""
        cases = case_shape(self.vocabulary)
        days = {"from": s.Field(s.Day()), "until": s.Field(s.Day(last=True))}
        places = s.ListOf(self.place, least=1)
        choice = s.Table(
            "a choice",
            {"one_of": s.Field(places, required=True)},
            example="{one_of: [hukou, work]}",
        )
        dates = s.Table("dates", days, _in_order, example="{from: 2021-12-31}")
        kinds = s.ListOf(s.Word("kind of applicant", tuple(APPLICANTS)), least=1)
        channels = s.ListOf(s.Word("channel", tuple(CHANNELS)), least=1)
        attendance = s.Word("attendance", tuple(TERMS["attendance"]))
        no_agent = s.Word("value of agent", tuple(TERMS["no_agent"]))
        return {
            "id": s.Field(
                s.Name(ITEM_ID, "an id such as 2-03"), "list and row of the annex", required=True
            ),
            "name": s.Field(s.Text("the official name"), "exactly as the annex", required=True),
            "title": s.Field(s.Text("plain English"), "plain English", required=True),
            "kind": s.Field(s.Word("kind", self.vocabulary.kinds), "事项类别", required=True),
            "applicant": s.Field(self.long(kinds), "who may apply", required=True),
            "handled_at": s.Field(
                self.long(_Either(choice, places)), "who acts; the first leads", required=True
            ),
            "receives": s.Field(self.long(self.place), "who accepts (受理)"),
            "involves": s.Field(self.long(places), "shown, not acting"),
            "attendance": s.Field(self.long(attendance), "required: the row demands presence"),
            "channels": s.Field(self.long(channels), "only where a row closes one"),
            "level": s.Field(self.long(s.Word("level", tuple(LEVELS))), "of the authority"),
            "authority": s.Field(
                self.long(s.ListOf(self._authority(), single=True)), "where no branch of the lead"
            ),
            "lead": s.Field(s.Text("the lead"), "where it is not the department's name"),
            "cooperating": s.Field(s.Lines, "配合单位", default=()),
            "available": s.Field(self.long(dates), "first and last day", required=True),
            "agent": s.Field(self.long(no_agent), "none: the applicant must act in person"),
            "valid_for": s.Field(self.long(_PERIOD), "how long the result holds, where stated"),
            "cite": s.Field(self.cite, "its row", required=True),
            "basis": s.Field(self.basis, "whether the text says so", default="stated"),
            "materials": s.Field(s.ListOf(self.material()), "besides common papers", default=()),
            "decisions": s.Field(s.ListOf(_DECISION), "open questions, as read", default=()),
            "notes": s.Field(s.Lines, "what no rule needs", default=()),
            "rules": s.Field(self.rules("item"), "what limits or opens it", default=()),
            "cases": s.Field(s.ListOf(cases), "examples that are tested", default=()),
        }

    def _authority(self) -> s.Table:
        fields = {
            "id": s.Field(
                s.Name(_RULE_ID, "an id of lower-case letters, digits, _"), required=True
            ),
            "name": s.Field(s.Text("its official name"), required=True),
            "at": s.Field(s.ListOf(self.place, single=True), default=()),
        }
        return s.Table("an authority", fields, lambda v, node, diag: Authority(**v))


def _in_order(values: dict[str, Any], node: Node, diag: s.Diagnostics) -> Any:
    """Dates of which the first is not after the last."""
    first, last = values["from"], values["until"]
    if first and last and first > last:
        where = node.get("until") or node
        return diag.report(where, f"ends on {last}, before it begins on {first}")
    return values


def _build_rule(
    values: dict[str, Any], node: Node, diag: s.Diagnostics, layer: Layer, scope: str
) -> Any:
    if values["id"] in RESERVED:
        key = values["id"]
        message = f"the id {key!r} is reserved for what the item's key {key!r} says; choose another"
        return diag.report(node.get("id") or node, message)
    then = {name: value for name, value in values["then"].items() if value is not None}
    if not then:
        known = ", ".join(values["then"])
        return diag.report(
            node.get("then") or node, f"the rule concludes nothing; expected one of {known}"
        )
    if _in_order(values, node, diag) is s.BAD:
        return s.BAD
    first, last = values["from"], values["until"]
    parts: list[Condition] = [values["when"]]
    if first or last:
        parts.append(Between("date", first, last))
    parts += [Not(exception) for exception in values["unless"]]
    when = parts[0] if len(parts) == 1 else AllOf(tuple(parts))
    if breadth(when) > MOST_ALTERNATIVES:
        return diag.report(
            node,
            f"there are {breadth(when)} ways in which this can hold, through `any` and `unless`;"
            f" at most {MOST_ALTERNATIVES}: make several rules of it",
        )
    return Rule(
        id=scope + diag.owner,
        layer=layer,
        then=then,
        because=values["because"],
        cite=values["cite"],
        when=when,
        basis=values["basis"],
        advise=values["advise"],
        file=diag.file,
        line=node.line,
    )


@frozen(eq=False, repr=False)
class _Source:
    """The id of a source; the schema cannot know those that a department declares."""

    known: s.Word

    def read(self, node: Node, diag: s.Diagnostics) -> Any:
        return self.known.read(node, diag)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.known.schema(), {"type": "string", "pattern": OWN}]}


@frozen(eq=False, repr=False)
class _Either:
    """A mapping of one shape, or anything else of another."""

    mapping: s.Shape
    other: s.Shape

    def read(self, node: Node, diag: s.Diagnostics) -> Any:
        return (self.mapping if node.kind == "mapping" else self.other).read(node, diag)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.mapping.schema(), self.other.schema()]}


@frozen(eq=False, repr=False)
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
        return s.Table("a value with its citation", fields, lambda v, node, diag: Stated(**v))

    def read(self, node: Node, diag: s.Diagnostics) -> Any:
        if node.kind == "mapping" and any(key.text in _LONG for key, _ in node.keys):
            return self._table().read(node, diag)
        value = self.shape.read(node, diag)
        return value if value is s.BAD else Stated(value, None)  # type: ignore[arg-type]

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.shape.schema(), self._table().schema()]}


def _period(values: dict[str, Any], node: Node, diag: s.Diagnostics) -> Any:
    """A period in exactly one unit."""
    given = [name for name, count in values.items() if count is not None]
    if len(given) != 1:
        found = f", found {' and '.join(given)}" if given else ""
        return diag.report(node, f"a period needs exactly one of {', '.join(MOST_OF)}{found}")
    return Period(given[0], values[given[0]])  # type: ignore[arg-type]


_PERIOD = s.Table(
    "a period",
    {
        unit: s.Field(s.Typed(int, f"a whole number from 1 to {most}", "integer", 1, most))
        for unit, most in MOST_OF.items()
    },
    _period,
    example="{months: 3}",
    also={"minProperties": 1, "maxProperties": 1},
)

_LONG = ("value", "cite", "basis", "because")

_DECISION = s.Table(
    "a decision",
    {
        "question": s.Field(s.Text("the question"), required=True),
        "reading": s.Field(s.Text("how it is read"), required=True),
        "because": s.Field(s.Text("one line why"), required=True),
        "basis": s.Field(s.Word("basis", _BASES), default="inferred"),
    },
    lambda values, node, diag: Reading(**values),
)
