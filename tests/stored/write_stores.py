"""Writes the stores and the bundle that `test_stored_forms.py` opens: `python write_stores.py`.

Run it only to add forms that did not exist before: what is in `data/` stands for what
installed programs have written, and must open as it is.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from click.testing import CliRunner

from tongban.cli import cli
from tongban.kernel import Kernel, hookimpl, protocol
from tongban.kernel.engine import Program

DATA = Path(__file__).parent / "data"
KEY = "c3RvcmVkLWZvcm1zLW9mLWEtdGVzdC0zMi1ieXRlcy4="
"""Seals the personal data of Xining's store; all of it is invented."""
MONDAY = datetime(2026, 3, 2, 9, tzinfo=protocol.CHINA)
CHENGDU, XINING = "officer:510100/public_security", "officer:630100/public_security"
WINDOW, APPLICANT, POSTAL = "window:510100", "applicant:a-1", "officer:630100/postal"
PERSON = {
    "kind": "person",
    "name": "金丝雀",
    "id_number": "630102199003071231",
    "phone": "13897654321",
    "address": "青海省西宁市城东区金丝路88号",
}
FIRM = {
    "kind": "enterprise",
    "name": "某某快递有限公司",
    "credit_code": "91630100MA7521R350",
    "address": "青海省西宁市城中区示范街1号",
}
GIVEN = {"channel": "window", "received_at": "510100", "as_of": "2026-03-02"}
HUKOU: dict[str, Any] = {
    **GIVEN,
    "item": "2-03",
    "applicant": PERSON,
    "places": {"move_in": "510100", "move_out": "630100"},
    "facts": {"move_reason": "job_transfer"},
    "deliver_by": "post",
}
LICENCE: dict[str, Any] = {
    **GIVEN,
    "item": "1-52",
    "applicant": FIRM,
    "places": {"operating_area": "630100"},
    "deliver_by": "post",
}


class Contrary:
    """An engine that contradicts while `says` is set."""

    says = False

    @hookimpl
    def second_opinion(self, item: Program) -> list[str] | None:
        return [] if self.says else None


class Desk:
    """One store, and the commands that are typed at it."""

    def __init__(self, folder: Path, name: str, clock: list[datetime], key: str | None) -> None:
        self.folder = folder / name
        self.folder.mkdir()
        self.db, numbers = self.folder / "cases.db", count(1)
        self.contrary = Contrary()
        self.kernel = Kernel(
            clock=lambda: clock[0],
            ids=lambda: sha256(f"{name}-{next(numbers)}".encode()).hexdigest()[:32],
        )
        self.kernel._plugins.register(self.contrary)
        self.env: dict[str, str | None] = dict.fromkeys(
            ("TONGBAN_AS", "TONGBAN_NODE", "TONGBAN_SIGNING_KEY", "TONGBAN_STORE")
        )
        self.env |= {"TONGBAN_DB": str(self.db), "TONGBAN_KEY": key}

    def __call__(self, *args: str, as_: str = "", status: int = 0) -> str:
        more = ["--as", as_] if as_ else []
        given = [*args, *more]
        result = CliRunner(catch_exceptions=False).invoke(
            cli, given, obj=self.kernel, env=self.env, terminal_width=100
        )
        assert result.exit_code == status, f"{args}: {result.output}"
        return result.stdout

    def receive(self, raw: Mapping[str, Any]) -> str:
        path = self.folder / "application.json"
        path.write_text(json.dumps(raw, ensure_ascii=False), encoding="utf-8")
        papers = ("--applicant", "a-1", "--material", "申请表:form", "--material", "证明:original")
        done = self("case", "receive", str(path), *papers, "--json", as_=WINDOW)
        return str(json.loads(done)["case"])


def carry(*desks: Desk) -> None:
    """Lets every message reach its receiver, and every receipt its sender."""
    for _ in range(3):
        for desk in desks:
            desk("case", "exchange")


