"""What was written for the version before still finds its names, and is told where they are."""

from __future__ import annotations

from importlib import import_module
from typing import Any, cast

import pytest

from tongban.kernel import ApplicationError, Kernel, Service
from tongban.kernel.former import HOMES, MEMBERS


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


@pytest.mark.parametrize("name", list(MEMBERS))
def test_a_former_member_is_found_with_a_warning(name: str) -> None:
    owner, _, member = name.partition(".")
    kernel = Kernel()
    one = kernel if owner == "Kernel" else Service(kernel, cast(Any, None))
    with pytest.warns(DeprecationWarning, match=f"{name} is "):
        assert getattr(one, member) is not None


@pytest.mark.filterwarnings("ignore:Kernel:DeprecationWarning")
def test_former_members_do_what_they_did() -> None:
    kernel: Any = Kernel()
    raw = {"item": "1-07", "channel": "online", "as_of": "2026-03-02"}
    first, wrong, last = kernel.decide_many([raw, {"item": "nothing"}, raw])
    assert first == last == kernel.decide(raw)
    assert isinstance(wrong, ApplicationError)
    assert kernel.possible_modes(kernel.items[0], kernel.today)
    assert kernel.failures == ()
    assert "630100" in kernel.divisions
    with pytest.raises(AttributeError, match="'Kernel' object has no attribute 'nothing'"):
        _ = kernel.nothing
