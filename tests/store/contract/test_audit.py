"""The audit, signed statements of the log, a case as a signed bundle."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from tongban.kernel import protocol as p
from tongban.kernel.audit import bundle, hash_chain, signing
from tongban.kernel.audit.keys import KnownKey
from tongban.kernel.ports import store as contract
from tongban.kernel.ports.store import Store

KEY = signing.SigningKey(bytes(range(32)))


OTHER = signing.SigningKey(bytes(32))


@pytest.fixture
def full(desk: Any, store: Store) -> Store:
    """Two cases whose events stand between each other, with records of what went into the boxes.

    A1 · B1 · A2 A3 · B2 B3 · A4 A5 ·: thirteen entries.
    """
    desk.submit("hukou", "A")
    desk.submit("hukou", "B")
    desk.carry("A", "receive")
    desk.carry("B", "receive")
    desk.carry("A", "accept")
    assert [(one.case, one.seq) for one in store.entries()] == [
        ("A", 1), ("", 1), ("B", 1), ("", 2), ("A", 2), ("A", 3), ("", 3), ("B", 2), ("B", 3),
        ("", 4), ("A", 4), ("A", 5), ("", 5),
    ]  # fmt: skip
    assert store.verify() == ()
    return store


def found(store: Store, *given: Any) -> list[tuple[str, int, str, int]]:
    return [(one.what, one.position, one.case, one.seq) for one in store.verify(*given)]


def test_a_checkpoint_that_is_not_ours_is_refused(full: Store) -> None:
    mark = full.checkpoint(KEY)
    for wrong, key in (
        (evolve(mark, head=hash_chain.Head(3, "x")), KEY.public),
        (evolve(mark, store="another"), KEY.public),
        (mark, OTHER.public),
        (mark, None),
    ):
        with pytest.raises(contract.StoreError):
            full.verify((wrong,), key)


def test_a_checkpoint_holds_while_the_log_grows(full: Store, desk: Any) -> None:
    mark = full.checkpoint(KEY)
    desk.carry("B", "accept", "refuse")
    assert found(full, (mark,), KEY.public) == []


def test_a_key_counts_for_what_it_signed_in_its_time(full: Store, clock: Any) -> None:
    today = p.day_of(clock())
    mark, late = full.checkpoint(KEY), full.checkpoint(OTHER)
    ended = KnownKey(OTHER.public, end=today - timedelta(days=1))
    both = [KnownKey(KEY.public, start=today, end=today), ended]
    seen = full.audit([mark], both)
    assert (seen.breaks, seen.checked, seen.refused, seen.unchecked) == ((), 2, 1, 0)
    assert {(one.signer.key, one.timely) for one in seen.marks} == {
        (KEY.public, True),
        (OTHER.public, False),
    }
    with pytest.raises(contract.StoreError):
        full.audit([late], both)
    # The same key, once with and once without a limit: it may sign where one file says so.
    assert full.audit([late], [*both, KnownKey(OTHER.public)]).refused == 0
    assert full.audit([], both[:1]).unchecked == 1


def test_a_bundle_is_verified_offline(full: Store, through_json: Any) -> None:
    with full.transaction():
        assert full.verify() == ()
    made = through_json(full.export("A", KEY))
    proved = bundle.verify_bundle(made, KEY.public)
    assert [(one.case, one.seq) for one in proved.entries] == [("A", n) for n in range(1, 6)]
    assert (proved.store, proved.case, proved.key) == (full.id, "A", KEY.public.id)
    assert tuple(full.entries("A")) == proved.entries


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("case",), "B"),
        (("store",), "x"),
        (("exported_at",), "2020-01-01"),
        (("signature",), "AAAA"),
        (("signature",), "没有"),
        (("head", "position"), 99),
        (("head", "position"), True),
        (("head",), None),
        (("entries", 1, "body"), "{}"),
        (("entries", 1, "kind"), "closed"),
        (("entries", 1, "position"), 4),
        (("entries", 1, "seq"), "2"),
        (("entries", 1, "log_hash"), "x"),
        (("entries", 1), None),
        (("entries",), []),
        (("format",), "x"),
        (("more",), 1),
    ],
)
def test_a_bundle_that_was_changed_is_refused(
    full: Store, path: tuple[Any, ...], value: Any
) -> None:
    made = deepcopy(full.export("A", KEY))
    place: Any = made
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(bundle.BundleError):
        bundle.verify_bundle(made, KEY.public)


@pytest.mark.parametrize("index", range(5))
def test_a_bundle_that_lacks_an_event_is_refused(full: Store, index: int) -> None:
    made = full.export("A", KEY)
    del made["entries"][index]
    with pytest.raises(bundle.BundleError):
        bundle.verify_bundle(made, KEY.public)


def test_even_its_signer_cannot_leave_an_event_out(full: Store) -> None:
    entries = list(full.entries("A"))
    head = hash_chain.Head(12, entries[-1].log_hash)
    made = bundle.sign_bundle(KEY, full.id, "A", "now", [*entries[:2], *entries[3:]], head)
    with pytest.raises(bundle.BundleError, match="does not follow"):
        bundle.verify_bundle(made, KEY.public)


def test_a_bundle_of_another_key_says_so(full: Store) -> None:
    with pytest.raises(bundle.BundleError, match=OTHER.public.id):
        bundle.verify_bundle(full.export("A", KEY), OTHER.public)
