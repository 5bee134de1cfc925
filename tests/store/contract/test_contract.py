"""What `tongban.kernel.ports.store` promises, held against every store.

What only a file can keep (erasure, audit, checkpoints, backup) has tests of its own.
"""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from tongban.kernel import protocol as p
from tongban.kernel.audit import bundle, hash_chain, signing
from tongban.kernel.ports import store as contract
from tongban.kernel.protocol import personal_data

Store = contract.Store
PERSON = {"kind": "person", "name": "白鹭", "phone": "13900000001"}
OTHER = {"kind": "person", "name": "夜鹭"}


# Reader


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


def test_tasks_come_in_parts_each_once(desk: Any, store: Store) -> None:
    for number in range(1, 4):
        desk.submit("hukou", f"CASE-{number}", f"applicant-{number}")
    every = store.tasks().tasks
    assert every
    found: list[p.Task] = []
    after: p.TaskKey | None = None
    while True:
        page = store.tasks(contract.TaskFilter(limit=1, after=after))
        found += page.tasks
        assert page.count == len(every)
        after = page.after
        if after is None:
            break
    assert tuple(found) == every


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


def test_a_case_wakes_on_the_day_on_which_time_brings_something(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive", "accept")
    desk.clock.pass_days(365)
    assert [one.case for one in store.awake()] == ["CASE-1"]


def test_a_case_that_lies_after_now_is_awake(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    desk.clock.pass_days(-1)
    assert [one.case for one in store.awake()] == ["CASE-1"]


def test_the_head_is_the_last_entry_of_the_log(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive")
    last = list(store.entries())[-1]
    assert store.head() == hash_chain.Head(last.position, last.log_hash)
    assert [one.seq for one in store.entries("CASE-1")] == [
        one.seq for one in store.events("CASE-1")
    ]
    assert store.verify() == ()


# Transactions


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


def test_transactions_are_not_nested(store: Store) -> None:
    with store.transaction(), pytest.raises(contract.StoreError), store.transaction():
        pass


def test_the_second_is_refused(desk: Any, store: Store) -> None:
    case = desk.submit("hukou")
    with pytest.raises(contract.ConflictError), store.transaction() as tx:
        tx.append("CASE-1", case.version - 1, [])
    with store.transaction() as tx:
        assert tx.append("CASE-1", case.version, []) == case
        assert tx.append("CASE-9", 0, []) is None


def test_events_that_do_not_follow_are_refused(desk: Any, store: Store) -> None:
    case = desk.submit("hukou")
    (last, *_) = reversed(store.events("CASE-1"))
    with pytest.raises(contract.StoreError), store.transaction() as tx:
        tx.append("CASE-1", case.version, [evolve(last, seq=last.seq + 5)])
    assert store.case("CASE-1") == case


# Boxes


def test_a_message_is_sent_once(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive", "accept")
    sent = store.outgoing()
    assert [one.position for one in sent] == sorted(one.position for one in sent)
    with store.transaction() as tx:
        assert tx.send([one.message for one in sent]) == 0
    assert store.outgoing() == sent
    assert store.outgoing(limit=1) == sent[:1]
    assert store.message(sent[0].message.id) == sent[0].message


def test_what_was_delivered_stays_so(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive")
    message = store.outgoing()[0].message.id
    with store.transaction() as tx:
        tx.failed(message, "无此地址 (no such address)")
    assert [one.reason for one in store.outgoing("failed")] == ["无此地址 (no such address)"]
    with store.transaction() as tx:
        tx.retry(message)
    assert message in [one.message.id for one in store.outgoing("pending")]
    with store.transaction() as tx:
        tx.delivered(message)
        tx.failed(message, "late")
    assert [one.message.id for one in store.outgoing("delivered")] == [message]


def test_a_message_comes_once_and_says_one_thing(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive")
    came = evolve(store.outgoing()[0].message, id="came")
    with store.transaction() as tx:
        assert tx.receive(came, "north", "00")
        assert not tx.receive(came, "north", "11")
    with pytest.raises(contract.MismatchError), store.transaction() as tx:
        tx.receive(evolve(came, receiver="somebody else"))
    (kept,) = store.incoming(open_only=True)
    assert (kept.message, kept.node, kept.seal) == (came, "north", "00")
    assert store.incoming(receiver=came.receiver, case=came.case, kind=came.kind) == (kept,)
    with store.transaction() as tx:
        tx.handled("came")
    assert store.incoming(open_only=True) == ()
    assert len(store.incoming()) == 1


@pytest.mark.parametrize("mark", ["handled", "delivered", "retry"])
def test_a_message_that_is_not_there_cannot_be_marked(store: Store, mark: str) -> None:
    with pytest.raises(contract.StoreError), store.transaction() as tx:
        getattr(tx, mark)("none")


# Personal data


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


def test_only_somebody_with_a_part_reads_who_applied(desk: Any, store: Store) -> None:
    case = desk.submit("hukou")
    applicant = p.Actor("applicant", case.applicant)
    kept = store.personal("CASE-1", applicant, "查看 to look")
    assert kept is not None
    assert kept.data["name"]
    stranger = p.Actor("officer", "stranger", "659001", "nobody")
    with pytest.raises(contract.NotAllowedError):
        store.personal("CASE-1", stranger, "好奇")
    assert kept.data["name"] not in str(store.masked("CASE-1"))


# Notes


def test_the_first_note_of_a_command_stays(store: Store) -> None:
    first = contract.CommandNote("CASE-1", "fingerprint")
    with store.transaction() as tx:
        tx.note_command("id", first)
        tx.note_command("id", evolve(first, case="CASE-2"))
    assert store.command("id") == first


def test_of_another_log_the_furthest_head_stays(store: Store) -> None:
    far, near = hash_chain.Head(5, "5" * 64), hash_chain.Head(3, "3" * 64)
    with store.transaction() as tx:
        tx.witness("north", "line", far)
        tx.witness("north", "line", near)
    assert [(one.node, one.head) for one in store.witnesses()] == [("north", far)]
    with pytest.raises(contract.MismatchError), store.transaction() as tx:
        tx.witness("north", "line", evolve(far, hash="6" * 64))


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
