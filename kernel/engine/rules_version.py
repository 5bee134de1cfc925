"""The version of an item's rules: a hash that changes when, and only when, they do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

import attrs

from tongban.kernel.engine.program import Program, remembered
from tongban.kernel.model.later import fields_of

__all__ = ["rules_version"]


@remembered
def rules_version(program: Program) -> str:
    """The version of the rules by which an item is decided, common ones included.

    Args:
        program: the item's, `Kernel.program(item)`.

    Returns:
        64 hexadecimal digits. Comments, order of keys and position in a file do not matter.
    """
    form = [_canonical(program.item), [_canonical(rule) for rule in program.whole]]
    text = json.dumps(form, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    """`value` as JSON that is the same for equal values."""
    if attrs.has(type(value)):
        # Keys that came later are not there where nothing says them: hashes stay as they were.
        said, fields = fields_of(value), attrs.fields(type(value))
        return [
            type(value).__name__,
            {f.name: _canonical(said[f.name]) for f in fields if f.eq and f.name in said},
        ]
    if isinstance(value, Mapping):
        return {str(key): _canonical(one) for key, one in value.items()}
    if isinstance(value, frozenset | set):
        return sorted((_canonical(one) for one in value), key=lambda one: json.dumps(one))
    if isinstance(value, list | tuple):
        return [_canonical(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
