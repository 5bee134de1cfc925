"""A key that signs hands on to another: what it signed in its time goes on verifying."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.kit.cases.conftest import Desk

CHENGDU = "officer:510100/public_security"


def ids(text: str) -> str:
    """A screen with the keys by the order in which it names them."""
    for number, id in enumerate(dict.fromkeys(re.findall("[0-9a-f]{32}", text)), 1):
        text = text.replace(id, f"<key {number}>")
    return text


class Keys:
    """Two keys of a desk: the old one until the third day, the new one from then on."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.old, self.new = str(desk.folder / "old.pem"), str(desk.folder / "new.pem")
        self.marks: dict[str, str] = {}
        desk("audit", "key", self.old)

    def sign(self, name: str, key: str) -> str:
        """A checkpoint in a file of its own."""
        file = self.desk.folder / f"{name}.jsonl"
        file.write_text(self.desk("audit", "checkpoint", "--key", key).stdout, "utf-8")
        return str(file)

    def hand_on(self, *more: str) -> Any:
        return self.desk.json("audit", "key", self.new, "--replaces", self.old, *more)

    @property
    def both(self) -> tuple[str, ...]:
        return "--key", f"{self.old}.pub", "--key", f"{self.new}.pub"

    def stolen(self) -> str:
        """The old private key, in a file that says nothing of its time."""
        copy = self.desk.folder / "copy.pem"
        copy.write_bytes(Path(self.old).read_bytes())
        return str(copy)


@pytest.fixture
def keys(desk: Desk, applications: Any) -> Keys:
    desk.receive(applications["hukou"])
    return Keys(desk)


def test_each_checkpoint_is_verified_by_the_key_of_its_time(
    keys: Keys, golden: Callable[[str, str], None]
) -> None:
    desk = keys.desk
    before = keys.sign("before", keys.old)
    desk.later(days=3)
    done = keys.hand_on()
    assert done["replaces"]["until"] == "2026-03-05"
    keys.sign("same-day", keys.old)
    keys.sign("same-day-too", keys.new)
    desk.later(days=30)
    after = keys.sign("after", keys.new)
    args = ("--checkpoint", before, "--checkpoint", after)
    found = desk.json("audit", "verify", *keys.both, *args)
    assert (found["whole"], found["checkpoints"]["checked"]) == (True, 6)
    by = {(one["at"][:10], one["key"]) for one in found["checkpoints"]["signed"]}
    old = done["replaces"]["id"]
    assert by == {
        ("2026-03-02", old),
        ("2026-03-05", old),
        ("2026-03-05", done["id"]),
        ("2026-04-04", done["id"]),
    }
    golden("audit-two-keys.txt", ids(desk("audit", "verify", *keys.both, *args).stdout))
    one_key = desk.json("audit", "verify", "--key", f"{keys.new}.pub")["checkpoints"]
    assert (one_key["checked"], one_key["unchecked"]) == (2, 2)


def test_what_the_former_key_signs_after_its_time_is_refused(
    keys: Keys, golden: Callable[[str, str], None]
) -> None:
    desk = keys.desk
    keys.sign("before", keys.old)
    copy = keys.stolen()
    keys.hand_on()
    desk.later(days=1)
    late = keys.sign("late", copy)
    says = desk("audit", "verify", *keys.both, "--checkpoint", late, status=2).stderr
    assert "may sign until 2026-03-02 only" in " ".join(says.split())
    golden("audit-late-key.txt", ids(desk("audit", "verify", *keys.both, status=1).stdout))
    found = desk.json("audit", "verify", *keys.both, status=1)
    assert (found["whole"], found["breaks"]) == (False, [])
    assert (found["checkpoints"]["checked"], found["checkpoints"]["refused"]) == (1, 1)
    # Where that was honest, its keeper says so: the key's time is what its file says.
    desk("audit", "key", keys.old, "--until", "2026-03-03")
    assert desk.json("audit", "verify", *keys.both)["checkpoints"]["checked"] == 2


def test_a_bundle_is_genuine_by_the_key_of_its_day(keys: Keys) -> None:
    desk = keys.desk
    (case,) = (one["id"] for one in [desk.json("case", "list")])
    copy, files = keys.stolen(), {}
    keys.hand_on()
    for name, key in (("before", keys.old), ("after", keys.new), ("late", copy)):
        files[name] = str(desk.folder / f"{name}.json")
        desk("audit", "export", case, "--key", key, "-o", files[name])
        desk.later(days=1)
    for name, status in (("before", 0), ("after", 0), ("late", 1)):
        desk("audit", "check-bundle", files[name], *keys.both, status=status)
    late = desk("audit", "check-bundle", files["late"], *keys.both, status=1)
    assert "导出时密钥不在有效期内" in late.stderr
    alone = ("--key", f"{keys.new}.pub")
    wrong = desk("audit", "check-bundle", files["before"], *alone, status=1)
    assert "由另一密钥签名" in wrong.stderr


