"""The chain: what was changed, removed, added or moved is found, and named."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongban.kernel.audit import hash_chain, signing
from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite.embedded import (
    SqliteStore,
    generate_signing_key,
    load_public_key,
    load_signing_key,
    save_signing_key,
)

KEY = signing.SigningKey(bytes(range(32)))
OTHER = signing.SigningKey(bytes(32))


@pytest.fixture
def full(desk: Any, store: SqliteStore) -> SqliteStore:
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


def tamper(store: SqliteStore, *statements: str) -> None:
    """What somebody with the file and without scruples does."""
    conn = sqlite3.connect(store.path)
    for trigger in ("events_no_update", "events_no_delete", "events_in_order"):
        conn.execute(f"DROP TRIGGER {trigger}")
    for statement in statements:
        conn.execute(statement)
    conn.commit()
    conn.close()


def found(store: SqliteStore, *given: Any) -> list[tuple[str, int, str, int]]:
    return [(one.what, one.position, one.case, one.seq) for one in store.verify(*given)]


@pytest.mark.parametrize(
    ("statement", "breaks"),
    [
        (
            "UPDATE events SET body = replace(body, 'A', 'C') WHERE position = 6",
            [("changed", 6, "A", 3)],
        ),
        ("UPDATE events SET at = '2020-01-01' WHERE position = 6", [("changed", 6, "A", 3)]),
        ("UPDATE events SET kind = 'closed' WHERE position = 8", [("changed", 8, "B", 2)]),
        ("UPDATE events SET log_hash = 'x' WHERE position = 12", [("changed", 12, "A", 5)]),
        ("UPDATE events SET case_before = 'x' WHERE position = 3", [("changed", 3, "B", 1)]),
        ("DELETE FROM events WHERE position = 5", [("missing", 5, "A", 2)]),
        (
            "DELETE FROM events WHERE position IN (5, 6)",
            [("missing", 5, "A", 2), ("missing", 6, "A", 3)],
        ),
        ("DELETE FROM events WHERE position = 1", [("missing", 1, "A", 1)]),
        (
            "DELETE FROM events WHERE case_id = 'B'",
            [("missing", 3, "B", 1), ("missing", 8, "B", 2), ("missing", 9, "B", 3)],
        ),
        ("DELETE FROM events WHERE position = 12", [("missing", 12, "A", 5)]),
        (
            "DELETE FROM events WHERE position IN (11, 12)",
            [("missing", 11, "A", 4), ("missing", 12, "A", 5)],
        ),
        ("DELETE FROM head", [("missing", 0, "", 0)]),
    ],
)
def test_what_was_changed_or_removed_is_named(
    full: SqliteStore, statement: str, breaks: list[tuple[str, int, str, int]]
) -> None:
    tamper(full, statement)
    assert found(full) == breaks
    for one in full.verify():
        assert one.case in str(one)
        assert str(one.position) in str(one)


def test_events_that_changed_places_are_named(full: SqliteStore) -> None:
    tamper(
        full,
        "UPDATE events SET position = -1 WHERE position = 6",
        "UPDATE events SET position = 6 WHERE position = 8",
        "UPDATE events SET position = 8 WHERE position = -1",
    )
    assert found(full) == [("reordered", 6, "B", 2), ("reordered", 8, "A", 3)]


def test_many_events_that_were_changed_are_all_named(desk: Any, store: SqliteStore) -> None:
    for number in range(25):
        desk.submit("hukou", f"CASE-{number}")
    tamper(store, "UPDATE events SET log_before = 'x'")
    assert [one.position for one in store.verify()] == list(range(1, 51))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE head SET position = 1152921504606846976",
        "UPDATE cases SET version = 1152921504606846976",
        "UPDATE events SET seq = 1152921504606846976 WHERE position = 6",
        "UPDATE events SET position = 1152921504606846976 WHERE position = 13",
        "UPDATE events SET seq = 'x' WHERE position = 6",
        "UPDATE cases SET version = 'x'",
    ],
)
def test_a_flipped_bit_does_not_stop_the_examination(full: SqliteStore, statement: str) -> None:
    tamper(full, statement)
    broken = full.verify()
    assert broken or "cases" in statement
    assert len(broken) < 2100


def test_a_log_that_closes_up_over_a_gap_is_found(full: SqliteStore) -> None:
    tamper(
        full,
        "DELETE FROM events WHERE position = 5",
        "UPDATE events SET position = position - 1 WHERE position > 5",
    )
    breaks = found(full)
    assert breaks[0] == ("reordered", 5, "A", 3)
    assert [one[:2] for one in breaks[1:9]] == [
        *(("reordered", place) for place in range(6, 13)), ("missing", 13),
    ]  # fmt: skip


def test_an_event_rewritten_with_its_own_hashes_is_named(full: SqliteStore) -> None:
    third = list(full.entries())[4]
    body = third.body.replace("SJ2026", "SJ2025")
    assert body != third.body
    case_hash = hash_chain.link_hash(third.case_before, body)
    log_hash = hash_chain.entry_hash(third.log_before, third.position, case_hash)
    tamper(
        full,
        f"UPDATE events SET body = '{body}', case_hash = '{case_hash}', log_hash = '{log_hash}'"
        " WHERE position = 5",
    )
    assert found(full)[0] == ("changed", 5, "A", 2)


def rewrite(entries: Iterable[hash_chain.Entry], store: str) -> list[hash_chain.Entry]:
    """A log with all hashes made anew, as the owner of the file can."""
    made: list[hash_chain.Entry] = []
    cases: dict[str, str] = {}
    before = hash_chain.log_start(store)
    for position, one in enumerate(entries, 1):
        case_before = cases.get(one.case, hash_chain.case_start(one.case))
        case_hash = hash_chain.link_hash(case_before, one.body)
        log_hash = hash_chain.entry_hash(before, position, case_hash)
        made.append(
            evolve(
                one,
                position=position,
                case_before=case_before,
                case_hash=case_hash,
                log_before=before,
                log_hash=log_hash,
            )
        )
        cases[one.case], before = case_hash, log_hash
    return made


def replace_log(store: SqliteStore, entries: list[hash_chain.Entry]) -> None:
    tamper(store, "DELETE FROM events")
    conn = sqlite3.connect(store.path)
    for one in entries:
        values = (one.position, one.case, one.seq, one.at, one.kind, one.body)
        hashes = (one.case_before, one.case_hash, one.log_before, one.log_hash)
        conn.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values + hashes)
    last = entries[-1]
    conn.execute("UPDATE head SET position = ?, hash = ?", (last.position, last.log_hash))
    conn.commit()
    conn.close()


def test_a_log_rewritten_as_a_whole_is_found_by_a_checkpoint(full: SqliteStore) -> None:
    entries = list(full.entries())
    mark = full.checkpoint(KEY)
    forged = [evolve(one, body=one.body.replace("SJ2026", "SJ2025")) for one in entries]
    replace_log(full, rewrite(forged, full.id))
    for key in (None, KEY.public, OTHER.public):
        # The places of the store's own checkpoints are compared without their key too.
        assert ("changed", 13, "", 0) in found(full, (), key)
    tamper_marks = sqlite3.connect(full.path)
    tamper_marks.execute("DROP TRIGGER checkpoints_no_delete")
    tamper_marks.execute("DELETE FROM checkpoints")
    tamper_marks.commit()
    tamper_marks.close()
    full.rebuild()
    assert found(full, (), KEY.public) == [], "nothing tells: see docs/decisions/0042"
    assert found(full, (mark,), KEY.public) == [("changed", 13, "", 0)]


def test_a_log_cut_off_with_its_note_is_found_by_a_checkpoint(full: SqliteStore) -> None:
    mark = full.checkpoint(KEY)
    replace_log(full, list(full.entries())[:9])
    assert found(full, (mark,), KEY.public)[0] == ("missing", 13, "", 0)


def test_the_log_of_another_store_does_not_pass(
    full: SqliteStore, open_file: Callable[..., SqliteStore]
) -> None:
    other = open_file("other.db")
    replace_log(other, list(full.entries()))
    assert found(other)[0] == ("changed", 1, "A", 1)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_done_to_an_entry_is_found(full: SqliteStore, data: st.DataObject) -> None:
    entries = list(full.entries())
    head = hash_chain.Head(13, entries[-1].log_hash)
    index = data.draw(st.integers(0, 12))
    how = data.draw(st.sampled_from(["drop", "double", "swap", "field"]))
    if how == "drop":
        changed = entries[:index] + entries[index + 1 :]
    elif how == "double":
        changed = [*entries[:index], entries[index], *entries[index:]]
    elif how == "swap":
        other = data.draw(st.integers(0, 12).filter(lambda n: n != index))
        changed = list(entries)
        changed[index] = evolve(entries[other], position=index + 1)
        changed[other] = evolve(entries[index], position=other + 1)
    else:
        name = data.draw(
            st.sampled_from(["case", "at", "kind", "body", "case_before", "case_hash"])
        )
        value = data.draw(st.text(min_size=1))
        changed = list(entries)
        changed[index] = evolve(entries[index], **{name: value + getattr(entries[index], name)})
    assert list(hash_chain.verify(changed, hash_chain.log_start(full.id), head))


# Bundles.


def test_a_broken_log_is_not_signed(full: SqliteStore) -> None:
    tamper(full, "UPDATE events SET kind = 'closed' WHERE position = 5")
    with pytest.raises(contract.StoreError, match="tongban audit verify"):
        full.export("A", KEY)
    with pytest.raises(contract.StoreError, match="no case X"):
        full.export("X", KEY)


# Keys.


def test_keys_are_kept_in_files(tmp_path: Path) -> None:
    key = generate_signing_key()
    public = save_signing_key(key, tmp_path / "key.pem")
    assert (tmp_path / "key.pem").stat().st_mode & 0o077 == 0
    assert load_signing_key(tmp_path / "key.pem") == key
    assert load_public_key(public) == key.public
    with pytest.raises(contract.StoreError, match="cannot be written"):
        save_signing_key(OTHER, tmp_path / "key.pem")
    assert load_signing_key(tmp_path / "key.pem") == key


def test_keys_come_from_the_environment(tmp_path: Path) -> None:
    save_signing_key(KEY, tmp_path / "key.pem")
    assert load_signing_key(environ={}) is None
    assert load_signing_key(environ={"TONGBAN_SIGNING_KEY": KEY.to_pem()}) == KEY
    assert load_signing_key(environ={"TONGBAN_SIGNING_KEY": str(tmp_path / "key.pem")}) == KEY


def test_what_is_no_key_is_a_clear_error_that_does_not_show_it(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"\xff secret")
    for load in (load_signing_key, load_public_key):
        with pytest.raises(signing.KeyFormatError) as caught:
            load(tmp_path / "text")
        assert "secret" not in str(caught.value)
        with pytest.raises(contract.StoreError, match="cannot be read"):
            load(tmp_path / "nothing")
    with pytest.raises(signing.KeyFormatError):
        signing.PublicKey.from_pem(KEY.to_pem())
    with pytest.raises(signing.KeyFormatError):
        signing.SigningKey.from_pem(KEY.public.to_pem())
    with pytest.raises(signing.KeyFormatError):
        signing.SigningKey(b"short")
    assert KEY.seed.hex() not in repr(KEY)
