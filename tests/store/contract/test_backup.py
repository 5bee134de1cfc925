"""A backup: a copy that is opened, put in place, and known for what it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import protocol as p
from tongban.kernel.ports import store as contract
from tongban.kernel.ports.store import Store

Open = Callable[..., Store]


@pytest.fixture
def copied(desk: Any, store: Store, tmp_path: Path) -> Path:
    """A backup of a case that was handed in; the store has gone on since."""
    desk.submit("hukou")
    store.backup(tmp_path / "copy.db")
    desk.carry("CASE-1", "receive")
    return tmp_path / "copy.db"


def test_a_backup_goes_on_as_a_store_that_knows_what_it_is(
    copied: Path, store: Store, open_store: Open, desk: Any
) -> None:
    copy = open_store(copied.name)
    assert copy.id == store.id
    assert copy.history != store.history
    assert copy.restored is not None
    assert copy.restored.by == "backup"
    assert [one.kind for one in copy.events("CASE-1")] == ["submitted"]
    desk.store = copy
    desk.carry("CASE-1", "receive", "accept")
    assert copy.verify() == ()
    assert "accepted" not in [one.kind for one in store.events("CASE-1")]


def test_a_backup_does_not_overwrite(copied: Path, store: Store, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("dear")
    for path in (copied, tmp_path / "letter"):
        with pytest.raises(contract.StoreError, match=path.name):
            store.backup(path)
    assert (tmp_path / "letter").read_text() == "dear"


def test_a_backup_is_put_in_place_of_a_store(
    copied: Path, store: Store, storage: Any, open_store: Open, tmp_path: Path, clock: Any
) -> None:
    end, line = store.head(), store.history
    store.close()
    said = {"clock": clock, "calendars": lambda division: p.Calendar()}
    found, aside = storage.restore(copied, tmp_path / "cases.db", **said)
    assert (found.by, found.history, found.lost) == ("backup", line, end)
    assert aside
    again = open_store()
    assert again.restored == found
    assert [one.kind for one in again.events("CASE-1")] == ["submitted"]
    with again.transaction() as tx:
        tx.recovered("已补齐 fetched")
    assert again.restored is None
    assert again.verify() == ()


def test_the_backup_of_another_store_is_not_put_in_place(
    copied: Path, storage: Any, open_store: Open, tmp_path: Path, clock: Any
) -> None:
    other = open_store("other.db")
    other.close()
    said = {"clock": clock, "calendars": lambda division: p.Calendar()}
    for source in (copied, tmp_path / "nothing.db"):
        with pytest.raises(contract.StoreError, match=source.name):
            storage.restore(source, tmp_path / "other.db", **said)
    assert open_store("other.db").case("CASE-1") is None
