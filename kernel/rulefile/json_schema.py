"""The JSON Schema of a department's file, made of the shapes that read it.

`python -m tongban.kernel.rulefile.json_schema > rules/schema.json` writes what editors use.
"""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from typing import Any

from tongban.kernel.model.vocabulary import Vocabulary
from tongban.kernel.rulefile.condition_field import test_schema
from tongban.kernel.rulefile.grammar import Notation
from tongban.kernel.rulefile.loader import Base, department_shape
from tongban.kernel.rulefile.shared_files import read_base

_WIDTH = 100


def rule_file_schema(base: Base) -> dict[str, Any]:
    """The schema (draft 2020-12) of a department's file.

    Args:
        base: the vocabulary and sources that the file stands on.
    """
    notation = Notation(base.vocabulary, base.sources)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A department's rules",
        "description": "docs/rules.md is the whole language.",
        **department_shape(notation).schema(),
        "$defs": {
            **{one.name: one.shape.schema() for one in notation.definitions},
            **_shared_tests(base.vocabulary),
        },
    }


def _shared_tests(vocabulary: Vocabulary) -> dict[str, Any]:
    """The tests that the derived attributes of all places have in common."""
    shared: dict[str, Any] = {}
    for attribute in vocabulary.attributes.values():
        family, _, rest = attribute.name.partition(".")
        if family == "apart":
            shared.setdefault("test_apart", test_schema(attribute))
        elif family == "place":
            shared.setdefault(f"test_{rest.rpartition('.')[2]}", test_schema(attribute))
    return shared


def written(value: Any, indent: str = "") -> str:
    """A schema as JSON text: what fits stands on one line, so that changes are easy to read."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(flat) <= _WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    inner = indent + "  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(k)}: {written(v, inner)}" for k, v in value.items()]
        opening, closing = "{", "}"
    else:
        parts = [written(one, inner) for one in value]
        opening, closing = "[", "]"
    body = ",\n".join(inner + part for part in parts)
    return f"{opening}\n{body}\n{indent}{closing}"


def main() -> None:
    """Prints the schema of our own vocabulary."""
    base = read_base(files("tongban.rules"))
    sys.stdout.write(written(rule_file_schema(base)) + "\n")


if __name__ == "__main__":
    main()
