"""What an earlier version wrote and signed opens and verifies.

`data/cases-4.db.gz`, a bundle and a checkpoint of it, and the public key were made by the
version of 2026-11-23, whose tables were of version 4.
"""

from __future__ import annotations

import gzip
import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import TongbanError, protocol
from tongban.kernel.audit import bundle, hash_chain
from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite.embedded import SqliteStore, open_store
from tongban.plugins.stores.sqlite.keys import load_public_key

DATA = Path(__file__).parent / "data"
NOW = datetime(2026, 3, 2, 9, tzinfo=protocol.CHINA)
KEY = load_public_key(DATA / "audit-4.pem.pub")


def said(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    path = tmp_path / "earlier" / "cases.db"
    path.parent.mkdir()
    path.write_bytes(gzip.decompress((DATA / "cases-4.db.gz").read_bytes()))
    return path


def at(path: Path, readonly: bool = False) -> SqliteStore:
    return open_store(path, clock=lambda: NOW, readonly=readonly)


def checkpoint() -> contract.Checkpoint:
    raw = said("checkpoint-4.json")
    return contract.Checkpoint(**{**raw, "head": hash_chain.Head(**raw["head"])})


def test_a_store_is_brought_up_to_date_and_verifies(earlier: Path) -> None:
    with at(earlier) as store:
        assert store.restored is None
        assert store.verify([checkpoint()], KEY) == ()
        assert store.differences() == ()
        assert store.integrity() == ()
        cases = [*store.snapshots()]
        assert len(cases) == len({entry.case for entry in store.entries()} - {""})
        for case in cases:
            assert protocol.replay(store.events(case.id)) == case
    with at(earlier, readonly=True) as store:
        assert store.audit([checkpoint()], KEY).breaks == ()


def test_its_log_is_the_one_that_was_signed(earlier: Path) -> None:
    with at(earlier) as store:
        kept = {one.position: one.log_hash for one in store.entries()}
    signed = said("bundle-4.json")
    assert {one["position"]: one["log_hash"] for one in signed["entries"]}.items() <= kept.items()


def test_its_bundle_verifies_and_a_changed_one_does_not() -> None:
    signed = said("bundle-4.json")
    assert bundle.verify_bundle(signed, KEY).case == signed["case"]
    signed["entries"][-1]["body"] = signed["entries"][-1]["body"].replace("510100", "510200")
    with pytest.raises(TongbanError):
        bundle.verify_bundle(signed, KEY)


def test_it_is_left_as_it_is_until_it_is_opened_for_writing(earlier: Path, tmp_path: Path) -> None:
    before = shutil.copy(earlier, tmp_path / "kept.db")
    with pytest.raises(contract.StoreError, match="open it once for writing"):
        at(earlier, readonly=True)
    assert Path(before).read_bytes() == earlier.read_bytes()
