"""Fields that came later than others of their class: what was written before stays as it was."""

from __future__ import annotations

from functools import cache
from typing import Any

import attrs

_LATER = "later"


def later(default: Any = None) -> Any:
    """A field that the JSON form leaves out where it has its default."""
    return attrs.field(default=default, metadata={_LATER: True})


def fields_of(value: Any) -> dict[str, Any]:
    """The fields of a frozen value that its JSON form has, as they are.

    Those that came later are not there where they have their default: what was written
    before they came reads, and hashes, as it did.
    """
    found = {name: getattr(value, name) for name in _names(value.__class__)}
    for name, default in _left_out(value.__class__):
        if found[name] == default:
            del found[name]
    return found


@cache
def _names(cls: Any) -> tuple[str, ...]:
    return tuple(one.name for one in attrs.fields(cls))


@cache
def _left_out(cls: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((one.name, one.default) for one in attrs.fields(cls) if _LATER in one.metadata)
