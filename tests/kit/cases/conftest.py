"""Desks: stores with a clock, at which people type commands."""

from __future__ import annotations

import json
import os
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
from tongban.plugins import calendar, commands, delivery, departments, identity
from tongban.plugins.commands import cases

GOLDEN = Path(__file__).parent / "golden"
UPDATE = "TONGBAN_UPDATE_GOLDEN"
MONDAY = datetime(2026, 3, 2, 9, tzinfo=protocol.CHINA)
"""A Monday without holidays near."""

HUKOU: dict[str, Any] = {
    "item": "2-03",
    "channel": "window",
    "received_at": "510100",
    "as_of": "2026-03-02",
    "applicant": {
        "kind": "person",
        "name": "张小三",
        "id_number": "630102199003071231",
        "phone": "13897001234",
        "address": "青海省西宁市城东区示例路1号",
    },
    "places": {"move_in": "510100", "move_out": "630100"},
    "facts": {"move_reason": "job_transfer"},
    "deliver_by": "post",
}
LICENCE: dict[str, Any] = {
    "item": "1-52",
    "channel": "window",
    "received_at": "510100",
    "as_of": "2026-03-02",
    "applicant": {"kind": "enterprise"},
    "places": {"operating_area": "630100"},
    "deliver_by": "post",
}
ONLINE: dict[str, Any] = {
    **{name: value for name, value in LICENCE.items() if name != "received_at"},
    "channel": "online",
    "deliver_by": "electronic",
}
LOCAL: dict[str, Any] = {
    "item": "1-28",
    "channel": "window",
    "received_at": "630100",
    "as_of": "2026-03-02",
    "applicant": {"kind": "person"},
    "places": {"vehicle_in": "630100"},
    "facts": {"vehicle_kind": "small_non_commercial"},
}


class Desk:
    """One store, at which people type commands in this process.

    `desk("case", "accept", id, as_="officer:…")` gives the result; `desk.json(…)` its JSON.
    """

    def __init__(self, folder: Path, kernel: Kernel, clock: list[datetime]) -> None:
        self.folder, self.kernel, self.clock = folder, kernel, clock
        self.db = folder / "cases.db"
        self.runner = CliRunner()
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
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
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
    return [*found, identity, calendar, delivery, commands, cases]


@pytest.fixture(scope="session")
def raw() -> Mapping[str, dict[str, Any]]:
    """Applications, by name."""
    return {"hukou": HUKOU, "licence": LICENCE, "online": ONLINE, "local": LOCAL}


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
def golden(tmp_path: Path) -> Callable[[str, str], None]:
    """Compares text with a file in golden/; the version of the rules and paths are left out.

    With TONGBAN_UPDATE_GOLDEN=1 in the environment the files are written instead.
    """

    def compare(name: str, text: str) -> None:
        text = re.sub("rules [0-9a-f]{12}", "rules <version>", text)
        text = text.replace(str(tmp_path), "<folder>")
        path = GOLDEN / name
        if UPDATE in os.environ:
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"{path}: {UPDATE}=1 writes it anew"

    return compare
