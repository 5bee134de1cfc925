"""The outbox and the inbox: at least once, in any order, doubled; the effect is one."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from attrs import evolve

from tongban.kernel import protocol as p
from tongban.kernel.ports import store as contract
from tongban.kernel.ports.store import Store

HASH = "ab" * 32


def test_messages_go_out_in_order_until_they_are_delivered(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive", "accept")
    pending = store.outgoing("pending")
    assert [one.position for one in pending] == sorted(one.position for one in pending)
    assert "request" in [one.message.kind for one in pending]
    with store.transaction() as tx:
        tx.delivered(pending[0].message.id)
    assert store.outgoing("pending") == pending[1:]
    assert store.outgoing("pending", limit=1) == pending[1:2]
    (done,) = store.outgoing("delivered")
    assert (done.message, done.attempts) == (pending[0].message, 1)


def test_what_cannot_be_delivered_is_shown_and_tried_again(
    desk: Any, store: Store, clock: Any
) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive")
    message = store.outgoing("pending")[0].message
    with store.transaction() as tx:
        tx.failed(message.id, "无此地址 (no such address)")
    (failed,) = store.outgoing("failed", case="CASE-1")
    assert (failed.reason, failed.attempts) == ("无此地址 (no such address)", 1)
    assert failed.tried_at == clock.now
    assert message.id not in [one.message.id for one in store.outgoing("pending")]
    with store.transaction() as tx:
        tx.retry(message.id)
    assert message.id in [one.message.id for one in store.outgoing("pending")]
    with store.transaction() as tx:
        tx.delivered(message.id)
        # An attempt at the same time that failed does not undo it.
        tx.failed(message.id, "timeout")
    (done,) = store.outgoing("delivered")
    assert done.message == message


def test_a_message_that_is_sent_twice_goes_out_once(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive")
    again = [one.message for one in store.outgoing()]
    with store.transaction() as tx:
        assert tx.send(again) == 0
    assert [one.message for one in store.outgoing()] == again


def test_a_message_comes_in_once(desk: Any, store: Store, clock: Any) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive", "accept")
    (request,) = [one.message for one in store.outgoing() if one.message.kind == "request"]
    with store.transaction() as tx:
        assert tx.receive(request)
        assert not tx.receive(request)
    clock.pass_days(1)
    with store.transaction() as tx:
        assert not tx.receive(request)
    (come,) = store.incoming("630100/public_security", kind="request", open_only=True)
    assert come.message == request
    assert come.handled_at is None
    with store.transaction() as tx:
        tx.handled(request.id)
    assert store.incoming(open_only=True) == ()
    (done,) = store.incoming(case="CASE-1")
    assert done.handled_at == clock.now
    assert store.message(request.id) == request
    assert store.message("nobody") is None


def test_a_message_that_is_refused_with_its_command_may_come_again(desk: Any, store: Store) -> None:
    message = p.Message("m", "", "CASE-1", "a", "b", "progress", desk.clock.now, "r", {})

    class OutOfOrderError(Exception):
        pass

    def refuse() -> None:
        with store.transaction() as tx:
            assert tx.receive(message)
            raise OutOfOrderError

    with pytest.raises(OutOfOrderError):
        refuse()
    with store.transaction() as tx:
        assert tx.receive(message)


@pytest.mark.parametrize("call", ["delivered", "handled", "retry"])
def test_an_unknown_message_is_an_error(store: Store, call: str) -> None:
    with pytest.raises(contract.StoreError, match="nobody"), store.transaction() as tx:
        getattr(tx, call)("nobody")


def test_a_failure_needs_its_reason(store: Store) -> None:
    with pytest.raises(contract.StoreError), store.transaction() as tx:
        tx.failed("m", " ")


def test_messages_outlive_a_rebuild(desk: Any, store: Store) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive")
    with store.transaction() as tx:
        tx.delivered(store.outgoing()[0].message.id)
    before = store.outgoing()
    store.rebuild()
    assert store.outgoing() == before


def test_a_message_tells_whose_letter_it_came_in(store: Store, desk: Any) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive", "accept")
    message = evolve(store.outgoing()[0].message, signature="c2lnbmVk")
    seal = sha256(b"").hexdigest()
    with store.transaction() as tx:
        assert tx.receive(message, "xining", seal)
    (came,) = store.incoming()
    assert (came.message, came.node, came.seal) == (message, "xining", seal)


def test_a_known_message_with_other_content_is_told_apart(store: Store, desk: Any) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive", "accept")
    message = store.outgoing()[0].message
    with store.transaction() as tx:
        assert tx.receive(message, "xining", HASH)
    with store.transaction() as tx:
        assert not tx.receive(evolve(message, signature="again"), "xining", "cd" * 32)
    other = evolve(message, body={**message.body, "more": 1})
    with pytest.raises(contract.MismatchError, match=message.id), store.transaction() as tx:
        tx.receive(other, "xining", HASH)
    assert [one.message for one in store.incoming()] == [message]
