"""From the texts of rule files to a rulebook. Every mistake is found, not only the first."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from tongban.kernel.errors import Problem, RulebookError
from tongban.kernel.model.divisions import Divisions
from tongban.kernel.model.rules import STATED, Department, Item, Material, Rule, Stated
from tongban.kernel.model.vocabulary import Attribute, Vocabulary
from tongban.kernel.rulefile import fields as s
from tongban.kernel.rulefile.declarations import SOURCES, own_attributes, own_sources
from tongban.kernel.rulefile.diagnostics import Mark
from tongban.kernel.rulefile.grammar import Notation
from tongban.kernel.rulefile.kept import kept
from tongban.kernel.rulefile.vocabulary_file import FACT, LABELS, VOCABULARY, check_sources
from tongban.kernel.rulefile.yaml_tree import Node, compose


@frozen
class CommonMaterial:
    """A material that every applicant of some kinds needs, for items of most kinds."""

    material: Material
    applicant: tuple[str, ...]
    except_kinds: tuple[str, ...]


@frozen(eq=False)
class Base:
    """What every department stands on: vocabulary, sources, common rules.

    Attributes:
        jurisdiction: the default one, whose items need no prefix.
        sources: by id, `name`, `title`, `issued`, `effective`, `later`, `text`.
        key: stands for all that it was read from; "" where nothing read on it is kept.
    """

    vocabulary: Vocabulary
    sources: Mapping[str, Mapping[str, Any]]
    jurisdiction: str
    rules: tuple[Rule, ...]
    materials: tuple[CommonMaterial, ...]
    key: bytes = b""

    @property
    def divisions(self) -> Divisions:
        """The table of divisions."""
        return self.vocabulary.divisions

    @cached_property
    def notation(self) -> Notation:
        """The shapes of a department's file, where it declares no attributes of its own."""
        return Notation(self.vocabulary, self.sources)

    @cached_property
    def fields(self) -> Mapping[str, s.Field]:
        """The keys of an item in `notation`."""
        return self.notation.item_fields()


@frozen
class Loaded:
    """A department, the attributes that it declares, and every mistake in its file.

    Attributes:
        department: None where the file cannot be used at all.
        jurisdiction: "" where the file cannot be read.
        id: the department's, as far as the file says it.
        claims: where it defines items, right or wrong.
        references: where it advises items.
    """

    department: Department | None
    attributes: tuple[Attribute, ...]
    problems: tuple[Problem, ...]
    file: str = ""
    jurisdiction: str = ""
    id: str = ""
    claims: tuple[Mark, ...] = ()
    references: tuple[Mark, ...] = ()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Reads without the garbage collector: trees have no cycles, and it takes a third."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _tree(file: str, text: str) -> tuple[s.Diagnostics, Node | None]:
    diag = s.Diagnostics(file)
    root = compose(text, diag.at)
    if root is not None and root.kind == "scalar" and not root.text:
        root = None
    if root is None and not diag.problems:
        diag.at(1, 1, "the file is empty")
    return diag, root


def _read(shape: s.Shape, file: str, text: str) -> Any:
    return _read_tree(shape, *_tree(file, text))


def _read_tree(shape: s.Shape, diag: s.Diagnostics, root: Node | None) -> Any:
    value = s.BAD if root is None else shape.read(root, diag)
    if diag.problems or value is s.BAD:
        raise RulebookError(diag.problems)
    return value


def _common(notation: Notation) -> s.Table:
    material = notation.material()
    fields = {
        **material.fields,
        "applicant": s.Field(s.Lines, default=()),
        "except_kinds": s.Field(s.Lines, default=()),
    }

    def build(values: dict[str, Any], node: Node, diag: s.Diagnostics) -> CommonMaterial:
        applicant, kinds = values.pop("applicant"), values.pop("except_kinds")
        return CommonMaterial(Material(**values), applicant, kinds)

    return s.Table(
        "the common rules",
        {
            "jurisdiction": s.Field(s.Code(), required=True),
            "rules": s.Field(notation.rules("common"), required=True),
            "materials": s.Field(s.ListOf(s.Table("a material", fields, build)), default=()),
        },
    )


