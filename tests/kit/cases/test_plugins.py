"""Commands find the store and the exchange among the plugins; what is missing is said."""

from __future__ import annotations

from typing import Any

import pytest

from tongban.kernel import Carrier, Kernel, hookimpl
from tongban.plugins import casework, exchange
from tongban.plugins.stores import sqlite


class Breaks:
    """An exchange that is broken."""

    @hookimpl
    def exchange(self, node: str) -> Carrier | None:
        raise ZeroDivisionError


def test_another_store_is_named_by_its_plugin(desk: Any) -> None:
    desk.kernel = Kernel([sqlite, exchange, casework])
    desk.env["TONGBAN_STORE"] = "sqlite"
    desk("case", "exchange")
    desk.env["TONGBAN_STORE"] = "sqlit"
    assert "did you mean 'sqlite'?" in desk("case", "list", status=2).stderr
    assert "did you mean 'sqlite'?" in desk("doctor", status=1).stdout


def test_without_a_store_nothing_is_kept_and_that_is_said(desk: Any) -> None:
    desk.kernel = Kernel([exchange, casework])
    told = desk("audit", "key", str(desk.folder / "a.pem"), status=2).stderr
    assert "no plugin that is installed keeps cases" in told


@pytest.mark.parametrize(
    ("plugins", "says"),
    [([], "none is there"), ([Breaks()], "Breaks: exchange raised ZeroDivisionError")],
)
def test_a_node_without_an_exchange_does_not_go_on_alone(
    desk: Any, plugins: list[object], says: str
) -> None:
    """It would take for its own what others serve."""
    desk.kernel = Kernel([sqlite, casework, *plugins])
    desk("case", "exchange")
    desk.db.with_suffix(".node.json").write_text("{}", encoding="utf-8")
    told = desk("case", "exchange", status=2).stderr
    assert "node.json: no plugin carries its messages" in told
    assert says in told


def test_a_wrong_node_file_is_told_in_one_line(desk: Any) -> None:
    desk.kernel = Kernel([sqlite, exchange, casework])
    desk.db.with_suffix(".node.json").write_text('{"name": "a"}', encoding="utf-8")
    told = desk("case", "exchange", status=2).stderr
    assert "节点文件有误 ('serves' is missing)" in told
    assert len(told.splitlines()) == 1
