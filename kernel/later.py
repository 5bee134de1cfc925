"""Fields that came later than others of their class: what was written before stays as it was."""

from __future__ import annotations

from functools import cache
from typing import Any

import attrs

__all__ = ["later", "left_out"]

_LATER = "later"


def later(default: Any = None) -> Any:
    """A field that the JSON form leaves out where it has its default."""
    return attrs.field(default=default, metadata={_LATER: True})


@cache
def left_out(cls: type[Any]) -> tuple[tuple[str, Any], ...]:
    """The fields that are left out where they have their default, with that.

    So what was written before they came reads, and hashes, as it did.

    Args:
        cls: of a frozen value.
    """
    return tuple((one.name, one.default) for one in attrs.fields(cls) if _LATER in one.metadata)
