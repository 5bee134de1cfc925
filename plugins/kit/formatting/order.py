"""Which keys a rule file has, in which order they stand, and what stands in a block."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from attrs import frozen

from tongban.plugins.kit.formatting.tree import Value

KINDS: Mapping[str, frozenset[str]] = {
    "department": frozenset({"department"}),
    "vocabulary": frozenset({"places", "facts", "kinds"}),
    "sources": frozenset({"sources"}),
    "common": frozenset({"jurisdiction", "rules"}),
}
"""Kinds of rule files, by the keys that each has for certain."""

# Orders that docs/rules.md has and the schema has not: what decides comes first.

_ATTRIBUTE = (
    "type", "values", "min", "max", "name", "title", "derived", "fixed", "question",
)  # fmt: skip
_LONG_FORM = ("value", "basis", "cite", "because")
_CITATION = ("source", "row", "section", "article", "words")
_PLACE = ("name", "title", "question", "division", "mainland")
_BLOCK_LISTS = ("items", "rules", "cases", "materials", "decisions", "notes", "time_limit")
_BLOCK_ENTRIES = ("items", "rules", "cases", "decisions", "sources")
_NAMED = ("attributes", "sources", "places", "facts")
_STRUCTURE = {*_BLOCK_LISTS, "then", "[]"}


@cache
def _schema() -> Mapping[str, Any]:
    text = (files("tongban.rules") / "schema.json").read_text(encoding="utf-8")
    schema: Mapping[str, Any] = json.loads(text)
    return schema


def kind_of(root: Value) -> str | None:
    """Which kind of rule file a tree is, None where it is none.

    Args:
        root: a mapping.
    """
    keys = {entry.name for entry in root.entries}
    return next((kind for kind, needed in KINDS.items() if needed <= keys), None)


@frozen
class Place:
    """A place in a rule file.

    Attributes:
        path: the keys that lead to it, `[]` for an entry of a list.
        kind: of the file.
    """

    kind: str
    path: tuple[str, ...] = ()

    def child(self, name: str) -> Place:
        """The place under a key, or of the entries of a list (`[]`)."""
        return Place(self.kind, (*self.path, name))

    @property
    def order(self) -> tuple[str, ...]:
        """The keys that stand here, in their order; none where the author names them."""
        return _order(self.kind, self.path)

    @property
    def stands_below(self) -> bool:
        """Whether a value stands in the line under its key, so that keys make a column."""
        return len(self.path) == 2 and self.path[0] in ("attributes", "facts")

    def is_block(self, value: Value) -> bool:
        """Whether `value` stands in a block here, however short it is."""
        names, last = set(self.path), self.path[-1:]
        if not self.path:
            return True
        if value.kind == "list":
            return last[0] in _BLOCK_LISTS and names <= _STRUCTURE
        keys = {entry.name for entry in value.entries}
        if "value" in keys and "because" in keys:
            return True
        if len(self.path) == 1:
            return last[0] in _NAMED
        if self.path[0] == "sources":
            return len(self.path) == 2
        return last[0] == "[]" and self.path[-2] in _BLOCK_ENTRIES and names <= _STRUCTURE

    def parts_entries(self, value: Value) -> bool:
        """Whether blank lines part the entries of `value`."""
        if not self.path:
            return True
        blocks = self.child("[]")
        return (
            len(self.path) == 1
            and value.kind == "list"
            and self.path[0]
            in (
                "items",
                "rules",
            )
            and any(blocks.is_block(entry.value) for entry in value.entries)
        )


@cache
def _order(kind: str, path: tuple[str, ...]) -> tuple[str, ...]:
    keys: dict[str, None] = {}
    for schema in _at(kind, path):
        if "patternProperties" not in schema and schema.get("additionalProperties") is False:
            keys |= dict.fromkeys(schema["properties"])
    if "derived" in keys:
        return _ATTRIBUTE
    if "article" in keys:
        return _CITATION
    if "value" in keys:
        rest = [key for key in keys if key not in _LONG_FORM]
        return (*_LONG_FORM, *rest)
    return tuple(keys)


def _at(kind: str, path: tuple[str, ...]) -> list[Mapping[str, Any]]:
    """The object schemas that can stand at a place."""
    found = _alternatives(_root(kind))
    for name in path:
        after: list[Mapping[str, Any]] = []
        for schema in found:
            if name == "[]":
                after += _alternatives(schema.get("items", {}))
            else:
                own = schema.get("properties", {}).get(name)
                other = schema.get("additionalProperties")
                after += _alternatives(own or (other if isinstance(other, dict) else {}))
        found = after
    return [schema for schema in found if "properties" in schema]


def _alternatives(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "$ref" in schema:
        return _alternatives(_schema()["$defs"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return [one for part in schema["anyOf"] for one in _alternatives(part)]
    return [schema]


def _root(kind: str) -> Mapping[str, Any]:
    whole = _schema()
    if kind == "department":
        return whole
    keys = whole["properties"]
    if kind == "sources":
        return _table({"sources": keys["sources"]})
    if kind == "common":
        material = keys["items"]["items"]["properties"]["materials"]["items"]
        more: dict[str, Any] = {"applicant": {}, "except_kinds": {}}
        materials = {"items": _table(material["properties"] | more)}
        return _table({"jurisdiction": {}, "rules": keys["rules"], "materials": materials})
    question = keys["attributes"]["additionalProperties"]["properties"]["question"]
    place = _table({**dict.fromkeys(_PLACE, {}), "question": question})
    return _table(
        {"places": {"additionalProperties": place}, "facts": keys["attributes"], "kinds": {}}
    )


def _table(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"properties": dict(properties), "additionalProperties": False}