@_uncollected()
def load_base(
    texts: Mapping[str, str],
    divisions: Divisions,
    folder: Path | None = None,
    key: bytes = b"",
) -> Base:
    """What every department stands on.

    Args:
        texts: `vocabulary.yaml`, `sources.yaml` and `common.yaml`, by name.
        divisions: the table of divisions.
        folder: of the files, where what they say may be kept.
        key: stands for `texts` and `divisions`.

    Raises:
        RulebookError: with every mistake of the first file that has any.
    """
    path = folder / "vocabulary.yaml" if folder else None
    read = kept(path, [key], lambda: _base_parts(texts, divisions))
    places, facts, kinds, sources, jurisdiction, rules, materials = read
    vocabulary = Vocabulary(places, facts, kinds, divisions)
    return Base(vocabulary, sources, jurisdiction, rules, materials, key)


def _base_parts(texts: Mapping[str, str], divisions: Divisions) -> tuple[Any, ...]:
    """What the files say: the parts of the vocabulary, then those of the base."""
    diag, root = _tree("vocabulary.yaml", texts["vocabulary.yaml"])
    raw = _read_tree(VOCABULARY, diag, root)
    vocabulary = Vocabulary(
        {name: evolve(place, name=name) for name, place in raw["places"].items()},
        {name: evolve(fact, name=name) for name, fact in raw["facts"].items()},
        raw["kinds"],
        divisions,
    )
    check_sources(root, "facts", vocabulary, diag)
    if diag.problems:
        raise RulebookError(diag.problems)
    table = s.Table("the sources", {"sources": s.Field(SOURCES, required=True)})
    sources = _read(table, "sources.yaml", texts["sources.yaml"])["sources"]
    diag, root = _tree("common.yaml", texts["common.yaml"])
    diag.owner = "common"
    common = s.BAD if root is None else _common(Notation(vocabulary, sources)).read(root, diag)
    if diag.problems or common is s.BAD:
        raise RulebookError(diag.problems)
    said = (vocabulary.places, vocabulary.facts, vocabulary.kinds)
    return *said, sources, common["jurisdiction"], common["rules"], common["materials"]


_DEPARTMENT = s.Table(
    "a department",
    {
        "id": s.Field(s.Name(r"[a-z][a-z0-9_]*", "an id of lower-case letters"), required=True),
        "jurisdiction": s.Field(s.Code()),
        **LABELS,
    },
    example="{id: postal, name: 省邮政管理局, title: Postal Administration}",
)


def department_shape(
    notation: Notation,
    department: str = "",
    jurisdiction: str = "",
    lead: str = "",
    fields: Mapping[str, s.Field] | None = None,
) -> s.Table:
    """The whole file of a department; `fields` are an item's, where they were made before."""
    build = _item_builder(department, jurisdiction, lead)
    items = s.Table("an item", fields or notation.item_fields(), build, "id")
    return s.Table(
        "a department's file",
        {
            "department": s.Field(_DEPARTMENT, required=True),
            "sources": s.Field(SOURCES, default={}),
            "attributes": s.Field(s.Keyed("attributes", FACT), default={}),
            "rules": s.Field(_Under(department, notation.rules("department")), default=()),
            "items": s.Field(_Items(items), required=True),
        },
        example="{department: …, items: […]}",
    )


@frozen
class _Items:
    """The items of a department: at least one, no id twice."""

    item: s.Shape

    def read(self, node: Node, diag: s.Diagnostics) -> Any:
        values = s.ListOf(self.item, least=1).read(node, diag)
        s.refuse_doubles(node, diag)
        claimed = [item.get("id") for item in node.items]
        diag.claims += [
            Mark(name.line, name.column, name.text, name.text) for name in claimed if name
        ]
        return values

    def schema(self) -> dict[str, Any]:
        return s.ListOf(self.item, least=1).schema()


@frozen
class _Under:
    """A shape whose mistakes and ids stand under an owner."""

    owner: str
    shape: s.Shape

    def read(self, node: Node, diag: s.Diagnostics) -> Any:
        outer, diag.owner = diag.owner, self.owner
        try:
            return self.shape.read(node, diag)
        finally:
            diag.owner = outer

    def schema(self) -> dict[str, Any]:
        return self.shape.schema()


@lru_cache(maxsize=128)
def load_department(base: Base, file: str, text: str | bytes, path: object = None) -> Loaded:
    """One department's file, read on its own; the same file is read once for all kernels.

    Args:
        base: what it stands on.
        file: its name, for messages.
        text: what it says; bytes are UTF-8, with a mark of that or without.
        path: of the file, beside which what it says may be kept.
    """
    key: list[bytes | str] = [base.key, file, text]
    return kept(path if base.key else None, key, lambda: _loaded(base, file, text))


