"""Desks: stores with a clock, at which people type commands."""

from __future__ import annotations

import json
import pkgutil
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tongban.cli import cli
from tongban.kernel import Kernel, protocol
from tongban.plugins import calendar, casework, commands, delivery, departments, exchange, identity
from tongban.plugins.stores import sqlite

Golden = Callable[[str, str], None]

MONDAY = datetime(2026, 3, 2, 9, tzinfo=protocol.CHINA)
"""A Monday without holidays near."""


class Desk:
    """One store, at which people type commands in this process.

    `desk("case", "accept", id, as_="officer:…")` gives the result; `desk.json(…)` its JSON.
    """

    def __init__(self, folder: Path, kernel: Kernel, clock: list[datetime]) -> None:
        self.folder, self.kernel, self.clock = folder, kernel, clock
        self.db = folder / "cases.db"
        self.runner = CliRunner(catch_exceptions=False)
        self.env: dict[str, str | None] = {"TONGBAN_DB": str(self.db)}
        self.env |= dict.fromkeys(("TONGBAN_AS", "TONGBAN_NODE", "TONGBAN_KEY"))
        self.env |= {"TONGBAN_SIGNING_KEY": None, "TONGBAN_STORE": None}

    def __call__(
        self, *args: str, as_: str = "", status: int | None = 0, input: str | None = None
    ) -> Result:
        more = ["--as", as_] if as_ else []
        result = self.runner.invoke(
            cli, [*args, *more], obj=self.kernel, env=self.env, input=input, terminal_width=100
        )
        if status is not None:
            assert result.exit_code == status, f"{args}: {result.output}"
        return result

    def json(self, *args: str, as_: str = "", status: int | None = 0) -> Any:
        lines = self(*args, "--json", as_=as_, status=status).stdout.splitlines()
        found = [json.loads(line) for line in lines]
        return found[0] if len(found) == 1 else found

    def file(self, name: str, raw: Mapping[str, Any]) -> str:
        """The path of a file with an application."""
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(raw, ensure_ascii=False), encoding="utf-8")
        return str(path)

    def receive(self, raw: Mapping[str, Any], *args: str, as_: str = "window:510100") -> str:
        """The id of a case that a window received."""
        given = ("--applicant", "a-1", "--material", "申请表:form", "--material", "证明:original")
        done = self.json("case", "receive", self.file("app", raw), *given, *args, as_=as_)
        return str(done["case"])

    def state(self, case: str) -> str:
        """Where a case stands."""
        return str(self.json("case", "show", case)["case"]["state"])

    def later(self, days: float = 0, hours: float = 0) -> None:
        """Lets time pass."""
        self.clock[0] += timedelta(days=days, hours=hours)


def _ids(prefix: str) -> Callable[[], str]:
    numbers = count(1)
    return lambda: sha256(f"{prefix}-{next(numbers)}".encode()).hexdigest()[:32]


@pytest.fixture(scope="session")
def plugins() -> list[object]:
    """Every department, and what cases need of the other plugins."""
    names = [one.name for one in pkgutil.iter_modules(departments.__path__)]
    found = [import_module(f"{departments.__name__}.{name}") for name in names]
    return [*found, identity, calendar, delivery, exchange, sqlite, commands, casework]


@pytest.fixture
def clock() -> list[datetime]:
    """The moment, in a list so that it can be changed."""
    return [MONDAY]


@pytest.fixture
def make_desk(
    tmp_path: Path, plugins: list[object], clock: list[datetime]
) -> Callable[[str], Desk]:
    """Makes a desk with a folder of its own; all have the same clock."""

    def make(name: str) -> Desk:
        folder = tmp_path / name
        folder.mkdir()
        kernel = Kernel(plugins, clock=lambda: clock[0], ids=_ids(name))
        return Desk(folder, kernel, clock)

    return make


@pytest.fixture
def desk(make_desk: Callable[[str], Desk]) -> Desk:
    """One desk, whose store is everybody's."""
    return make_desk("desk")


@pytest.fixture
def two(make_desk: Callable[[str], Desk], tmp_path: Path) -> tuple[Desk, Desk]:
    """Chengdu's and Xining's stores, which share nothing but a folder."""
    found = []
    for name, place in (("chengdu", "510000"), ("xining", "630000")):
        desk = make_desk(name)
        key = str(desk.folder / "node.pem")
        folder = str(tmp_path / "exchange")
        desk("case", "join", folder, "--name", name, "--serves", place, "--key", key)
        found.append(desk)
    return found[0], found[1]


@pytest.fixture
def golden(golden: Golden, tmp_path: Path) -> Golden:
    """Compares text with a file in golden/; the version of the rules and paths are left out."""

    def compare(name: str, text: str) -> None:
        text = re.sub("rules [0-9a-f]{12}", "rules <version>", text)
        golden(name, text.replace(str(tmp_path), "<folder>"))

    return compare
