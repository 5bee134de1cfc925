"""What `tongban.kernel.ports.storage` promises: opening, salvage, keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tongban.kernel import SealingStorage, Storage, TongbanError
from tongban.kernel import protocol as p
from tongban.kernel.audit import signing
from tongban.kernel.ports import store as contract
from tongban.kernel.ports.store import Store

Open = Callable[..., Store]
LEAD = p.Actor("officer", "lead", "510100", "public_security")
KEEPER = p.Actor("supervisor", "keeper", "510000")


def no_holidays(division: str | None) -> p.Calendar:
    return p.Calendar()


def test_a_store_is_made_by_what_is_a_storage(storage: Storage) -> None:
    assert isinstance(storage, Storage)
    assert storage.KEY_VARIABLE
    assert storage.SIGNING_VARIABLE


@pytest.mark.parametrize("how", [{"create": False}, {"readonly": True}], ids=str)
def test_a_store_is_made_only_where_it_may_be(open_store: Open, how: dict[str, bool]) -> None:
    with pytest.raises(contract.StoreError, match="new.db"):
        open_store("new.db", **how)
    made = open_store("new.db")
    assert open_store("new.db", **how).id == made.id


WRITES: dict[str, Callable[[Store], object]] = {
    "transaction": lambda store: store.transaction().__enter__(),
    "personal": lambda store: store.personal("CASE-1", LEAD, "核对"),
    "erase": lambda store: store.erase_personal(p.day_of(store.cases()[0].submitted_at)),
    "rebuild": lambda store: store.rebuild(),
    "checkpoint": lambda store: store.checkpoint(signing.SigningKey(bytes(32))),
}


@pytest.mark.parametrize("write", WRITES)
def test_what_is_opened_for_reading_writes_nothing(
    desk: Any, store: Store, open_store: Open, write: str
) -> None:
    desk.submit("hukou")
    reader, head = open_store(readonly=True), store.head()
    with pytest.raises(contract.StoreError):
        WRITES[write](reader)
    assert reader.cases() == store.cases()
    assert reader.head() == store.head() == head
    assert list(reader.readings()) == []


def test_a_backup_that_is_read_stays_a_backup(
    desk: Any, store: Store, open_store: Open, tmp_path: Path
) -> None:
    desk.submit("hukou")
    store.backup(tmp_path / "copy.db")
    for _ in range(2):
        copy = open_store("copy.db", readonly=True)
        assert copy.restored is not None
        assert (copy.restored.by, copy.history) == ("backup", store.history)
        copy.close()


def test_a_sound_store_is_the_same_to_an_audit_of_what_is_suspect(
    desk: Any, store: Store, open_store: Open
) -> None:
    desk.submit("hukou")
    assert open_store(readonly=True, suspect=True).audit() == store.audit()


def test_nothing_is_left_of_what_was_erased(desk: Any, store: Store, clock: Any) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive", "accept", "refuse")
    clock.pass_days(9)
    assert store.remnants() == ()
    assert store.erase_personal(p.day_of(clock())) == ("CASE-1",)
    assert store.remnants() == ()


def test_what_is_salvaged_goes_on_under_the_same_name(
    desk: Any, store: Store, storage: Storage, open_store: Open, tmp_path: Path
) -> None:
    desk.submit("hukou")
    case = desk.carry("CASE-1", "receive")
    end, line = store.head(), store.history
    store.close()
    said: dict[str, Any] = {"clock": desk.clock, "calendars": no_holidays}
    source, target = tmp_path / "cases.db", tmp_path / "saved.db"
    assert storage.salvage(source, target, **said) == ()
    saved = open_store("saved.db")
    assert (saved.id, saved.case("CASE-1")) == (store.id, case)
    assert saved.history != line
    assert saved.restored is not None
    assert (saved.restored.by, saved.restored.lost) == ("salvage", end)
    for wrong in ((source, target), (tmp_path / "nothing.db", tmp_path / "more.db")):
        with pytest.raises(contract.StoreError):
            storage.salvage(*wrong, **said)


def test_a_key_that_signs_is_kept_and_found(storage: Storage, tmp_path: Path) -> None:
    key, path = storage.generate_signing_key(), tmp_path / "audit.pem"
    public = storage.save_signing_key(key, path)
    found = storage.load_signing_key(path)
    assert found is not None
    assert found.public.id == key.public.id == storage.load_public_key(public).id
    with pytest.raises(contract.StoreError, match=path.name):
        storage.save_signing_key(storage.generate_signing_key(), path)
    for load in (storage.load_signing_key, storage.load_public_key):
        with pytest.raises(TongbanError, match="nothing.pem"):
            load(tmp_path / "nothing.pem")


def test_what_other_nodes_say_of_the_log_is_compared(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive")
    said = contract.Witness("xining", store.history, store.head(), desk.clock())
    assert (store.audit(witnesses=[said]).breaks, store.audit(witnesses=[said]).witnessed) == (
        (),
        1,
    )
    further = evolve(said, head=evolve(said.head, position=said.head.position + 1))
    other = evolve(said, head=evolve(said.head, hash="ab" * 32))
    for wrong in (further, other):
        assert len(store.audit(witnesses=[wrong]).breaks) == 1
    assert store.audit(witnesses=[evolve(said, history="another")]).witnessed == 0


def test_personal_data_is_sealed_with_another_key(
    sealing: SealingStorage, open_store: Open, make_desk: Any, clock: Any, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text(sealing.generate_key())
    former, key = bytes(32), sealing.read_key(tmp_path / "key")
    store = open_store(key=former)
    make_desk(store).submit("hukou")
    store.close()
    path = tmp_path / "cases.db"
    for wrong in (key, None):
        with pytest.raises(contract.StoreError):
            sealing.change_key(path, wrong, bytes(range(32)), clock=clock, by=KEEPER)
    assert sealing.change_key(path, former, key, clock=clock, by=KEEPER).changed
    assert not sealing.change_key(path, former, key, clock=clock, by=KEEPER).changed
    with pytest.raises(contract.StoreError):
        open_store(key=former)
    assert open_store(key=key).masked("CASE-1")["name"] == "金**"
    with pytest.raises(contract.StoreError, match="nothing"):
        sealing.read_key(tmp_path / "nothing")
