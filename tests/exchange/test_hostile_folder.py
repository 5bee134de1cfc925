"""A folder that others can write to: whatever lies there, a node goes on, and follows nothing."""

from __future__ import annotations

import json
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from tongban.kernel import protocol, service
from tongban.plugins.exchange import pump
from tongban.plugins.exchange.envelope import Letter, Receipt
from tongban.plugins.exchange.folders import Folders
from tongban.plugins.exchange.spool import Spool

from .conftest import Here

PARTS = ("in", "ack")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A file of the node's owner that no neighbour may read."""
    path = tmp_path / "private.pem"
    path.write_text("SECRET")
    path.chmod(0o600)
    return path


def _socket(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    before = os.open(".", os.O_RDONLY)
    try:
        os.fchdir(folder)  # the whole path may be longer than a socket's name can be
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.fchdir(before)
        os.close(before)
        os.close(folder)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(3_000_000_000)


THINGS: dict[str, Callable[[Path], object]] = {
    "directory": lambda path: path.mkdir(),
    "full directory": lambda path: (path / "a" / "b").mkdir(parents=True),
    "pipe": lambda path: os.mkfifo(path),
    "socket": _socket,
    "link to itself": lambda path: path.symlink_to(path.name),
    "link to nowhere": lambda path: path.symlink_to("/nowhere/at/all"),
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
    "link to a folder": lambda path: path.symlink_to("/"),
    "3 GB": _sparse,
    "empty": lambda path: path.write_bytes(b""),
    "binary": lambda path: path.write_bytes(bytes(range(256))),
    "UTF-16": lambda path: path.write_bytes('{"format": "x"}'.encode("utf-16")),
    "deep": lambda path: path.write_bytes(b"[" * 100_000),
    "deep objects": lambda path: path.write_bytes(b'{"a":' * 5_000),
    "many digits": lambda path: path.write_bytes(b"9" * 100_000),
    "NaN": lambda path: path.write_bytes(b'{"format": NaN}'),
    "lone surrogate": lambda path: path.write_bytes(b'{"format": "\\ud800"}'),
    "key twice": lambda path: path.write_bytes(b'{"format": 1, "format": 2}'),
    "nobody may read it": lambda path: path.touch(0),
}


def plain(thing: str) -> str:
    return f"{thing.replace(' ', '-')}.json"


@pytest.mark.parametrize("part", PARTS)
def test_whatever_lies_there_is_put_aside_and_the_rest_goes_on(here: Here, part: str) -> None:
    for thing, put in THINGS.items():
        put(here.folder / part / plain(thing))
    here.honest_letters_are_taken()
    aside = here.aside()
    names = {plain(thing) for thing in THINGS}
    assert set(aside) == names | {one.replace(".json", ".reason.txt") for one in names}
    assert not [one for one in aside.values() if one.is_symlink()]
    modes = {stat.S_IMODE(one.stat().st_mode) for one in aside.values() if one.is_file()}
    assert modes <= {0o600, 0}
    assert stat.S_IMODE((here.folder / "aside").stat().st_mode) == 0o700
    assert here.chengdu.run()["aside"] == []


def _changed(content: bytes, **changes: Any) -> bytes:
    return json.dumps(json.loads(content) | changes).encode()


RECEIPTS: dict[str, Callable[[bytes], bytes]] = {
    "surrogate in a reason": lambda b: b.replace(b'"reason":""', b'"reason":"\\ud800"'),
    "long id": lambda b: _changed(b, message="m" * 300),
    "id with escapes": lambda b: _changed(b, message="\x1b[2J\n"),
    "foreign letters in the signature": lambda b: _changed(b, signature="é"),
    "unknown outcome": lambda b: _changed(b, outcome="fine"),
    "head that is none": lambda b: _changed(b, head={"format": "tongban.head/1"}),
    "list": lambda b: b"[1]",
    "name of another": lambda b: _changed(b, node="chengdu"),
}


def test_a_receipt_that_is_none_stops_nothing(here: Here) -> None:
    made = Receipt("xining", "chengdu", "m1", "taken").signed(here.country.keys["xining"])
    for name, change in RECEIPTS.items():
        content = change(made.to_bytes())
        assert content != made.to_bytes()
        (here.folder / "ack" / plain(name)).write_bytes(content)
    here.honest_letters_are_taken()
    assert {plain(name) for name in RECEIPTS} <= set(here.aside())


LETTERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "surrogate": lambda raw: raw["message"]["body"].update(x="\ud800"),
    "deep body": lambda raw: raw["message"]["body"].update(x=_nested(900)),
    "moment of year 1": lambda raw: raw["message"].update(sent_at="0001-01-01T00:00:00+08:00"),
    "id with escapes": lambda raw: raw["message"].update(id="\x1b]0;x\x07"),
    "id of 5000 characters": lambda raw: raw["message"].update(id="m" * 5_000),
    "no message": lambda raw: raw.pop("message"),
    "message is a list": lambda raw: raw.update(message=[]),
    "personal data is a number": lambda raw: raw.update(personal=5),
    "node is a list": lambda raw: raw.update(node=["xining"]),
    "for another": lambda raw: raw.update(to="lhasa"),
}


