"""What a caller may catch has one root."""

from __future__ import annotations

from importlib import import_module

import pytest

from tongban.kernel import TongbanError

ROOMS = ("", ".engine", ".model", ".ports.store", ".protocol", ".rulefile", ".service")
WAITS = {"OutOfOrderError"}
"""For what carries letters: this one has to come again. Nothing is wrong with it."""


@pytest.mark.parametrize("room", ROOMS)
def test_public_errors_of_the_kernel_have_one_root(room: str) -> None:
    module = import_module(f"tongban.kernel{room}")
    public = {name: one for name, one in vars(module).items() if name in module.__all__}
    errors = {
        name: one
        for name, one in public.items()
        if isinstance(one, type) and issubclass(one, BaseException)
    }
    assert {n for n, one in errors.items() if not issubclass(one, TongbanError)} <= WAITS
