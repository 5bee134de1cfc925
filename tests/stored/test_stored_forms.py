"""Stores and a bundle that stand for what installed programs have written open and go on.

`write_stores.py` beside this file made them on 2026-11-30 with tables of version 5: it
types commands of `tongban case` at two nodes with a clock that stands still between them.

`chengdu.db.gz` has no key, `xining.db.gz` seals personal data with the key in `known.json`.
Chengdu has a joint case 联办 carried to its end (other store's confirmation, refused attempts,
a lost document issued anew, a bad rating with its follow-up), one that Xining refused, one in
which Xining was asked, one on which two engines disagree, one that a supervisor settled.
Xining has the case that Chengdu collected 代收 (supplement, hearing, extension, hearing again).

`bundle.json` is the joint case, signed by the key of `audit.pem.pub`; `known.json` also says the
checkpoint, and what `case show`, `case next` and `case list` printed as JSON.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tongban.cli import cli
from tongban.kernel import Kernel, TongbanError, protocol
from tongban.kernel.audit import bundle, hash_chain
from tongban.kernel.ports.store import Checkpoint
from tongban.kernel.service import calendars
from tongban.plugins.stores.sqlite.embedded import (
    SqliteStore,
    key_from_environment,
    load_public_key,
    open_store,
)

DATA = Path(__file__).parent / "data"
KNOWN: dict[str, Any] = json.loads((DATA / "known.json").read_text(encoding="utf-8"))
PUBLIC = load_public_key(DATA / "audit.pem.pub")
NODES = ("chengdu", "xining")
CHENGDU, XINING = "officer:510100/public_security", "officer:630100/public_security"
POSTAL = "officer:630100/postal"


class Desk:
    """A copy of a stored file, at which commands are typed."""

    def __init__(self, db: Path, node: str) -> None:
        self.db, self.now, numbers = db, datetime.fromisoformat(KNOWN["at"]), count(1)
        self.kernel = Kernel(
            clock=lambda: self.now,
            ids=lambda: sha256(f"{node} {next(numbers)}".encode()).hexdigest()[:32],
        )
        names = ("TONGBAN_AS", "TONGBAN_NODE", "TONGBAN_SIGNING_KEY", "TONGBAN_STORE")
        self.env: dict[str, str | None] = dict.fromkeys(names)
        self.env |= {"TONGBAN_DB": str(db), "TONGBAN_KEY": KNOWN["key"]}
        if node == "chengdu":
            self.env["TONGBAN_KEY"] = None

    def __call__(self, *args: str, as_: str = "", status: int = 0) -> list[Any]:
        given = [*args, *(["--as", as_] if as_ else []), "--json"]
        runner = CliRunner(catch_exceptions=False)
        result = runner.invoke(cli, given, obj=self.kernel, env=self.env)
        assert result.exit_code == status, f"{args}: {result.output}"
        return [json.loads(line) for line in result.stdout.splitlines()]

    def state(self, case: str) -> str:
        return str(self("case", "show", case)[0]["case"]["state"])


@pytest.fixture
def stored(tmp_path: Path) -> Callable[[str], Path]:
    """A copy of a stored file, by the name of its node."""

    def copy(node: str) -> Path:
        path = tmp_path / node / "cases.db"
        path.parent.mkdir()
        for end in ("db", "db-head"):
            packed = (DATA / f"{node}.{end}.gz").read_bytes()
            path.with_name(f"cases.{end}").write_bytes(gzip.decompress(packed))
        return path

    return copy


@pytest.fixture
def desk(stored: Callable[[str], Path]) -> Callable[[str], Desk]:
    return lambda node: Desk(stored(node), node)


def at(path: Path) -> SqliteStore:
    days = calendars(Kernel())
    return open_store(path, clock=lambda: datetime.fromisoformat(KNOWN["at"]), calendars=days)


def checkpoint() -> Checkpoint:
    raw = KNOWN["checkpoint"]
    return Checkpoint(**{**raw, "head": hash_chain.Head(**raw["head"])})


@pytest.mark.parametrize("node", NODES)
def test_every_event_and_case_reads_and_replays(node: str, stored: Callable[[str], Path]) -> None:
    with at(stored(node)) as store:
        for case in store.snapshots():
            events = store.events(case.id)
            assert [protocol.Event.from_dict(one.to_dict()) for one in events] == [*events]
            assert protocol.replay(events) == case
            assert protocol.Case.from_dict(case.to_dict()) == case


@pytest.mark.parametrize("node", NODES)
def test_it_verifies_and_its_tables_are_made_anew_alike(
    node: str, stored: Callable[[str], Path]
) -> None:
    with at(stored(node)) as store:
        marks = [checkpoint()] if node == "chengdu" else []
        assert store.verify(marks, PUBLIC) == ()
        assert store.integrity() == ()
        assert store.differences() == ()
        before = (store.tasks().tasks, store.deadlines(), store.cases())
        assert store.rebuild() == len(before[2])
        assert (store.tasks().tasks, store.deadlines(), store.cases()) == before
        assert store.verify(marks, PUBLIC) == ()


@pytest.mark.parametrize("node", NODES)
def test_the_commands_show_it_as_they_did(node: str, desk: Callable[[str], Desk]) -> None:
    type_ = desk(node)
    known = KNOWN["screens"][node]
    for name, shown in known["show"].items():
        (now,) = type_("case", "show", KNOWN["cases"][name])
        # What came later stands beside it.
        assert {key: now[key] for key in shown} == shown, name
    # Tasks of the same urgency stand in the order of their cases; these were by their last event.
    assert in_order(type_("case", "next")) == in_order(known["next"])
    assert type_("case", "list") == known["list"]


def in_order(rows: list[Any]) -> list[str]:
    return sorted(json.dumps(one, sort_keys=True) for one in rows)


def test_a_changed_event_is_found(stored: Callable[[str], Path]) -> None:
    path = stored("chengdu")
    with at(path) as store:
        store._conn.execute("DROP TRIGGER events_no_update")
        store._conn.execute(
            "UPDATE events SET body = replace(body, '材料齐全', '材料不全') WHERE kind = 'examined'"
        )
        assert store.verify([checkpoint()], PUBLIC) != ()


def test_its_log_is_the_one_that_was_signed(stored: Callable[[str], Path]) -> None:
    signed = json.loads((DATA / "bundle.json").read_text(encoding="utf-8"))
    assert bundle.verify_bundle(signed, PUBLIC).case == KNOWN["cases"]["joint"]
    with at(stored("chengdu")) as store:
        kept = {one.position: one.log_hash for one in store.entries()}
    assert {one["position"]: one["log_hash"] for one in signed["entries"]}.items() <= kept.items()
    signed["entries"][-1]["body"] = signed["entries"][-1]["body"].replace("510100", "510200")
    with pytest.raises(TongbanError):
        bundle.verify_bundle(signed, PUBLIC)


def test_open_cases_go_on_to_their_end(desk: Callable[[str], Desk]) -> None:
    chengdu, cases = desk("chengdu"), KNOWN["cases"]
    chengdu("case", "confirm", cases["asked"], as_=XINING)
    settle = ("case", "settle", cases["stopped"], "--reason", "经人工核对")
    chengdu(*settle, "--goes-on", as_="supervisor:510000")
    for name in ("stopped", "settled"):
        if chengdu.state(cases[name]) == "submitted":
            chengdu("case", "receive", cases[name], "--material", "申请表:form",
                    as_="window:510100")  # fmt: skip
        chengdu("case", "accept", cases[name], as_=CHENGDU)
        chengdu("case", "confirm", cases[name], as_=XINING)
    for name in ("asked", "stopped", "settled"):
        finish(chengdu, cases[name], CHENGDU)
    xining = desk("xining")
    xining("case", "resume", cases["collect"], as_=POSTAL)
    finish(xining, cases["collect"], POSTAL)
    for one in (chengdu, xining):
        assert one("audit", "verify")[0]["whole"] is True


def finish(type_: Desk, case: str, officer: str) -> None:
    """Decides an accepted case, and brings the result to the applicant."""
    type_("case", "grant", case, as_=officer)
    type_("case", "deliver", case, "--tracking", "EMS3", as_=officer)
    type_.now += timedelta(days=1)
    type_("case", "report", case, "--status", "arrived", as_="applicant:a-1")
    type_("case", "close", case, as_=officer)
    assert type_.state(case) == "closed"


def test_sealed_personal_data_opens_with_its_key_alone(stored: Callable[[str], Path]) -> None:
    case = KNOWN["cases"]["collect"]
    path = stored("xining")
    officer = protocol.Actor("officer", "o", "630100", "postal")
    assert b"91630100MA7521R350" not in path.read_bytes()
    key = key_from_environment({"TONGBAN_KEY": KNOWN["key"]})
    with open_store(path, clock=lambda: datetime.fromisoformat(KNOWN["at"]), key=key) as store:
        found = store.personal(case, officer, "办理")
        assert found is not None
        assert "91630100MA7521R350" in str(found.data)