@_uncollected()
def _loaded(base: Base, file: str, text: str | bytes) -> Loaded:
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
    except UnicodeDecodeError as error:
        return Loaded(None, (), (_not_utf8(file, error),), file)
    diag, root = _tree(file, decoded)
    if root is None:
        return Loaded(None, (), tuple(diag.problems), file)
    head = _head(base, root, diag)
    facts, department = _department(base, head, root, diag)
    return Loaded(
        department,
        facts,
        tuple(sorted(diag.problems, key=lambda p: (p.line, p.column))),
        file,
        head["jurisdiction"],
        head["id"],
        tuple(diag.claims),
        tuple(diag.references),
    )


def _not_utf8(file: str, error: UnicodeDecodeError) -> Problem:
    text = error.object
    before = text[: error.start]
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    message = f"this is not UTF-8: the byte 0x{text[error.start]:02X}; save the file as UTF-8"
    return Problem(file, line, column, "", message)


def _head(base: Base, root: Node, diag: s.Diagnostics) -> dict[str, str]:
    """What the file says of its department; "" for what it does not, or wrongly."""
    header = root.get("department")
    read = _DEPARTMENT.read(header, s.Diagnostics(diag.file)) if header else s.BAD
    head = {"id": "", "name": "", "title": ""} if read is s.BAD else dict(read)
    jurisdiction = head.get("jurisdiction") or base.jurisdiction
    if header and jurisdiction not in base.vocabulary.provinces:
        near = f"{jurisdiction[:2]}0000"
        name = base.vocabulary.provinces.get(near)
        hint = f"; did you mean {near} {name}?" if name else ""
        diag.report(
            header.get("jurisdiction") or header,
            f"the jurisdiction {jurisdiction} is not a province's code{hint}",
        )
    return {**head, "jurisdiction": jurisdiction}


def _department(
    base: Base, head: Mapping[str, str], root: Node, diag: s.Diagnostics
) -> tuple[tuple[Attribute, ...], Department | None]:
    jurisdiction = head["jurisdiction"]
    facts = own_attributes(root, head["id"], diag, base.vocabulary)
    sources = own_sources(root, head["id"], diag)
    notation, fields = base.notation, base.fields
    if facts or sources or jurisdiction != base.jurisdiction:
        scope = "" if jurisdiction == base.jurisdiction else f"{jurisdiction}/"
        vocabulary = base.vocabulary.with_facts(facts)
        check_sources(root, "attributes", vocabulary, diag)
        notation = Notation(vocabulary, {**base.sources, **sources}, scope)
        fields = notation.item_fields()
    shape = department_shape(notation, head["id"], jurisdiction, head["name"], fields)
    values = shape.read(root, diag)
    if values is s.BAD:
        return facts, None
    department = Department(
        head["id"],
        jurisdiction,
        head["name"],
        head["title"],
        values["rules"],
        values["items"],
        diag.file,
        sources,
    )
    return facts, department


def _item_builder(department: str, jurisdiction: str, lead: str) -> Any:
    def build(values: dict[str, Any], node: Node, diag: s.Diagnostics) -> Any:
        cite, basis = values["cite"], values["basis"]

        def stated(name: str, default: Any) -> Any:
            value: Stated[Any] | None = values.pop(name)
            if value is None:
                return Stated(default, cite, basis) if default is not None else None
            return value if value.cite else Stated(value.value, cite, value.basis, value.because)

        dates = stated("available", None)
        handled = stated("handled_at", None)
        choice = isinstance(handled.value, dict)
        authority = stated("authority", ())
        first: date | None = dates.value["from"]
        last: date | None = dates.value["until"]
        places = handled.value["one_of"] if choice else handled.value
        for twice in dict.fromkeys(p for p in places if places.count(p) > 1):
            key = node.get("handled_at") or node
            diag.report(key, f"the place {twice!r} stands twice in handled_at")
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
            agent=stated("agent", None),
            valid_for=stated("valid_for", None),
            channels=stated("channels", ()),
            level=stated("level", None),
            lead=values.pop("lead") or lead,
            file=diag.file,
            line=node.line,
            **{k: v for k, v in values.items() if k not in (*STATED, "authority")},
        )

    return build
