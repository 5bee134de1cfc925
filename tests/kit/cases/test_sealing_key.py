"""`tongban key`: the key of personal data is made, changed, and its changes are told."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.kit.cases.conftest import Desk

from tongban.plugins.stores.sqlite import embedded
from tongban.plugins.stores.sqlite.embedded import key_from_environment

KEEPER = "supervisor:630000@keeper"


@pytest.fixture
def keyed(desk: Desk) -> Desk:
    """A desk that has made `old.key`, and uses it."""
    desk("key", "new", str(desk.folder / "old.key"))
    desk.env["TONGBAN_KEY"] = held(desk, "old.key")
    return desk


def screen(text: str) -> str:
    """A screen without the labels of keys, which are others each time."""
    return re.sub("[0-9a-f]{16}", "<label>", text)


def held(desk: Desk, name: str) -> str:
    return (desk.folder / name).read_text("utf-8").strip()


def made(desk: Desk, name: str = "new.key") -> str:
    file = str(desk.folder / name)
    desk("key", "new", file)
    return file


def test_a_key_that_is_made_is_one_that_only_its_owner_reads(desk: Desk) -> None:
    file = Path(made(desk))
    assert file.stat().st_mode & 0o777 == 0o600
    key = key_from_environment({"TONGBAN_KEY": held(desk, "new.key")})
    assert key is not None
    assert len(key) == 32


def test_a_key_is_printed_alone_so_that_a_shell_can_take_it(desk: Desk) -> None:
    done = desk("key", "new")
    assert key_from_environment({"TONGBAN_KEY": done.stdout.removesuffix("\n")})
    assert "keep it where only its keeper reads it" in done.stderr
    assert desk("key", "new").stdout != done.stdout
    assert key_from_environment({"TONGBAN_KEY": desk.json("key", "new")["key"]})


def test_a_file_that_is_there_is_never_written_over(desk: Desk) -> None:
    file = Path(made(desk))
    before = file.read_bytes()
    assert "文件已存在,未覆盖" in desk("key", "new", str(file), status=2).stderr
    assert file.read_bytes() == before
    link = desk.folder / "link.key"
    link.symlink_to(desk.folder / "nowhere")
    assert "文件已存在" in desk("key", "new", str(link), status=2).stderr


def test_what_is_shown_stays_the_same_after_a_change(
    keyed: Desk, applications: Any, golden: Callable[[str, str], None]
) -> None:
    case = keyed.receive(applications["hukou"])
    before = keyed.json("case", "show", case)
    done = keyed("key", "change", made(keyed), as_=KEEPER)
    golden("key-change.txt", screen(done.stdout + done.stderr))
    assert held(keyed, "new.key") not in done.output
    says = keyed("case", "show", case, status=2).stderr
    assert "TONGBAN_KEY is not the key of this store" in " ".join(says.split())
    keyed.env["TONGBAN_KEY"] = held(keyed, "new.key")
    assert keyed.json("case", "show", case) == before
    assert keyed.json("audit", "verify")["sealed"] == 0
    again = keyed("key", "change", str(keyed.folder / "new.key"), as_=KEEPER)
    assert "nothing was changed" in again.stdout
    keyed.env["TONGBAN_KEY"] = None
    golden("key-history.txt", screen(keyed("key", "history").stdout))
    assert len(keyed.json("key", "history")["changes"]) == 1


def test_a_first_key_seals_what_is_in_the_clear(desk: Desk, applications: Any) -> None:
    case = desk.receive(applications["hukou"])
    assert desk("key", "history").stdout.startswith("没有更换密钥的记录")
    found = desk.json("key", "change", made(desk), as_=KEEPER)
    assert (found["changed"], found["records"], found["former"]) == (True, 1, "")
    says = desk("case", "show", case, status=None).output
    assert "set TONGBAN_KEY" in " ".join(says.split())


def test_what_is_wrong_is_a_sentence_and_nothing_is_changed(keyed: Desk, applications: Any) -> None:
    case = keyed.receive(applications["hukou"])
    file = made(keyed)
    short = keyed.folder / "short.key"
    short.write_text("c2hvcnQ=\n", encoding="utf-8")
    secret = keyed.folder / "secret.key"
    secret.write_bytes(b"\xff secret-that-is-no-key " * 100)
    wrong = {
        (str(short), KEEPER): "不是有效密钥",
        (str(secret), KEEPER): "不是有效密钥",
        (str(keyed.folder / "nowhere.key"), KEEPER): "无法读取密钥",
        (file, ""): "say who changes the key with --as",
        (file, "applicant:a-1"): "not an applicant",
        (file, "nobody"): "unknown kind of actor",
    }
    for (named, actor), says in wrong.items():
        done = keyed("key", "change", named, as_=actor, status=2)
        assert says in " ".join(done.stderr.split())
        assert "secret-that" not in done.output
    keyed.env["TONGBAN_KEY"] = held(keyed, "new.key")[:-8] + "AAAAAAA="
    assert "与数据库的密钥不符" in keyed("key", "change", file, as_=KEEPER, status=2).stderr
    keyed.env["TONGBAN_KEY"] = "short"
    assert "不是有效密钥" in keyed("key", "change", file, as_=KEEPER, status=2).stderr
    keyed.env["TONGBAN_KEY"] = held(keyed, "old.key")
    assert "630" in keyed("case", "show", case).stdout
    assert keyed.json("key", "history")["changes"] == []


def test_copies_beside_the_store_are_named(keyed: Desk, applications: Any) -> None:
    keyed.receive(applications["hukou"])
    copy = str(keyed.folder / "copy.db")
    keyed("case", "backup", copy)
    keyed("case", "restore", copy)
    found = keyed.json("key", "change", made(keyed), as_=KEEPER)
    assert any("before-" in one for one in found["left"])


def test_a_backup_keeps_the_key_that_it_was_made_with(keyed: Desk, applications: Any) -> None:
    case = keyed.receive(applications["hukou"])
    copy = str(keyed.folder / "copy.db")
    keyed("case", "backup", copy)
    keyed("key", "change", made(keyed), as_=KEEPER)
    keyed.json("case", "show", case, "--db", copy)
    keyed.env["TONGBAN_KEY"] = held(keyed, "new.key")
    keyed("case", "show", case, "--db", copy, status=2)


def test_a_store_that_is_not_there_is_not_made(desk: Desk) -> None:
    says = desk("key", "change", made(desk), as_=KEEPER, status=2).stderr
    assert "没有此数据库" in says
    assert "没有此数据库" in desk("key", "history", status=2).stderr
    assert not desk.db.exists()


def test_a_storage_without_keys_of_its_own_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = made(desk)
    for name in ("generate_key", "read_key", "change_key"):
        monkeypatch.delattr(embedded, name)
    for says in (
        desk("key", "new", status=2).stderr,
        desk("key", "change", file, as_=KEEPER, status=2).stderr,
    ):
        assert "no key of its own for personal data" in says


def test_who_reads_the_store_meanwhile_is_told_of(
    keyed: Desk, applications: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyed.receive(applications["hukou"])
    file = made(keyed)
    with monkeypatch.context() as patched:
        patched.setattr(embedded.SqliteStore, "_emptied", lambda store: False)
        says = keyed("key", "change", file, as_=KEEPER, status=1).stderr
    assert "cases.db-wal: 尚未清除" in says
    again = keyed("key", "change", file, as_=KEEPER)
    assert "nothing was changed" in again.stdout
    assert "尚未清除" not in again.stderr
