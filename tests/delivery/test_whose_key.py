"""Whose key it is, for which offices it may sign, and what is void."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel import Kernel
from tongban.kernel.audit import keys, signing, voids
from tongban.kernel.model import addresses
from tongban.kernel.protocol import CHINA
from tongban.plugins.delivery.certificate import as_json, sign
from tongban.plugins.delivery.pdf import as_pdf
from tongban.plugins.delivery.verifying import verify

XINING = signing.SigningKey(b"x" * 32)


def files_of(made: Any, key: signing.SigningKey) -> tuple[bytes, bytes]:
    return as_pdf(made, key), as_json(sign(made, key)).encode()


@pytest.fixture
def made(came_to: dict[str, Any]) -> Any:
    return came_to["grant"].document("grant")


@pytest.mark.parametrize(
    ("places", "verdict"),
    [
        ((), "unchanged"),
        (("issuer",), "genuine"),
        (("110000",), "wrong_issuer"),
        (("-",), "wrong_issuer"),
        (("110105/housing",), "wrong_issuer"),
        (("110000", "issuer"), "genuine"),
    ],
)
def test_a_key_signs_for_its_own_offices_alone(
    made: Any, key: signing.SigningKey, places: tuple[str, ...], verdict: str
) -> None:
    known = keys.KnownKey(key.public, tuple(made.issuer if p == "issuer" else p for p in places))
    for file in files_of(made, key):
        assert verify(file, known).verdict == verdict


@pytest.mark.parametrize(
    ("start", "end", "verdict"),
    [
        (None, None, "genuine"),
        (date(2026, 1, 1), date(2026, 12, 31), "genuine"),
        (date(2027, 1, 1), None, "wrong_issuer"),
        (None, date(2025, 12, 31), "wrong_issuer"),
    ],
)
def test_a_key_signs_in_its_own_time(
    made: Any, key: signing.SigningKey, start: date | None, end: date | None, verdict: str
) -> None:
    known = keys.KnownKey(key.public, (made.issuer,), start, end)
    assert [verify(file, known).verdict for file in files_of(made, key)] == [verdict] * 2


@given(
    handed_on=st.dates(date(2000, 1, 2), date(2199, 12, 30)),
    days=st.integers(-400, 400),
    minutes=st.integers(0, 24 * 60 - 1),
    offset=st.integers(-12, 14),
)
def test_at_each_moment_the_key_of_that_day_in_china_counts(
    handed_on: date, days: int, minutes: int, offset: int
) -> None:
    old = keys.KnownKey(XINING.public, end=handed_on)
    new = keys.KnownKey(XINING.public, start=handed_on)
    midnight = datetime.combine(handed_on, time(), tzinfo=CHINA)
    moment = midnight + timedelta(days=days, minutes=minutes)
    text = moment.astimezone(timezone(timedelta(hours=offset))).isoformat()
    assert (old.is_valid_at(text), new.is_valid_at(text)) == (days <= 0, days >= 0)


@pytest.mark.parametrize("moment", ["", "x", "2026-03-02T09:00:00", None, 7, "9999-99-99"])
def test_at_an_unknown_moment_only_a_key_without_limits_counts(moment: object) -> None:
    assert keys.KnownKey(XINING.public).is_valid_at(moment)
    assert not keys.KnownKey(XINING.public, end=date(2199, 1, 1)).is_valid_at(moment)


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("北京市公安局", "wrong_issuer"),
        ("北京市朝阳区住房公积金管理中心", "wrong_issuer"),
        ("  四川省绵阳市公安局", "wrong_issuer"),
        ("{own}公安局", "genuine"),
        ("市公安局出入境管理处", "genuine"),
        ("", "genuine"),
    ],
)
def test_the_name_of_an_office_is_not_one_of_another_place(
    made: Any, key: signing.SigningKey, kernel: Kernel, name: str, verdict: str
) -> None:
    own = kernel.base.divisions.table[made.issuer[:6]].name
    renamed = evolve(made, issuer_name=name.format(own=own))
    known = keys.KnownKey(key.public, (made.issuer,))
    for file in files_of(renamed, key):
        assert verify(file, known, places=kernel.base.divisions).verdict == verdict


def test_one_key_may_be_known_from_several_files(made: Any, key: signing.SigningKey) -> None:
    others = [keys.KnownKey(key.public), keys.KnownKey(key.public, ("110000",))]
    mine = keys.KnownKey(key.public, (made.issuer,))
    for some in ([*others, mine], [mine, *others]):
        assert verify(files_of(made, key)[1], some).verdict == "genuine"


def test_a_document_that_names_its_key_by_sixteen_digits_is_read(
    made: Any, key: signing.SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        whole = vars(signing.PublicKey)["id"].fget
        before.setattr(signing.PublicKey, "id", property(lambda one: whole(one)[:16]))
        files = files_of(made, key)
    assert key.public.id[:16].encode() in files[1]
    assert key.public.id.encode() not in files[1]
    known = keys.KnownKey(key.public, (made.issuer,))
    assert [verify(file, known).verdict for file in files] == ["genuine"] * 2


# Key files.


def test_a_key_file_is_pem_for_everybody_else(key: signing.SigningKey) -> None:
    known = keys.KnownKey(
        key.public, ("630100/housing", "630000"), date(2026, 1, 1), date(2028, 12, 31), "西宁"
    )
    assert keys.read(known.to_text().encode()) == known
    assert signing.PublicKey.from_pem(known.to_text()) == key.public
    assert keys.read(key.public.to_pem()) == keys.KnownKey(key.public)
    two = keys.KnownKey(key.public, ("630000",), owner="x\nTongban-For: 110000")
    assert keys.read(two.to_text()).places == ("630000",)


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("Tongban-Fro: 630000\n", "Tongban-For"),
        ("Tongban-For: 63\n", "'63'"),
        ("Tongban-From: 31.12.2026\n", "2026-01-31"),
        ("Tongban-From: 2026-01-01\nTongban-From: 2026-01-02\n", "twice"),
    ],
)
def test_a_key_file_that_says_something_else_is_refused(
    key: signing.SigningKey, head: str, says: str
) -> None:
    with pytest.raises((signing.KeyFormatError, addresses.AddressError), match=says):
        keys.read(head + key.public.to_pem())
    with pytest.raises(signing.KeyFormatError, match="more than one"):
        keys.read(key.public.to_pem() * 2)


@pytest.mark.parametrize("pin", ["ab" * 8, "", "AB" * 16, "xy" * 16, "ab" * 17, 5, None])
def test_a_pin_names_one_key(pin: object) -> None:
    with pytest.raises(signing.KeyFormatError, match="32"):
        keys.check_pin(pin)
    assert keys.check_pin("ab" * 16) == "ab" * 16


# Void papers.


def _list(key: signing.SigningKey, made: Any, number: str = "") -> voids.Voids:
    one = voids.Void(number or made.number, made.case, made.issuer, f"{made.case}-2")
    return voids.sign(key, "store", "2026-06-01T09:00:00+08:00", [one])


def test_a_void_paper_is_shown_as_void(made: Any, key: signing.SigningKey) -> None:
    known = [keys.KnownKey(key.public, (made.issuer,)), keys.KnownKey(XINING.public, ("630000",))]
    for file in files_of(made, key):
        found = verify(file, known, [_list(key, made)])
        assert (found.verdict, found.replaced_by) == ("void", f"{made.case}-2")
        assert verify(file, known[0], [_list(key, made, "other")]).verdict == "genuine"
        by_store = verify(file, known, voided=lambda case, number: f"{case}-2")
        assert by_store.verdict == "void"


def test_only_who_may_sign_for_the_office_says_that_its_paper_is_void(
    made: Any, key: signing.SigningKey
) -> None:
    file = files_of(made, key)[1]
    mine = keys.KnownKey(key.public, (made.issuer,))
    stranger = keys.KnownKey(XINING.public, ("110000",))
    superior = keys.KnownKey(XINING.public, (f"{made.issuer[:2]}0000",))
    forged = voids.read(json.dumps(_list(XINING, made).to_dict() | {"key": key.public.id}).encode())
    assert verify(file, [mine, stranger], [_list(XINING, made), forged]).verdict == "genuine"
    assert verify(file, [mine], [_list(XINING, made)]).verdict == "genuine"
    assert verify(file, [mine, superior], [_list(XINING, made)]).verdict == "void"


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"format": "tongban.void/1"}', b"[" * 10**6, b"\xff"]
)
def test_what_is_no_list_is_named_as_that(content: bytes) -> None:
    with pytest.raises(voids.VoidError, match="作废清单"):
        voids.read(content)


# Hostile files: they are named, whatever they hold.

_MARK = b'{"format": "tongban.document/1"'


@pytest.mark.parametrize(
    "file",
    [
        b'{"format": "tongban.document/1", "document": {"a": "\\ud800"}, "code": "", "key": "KEY",'
        b' "signature": ""}',
        b'{"format": "tongban.document/1", "document": {"a": NaN}, "code": "", "key": "KEY",'
        b' "signature": ""}',
        b'{"format": "tongban.document/1", "document": {"a": ' + b"[" * 900 + b"]" * 900 + b"},"
        b' "code": "", "key": "KEY", "signature": ""}',
        b"9" * 100_000,
        b"%PDF-1.4\n" + _MARK * 50_000,
        b"%PDF-1.4\n" + (_MARK + b"}\nendstream") * 20_000,
        b"%PDF-1.4\n%TONGBAN-SEAL 1 0 999999999 KEY AAAA\n",
        b"%PDF-1.4\n" + b"%%EOF\n" * 200_000,
    ],
)
def test_a_hostile_file_is_no_document(file: bytes, key: signing.SigningKey) -> None:
    known = keys.KnownKey(key.public, ("630000",))
    found = verify(file.replace(b"KEY", key.public.id.encode()), known)
    assert found.verdict in ("no_document", "changed")
    assert found.certifies == {}


# The command.


@pytest.fixture
def folder(tmp_path: Path, made: Any, key: signing.SigningKey) -> Path:
    keys_of = tmp_path / "keys"
    keys_of.mkdir()
    texts = {
        "mine.pub": keys.KnownKey(key.public, (made.issuer,), owner="\x1b[31m甲").to_text(),
        "xining.pub": keys.KnownKey(XINING.public, ("630100",), owner="xining").to_text(),
    }
    for name, text in texts.items():
        (keys_of / name).write_text(text, encoding="utf-8")
    (tmp_path / "mine.json").write_bytes(files_of(made, key)[1])
    (tmp_path / "forged.json").write_bytes(files_of(made, XINING)[1])
    return tmp_path


def test_the_command_names_the_owner_and_refuses_a_foreign_issuer(
    folder: Path, tongban: Callable[..., Any], made: Any
) -> None:
    genuine = tongban("verify", folder / "mine.json", "--key", folder / "keys")
    assert genuine.exit_code == 0
    assert f"可签发 it may sign for: {made.issuer}" in genuine.output
    assert "\x1b" not in genuine.output
    wrong = tongban("verify", folder / "forged.json", "--key", folder / "keys")
    assert wrong.exit_code == 1
    assert wrong.output.startswith("签发机关不符")
    assert "密钥所有者 its owner: xining" in wrong.output
    assert "文书自称的机关 the office that it names" in wrong.output


def test_lists_and_stores_are_found_where_they_are_at_hand(
    folder: Path, tongban: Callable[..., Any], made: Any, key: signing.SigningKey
) -> None:
    mine, listed = folder / "mine.json", folder / "keys" / "mine.void.json"
    listed.write_text(json.dumps(_list(key, made).to_dict()), encoding="utf-8")
    assert tongban("verify", mine, "--key", folder / "keys").exit_code == 1
    shutil.move(listed, folder / "elsewhere.json")
    assert tongban("verify", mine, "--key", folder / "keys").exit_code == 0
    void = tongban("verify", mine, "--key", folder / "keys", "--void", folder / "elsewhere.json")
    assert void.exit_code == 1
    assert "文书已作废" in void.output
    assert tongban("verify", mine, "--void", mine, "--key", folder / "keys").exit_code == 2
    assert tongban("verify", mine, "--db", folder / "none.db").exit_code == 2


def test_what_lies_in_a_folder_of_keys_stops_nothing(
    folder: Path, tongban: Callable[..., Any]
) -> None:
    import os

    os.mkfifo(folder / "keys" / "pipe.pub")
    os.mkfifo(folder / "keys" / "pipe.void.json")
    (folder / "keys" / "folder.pem").mkdir()
    (folder / "keys" / "loop.pub").symlink_to("loop.pub")
    (folder / "keys" / "wrong.pub").write_text("Tongban-For: 63\n" + XINING.public.to_pem())
    done = tongban("verify", folder / "mine.json", "--key", folder / "keys")
    assert done.exit_code == 0
    assert "wrong.pub" in done.output
