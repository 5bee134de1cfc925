"""Personal data: apart from the log, masked, for parties only, erased; never in an error."""

from __future__ import annotations

import logging
import traceback
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import protocol as p
from tongban.kernel.ports import store as contract
from tongban.kernel.protocol import personal_data
from tongban.plugins.stores.sqlite.embedded import (
    SqliteStore,
    generate_key,
    key_from_environment,
)

Open = Callable[..., SqliteStore]
CANARIES = ("金丝雀", "黄莺", "630102199003071231", "13897654321", "13912345678", "金丝路")
LEAD = p.Actor("officer", "o", "510100", "public_security")
KEY = bytes(range(32))


def traces(text: str) -> list[str]:
    """What of the personal data stands in a text."""
    return [one for one in CANARIES if one in text]


def on_disk(store: SqliteStore) -> list[str]:
    """What of it stands anywhere in the files."""
    files = [store.path, Path(f"{store.path}-wal"), Path(f"{store.path}-shm")]
    data = b"".join(file.read_bytes() for file in files if file.exists())
    return [one for one in CANARIES if one.encode() in data]


def reads(store: SqliteStore) -> list[tuple[Any, ...]]:
    rows = store._conn.execute("SELECT case_id, purpose, allowed FROM personal_reads ORDER BY id")
    return rows.fetchall()


def test_the_log_the_tables_and_the_messages_hold_none(
    desk: Any, store: SqliteStore, tables: Callable[..., Any]
) -> None:
    desk.submit("hukou")
    desk.carry("CASE-1", "receive", "accept", "confirm", "examine", "grant", "deliver", "report")
    assert traces(repr(list(store.entries())) + repr(tables(store))) == []
    case = store.case("CASE-1")
    assert case is not None
    kept = store.personal("CASE-1", LEAD, "制证")
    assert kept is not None
    assert personal_data.reference(kept.salt, kept.data) == case.personal == kept.ref


def test_the_record_of_readings_is_only_added_to(desk: Any, store: SqliteStore) -> None:
    import sqlite3

    desk.submit("hukou")
    store.personal("CASE-1", LEAD, "制证")
    assert reads(store) == [("CASE-1", "制证", 1)]
    for statement in ("DELETE FROM personal_reads", "UPDATE personal_reads SET allowed = 0"):
        with pytest.raises(sqlite3.IntegrityError):
            store._conn.execute(statement)


@pytest.mark.parametrize("actor", ["", "[]", "null", '{"kind": "king", "id": ""}', "{"])
def test_a_damaged_note_of_a_reading_is_a_sentence(store: SqliteStore, actor: str) -> None:
    row = ("2026-03-02T09:00:00+08:00", "CASE-1", "", actor, "制证", 1)
    store._conn.execute(
        "INSERT INTO personal_reads (at, case_id, ref, actor, purpose, allowed)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        row,
    )
    with pytest.raises(contract.StoreError, match="damaged"):
        list(store.readings())


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("青海省西宁市城东区某某路1号", "青海省西宁市城东区****"),
        ("北京市朝阳区建国路9号", "北京市朝阳区****"),
        ("广东省东莞市南城街道阳光小区12号", "广东省东莞市****"),
        (
            "新疆维吾尔自治区伊犁哈萨克自治州昭苏县某村",
            "新疆维吾尔自治区伊犁哈萨克自治州昭苏县****",
        ),
        ("上海市浦东新区世纪大道100号", "上海市浦东新区****"),
        ("城东区某某路1号", "城东区****"),
        ("某某路1号", "****"),
        ("", "****"),
    ],
)
def test_an_address_is_shown_to_the_county(address: str, shown: str) -> None:
    assert personal_data.mask({"address": address}) == {"address": shown}


def test_what_has_an_odd_form_is_hidden_whole() -> None:
    odd = {"id_number": "12345", "phone": "8234", "unknown": "x"}
    assert personal_data.mask(odd) == dict.fromkeys(odd, "********")


def test_an_organisation_is_public_its_agent_is_not() -> None:
    raw = {
        "item": "1-52",
        "applicant": {
            "kind": "enterprise",
            "name": "某某公司",
            "credit_code": "91510100X",
            "agent": {"kind": "person", "name": "张三", "phone": "+86 138 0000 1234"},
        },
    }
    assert personal_data.mask(personal_data.personal_part(raw)) == {
        "kind": "enterprise",
        "name": "某某公司",
        "credit_code": "91510100X",
        "agent": {"kind": "person", "name": "张**", "phone": "138****1234"},
    }


def test_what_is_erased_is_gone_from_the_file(desk: Any, store: SqliteStore) -> None:
    desk.submit("hukou")
    assert on_disk(store) == list(CANARIES)
    desk.carry("CASE-1", "receive", "accept", "refuse")
    store.erase_personal(date(2027, 1, 1))
    assert on_disk(store) == []


def test_with_a_key_nothing_is_on_the_disk_in_the_clear(make_desk: Any, open_file: Open) -> None:
    store = open_file(key=KEY)
    make_desk(store).submit("hukou")
    assert on_disk(store) == []
    assert store.masked("CASE-1")["name"] == "金**"
    store.close()
    again = open_file(key=KEY)
    kept = again.personal("CASE-1", LEAD, "制证")
    assert kept is not None
    assert kept.data["id_number"] == "630102199003071231"


