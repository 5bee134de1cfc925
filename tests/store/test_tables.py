"""The state of the cases beside the log: equal to the log, made anew from it, asked by people."""

from __future__ import annotations

import json
from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongban.kernel import protocol as p
from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite.embedded import SqliteStore

Filter = contract.CaseFilter


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_tables_are_what_the_log_says_whatever_happens(
    desk_in: Callable[..., Any], tables: Callable[..., Any], data: st.DataObject
) -> None:
    with TemporaryDirectory() as folder, desk_in(folder) as desk:
        store = desk.store
        for number, name in enumerate(
            data.draw(
                st.lists(st.sampled_from(["hukou", "licence", "online", "local"]), max_size=3)
            )
        ):
            desk.submit(name, f"CASE-{number}")
        for _ in range(data.draw(st.integers(0, 25))):
            cases = [row.id for row in store.cases()]
            if not cases:
                break
            one = data.draw(st.sampled_from(cases))
            choices = desk.choices(store.case(one))
            move = data.draw(st.integers(0, len(choices) + 1))
            if move < len(choices):
                desk.do(one, *choices[move])
            else:
                desk.clock.pass_days(data.draw(st.integers(1, 12)))
                desk.tick(one)
        for row in store.cases():
            assert store.case(row.id) == p.replay(store.events(row.id))
        assert store.differences() == ()
        assert store.verify() == ()
        before = tables(store)
        assert store.rebuild() == len(before["cases"])
        assert tables(store) == before


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE cases SET state = 'closed'",
        "UPDATE cases SET snapshot = '{}'",
        "DELETE FROM tasks",
        "UPDATE deadlines SET due = '2030-01-01'",
        "UPDATE offices SET department = 'postal'",
        "INSERT INTO cases (id, state, version, snapshot) VALUES ('CASE-X', 'closed', 1, '{}')",
    ],
)
def test_a_changed_table_is_found_and_made_anew(
    desk: Any, store: SqliteStore, tables: Callable[..., Any], damage: str
) -> None:
    desk.submit("licence")
    desk.carry("CASE-1", "receive", "forward", "arrive")
    before = tables(store)
    store._conn.execute(damage)
    assert store.differences() == (("CASE-X",) if "INSERT" in damage else ("CASE-1",))
    # A last day follows from the calendar as well: another one is not a sign of a change.
    told = {(one.kind, one.case) for one in store.verify()}
    assert told == (set() if "due" in damage else {("cases", *store.differences())})
    assert store.rebuild() == 1
    assert tables(store) == before
    assert store.differences() == ()


def test_a_table_that_cannot_be_read_says_how_to_mend_it(desk: Any, store: SqliteStore) -> None:
    desk.submit("hukou")
    store._conn.execute("UPDATE cases SET snapshot = '{}'")
    with pytest.raises(contract.StoreError, match="tongban case rebuild"):
        store.case("CASE-1")
    store._conn.execute("UPDATE cases SET version = 7, snapshot = json_set(snapshot, '$.x', 1)")
    with pytest.raises(contract.StoreError, match="tongban case rebuild"):
        desk.carry("CASE-1", "receive")
    store.rebuild()
    assert desk.carry("CASE-1", "receive").state == "arrived"


def test_what_the_tables_hold_is_plain_json(desk: Any, store: SqliteStore) -> None:
    desk.submit("hukou")
    (snapshot,) = store._conn.execute("SELECT snapshot FROM cases").fetchone()
    assert p.Case.from_dict(json.loads(snapshot)) == store.case("CASE-1")


def test_the_fast_text_of_a_value_is_that_of_its_json_form(desk: Any, store: SqliteStore) -> None:
    desk.submit("licence")
    desk.carry("CASE-1", "receive", "forward", "arrive", "supplement", "supply", "accept", "pause")
    case = store.case("CASE-1")
    assert case is not None
    assert hash_chain.canonical(case) == hash_chain.canonical(case.to_dict())
    for one in store.outgoing():
        assert hash_chain.canonical(one.message) == hash_chain.canonical(one.message.to_dict())