def _nested(depth: int) -> Any:
    found: Any = 0
    for _ in range(depth):
        found = [found]
    return found


def test_a_letter_that_is_none_stops_nothing(here: Here) -> None:
    genuine = here.letters("in")[0].read_bytes()
    for name, change in LETTERS.items():
        raw = json.loads(genuine)
        change(raw)
        (here.folder / "in" / plain(name)).write_bytes(json.dumps(raw).encode("ascii"))
    here.honest_letters_are_taken()
    assert {plain(name) for name in LETTERS} <= set(here.aside())


def test_what_breaks_while_it_is_taken_in_is_put_aside_and_answered(here: Here) -> None:
    chengdu, xining = here.chengdu, here.country.places["xining"]
    take = chengdu.take
    first: list[str] = []

    def breaks(message: protocol.Message, *rest: Any) -> object:
        first.append(message.id)
        if message.id == first[0]:
            raise ZeroDivisionError("personal data of somebody")
        return take(message, *rest)

    report = chengdu.exchange.run(chengdu.store, breaks, chengdu.clock())
    assert "ZeroDivisionError" in report["aside"][0]["reason"]
    assert "somebody" not in str(report)
    (failed,) = xining.run()["failed"]
    assert "ZeroDivisionError" in failed["reason"]


NAMES = (
    b"\xff\xfe.json",
    b"x\n\x1b[31mPAID.json",
    b"y" * 245 + b".json",
    "\u202enosj.json".encode(),
    b"-rf.json",
    b"in.json.json",
    b"a b.json",
    b"xining...json",
)


def test_a_name_of_any_kind_is_put_aside_under_a_plain_one(here: Here) -> None:
    for name in NAMES:
        with open(os.fsencode(here.folder / "in") + b"/" + name, "wb") as file:  # noqa: PTH123
            file.write(name)
    here.honest_letters_are_taken()
    names = set(here.aside())
    assert len(names) == 2 * len(NAMES)
    assert all(one.isascii() and one.isprintable() and len(one) < 120 for one in names)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", ["00.json", "xining.00.json"])
def test_a_link_never_publishes_a_file(here: Here, elsewhere: Path, part: str, name: str) -> None:
    (here.folder / part / name).symlink_to(elsewhere)
    here.honest_letters_are_taken()
    for one in here.aside().values():
        assert not one.is_symlink()
        assert b"SECRET" not in one.read_bytes()
    assert elsewhere.read_text() == "SECRET"
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o600


def test_a_second_name_of_a_file_does_not_change_it(here: Here, elsewhere: Path) -> None:
    elsewhere.chmod(0o644)
    os.link(elsewhere, here.folder / "in" / "00.json")
    here.honest_letters_are_taken()
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o644


@pytest.mark.parametrize("part", ["in", "ack", "aside"])
@pytest.mark.parametrize("instead", ["link", "file", "pipe"])
def test_a_folder_of_the_node_that_is_none_is_made_anew(
    here: Here, tmp_path: Path, part: str, instead: str
) -> None:
    theirs = tmp_path / "theirs"
    (here.folder / part).rename(theirs)
    put: dict[str, Callable[[Path], object]] = {
        "link": lambda path: path.symlink_to(theirs),
        "file": lambda path: path.write_text("x"),
        "pipe": lambda path: os.mkfifo(path),
    }
    put[instead](here.folder / part)
    (theirs / "00.json").write_text("{}")
    report = here.chengdu.run()
    assert any(f"{part}.odd" in one for one in report["problems"])
    assert (here.folder / part).is_dir()
    assert not (here.folder / part).is_symlink()
    assert (theirs / "00.json").exists(), "nothing behind a link was touched"
    assert here.chengdu.run()["problems"] == []


