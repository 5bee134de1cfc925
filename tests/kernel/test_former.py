"""What was written for the version before still finds its names, and is told where they are."""

from __future__ import annotations

from importlib import import_module

import pytest

import tongban.kernel
from tongban.kernel.former import HOMES


@pytest.mark.parametrize("name", list(HOMES))
def test_a_former_name_is_found_with_a_warning(name: str) -> None:
    package, _, last = HOMES[name].rpartition(".")
    with pytest.warns(DeprecationWarning, match=f"tongban.kernel.{name} is {HOMES[name]} now"):
        found = getattr(tongban.kernel, name)
    assert found is getattr(import_module(package), last)
    assert name not in tongban.kernel.__all__


def test_what_never_was_is_not_there() -> None:
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        exec("from tongban.kernel import nothing")
