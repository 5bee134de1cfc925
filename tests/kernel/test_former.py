"""What was written for the version before still finds its names, and is told where they are."""

from __future__ import annotations

from importlib import import_module

import pytest

from tongban.kernel.former import HOMES


@pytest.mark.parametrize("name", list(HOMES))
def test_a_former_name_is_found_with_a_warning(name: str) -> None:
    before, _, old = name.rpartition(".")
    room, _, new = HOMES[name].rpartition(".")
    with pytest.warns(DeprecationWarning, match=f"{name} is {HOMES[name]} now"):
        found = getattr(import_module(before), old)
    assert found is getattr(import_module(room), new)
    assert old not in import_module(before).__all__


def test_what_never_was_is_not_there() -> None:
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        exec("from tongban.kernel import nothing")