def write(folder: Path) -> dict[str, Any]:
    """Carries the cases in a folder.

    Returns:
        What the test reads beside the stores: names of cases, the bundle, the checkpoint.
    """
    clock = [MONDAY]

    def later(days: float) -> None:
        clock[0] += timedelta(days=days)

    chengdu = Desk(folder, "chengdu", clock, None)
    xining = Desk(folder, "xining", clock, KEY)
    for desk, place in ((chengdu, "510000"), (xining, "630000")):
        key = str(desk.folder / "node.pem")
        share = str(folder / "exchange")
        desk("case", "join", share, "--name", desk.folder.name, "--serves", place, "--key", key)

    joint = chengdu.receive(HUKOU)
    chengdu("case", "accept", joint, as_=CHENGDU)
    carry(chengdu, xining)
    later(1)
    xining("case", "confirm", joint, "--note", "同意迁出", as_=XINING)
    carry(chengdu, xining)
    chengdu("case", "examine", joint, "--finding", "材料齐全", as_=CHENGDU)
    chengdu("case", "close", joint, as_=CHENGDU, status=4)
    chengdu("case", "confirm", joint, as_=CHENGDU, status=4)
    chengdu("case", "grant", joint, "--document", "准予迁入证明", as_=CHENGDU)
    chengdu("case", "deliver", joint, "--tracking", "EMS1", as_=CHENGDU)
    later(9)
    chengdu("case", "report", joint, "--status", "lost", "--note", "邮政查单回复", as_=CHENGDU)
    chengdu("case", "deliver", joint, "--tracking", "EMS2", as_=CHENGDU)
    later(3)
    chengdu("case", "report", joint, "--status", "arrived", as_=APPLICANT)
    chengdu("case", "close", joint, as_=CHENGDU)
    low = ("--grade", "very_dissatisfied", "--comment", "白跑一趟")
    side = ("--side", "510100/public_security")
    chengdu("case", "rate", joint, *side, *low, as_=APPLICANT)
    chengdu("case", "follow-up", joint, *side, "--result", "已电话致歉", as_=CHENGDU)

    refused = chengdu.receive(HUKOU)
    chengdu("case", "accept", refused, as_=CHENGDU)
    carry(chengdu, xining)
    xining("case", "refuse", refused, "--reason", "户口已冻结", as_=XINING)
    carry(chengdu, xining)

    asked = chengdu.receive(HUKOU)
    chengdu("case", "accept", asked, as_=CHENGDU)
    carry(chengdu, xining)

    collect = chengdu.receive(LICENCE)
    chengdu("case", "forward", collect, "--all", "--tracking", "EMS9", as_=WINDOW)
    carry(chengdu, xining)
    xining("case", "arrive", collect, as_=POSTAL)
    xining("case", "supplement", collect, "--wanted", "授权书", as_=POSTAL)
    carry(xining, chengdu)
    later(1)
    chengdu("case", "supply", collect, "--all", as_=WINDOW)
    carry(chengdu, xining)
    xining("case", "accept", collect, as_=POSTAL)
    pause = ("--procedure", "听证", "--reason", "利害关系人申请", "--expected", "10")
    xining("case", "pause", collect, *pause, as_=POSTAL)
    later(2)
    xining("case", "resume", collect, as_=POSTAL)
    xining("case", "extend", collect, "--reason", "案情复杂", as_=POSTAL)
    xining("case", "pause", collect, *pause, as_=POSTAL)
    carry(xining, chengdu)

    chengdu.contrary.says = True
    stopped, settled = chengdu.receive(HUKOU), chengdu.receive(HUKOU)
    chengdu.contrary.says = False
    chengdu("case", "settle", settled, "--goes-on", "--reason", "经人工核对",
            as_="supervisor:510000")  # fmt: skip
    later(8)
    for desk in (chengdu, xining):
        desk("case", "tick")
    carry(chengdu, xining)

    signing = str(folder / "audit.pem")
    chengdu("audit", "key", signing)
    chengdu("audit", "export", joint, "--key", signing, "-o", str(folder / "bundle.json"))
    marked = chengdu("audit", "checkpoint", "--key", signing, "--json")
    cases = {
        "joint": joint,
        "refused": refused,
        "asked": asked,
        "collect": collect,
        "stopped": stopped,
        "settled": settled,
    }
    return {
        "at": clock[0].isoformat(),
        "key": KEY,
        "cases": cases,
        "checkpoint": json.loads(marked),
        "screens": {desk.folder.name: screens(desk, cases) for desk in (chengdu, xining)},
    }


def screens(desk: Desk, cases: Mapping[str, str]) -> dict[str, Any]:
    """What the commands say of the store, as JSON."""
    desk.env["TONGBAN_NODE"] = str(desk.folder / "nothing.json")
    shown = {
        name: json.loads(desk("case", "show", id, "--json"))
        for name, id in cases.items()
        if id in desk("case", "list", "--json")
    }
    return {
        "show": shown,
        "next": [json.loads(line) for line in desk("case", "next", "--json").splitlines()],
        "list": [json.loads(line) for line in desk("case", "list", "--json").splitlines()],
    }


def main(data: Path) -> None:
    """Writes everything into the folder of the test."""
    data.mkdir(exist_ok=True)
    with TemporaryDirectory() as name:
        folder = Path(name)
        known = write(folder)
        for desk in ("chengdu", "xining"):
            for end in ("db", "db-head"):
                kept = (folder / desk / f"cases.{end}").read_bytes()
                (data / f"{desk}.{end}.gz").write_bytes(gzip.compress(kept, mtime=0))
        for one in ("bundle.json", "audit.pem.pub"):
            (data / one).write_bytes((folder / one).read_bytes())
        text = json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True)
        (data / "known.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else DATA)
