"""The line of the log, the letters in which messages came, what other nodes told of theirs."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from attrs import evolve

from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite.embedded import SqliteStore

Open = Callable[..., SqliteStore]
HASH = "ab" * 32


def test_a_line_stays_and_is_the_stores_own(open_file: Open) -> None:
    one, other = open_file("one.db"), open_file("other.db")
    assert one.history == open_file("one.db").history != other.history
    assert one.restored is None


def test_the_head_is_the_last_entry(store: SqliteStore, desk: Any) -> None:
    assert store.head() == hash_chain.Head(0, hash_chain.log_start(store.id))
    desk.submit("hukou")
    last = list(store.entries())[-1]
    assert store.head() == hash_chain.Head(last.position, last.log_hash)


def test_a_message_tells_whose_letter_it_came_in(store: SqliteStore, desk: Any) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive", "accept")
    message = evolve(store.outgoing()[0].message, signature="c2lnbmVk")
    seal = sha256(b"").hexdigest()
    with store.transaction() as tx:
        assert tx.receive(message, "xining", seal)
    (came,) = store.incoming()
    assert (came.message, came.node, came.seal) == (message, "xining", seal)


def test_a_known_message_with_other_content_is_told_apart(store: SqliteStore, desk: Any) -> None:
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


def test_a_witness_keeps_the_last_head_of_each_line(store: SqliteStore) -> None:
    with store.transaction() as tx:
        tx.witness("xining", "line-1", hash_chain.Head(5, HASH))
        tx.witness("xining", "line-1", hash_chain.Head(3, "cd" * 32))
        tx.witness("xining", "line-2", hash_chain.Head(4, HASH))
    found = [(one.node, one.history, one.head.position) for one in store.witnesses()]
    assert found == [("xining", "line-1", 5), ("xining", "line-2", 4)]
    with pytest.raises(contract.MismatchError, match="xining"), store.transaction() as tx:
        tx.witness("xining", "line-1", hash_chain.Head(5, "cd" * 32))