def test_a_key_whose_time_is_over_signs_nothing_more(keys: Keys) -> None:
    desk = keys.desk
    (case,) = (one["id"] for one in [desk.json("case", "list")])
    keys.hand_on()
    desk("audit", "checkpoint", "--key", keys.old)  # on its last day it may
    desk.later(days=1)
    for command in (
        ("audit", "checkpoint"),
        ("audit", "export", case),
        ("audit", "voids"),
        ("case", "document", case, "receipt", "-o", str(desk.folder / "out")),
    ):
        says = desk(*command, "--key", keys.old, as_="window:510100", status=2).stderr
        assert "密钥不在有效期内" in says, command
    desk.env["TONGBAN_SIGNING_KEY"] = keys.old
    assert "密钥不在有效期内" in desk("audit", "checkpoint", status=2).stderr
    named = {one["name"]: one for one in desk.json("doctor", status=1)}
    assert named["TONGBAN_SIGNING_KEY"]["state"] == "broken"
    assert "until 2026-03-02" in named["TONGBAN_SIGNING_KEY"]["says"]
    desk.env["TONGBAN_SIGNING_KEY"] = Path(keys.new).read_text("utf-8")
    desk("audit", "checkpoint")


def test_what_it_may_sign_for_goes_over(desk: Desk) -> None:
    old, new = str(desk.folder / "old.pem"), str(desk.folder / "new.pem")
    desk("audit", "key", old, "--for", "510100/public_security", "--owner", "chengdu")
    made = desk.json("audit", "key", new, "--replaces", old, "--from", "2026-06-01")
    assert made["for"] == ["510100/public_security"]
    lines = Path(f"{new}.pub").read_text("utf-8").splitlines()[:3]
    assert lines == [
        "Tongban-Owner: chengdu",
        "Tongban-For: 510100/public_security",
        "Tongban-From: 2026-06-01",
    ]
    assert "Tongban-Until: 2026-06-01" in Path(f"{old}.pub").read_text("utf-8")
    # A day that changes leaves the rest as it was.
    desk("audit", "key", old, "--until", "2026-05-31")
    lines = Path(f"{old}.pub").read_text("utf-8").splitlines()[:3]
    assert lines == [
        "Tongban-Owner: chengdu",
        "Tongban-For: 510100/public_security",
        "Tongban-Until: 2026-05-31",
    ]
    desk("audit", "key", old, "--until", "2026-06-01")
    # Again, after a crash between the two files.
    again = desk.json("audit", "key", new, "--replaces", old, "--from", "2026-06-01")
    assert again == made


def test_a_document_verifies_by_the_key_of_its_day(desk: Desk, applications: Any) -> None:
    old, new = str(desk.folder / "old.pem"), str(desk.folder / "new.pem")
    known = desk.folder / "known"
    known.mkdir()
    desk("audit", "key", old, "--for", "510000")
    copy = desk.folder / "copy.pem"
    copy.write_bytes(Path(old).read_bytes())
    files = {}

    def issue(name: str, key: str) -> None:
        case = desk.receive(applications["hukou"])
        out = desk.folder / name
        desk("case", "document", case, "receipt", "--key", key, "-o", str(out),
             as_="window:510100")  # fmt: skip
        (files[name],) = map(str, out.glob("*.json"))

    issue("before", old)
    desk("audit", "key", new, "--replaces", old)
    desk.later(days=1)
    issue("after", new)
    issue("late", str(copy))
    for one in (old, new):
        (known / f"{Path(one).name}.pub").write_bytes(Path(f"{one}.pub").read_bytes())
    verdicts = {
        name: desk.json("verify", file, "--key", str(known), status=None)["verdict"]
        for name, file in files.items()
    }
    assert verdicts == {"before": "genuine", "after": "genuine", "late": "wrong_issuer"}
    # A key that says nothing but its time proves no office, and nothing out of its time.
    for one in (old, new):
        file = known / f"{Path(one).name}.pub"
        lines = file.read_text("utf-8").splitlines()
        kept = [line for line in lines if not line.startswith("Tongban-For")]
        file.write_text("\n".join(kept), "utf-8")
    verdicts = {
        name: desk.json("verify", file, "--key", str(known), status=None)["verdict"]
        for name, file in files.items()
    }
    assert verdicts == {"before": "unchanged", "after": "unchanged", "late": "wrong_issuer"}


def test_what_is_wrong_is_a_sentence_and_no_key_is_touched(keys: Keys) -> None:
    desk = keys.desk
    desk("audit", "key", keys.old, "--from", "2026-03-02")
    before = {one: one.read_bytes() for one in desk.folder.glob("*.pem*")}
    wrong = {
        (keys.old, "--replaces", keys.old): "cannot take its own place",
        (keys.new, "--replaces", str(desk.folder / "nowhere.pem")): "无法读取密钥",
        (keys.new, "--replaces", keys.old, "--from", "2026-03-01"): "begins on 2026-03-02",
        (keys.new, "--replaces", keys.old, "--until", "2026-03-01"): "is before --from",
        (keys.new, "--owner", "chengdu"): "say with --for",
    }
    for args, says in wrong.items():
        done = desk("audit", "key", *args, status=2)
        assert says in " ".join(done.stderr.split()), args
        assert {one: one.read_bytes() for one in desk.folder.glob("*.pem*")} == before
    says = desk("audit", "verify", "--key", keys.old, status=2).stderr
    assert "Ed25519" in says
    missing = str(desk.folder / "nowhere.pub")
    assert "无法读取密钥" in desk("audit", "verify", "--key", missing, status=2).stderr


def test_a_new_key_may_have_no_two_files_of_one_key(keys: Keys) -> None:
    copy = keys.stolen()
    says = keys.desk("audit", "key", copy, "--replaces", keys.old, status=2).stderr
    assert "hold the same key" in " ".join(says.split())
    assert "Tongban-Until" not in Path(f"{keys.old}.pub").read_text("utf-8")
