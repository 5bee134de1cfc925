"""Every command, with words that move cursors, turn lines and forge them: none is obeyed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from attrs import evolve
from click.testing import CliRunner

from tongban.cli import cli
from tongban.kernel import Kernel, protocol, service
from tongban.plugins.console import tables
from tongban.plugins.stores.sqlite.embedded import open_store

FORGED = "日志完整 the log is whole: 9"
EVIL = f"x\x1b]0;OWNED\x07\x1b[2J\x9b31m\u202e\u2066\r\n{FORGED}\u2028{FORGED}\x00<b>"
CASE = "BJ20260302EVIL\x1b[2J\u202e\n" + FORGED
NAMED = "BJ20260302EVIL"
"""The same where only the words of the case are hostile: its id passes the door."""
_RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")


KERNEL = Kernel()
"""For the names of the commands alone."""


def harmless(text: str) -> None:
    assert _RAW.findall(text) == []
    assert not [line for line in text.splitlines() if line.startswith(FORGED)]


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group, obj=KERNEL)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        inner: Any = getattr(found, "command", found)
        if isinstance(inner, click.Group):
            yield from commands(inner, (*path, name))
        else:
            yield (*path, name)


def _hostile(id: str, events: Any) -> list[protocol.Event]:
    """The events of a case that another version of the program, or another hand, wrote."""
    found = []
    for event in events:
        raw = json.loads(json.dumps(event.to_dict()))
        raw["case"] = id
        if raw["kind"] == "submitted":
            raw["data"]["decision"]["item"]["name"] = EVIL
            raw["data"]["applicant"] = EVIL
        if raw["kind"] == "received":
            raw["data"]["materials"][0]["name"] = EVIL
            raw["data"]["receipt"] = EVIL
        raw["cause"] = f"{raw['cause']}{EVIL}"
        found.append(protocol.Event.from_dict(raw))
    wanted = protocol.SupplementRequested((EVIL, "=1+1"), None, False)
    last = found[-1]
    more = evolve(last, seq=last.seq + 1, body=wanted, cause=EVIL)
    return [*found, more]


@pytest.fixture
def evil(desk: Any, applications: Any) -> Any:
    """A desk with cases whose every word is hostile, and messages about it."""
    case = desk.receive(applications["hukou"])
    calendars = service.calendars(desk.kernel)
    store = open_store(desk.db, clock=desk.kernel.clock, calendars=calendars)
    with store.transaction() as writes:
        for id in (CASE, NAMED):
            writes.append(id, 0, _hostile(id, store.events(case)))
        told = store.outgoing(case=case)[0].message
        body = {"document": EVIL, "reason": EVIL}
        message = evolve(told, id=EVIL, case=CASE, body=body, sender="630100/postal")
        writes.receive(message, "xining")
        lost = evolve(message, id=f"{EVIL}2", receiver="630100/postal", kind="warning")
        writes.send([lost])
        writes.failed(lost.id, EVIL)
    store.close()
    return desk


READING = (
    ("case", "list"),
    ("case", "show", CASE),
    ("case", "next"),
    ("case", "next", "--as", "supervisor:510000"),
    ("case", "tick"),
    ("case", "exchange"),
    ("case", "rebuild", "--check"),
    ("case", "handled", CASE, "--as", "supervisor:510000"),
    ("case", "supply", CASE, "--all", "--as", "window:510100"),
    ("case", "accept", CASE, "--as", "officer:510100/public_security"),
    ("case", "withdraw", CASE, "--reason", EVIL, "--as", "window:510100"),
    ("audit", "verify"),
    ("audit", "witness"),
    ("report",),
    ("report", "--format", "csv"),
    ("doctor",),
)


@pytest.mark.parametrize("terminal", [False, True])
def test_a_hostile_case_reaches_no_terminal(
    evil: Any, terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if terminal:
        monkeypatch.setattr(tables, "is_terminal", lambda: True)
    named = [tuple(NAMED if one == CASE else one for one in words) for words in READING]
    for words in dict.fromkeys((*READING, *named)):
        harmless(evil(*words, status=None).output)
        said = evil(*words, "--json", status=None)
        harmless(said.output)
        for line in said.stdout.splitlines():
            json.loads(line)


def test_a_hostile_case_reaches_no_spreadsheet_page_or_document(evil: Any) -> None:
    key, out = str(evil.folder / "k.pem"), evil.folder / "out"
    evil("audit", "key", key)
    evil("report", "--format", "html", "-o", str(evil.folder / "r.html"), status=None)
    evil("report", "--format", "csv", "-o", str(evil.folder / "r.csv"), status=None)
    acting = ("--key", key, "-o", str(out), "--as", "window:510100")
    for case in (CASE, NAMED):
        harmless(evil("case", "document", case, "receipt", *acting, status=None).output)
        bundle = ("--key", key, "-o", str(evil.folder / "b.json"))
        harmless(evil("audit", "export", case, *bundle, status=None).output)
    harmless(
        evil("audit", "check-bundle", str(evil.folder / "b.json"), "--key", f"{key}.pub").output
    )
    written = [one for one in (*evil.folder.glob("r.*"), *out.glob("*")) if one.is_file()]
    assert len(written) > 3
    for path in written:
        if path.suffix != ".pdf":
            harmless(path.read_text("utf-8-sig").replace("\r\n", "\n"))
    rows = (evil.folder / "r.csv").read_text("utf-8-sig")
    assert "\n=" not in rows
    assert ",=" not in rows


@pytest.mark.parametrize("path", [*commands(cli)], ids=" ".join)
def test_a_hostile_argument_of_any_command_is_not_obeyed(
    path: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runner = CliRunner(catch_exceptions=False)
    env = {"TONGBAN_DB": str(tmp_path / "cases.db")}

    def desk(*words: str) -> str:
        return runner.invoke(cli, [*words], obj=KERNEL, env=env).output

    context = click.Context(cli, obj=KERNEL)
    command: Any = cli
    for name in path:
        command = command.get_command(context, name)
        command = getattr(command, "command", command)
    positional = [one for one in command.params if isinstance(one, click.Argument)]
    evil = EVIL.replace("\x00", "")  # no argument can hold it
    arguments = [evil] * len(positional)
    harmless(desk(*path, *arguments, f"--{evil}"))
    options = [one for one in command.params if isinstance(one, click.Option)]
    taking = [one.opts[0] for one in options if not one.is_flag and not one.count]
    harmless(desk(*path, *arguments, *(word for one in taking for word in (one, evil))))
    for one in taking if arguments else ():
        harmless(desk(*path, *arguments, one, evil))


FILES = {
    "deep": b'{"a":' * 5_000 + b"[" * 100_000,
    "half a character": b'{"item": "\\ud800", "name": "\\ud800"}',
    "not UTF-8": b'{"item": "\xff\xfe"}',
    "digits": b'{"item": ' + b"9" * 100_000 + b"}",
    "no number": b'{"item": NaN, "serves": 1e999}',
    "key twice": b'{"item": "2-03", "item": "2-04"}',
    "zeros": b"\x00" * 5_000,
    "database": b"SQLite format 3\x00" + b"\xff" * 5_000,
    "list": b'\xef\xbb\xbf[{"x\\u001b[2J": "\\u001b]0;OWNED\\u0007"}]\r\n',
    "folder": None,
}
SLOW = ("conformance", "simulate", "explore")
"""Commands that take a word for a name and work for a minute; they read no such file."""


@pytest.mark.parametrize("kind", FILES)
def test_a_hostile_file_for_any_command_is_a_clear_error(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    content, path = FILES[kind], tmp_path / "x.json"
    runner = CliRunner(catch_exceptions=False)
    context = click.Context(cli, obj=KERNEL)

    def tried(*words: str) -> None:
        path.mkdir() if content is None else path.write_bytes(content)
        harmless(runner.invoke(cli, words, obj=KERNEL, env=env).output)
        if content is not None:
            assert path.read_bytes() == content
        shutil.rmtree(path) if content is None else path.unlink()

    env = {"TONGBAN_DB": str(tmp_path / "cases.db")}
    for words in commands(cli):
        if words[0] in SLOW:
            continue
        command: Any = cli
        for name in words:
            command = command.get_command(context, name)
            command = getattr(command, "command", command)
        named = ["x.json" for one in command.params if isinstance(one, click.Argument)]
        if named:
            tried(*words, *named)
        for one in command.params:
            reads = isinstance(one, click.Option) and isinstance(one.type, click.File | click.Path)
            if reads and not {"-o", "--output", "--svg", "--csv"} & {*one.opts}:
                tried(*words, *named, one.opts[0], "x.json")
