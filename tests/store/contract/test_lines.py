"""The line of the log, and what other nodes told of theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import store as contract
from tongban.kernel.ports.store import Store

Open = Callable[..., Store]
HASH = "ab" * 32


def test_a_line_stays_and_is_the_stores_own(open_store: Open) -> None:
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
