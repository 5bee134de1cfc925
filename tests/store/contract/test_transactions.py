"""One command, one transaction: everything or nothing, and one winner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tongban.kernel import protocol as p
from tongban.kernel.ports import store as contract
from tongban.kernel.ports.store import Store

Open = Callable[..., Store]


STEPS = ("receive", "accept", "confirm", "examine", "grant", "deliver", "report", "close", "rate")


def test_a_case_is_carried_from_receipt_to_rating(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    case = desk.carry("CASE-1", *STEPS, "follow_up")
    assert case.state == "closed"
    assert p.replay(store.events("CASE-1")) == case
    assert store.differences() == ()
    assert store.verify() == ()


def test_two_officers_at_once_get_one_success_and_one_conflict(
    desk: Any, store: Store, open_store: Open
) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive")
    slow = open_store()
    read = slow.case("CASE-1")
    assert read is not None
    desk.carry("CASE-1", "accept")
    officer = p.Actor("officer", "late", "510100", "public_security")
    step = p.handle(read, p.Command("late", "CASE-1", officer, p.Accept()), desk.context())
    assert isinstance(step, p.Step)
    with pytest.raises(contract.ConflictError) as caught, slow.transaction() as tx:
        tx.append("CASE-1", read.version, step.events)
    now = store.case("CASE-1")
    assert now is not None
    assert (caught.value.expected, caught.value.found) == (read.version, now.version)
    assert str(read.version) in str(caught.value)
    assert str(now.version) in str(caught.value)
    assert store.differences() == ()


def test_a_case_that_opens_twice_is_a_conflict(desk: Any) -> None:
    desk.submit("hukou")
    with pytest.raises(contract.ConflictError):
        desk.submit("hukou")


def test_transactions_are_not_nested(store: Store) -> None:
    with pytest.raises(contract.StoreError), store.transaction():
        store.transaction().__enter__()
    with store.transaction():
        pass


def test_a_transaction_that_is_over_takes_nothing(store: Store) -> None:
    with store.transaction() as tx:
        pass
    with pytest.raises(contract.StoreError):
        tx.keep_personal({"name": "x"})


@pytest.mark.parametrize("wrong", ["gap", "other case", "doubled"])
def test_events_that_do_not_follow_are_refused(desk: Any, store: Store, wrong: str) -> None:
    desk.submit("hukou")
    desk.submit("hukou", "CASE-2")
    case = store.case("CASE-1")
    window = p.Actor("window", "w", "510100")
    step = p.handle(case, p.Command("c", "CASE-1", window, p.Receive()), desk.context())
    events = {
        "gap": step.events[1:],
        "other case": store.events("CASE-2"),
        "doubled": (step.events[0], *step.events),
    }[wrong]
    with pytest.raises(contract.StoreError), store.transaction() as tx:
        tx.append("CASE-1", 1, events)
    assert len(store.events("CASE-1")) == 1


def test_no_events_change_nothing_but_the_version_is_compared(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    with store.transaction() as tx:
        assert tx.append("CASE-1", 1, ()) == store.case("CASE-1")
        assert tx.append("CASE-9", 0, ()) is None
        with pytest.raises(contract.ConflictError):
            tx.append("CASE-1", 0, ())
