"""How the vocabulary is written: places, facts, kinds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from attrs import frozen

from tongban.kernel.errors import Text
from tongban.kernel.model.vocabulary import INPUTS, Attribute, Place, Type, Vocabulary
from tongban.kernel.rulefile import fields as s
from tongban.kernel.rulefile.diagnostics import written
from tongban.kernel.rulefile.yaml_tree import Node

LABELS = {"name": s.Field(s.Text(), required=True), "title": s.Field(s.Text(), required=True)}
_TYPES = get_args(Type)
_LINE = s.Text("the question that asks for it")


def _both(values: dict[str, Any], node: Node, diag: s.Diagnostics) -> Text:
    return Text(values["zh"], values["en"] or "")


_BOTH = s.Table(
    "a question",
    {
        "zh": s.Field(_LINE, "in Chinese", required=True),
        "en": s.Field(s.Text("the question in English"), "in plain English"),
    },
    _both,
)


@frozen(eq=False, repr=False)
class _Question:
    """A question: in both languages, or one line in Chinese."""

    def read(self, node: Node, diag: s.Diagnostics) -> Any:
        if node.kind == "mapping":
            return _BOTH.read(node, diag)
        line = _LINE.read(node, diag)
        return line if line is s.BAD else Text(line)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [_LINE.schema(), _BOTH.schema()]}


def _build_place(values: dict[str, Any], node: Node, diag: s.Diagnostics) -> Any:
    if values["division"] and not values["question"]:
        return diag.report(node, "a place needs the key question")
    question = values["question"] or Text()
    said = values["name"], values["title"], question, values["division"], values["mainland"]
    return Place("", *said)


def _wrong(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong between an attribute's keys: the key, and why."""
    kind, choices, low, high = (values[key] for key in ("type", "values", "min", "max"))
    if not values["derived"] and not values["question"]:
        yield "", "an attribute needs the key question"
    if kind == "enum" and not choices:
        yield "", "an enum needs the key values, each with its Chinese term"
    if kind != "enum" and choices:
        yield "values", f"only an enum has values, no {kind}"
    if kind != "int":
        for key in ("min", "max"):
            if values[key] is not None:
                yield key, f"only an int has {key}, no {kind}"
    elif low is not None and high is not None and low > high:
        yield "max", f"max {high} is less than min {low}"


_ORIGIN = s.Table(
    "what derives it, and from what",
    {
        "by": s.Field(s.Name("[A-Za-z_][A-Za-z0-9_.-]*", "a plugin's name"), required=True),
        "from": s.Field(
            s.ListOf(s.Name(r"[a-z][a-z0-9_.]*", "a part of an application"), least=1),
            "the parts of an application that are asked where they are missing",
            required=True,
        ),
    },
    example="{by: identity, from: [applicant.id_number]}",
)


_UNSAID: Mapping[str, Any] = {"by": "", "from": ()}


@frozen(eq=False, repr=False)
class _Derived:
    """`true`, or which plugin derives it, and from what."""

    def read(self, node: Node, diag: s.Diagnostics) -> Any:
        shape: s.Shape = _ORIGIN if node.kind == "mapping" else s.Flag
        return shape.read(node, diag)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [s.Flag.schema(), _ORIGIN.schema()]}


def check_sources(root: Node | None, key: str, vocabulary: Vocabulary, diag: s.Diagnostics) -> None:
    """Reports what derived facts follow from and is no part of an application.

    Args:
        root: of the file.
        key: under which it declares attributes.
        vocabulary: with these attributes.
        diag: gets the mistakes.
    """
    declared = root.get(key) if root else None
    for _, attribute in declared.keys if declared and declared.kind == "mapping" else ():
        derived = attribute.get("derived") if attribute.kind == "mapping" else None
        sources = derived.get("from") if derived and derived.kind == "mapping" else None
        for one in sources.items if sources and sources.kind == "list" else ():
            if one.kind == "scalar" and source_path(one.text) not in vocabulary.sources:
                fact = vocabulary.facts.get(one.text.removeprefix("facts."))
                if fact is None:
                    diag.unknown(one, "part of an application", vocabulary.sources)
                else:
                    diag.report(one, f"{written(one)} is derived; name what it follows from")


def source_path(name: str) -> str:
    """The path in an application of what a fact follows from: a fact may be named alone."""
    alone = name not in INPUTS and not name.startswith(("facts.", "places.", "applicant."))
    return f"facts.{name}" if alone else name


def _build_fact(values: dict[str, Any], node: Node, diag: s.Diagnostics) -> Any:
    wrong = [*_wrong(values)]
    for key, message in wrong:
        diag.report(node.get(key) or node, message)
    if wrong:
        return s.BAD
    derived = values["derived"]
    origin: Mapping[str, Any] = derived if isinstance(derived, Mapping) else _UNSAID
    return Attribute(
        name="",
        type=values["type"],
        label=values["name"],
        title=values["title"],
        question=values["question"] or Text(),
        values=values["values"],
        low=values["min"],
        high=values["max"],
        asked=not derived,
        fixed=values["fixed"],
        derived_by=origin["by"],
        derived_from=tuple(map(source_path, origin["from"])),
    )


_PLACE = s.Table(
    "a place",
    {
        **LABELS,
        "question": s.Field(_Question(), "asks for it, in both languages: {zh: …, en: …}"),
        "division": s.Field(s.Flag, default=True),
        "mainland": s.Field(s.Flag, "it lies in the mainland by its nature", default=True),
    },
    _build_place,
)

FACT = s.Table(
    "an attribute",
    {
        **LABELS,
        "type": s.Field(s.Word("type", _TYPES), required=True),
        "values": s.Field(s.Keyed("value to its Chinese term", s.Text())),
        "min": s.Field(s.Whole),
        "max": s.Field(s.Whole),
        "question": s.Field(_Question(), "asks for it, in both languages: {zh: …, en: …}"),
        "fixed": s.Field(s.Flag, "it cannot be changed", default=False),
        "derived": s.Field(
            _Derived(), "a plugin finds it, and from what; it is not asked", default=False
        ),
    },
    _build_fact,
)

VOCABULARY = s.Table(
    "the vocabulary",
    {
        "places": s.Field(s.Keyed("places", _PLACE), required=True),
        "facts": s.Field(s.Keyed("facts", FACT), required=True),
        "kinds": s.Field(s.Lines, required=True),
    },
)
