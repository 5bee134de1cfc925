"""From the texts of rule files to a rulebook. Every mistake is found, not only the first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from attrs import evolve, frozen

from tongban.kernel import shapes as s
from tongban.kernel.divisions import Divisions
from tongban.kernel.errors import Problem, RulebookError
from tongban.kernel.model import Department, Item, Material, Rule, Stated
from tongban.kernel.notation import Node, compose
from tongban.kernel.reading import Notation
from tongban.kernel.vocabulary import Attribute, Place, Vocabulary

__all__ = ["Base", "CommonMaterial", "Loaded", "department_shape", "load_base", "load_department"]


@frozen
class CommonMaterial:
    """A material that every applicant of some kinds needs, for items of most kinds."""

    material: Material
    applicant: tuple[str, ...]
    except_kinds: tuple[str, ...]


@frozen
class Base:
    """What every department stands on: vocabulary, sources, common rules.

    Attributes:
        jurisdiction: the default one, whose items need no prefix.
        sources: by id, `name`, `title`, `issued`, `effective`, `later`, `text`.
    """

    vocabulary: Vocabulary
    sources: Mapping[str, Mapping[str, Any]]
    jurisdiction: str
    rules: tuple[Rule, ...]
    materials: tuple[CommonMaterial, ...]


@frozen
class Loaded:
    """A department, the attributes that it declares, and every mistake in its file.

    Attributes:
        department: None where the file cannot be used at all.
    """

    department: Department | None
    attributes: tuple[Attribute, ...]
    problems: tuple[Problem, ...]


def _tree(file: str, text: str) -> tuple[s.Reader, Node | None]:
    reader = s.Reader(file)
    root = compose(text, reader.at)
    if root is None and not reader.problems:
        reader.at(1, 1, "the file is empty")
    return reader, root


def _read(shape: s.Shape, file: str, text: str) -> Any:
    reader, root = _tree(file, text)
    value = s.BAD if root is None else shape.read(root, reader)
    if reader.problems or value is s.BAD:
        raise RulebookError(reader.problems)
    return value


_LABELS = {"name": s.Field(s.Text(), required=True), "title": s.Field(s.Text(), required=True)}
_TYPES = ("bool", "int", "enum", "date", "division", "place", "text")


def _build_place(values: dict[str, Any], node: Node, reader: s.Reader) -> Any:
    if values["division"] and not values["question"]:
        return reader.report(node, "a place needs the key 'question'")
    question = values["question"] or ""
    return Place("", values["name"], values["title"], question, values["division"])


def _build_fact(values: dict[str, Any], node: Node, reader: s.Reader) -> Any:
    if not values["derived"] and not values["question"]:
        return reader.report(node, "an attribute needs the key 'question'")
    if (values["type"] == "enum") is not bool(values["values"]):
        return reader.report(node, "`values` belong to the type enum, and an enum needs them")
    return Attribute(
        name="",
        type=values["type"],
        label=values["name"],
        title=values["title"],
        question=values["question"] or "",
        values=values["values"],
        low=values["min"],
        high=values["max"],
        asked=not values["derived"],
        optional=values["derived"],
        fixed=values["fixed"],
    )


_PLACE = s.Table(
    "a place",
    {
        **_LABELS,
        "question": s.Field(s.Text("the question that asks for it")),
        "division": s.Field(s.Flag, default=True),
    },
    _build_place,
)

_FACT = s.Table(
    "an attribute",
    {
        **_LABELS,
        "type": s.Field(s.Word("type", _TYPES), required=True),
        "values": s.Field(s.Keyed("value to its Chinese term", s.Text())),
        "min": s.Field(s.Whole),
        "max": s.Field(s.Whole),
        "question": s.Field(s.Text("the question that asks for it")),
        "fixed": s.Field(s.Flag, "nobody can change it", default=False),
        "derived": s.Field(s.Flag, "a plugin finds it; nobody is asked", default=False),
    },
    _build_fact,
)

_VOCABULARY = s.Table(
    "the vocabulary",
    {
        "places": s.Field(s.Keyed("places", _PLACE), required=True),
        "facts": s.Field(s.Keyed("facts", _FACT), required=True),
        "kinds": s.Field(s.Lines, required=True),
    },
)

_SOURCE = s.Table(
    "a source",
    {
        **_LABELS,
        "issued": s.Field(s.Day(), required=True),
        "effective": s.Field(s.Day()),
        "later": s.Field(s.Flag, "it came after the plan", default=False),
        "text": s.Field(s.Flag, "its text is at hand", default=False),
    },
)


def _common(notation: Notation) -> s.Table:
    material = notation.material()
    fields = {
        **material.fields,
        "applicant": s.Field(s.Lines, default=()),
        "except_kinds": s.Field(s.Lines, default=()),
    }

    def build(values: dict[str, Any], node: Node, reader: s.Reader) -> CommonMaterial:
        applicant, kinds = values.pop("applicant"), values.pop("except_kinds")
        return CommonMaterial(Material(**values), applicant, kinds)

    return s.Table(
        "the common rules",
        {
            "jurisdiction": s.Field(s.Code(), required=True),
            "rules": s.Field(s.ListOf(notation.rule("common")), required=True),
            "materials": s.Field(s.ListOf(s.Table("a material", fields, build)), default=()),
        },
    )


def load_base(texts: Mapping[str, str], divisions: Divisions) -> Base:
    """What every department stands on.

    Args:
        texts: `vocabulary.yaml`, `sources.yaml` and `common.yaml`, by name.
        divisions: the table of divisions.

    Raises:
        RulebookError: with every mistake of the first file that has any.
    """
    raw = _read(_VOCABULARY, "vocabulary.yaml", texts["vocabulary.yaml"])
    vocabulary = Vocabulary(
        {name: evolve(place, name=name) for name, place in raw["places"].items()},
        {name: evolve(fact, name=name) for name, fact in raw["facts"].items()},
        raw["kinds"],
        divisions,
    )
    table = s.Table("the sources", {"sources": s.Field(s.Keyed("sources", _SOURCE), required=True)})
    sources = _read(table, "sources.yaml", texts["sources.yaml"])["sources"]
    reader, root = _tree("common.yaml", texts["common.yaml"])
    reader.owner = "common"
    common = s.BAD if root is None else _common(Notation(vocabulary, sources)).read(root, reader)
    if reader.problems or common is s.BAD:
        raise RulebookError(reader.problems)
    return Base(vocabulary, sources, common["jurisdiction"], common["rules"], common["materials"])


_DEPARTMENT = s.Table(
    "a department",
    {
        "id": s.Field(s.Name(r"[a-z][a-z0-9_]*", "an id of lower-case letters"), required=True),
        "jurisdiction": s.Field(s.Code()),
        **_LABELS,
    },
)


def department_shape(notation: Notation, department: str = "", jurisdiction: str = "") -> s.Table:
    """The whole file of a department."""
    items = s.Table(
        "an item", notation.item_fields(), _item_builder(department, jurisdiction), "id"
    )
    return s.Table(
        "a department's file",
        {
            "department": s.Field(_DEPARTMENT, required=True),
            "attributes": s.Field(s.Keyed("attributes", _FACT), default={}),
            "rules": s.Field(s.ListOf(_Under(department, notation.rule("department"))), default=()),
            "items": s.Field(s.ListOf(items), required=True),
        },
    )


@frozen
class _Under:
    """A shape whose mistakes and ids stand under an owner."""

    owner: str
    shape: s.Shape

    def read(self, node: Node, reader: s.Reader) -> Any:
        outer, reader.owner = reader.owner, self.owner
        try:
            return self.shape.read(node, reader)
        finally:
            reader.owner = outer

    def schema(self) -> dict[str, Any]:
        return self.shape.schema()


def load_department(base: Base, file: str, text: str) -> Loaded:
    """One department's file, read on its own.

    Args:
        base: what it stands on.
        file: its name, for messages.
        text: what it says.
    """
    reader, root = _tree(file, text)
    if root is None or root.kind != "mapping":
        if root is not None:
            reader.report(root, "expected a department's file: a mapping")
        return Loaded(None, (), tuple(reader.problems))
    header = root.get("department")
    head = _DEPARTMENT.read(header, s.Reader(file)) if header else s.BAD
    head = head if head is not s.BAD else {"id": "", "jurisdiction": None, "name": "", "title": ""}
    jurisdiction = head["jurisdiction"] or base.jurisdiction
    if jurisdiction not in base.vocabulary.provinces:
        reader.report(root, f"the jurisdiction {jurisdiction} is no province's code")
    facts = _own_attributes(root, head["id"], reader, base)
    notation = Notation(
        base.vocabulary.with_facts(facts),
        base.sources,
        "" if jurisdiction == base.jurisdiction else f"{jurisdiction}/",
    )
    values = department_shape(notation, head["id"], jurisdiction).read(root, reader)
    if values is s.BAD:
        return Loaded(None, facts, tuple(reader.problems))
    items = tuple(i if i.lead else evolve(i, lead=head["name"]) for i in values["items"])
    department = Department(
        head["id"], jurisdiction, head["name"], head["title"], values["rules"], items, file
    )
    return Loaded(department, facts, tuple(reader.problems))


def _own_attributes(
    root: Node, department: str, reader: s.Reader, base: Base
) -> tuple[Attribute, ...]:
    node = root.get("attributes")
    if node is None or node.kind != "mapping":
        return ()
    facts = []
    for key, value in node.keys:
        attribute = _FACT.read(value, s.Reader(reader.file))
        if not key.text.startswith(f"{department}."):
            reader.report(key, f"an attribute of {department} begins with {department + '.'!r}")
        elif attribute is not s.BAD:
            facts.append(evolve(attribute, name=key.text, owner=department))
    return tuple(facts)


def _item_builder(department: str, jurisdiction: str) -> Any:
    def build(values: dict[str, Any], node: Node, reader: s.Reader) -> Any:
        cite, basis = values["cite"], values["basis"]

        def stated(name: str, default: Any) -> Any:
            value = values.pop(name) or (
                Stated(default, cite, basis) if default is not None else None
            )
            return evolve(value, cite=value.cite or cite) if value else None

        dates = stated("available", None)
        handled = stated("handled_at", None)
        choice = isinstance(handled.value, dict)
        authority = stated("authority", ())
        first: date | None = dates.value["from"]
        last: date | None = dates.value["until"]
        places = handled.value["one_of"] if choice else handled.value
        for twice in {p for p in places if places.count(p) > 1}:
            reader.report(node, f"the place {twice!r} stands twice in handled_at")
        return Item(
            jurisdiction=jurisdiction,
            department=department,
            choice=choice,
            handled_at=evolve(handled, value=places),
            available=evolve(dates, value=(first, last)),
            authorities=authority.value,
            applicant=stated("applicant", None),
            receives=stated("receives", None),
            involves=stated("involves", ()),
            attendance=stated("attendance", "none"),
            channels=stated("channels", ()),
            level=stated("level", None),
            file=reader.file,
            line=node.line,
            **{k: v for k, v in values.items() if k not in _STATED},
        )

    return build


_STATED = (
    "applicant",
    "handled_at",
    "receives",
    "involves",
    "attendance",
    "channels",
    "level",
    "authority",
    "available",
)