def test_a_whole_node_folder_that_is_a_link_is_not_followed(here: Here, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    here.folder.rename(theirs)
    here.folder.symlink_to(theirs)
    before = {one: one.stat().st_mtime_ns for one in theirs.rglob("*")}
    report = here.chengdu.run()
    assert report["problems"]
    assert report["taken"] == []
    assert {one: one.stat().st_mtime_ns for one in theirs.rglob("*")} == before


def test_what_cannot_be_moved_is_told_once(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    (here.folder / "in" / "00.json").mkdir()

    def refuse(*args: Any, **names: Any) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as denied:
        denied.setattr(os, "rename", refuse)
        (told,) = here.chengdu.run()["aside"]
        assert "cannot be moved" in told["reason"]
        assert here.chengdu.run()["aside"] == []
    here.country.places["xining"].run()


def test_names_that_are_taken_in_aside_keep_what_was_there(here: Here) -> None:
    for content in (b"[1]", b"[2]", b"[1]"):
        (here.folder / "in" / "00.json").write_bytes(content)
        here.chengdu.run()
    kept = sorted(one.read_bytes() for one in here.aside().values() if one.suffix == ".json")
    assert kept == [b"[1]", b"[2]"], "two things of one name, and the same thing once"


# A flood.


def bounded(monkeypatch: pytest.MonkeyPatch, *limits: int) -> None:
    """Lets one run look at less."""

    def folders(node: Any, folder: Path, spool: Any, report: Any) -> Folders:
        return Folders(node, folder, spool, report, *limits)

    monkeypatch.setattr(pump, "Folders", folders)


def test_a_flood_starves_nobody(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    bounded(monkeypatch, 10, 100_000)
    for number in range(100):
        (here.folder / "in" / f"{number:03}.json").write_bytes(b"{}")
        (here.folder / "ack" / f"lhasa.{number:03}.json").write_bytes(b"{}")
    report = here.chengdu.run()
    assert report["taken"]
    assert report["delivered"]
    assert len(report["aside"]) < 20
    assert report["left"] > 0


def test_letters_that_wait_do_not_hide_those_behind_them(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run goes on where the last one ended."""
    bounded(monkeypatch, 4)
    (mine,) = here.letters("in")
    chengdu = here.chengdu
    asked: list[str] = []

    def early(message: protocol.Message, *rest: Any) -> object:
        asked.append(message.id)
        raise service.OutOfOrderError("not yet")

    raw = json.loads(mine.read_bytes())
    message = protocol.Message.from_dict(raw["message"])
    for number in range(9):
        one = attrs.evolve(message, id=f"{number:032x}")
        letter = Letter("xining", "chengdu", one).signed(here.country.keys["xining"])
        (here.folder / "in" / f"xining.{number:032x}.json").write_bytes(letter.to_bytes())
    for _ in range(3):
        chengdu.exchange.run(chengdu.store, early, chengdu.clock())
    assert len(set(asked)) == 10


def test_memory_is_bounded_by_what_one_run_looks_at(here: Here) -> None:
    for number in range(500):
        (here.folder / "in" / f"{number:03}.json").touch()
    spool, folder = Spool(), here.folder / "in"
    assert spool.names(folder, 5)[:2] == ["000.json", "001.json"]
    assert spool.names(folder, 1, (), {"": "498.json"}) == ["499.json"]
    assert spool.names(folder, 3, (), {"": "499.json"})[0] != "499.json"
    assert len(spool.names(folder, 7, {"xining"}, {})) == 7


# The other nodes' cards, and the node's own file.


def test_files_of_the_first_version_are_read(here: Here) -> None:
    for part in PARTS:
        for path in here.letters(part):
            raw = json.loads(path.read_bytes())
            for name in ("head", "yours"):
                raw.pop(name, None)
            path.unlink()
            path.with_name(path.name.removeprefix("xining.")).write_bytes(json.dumps(raw).encode())
    report = here.chengdu.run()
    assert report["taken"]
    assert report["delivered"]
    assert report["aside"] == []


def test_a_file_that_grows_or_is_swapped_while_it_is_read_is_bounded(
    here: Here, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = here.folder / "in"
    growing, swapped = folder / "00.json", folder / "01.json"
    growing.write_bytes(b"{}")
    swapped.write_bytes(b"{}")
    look, listed = os.fstat, Spool.names

    def grown(handle: int) -> os.stat_result:
        found = look(handle)
        if growing.exists() and found.st_ino == growing.stat().st_ino:
            os.truncate(growing, 10_000_000_000)
        return found

    def names(self: Spool, *args: Any) -> list[str]:
        found = listed(self, *args)
        if swapped.is_file() and not swapped.is_symlink():
            swapped.unlink()
            swapped.symlink_to(elsewhere)
        return found

    monkeypatch.setattr(os, "fstat", grown)
    monkeypatch.setattr(Spool, "names", names)
    here.honest_letters_are_taken()
    aside = here.aside()
    assert "larger than" in aside["00.reason.txt"].read_text()
    assert aside["01.json"].read_bytes().startswith("链接".encode())


def test_a_letter_of_the_node_itself_is_put_aside(country: Callable[..., Any]) -> None:
    here = country("chengdu", "xining")
    here.submit("licence", "chengdu")
    for _ in range(3):
        here.places["chengdu"].work()
        here.places["chengdu"].run()
    letter = min((here.root / "xining" / "in").glob("*.json"))
    (here.root / "chengdu" / "in" / "stray.json").write_bytes(letter.read_bytes())
    report = here.places["chengdu"].run()
    assert [row["id"] for row in report["aside"]] == ["stray"]
    assert not (here.root / "chengdu" / "in" / "stray.json").exists()