def test_the_first_key_seals_what_was_kept_before(
    desk: Any, store: SqliteStore, open_file: Open
) -> None:
    desk.submit("hukou")
    store.close()
    sealed = open_file(key=KEY)
    assert on_disk(sealed) == []
    assert sealed.masked("CASE-1")["name"] == "金**"


def test_a_wrong_key_is_a_clear_error(make_desk: Any, open_file: Open) -> None:
    store = open_file(key=KEY)
    make_desk(store).submit("hukou")
    with pytest.raises(contract.StoreError, match="TONGBAN_KEY is not the key"):
        open_file(key=bytes(32))
    without = open_file()
    assert without.case("CASE-1") == store.case("CASE-1")
    with pytest.raises(contract.StoreError, match="set TONGBAN_KEY"):
        without.masked("CASE-1")
    with pytest.raises(contract.StoreError, match="set TONGBAN_KEY"):
        make_desk(without).submit("hukou", "CASE-2")
    assert store.case("CASE-2") is None


def test_another_process_that_still_has_no_key_cannot_write_in_the_clear(
    make_desk: Any, open_file: Open
) -> None:
    early = open_file()
    open_file(key=KEY)
    with pytest.raises(contract.StoreError, match="set TONGBAN_KEY"):
        make_desk(early).submit("hukou")


def test_the_first_key_seals_nothing_where_something_cannot_be_read(
    desk: Any, store: SqliteStore, open_file: Open
) -> None:
    desk.submit("hukou")
    store._conn.execute("UPDATE personal SET payload = x'00'")
    with pytest.raises(contract.StoreError, match="cannot be read"):
        open_file(key=KEY)
    assert store._conn.execute("SELECT * FROM meta WHERE name = 'key'").fetchall() == []


def test_the_key_can_be_changed(make_desk: Any, open_file: Open) -> None:
    store = open_file(key=KEY)
    make_desk(store).submit("hukou")
    new = urlsafe_b64decode(generate_key())
    store.change_key(new)
    assert store.masked("CASE-1")["name"] == "金**"
    with pytest.raises(contract.StoreError, match="not the key"):
        open_file(key=KEY)
    assert open_file(key=new).masked("CASE-1")["name"] == "金**"


def test_the_key_comes_from_the_environment() -> None:
    assert key_from_environment({}) is None
    text = generate_key(lambda n: bytes(range(n)))
    assert key_from_environment({"TONGBAN_KEY": text}) == KEY
    for wrong in ("金丝雀", "c2hvcnQ=", "*"):
        with pytest.raises(contract.StoreError, match="TONGBAN_KEY") as caught:
            key_from_environment({"TONGBAN_KEY": wrong})
        assert wrong not in str(caught.value)


@pytest.mark.parametrize("key", [None, KEY], ids=["clear", "sealed"])
def test_data_that_was_changed_is_not_passed_on(
    make_desk: Any, open_file: Open, key: bytes | None
) -> None:
    store = open_file(key=key)
    make_desk(store).submit("hukou")
    (payload,) = store._conn.execute("SELECT payload FROM personal").fetchone()
    forged = payload.replace("金丝雀".encode(), "孔雀".encode()) if key is None else payload[:-1]
    store._conn.execute("UPDATE personal SET payload = ?", (forged,))
    with pytest.raises(contract.StoreError, match="changed or damaged") as caught:
        store.masked("CASE-1")
    assert traces("".join(traceback.format_exception(caught.value))) == []


def test_numbers_that_are_none_are_let_through() -> None:
    for text in ("630102199013071234", "1" * 18, "EMS 123456789012"):
        assert not personal_data.has_id_number(text)
    for text in ("证号11010519491231002X。", "630102199003071239", "a630102199003071231"):
        assert personal_data.has_id_number(text)


def _failures(desk: Any, store: SqliteStore, open_file: Open) -> Iterator[Callable[[], object]]:
    """Everything that goes wrong around personal data."""
    with_key = {"key": bytes(32)}
    yield lambda: desk.submit("hukou")
    yield lambda: store.personal("CASE-1", p.Actor("officer", "x", "110000", "y"), "好奇")
    yield lambda: open_file("sealed.db", **with_key)
    yield lambda: desk.do("CASE-1", LEAD, p.Decline(("630102199003071231",), article="第三十二条"))
    store._conn.execute("UPDATE personal SET payload = payload || x'00'")
    yield lambda: store.masked("CASE-1")
    store._conn.execute("DROP TABLE personal")
    yield lambda: desk.submit("hukou", "CASE-2")


def test_no_error_no_log_and_no_repr_contains_any(
    desk: Any, store: SqliteStore, open_file: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    open_file("sealed.db", key=KEY).close()
    desk.submit("hukou")
    desk.carry("CASE-1", "receive")
    kept = store.personal("CASE-1", LEAD, "制证")
    assert traces(repr((kept, store, store._vault)) + str(kept)) == []
    assert "salt" not in repr(kept)
    for number, fails in enumerate(_failures(desk, store, open_file)):
        with pytest.raises(contract.StoreError) as caught:
            fails()
        error: BaseException | None = caught.value
        while error is not None:
            shown = repr(error) + str(error) + repr(vars(error))
            assert traces(shown) == [], number
            error = error.__cause__ or error.__context__
    assert traces(caplog.text) == []
