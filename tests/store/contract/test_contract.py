"""The promises of `tongban.kernel.ports.store` one by one, a short test each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from tongban.kernel import protocol as p
from tongban.kernel.audit import bundle, hash_chain, signing
from tongban.kernel.ports import store as contract
from tongban.kernel.protocol import personal_data

Store = contract.Store
HASH = "ab" * 32
PERSON = {"kind": "person", "name": "白鹭", "phone": "13900000001"}
OTHER = {"kind": "person", "name": "夜鹭"}


def test_an_empty_store_has_nothing_to_tell(store: Store) -> None:
    assert store.events("CASE-1") == ()
    assert store.case("CASE-1") is None
    assert store.last_moment("CASE-1") is None
    assert (store.cases(), list(store.snapshots()), store.tasks().tasks) == ((), [], ())
    assert (store.deadlines(), store.outgoing(), store.incoming()) == ((), (), ())
    assert (store.message("none"), store.command("none")) == (None, None)
    assert (store.awake(), store.witnesses(), list(store.entries())) == ((), (), [])
    assert store.head() == hash_chain.Head(0, hash_chain.log_start(store.id))
    assert store.restored is None


def test_what_is_asked_of_no_case_says_so(store: Store) -> None:
    with pytest.raises(contract.StoreError, match="CASE-9"):
        store.masked("CASE-9")


def test_the_log_is_in_order_and_the_case_is_what_it_says(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    case = desk.carry("CASE-1", "receive", "accept")
    events = store.events("CASE-1")
    assert [one.seq for one in events] == list(range(1, len(events) + 1))
    assert p.replay(events) == case == store.case("CASE-1")
    assert store.last_moment("CASE-1") == events[-1].at


def test_cases_are_listed_newest_first(desk: Any, store: Store) -> None:
    desk.submit("hukou", "CASE-1")
    desk.clock.pass_days(1)
    desk.submit("hukou", "CASE-2", "applicant-2")
    desk.carry("CASE-1", "withdraw")
    assert [one.id for one in store.cases()] == ["CASE-2", "CASE-1"]
    assert [one.id for one in store.snapshots()] == ["CASE-2", "CASE-1"]
    assert [one.id for one in store.cases(contract.CaseFilter(over=False))] == ["CASE-2"]
    assert [one.id for one in store.cases(contract.CaseFilter(over=True))] == ["CASE-1"]


def test_limits_come_by_last_day(desk: Any, store: Store) -> None:
    desk.submit("licence", "CASE-1")
    desk.carry("CASE-1", "receive", "forward", "arrive", "accept")
    desk.clock.pass_days(1)
    desk.submit("licence", "CASE-2", "applicant-2")
    desk.carry("CASE-2", "receive", "forward", "arrive", "accept")
    days = [one.due for one in store.deadlines() if one.due is not None]
    assert days
    assert days == sorted(days)
    assert {one.case for one in store.deadlines("CASE-2")} == {"CASE-2"}
    assert all(one.status == "open" for one in store.deadlines(open_only=True))


def test_all_of_a_transaction_is_kept_or_nothing(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    before = desk.carry("CASE-1", "receive")
    head, sent = store.head(), store.outgoing()
    message = evolve(sent[0].message, id="another")
    refs: list[str] = []

    def careless() -> None:
        with store.transaction() as tx:
            tx.send([message])
            tx.receive(message)
            tx.note_command("id", contract.CommandNote("CASE-1", "fingerprint"))
            refs.append(tx.keep_personal(PERSON))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        careless()
    assert store.case("CASE-1") == before
    assert (store.head(), store.outgoing(), store.incoming()) == (head, sent, ())
    assert (store.command("id"), store.message("another")) == (None, None)
    assert not store.same_personal(refs[0], PERSON)


def test_personal_data_is_kept_apart_under_its_reference(store: Store) -> None:
    with store.transaction() as tx:
        ref = tx.keep_personal(PERSON)
        assert tx.keep_personal({}) == ""
    assert store.same_personal(ref, PERSON)
    assert store.same_personal(ref, OTHER) is False


def test_adopted_data_must_be_what_its_reference_was_made_of(store: Store) -> None:
    salt = bytes(16)
    good = personal_data.Personal(personal_data.reference(salt, PERSON), PERSON, salt)
    with pytest.raises(contract.StoreError), store.transaction() as tx:
        tx.adopt_personal(evolve(good, data=OTHER))
    with store.transaction() as tx:
        tx.adopt_personal(good)
    assert store.same_personal(good.ref, PERSON)


def test_the_first_note_of_a_command_stays(store: Store) -> None:
    first = contract.CommandNote("CASE-1", "fingerprint")
    with store.transaction() as tx:
        tx.note_command("id", first)
        tx.note_command("id", evolve(first, case="CASE-2"))
    assert store.command("id") == first


def test_a_store_that_was_put_back_knows_it_until_it_recovers(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    line = store.history
    with store.transaction() as tx:
        tx.put_back(None)
    assert store.restored is not None
    assert store.history != line
    with store.transaction() as tx:
        tx.recovered("已补齐 fetched")
    assert store.restored is None
    assert store.verify() == ()


def test_the_tables_follow_from_the_log(desk: Any, store: Store) -> None:
    desk.submit("licence")
    case = desk.carry("CASE-1", "receive", "forward", "arrive", "accept")
    before = (store.cases(), store.tasks(), store.deadlines())
    assert store.differences() == ()
    assert store.rebuild() == 1
    assert store.case("CASE-1") == case
    assert (store.cases(), store.tasks(), store.deadlines()) == before


def test_a_case_is_exported_as_a_bundle_that_verifies(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive")
    key = signing.SigningKey(bytes(range(32)))
    made = store.export("CASE-1", key)
    bundle.verify_bundle(made, key.public)
    with pytest.raises(contract.StoreError, match="CASE-9"):
        store.export("CASE-9", key)


def test_a_line_stays_and_is_the_stores_own(open_store: Callable[..., Store]) -> None:
    one, other = open_store("one.db"), open_store("other.db")
    assert one.history == open_store("one.db").history != other.history
    assert one.restored is None


def test_the_head_is_the_last_entry(store: Store, desk: Any) -> None:
    assert store.head() == hash_chain.Head(0, hash_chain.log_start(store.id))
    desk.submit("hukou")
    last = list(store.entries())[-1]
    assert store.head() == hash_chain.Head(last.position, last.log_hash)


def test_a_witness_keeps_the_last_head_of_each_line(store: Store) -> None:
    with store.transaction() as tx:
        tx.witness("xining", "line-1", hash_chain.Head(5, HASH))
        tx.witness("xining", "line-1", hash_chain.Head(3, "cd" * 32))
        tx.witness("xining", "line-2", hash_chain.Head(4, HASH))
    found = [(one.node, one.history, one.head.position) for one in store.witnesses()]
    assert found == [("xining", "line-1", 5), ("xining", "line-2", 4)]
    with pytest.raises(contract.MismatchError, match="xining"), store.transaction() as tx:
        tx.witness("xining", "line-1", hash_chain.Head(5, "cd" * 32))
