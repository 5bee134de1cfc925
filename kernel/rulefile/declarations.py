"""What a department's file declares of its own, under its prefix: attributes and sources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from tongban.kernel.model.vocabulary import Attribute, Vocabulary
from tongban.kernel.rulefile import fields as s
from tongban.kernel.rulefile.diagnostics import written
from tongban.kernel.rulefile.vocabulary_file import FACT, LABELS
from tongban.kernel.rulefile.yaml_tree import Node

_SOURCE = s.Table(
    "a source",
    {
        **LABELS,
        "issued": s.Field(s.Day(), required=True),
        "effective": s.Field(s.Day()),
        "later": s.Field(s.Flag, "it came after the plan", default=False),
        "text": s.Field(s.Flag, "its text is at hand", default=False),
    },
)

SOURCES = s.Keyed("sources", _SOURCE)
"""Texts that rules may cite, by id."""

_NAME = "[a-z][a-z0-9_]*"


def own_attributes(
    root: Node, department: str, diag: s.Diagnostics, vocabulary: Vocabulary
) -> tuple[Attribute, ...]:
    """The attributes that a department declares; what is wrong in them is reported elsewhere.

    Args:
        root: the department's file.
        department: its id, "" where the file does not say it.
        diag: gets names that are taken or outside the prefix.
        vocabulary: the shared one.
    """
    facts = []
    for key, value in _named(root, "attributes", "attribute", department, diag):
        if key.text in vocabulary.attributes:
            diag.report(key, f"the attribute {written(key)} is taken by the shared vocabulary")
            continue
        attribute = FACT.read(value, s.Diagnostics(diag.file))
        if attribute is not s.BAD:
            facts.append(evolve(attribute, name=key.text, owner=department))
    return tuple(facts)


def own_sources(root: Node, department: str, diag: s.Diagnostics) -> dict[str, Mapping[str, Any]]:
    """The sources that a department declares; what is wrong in them is reported elsewhere.

    Args:
        root: the department's file.
        department: its id, "" where the file does not say it.
        diag: gets names outside the prefix.
    """
    read = {
        key.text: _SOURCE.read(value, s.Diagnostics(diag.file))
        for key, value in _named(root, "sources", "source", department, diag)
    }
    return {name: source for name, source in read.items() if source is not s.BAD}


def _named(
    root: Node, key: str, what: str, department: str, diag: s.Diagnostics
) -> Iterator[tuple[Node, Node]]:
    """What stands under `key` by names within the department's prefix."""
    node = root.get(key)
    if node is None or node.kind != "mapping" or not department:
        return
    for name, value in node.keys:
        if re.fullmatch(rf"{department}\.{_NAME}", name.text):
            yield name, value
            continue
        own = name.text.rpartition(".")[2]
        hint = f", {department}.{own}" if re.fullmatch(_NAME, own) else ""
        article = "an attribute" if what == "attribute" else "a source"
        diag.report(
            name,
            f"{article} of {department} is named under its prefix{hint}; found {written(name)}",
        )
