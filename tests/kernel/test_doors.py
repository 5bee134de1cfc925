"""Who carries messages and who keeps cases: one plugin each, or an error that says what to do."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tongban.kernel import Carrier, Kernel, PluginError, Storage, hookimpl
from tongban.kernel.ports.store import StoreError
from tongban.plugins import exchange
from tongban.plugins.exchange.addresses import NodeError
from tongban.plugins.stores import sqlite
from tongban.plugins.stores.sqlite import embedded


class Keeps:
    """Keeps cases as the embedded store does, under another name."""

    @hookimpl
    def storage(self) -> Storage | None:
        return sqlite.storage()


class KeepsNothing:
    @hookimpl
    def storage(self) -> Storage | None:
        return None


class KeepsTooLittle:
    @hookimpl
    def storage(self) -> Any:
        return object()


class KeepsAsBefore:
    """Was written when `open_store` took less."""

    @hookimpl
    def storage(self) -> Any:
        def open_store(path: Any, *, clock: Any, calendars: Any, key: Any, create: Any) -> None:
            raise AssertionError

        names = {one: getattr(embedded, one) for one in embedded.__all__}
        return SimpleNamespace(**{**names, "open_store": open_store})


class Quarrels:
    @hookimpl
    def storage(self) -> Storage | None:
        raise StoreError("the database is switched off; switch it on")


class Breaks:
    @hookimpl
    def storage(self) -> Storage | None:
        raise ZeroDivisionError

    @hookimpl
    def exchange(self, node: str) -> Carrier | None:
        raise ZeroDivisionError


class Misspelt:
    @hookimpl
    def storag(self) -> None:
        pass


class Carries:
    @hookimpl
    def exchange(self, node: str) -> Carrier | None:
        return exchange.exchange("")


class Elsewhere:
    ABSENT = "needs a database that is not here"

    @hookimpl
    def storage(self) -> Storage | None:
        return sqlite.storage()


def test_the_only_storage_needs_no_name() -> None:
    assert Kernel([sqlite]).ports.storage() is sqlite.storage()
    assert Kernel([sqlite, KeepsNothing()]).ports.storage() is sqlite.storage()


def test_of_two_the_name_decides() -> None:
    kernel = Kernel([sqlite, Keeps()])
    assert kernel.ports.storage("Keeps") is sqlite.storage()
    with pytest.raises(PluginError, match="TONGBAN_STORE=sqlite or TONGBAN_STORE=Keeps"):
        kernel.ports.storage()


@pytest.mark.parametrize(
    ("plugins", "name", "says"),
    [
        ([], "", "no plugin that is installed keeps cases"),
        ([], "sqlite", "no plugin that is installed keeps cases"),
        ([sqlite], "sqlit", "TONGBAN_STORE=sqlit: .* did you mean 'sqlite'"),
        ([sqlite], "postgres", "TONGBAN_STORE=postgres: .* there is sqlite"),
        ([sqlite, KeepsNothing()], "KeepsNothing", "KeepsNothing: gave no storage"),
        ([KeepsTooLittle()], "", "KeepsTooLittle: .* returned object, not a Storage"),
        ([KeepsAsBefore()], "", "whose open_store does not fit: got an unexpected .*'entropy'"),
        ([Breaks()], "", "Breaks: storage raised ZeroDivisionError"),
        ([sqlite, Misspelt()], "Misspelt", "failed; Misspelt: 'storag' is not a hook"),
        ([Elsewhere()], "", "Elsewhere: needs a database that is not here"),
    ],
)
def test_without_a_storage_the_error_says_what_to_do(
    plugins: list[object], name: str, says: str
) -> None:
    with pytest.raises(PluginError, match=says):
        Kernel(plugins).ports.storage(name)


def test_what_a_storage_says_to_people_comes_to_them_and_is_no_fault_of_its() -> None:
    kernel = Kernel([Quarrels()], strict=True)
    with pytest.raises(StoreError, match="switch it on"):
        kernel.ports.storage()
    assert kernel.ports.failures == ()


def test_a_broken_storage_is_left_out_and_reported() -> None:
    kernel = Kernel([sqlite, Breaks()])
    assert kernel.ports.storage() is sqlite.storage()
    assert [one.name for one in kernel.ports.failures] == ["Breaks"]
    with pytest.raises(PluginError, match="is broken: storage raised ZeroDivisionError"):
        Kernel([sqlite, Breaks()], strict=True).ports.storage()


def test_one_carrier_or_none() -> None:
    carrier = Kernel([exchange]).ports.carrier("")
    assert carrier is not None
    assert carrier.serves("510100/public_security")
    assert Kernel([]).ports.carrier("") is None


def test_two_carriers_are_an_error_that_names_both() -> None:
    with pytest.raises(PluginError, match="exchange and Carries both carry messages"):
        Kernel([exchange, Carries()]).ports.carrier("")


def test_a_wrong_node_is_told_as_it_is(tmp_path: Path) -> None:
    node = tmp_path / "node.json"
    node.write_text("{}", encoding="utf-8")
    for strict in (False, True):
        kernel = Kernel([exchange], strict=strict)
        with pytest.raises(NodeError, match=r"node\.json.*'name' is missing"):
            kernel.ports.carrier(str(node))
        assert kernel.ports.failures == ()


def test_a_broken_carrier_is_reported_or_with_strict_an_error() -> None:
    kernel = Kernel([Breaks()])
    assert kernel.ports.carrier("") is None
    (failed,) = kernel.ports.failures
    assert failed.problems == ("exchange raised ZeroDivisionError",)
    with pytest.raises(PluginError, match="is broken: exchange raised ZeroDivisionError"):
        Kernel([Breaks()], strict=True).ports.carrier("")


class Drops:
    """Carries messages, badly."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def serves(self, address: str) -> bool:
        return True

    def run(self, *_: object) -> Any:
        raise self.error

    @hookimpl
    def exchange(self, node: str) -> Carrier | None:
        return self


class Pumps:
    """A carrier as the version before had it."""

    def serves(self, address: str) -> bool:
        return True

    def pump(self, *given: object) -> Any:
        return {"given": given}

    @hookimpl
    def exchange(self, node: str) -> Any:
        return self


def test_a_carrier_of_the_version_before_goes_on_carrying() -> None:
    with pytest.warns(DeprecationWarning, match="Pumps.pump is called run now"):
        carrier = Kernel([Pumps()]).ports.carrier("")
    assert carrier is not None
    found = carrier.run(1, 2, 3)  # type: ignore[arg-type]
    assert found == {"given": (1, 2, 3)}


@pytest.mark.parametrize("error", [OSError("no line"), SystemExit(0), MemoryError()])
def test_a_carrier_that_fails_is_named(error: BaseException) -> None:
    kernel = Kernel([Drops(error)])
    carrier = kernel.ports.carrier("")
    assert carrier is not None
    assert carrier.serves("630100/public_security") is True
    with pytest.raises(PluginError, match="the plugin Drops carries no messages: raised"):
        carrier.run(None, None, None)  # type: ignore[arg-type]
    (failed,) = kernel.ports.failures
    assert failed.problems[0].startswith(f"exchange raised {type(error).__name__}")


def test_what_a_carrier_says_to_people_comes_to_them() -> None:
    kernel = Kernel([Drops(NodeError("the line is switched off"))])
    carrier = kernel.ports.carrier("")
    assert carrier is not None
    with pytest.raises(NodeError, match="the line is switched off"):
        carrier.run(None, None, None)  # type: ignore[arg-type]
    assert kernel.ports.failures == ()
