"""Whatever is done, every store gives the same answers as the one in memory."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from hashlib import sha256
from typing import Any

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tongban.kernel import protocol as p
from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import store as contract
from tongban.plugins.simulation.store.memory import MemoryStore

NAMES = ("hukou", "licence", "online", "local")
OFFICER = p.Actor("officer", "o", "630100", "public_security")
PEOPLE = (
    p.SYSTEM,
    OFFICER,
    p.Actor("supervisor", "s", "510000"),
    p.Actor("window", "w", "510100"),
    p.Actor("applicant", "applicant-1"),
)
FILTERS = (
    *(contract.CaseFilter(over=over) for over in (True, False)),
    *(contract.CaseFilter(overdue=overdue) for overdue in (True, False)),
    *(contract.CaseFilter(mine=one) for one in PEOPLE),
    contract.CaseFilter(states=("arrived", "closed"), limit=2),
    contract.CaseFilter(place="510000", department="public_security"),
    contract.CaseFilter(item="630000/2-03", mode="joint"),
)


NOT_ON = {"memory"}
"""Stores that need no comparison with the one in memory."""


class Broken(Exception):
    pass


def answers(store: contract.Store) -> dict[str, Any]:
    """What a store says of all that may be asked."""
    ids = [row.id for row in store.cases()]
    return {
        "events": [store.events(id) for id in ids],
        "cases": [store.case(id) for id in ids],
        "moments": [store.last_moment(id) for id in ids],
        "rows": [store.cases(which) for which in (contract.CaseFilter(), *FILTERS)],
        "snapshots": [list(store.snapshots(which)) for which in FILTERS],
        "tasks": [store.tasks(contract.TaskFilter(one)) for one in (None, *PEOPLE)],
        "page": store.tasks(contract.TaskFilter(limit=1)),
        "deadlines": [store.deadlines(open_only=one) for one in (True, False)],
        "outgoing": [store.outgoing(one) for one in (None, "pending", "delivered", "failed")],
        "incoming": [store.incoming(open_only=one) for one in (True, False)],
        "awake": store.awake(),
        "witnesses": store.witnesses(),
        "commands": [store.command(f"command-{n}") for n in range(3)],
        "restored": store.restored and (store.restored.at, store.restored.by),
        "erased": [(id, store.erased(id), store.masked(id)) for id in ids],
        "log": [(one.case, one.seq, one.kind) for one in store.entries()],
        "faults": store.verify(),
        "different": store.differences(),
    }


def marked(tx: contract.Transaction, how: str, number: int) -> None:
    """Marks a message in the outbox, or one that is taken from there into the inbox."""
    sent = tx.outgoing()
    if not sent:
        return
    message = sent[number % len(sent)].message
    if how == "failed":
        tx.failed(message.id, "无此地址 (no such address)")
    elif how == "receive":
        tx.receive(message, "north", "11")
    elif how == "forged":
        tx.receive(evolve(message, receiver="somebody else"))
    else:
        getattr(tx, how)(message.id)


def kind_of(error: contract.StoreError) -> type[contract.StoreError]:
    """The kind of an error that the port names; a store may have narrower ones."""
    named = (contract.ConflictError, contract.NotAllowedError, contract.MismatchError)
    return next((one for one in named if isinstance(error, one)), contract.StoreError)


def done(desk: Any, kind: str, n: int, m: int) -> Any:
    """Does one thing; what comes of it."""
    store: contract.Store = desk.store
    ids = sorted(row.id for row in store.cases())
    case = ids[n % len(ids)] if ids else ""
    if kind == "submit":
        return desk.submit(NAMES[n % 4], f"CASE-{m % 4}", f"applicant-{n % 2 + 1}").id
    if kind == "act" and case:
        choices = desk.choices(store.case(case))
        return desk.do(case, *choices[m % len(choices)]) if choices else None
    if kind == "tick" and case:
        return desk.tick(case)
    if kind == "days":
        desk.clock.pass_days(n % 9)
    elif kind == "box":
        how = ("delivered", "failed", "retry", "receive", "forged", "handled")[n % 6]
        with store.transaction() as tx:
            marked(tx, how, m)
    elif kind == "note":
        with store.transaction() as tx:
            tx.note_command(f"command-{n % 3}", contract.CommandNote("CASE-1", str(m)))
            tx.witness("north", f"line-{n % 2}", hash_chain.Head(m % 5, str(m)))
    elif kind == "line":
        with store.transaction() as tx:
            tx.recovered("已补齐 fetched") if m % 2 else tx.put_back(None)
    elif kind == "broken":
        with suppress(Broken), store.transaction() as tx:
            tx.keep_personal({"kind": "person", "name": "夜鹭"})
            marked(tx, "delivered", m)
            tx.witness("south", "line", hash_chain.Head(m, "x"))
            raise Broken
    elif kind == "read" and case:
        found = store.personal(case, PEOPLE[m % len(PEOPLE)], ("查看", " ")[n % 5 == 0])
        return found and found.data
    elif kind == "erase":
        return store.erase_personal(p.day_of(desk.clock()) - timedelta(days=n % 3))
    elif kind == "rebuild":
        return store.rebuild()
    return None


KINDS = ("submit", "act", "act", "act", "tick", "days", "box", "note", "line", "broken", "read",
         "erase", "rebuild")  # fmt: skip
STEPS = st.tuples(st.sampled_from(KINDS), st.integers(0, 60), st.integers(0, 60))


@given(st.lists(STEPS, min_size=3, max_size=25))
@settings(max_examples=40)
def test_the_same_steps_give_the_same_answers(
    desk_in: Callable[..., AbstractContextManager[Any]],
    desk_at: Callable[..., Any],
    tmp_path_factory: Any,
    steps: list[tuple[str, int, int]],
) -> None:
    clock, make = desk_at()
    step_number = [0]

    def salt(length: int) -> bytes:
        return sha256(bytes(step_number)).digest()[:length]

    memory = make(MemoryStore("memory", clock, lambda division: p.Calendar(), salt))
    with desk_in(str(tmp_path_factory.mktemp("same")), entropy=salt) as other:
        for number, step in enumerate([("submit", 0, 1), *steps]):
            step_number[0] = number
            came: list[Any] = []
            for desk in (memory, other):
                try:
                    came.append(done(desk, *step))
                except contract.StoreError as error:
                    came.append(kind_of(error))
            assert came[0] == came[1], step
        here, there = answers(memory.store), answers(other.store)
        for name, answer in here.items():
            assert answer == there[name], name
