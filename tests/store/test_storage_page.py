"""The page on hooks names all that a storage is asked for, with its arguments."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

from tongban.kernel import SealingStorage, Storage

PAGE = Path(__file__).parents[2] / "docs" / "hooks.md"


def arguments(member: Any) -> str:
    """The names of a method's arguments, as the page writes them; "" for a plain value."""
    if isinstance(member, property):
        return ""
    _, *found = inspect.signature(member).parameters.values()
    names = [one.name for one in found]
    named = [one.kind is one.KEYWORD_ONLY for one in found]
    if True in named:
        names.insert(named.index(True), "*")
    return ", ".join(names)


def test_the_names_of_a_storage_are_documented_with_their_arguments() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("\n## storage()")[2].partition("\n## ")[0]
    names = "".join(one.split("|")[1] for one in text.splitlines() if one.startswith("| `"))
    assert dict(re.findall(r"`(\w+)(?:\((.*?)\))?`", names)) == {
        name: arguments(member)
        for port in (SealingStorage, Storage)
        for name, member in vars(port).items()
        if name.isidentifier() and not name.startswith("_")
    }
