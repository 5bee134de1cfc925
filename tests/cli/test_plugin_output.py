"""What plugins print is shown under their name, and never among the answers."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from tests.cli.conftest import INPUT, Install, Program, hook

PRINTS: dict[str, tuple[str, str]] = {
    "at_import": ("print('hello')", "hello"),
    "in_a_hook": (hook("print('hello')"), "hello"),
    "without_an_end": (hook("print('hel', end='')\nprint('lo', end='')"), "hello"),
    "lines": (hook("print('a\\nhello\\nb')"), "hello"),
    "by_descriptor": (hook("import os\nos.write(1, b'hello')"), "hello"),
    "by_the_other_name": (hook("import sys\nsys.__stdout__.write('hello\\n')"), "hello"),
    "by_a_kept_function": (
        "import sys\nsay = sys.stdout.write\n" + hook("say('hello\\n')"),
        "hello",
    ),
    "by_a_program": (
        hook("import subprocess\nsubprocess.run(['echo', 'hello'], check=True)"),
        "hello",
    ),
    "by_much_of_a_program": (
        hook("import subprocess\nsubprocess.run(['yes', 'hello'], timeout=0.1)"),
        "hello",
    ),
    "by_logging": (
        "import logging, sys\nlogging.basicConfig(stream=sys.stdout, level=0)\n"
        + hook("logging.info('hello')"),
        "INFO:root:hello",
    ),
    "by_click": (hook("import click\nclick.echo('hello')"), "hello"),
    "escapes": (hook("print('\\x1b]0;hello\\x07\\x1b[2J')"), "\\x1b]0;hello\\x07\\x1b[2J"),
    "surrogates": (hook("print('hello\\ud800')"), "hello\\ud800"),
    "later": (
        hook(
            "import threading, time\n"
            "def say():\n    time.sleep(0.2)\n    print('hello')\n"
            "threading.Thread(target=say).start()\nreturn {}"
        ),
        "hello",
    ),
    "in_a_finalizer": (
        "class Late:\n    def __del__(self):\n        print('hello')\n" + hook("Late()"),
        "hello",
    ),
    "in_an_exception": (
        "class Loud(Exception):\n    def __str__(self): print('hello')\n" + hook("raise Loud"),
        "hello",
    ),
    "when_it_is_read": (
        "class Loud(dict):\n    def __iter__(self): print('hello')\n" + hook("return Loud()"),
        "hello",
    ),
    "when_it_is_looked_at": (
        "class Loud:\n    @property\n    def answer(self):\n        print('hello')\n"
        "import sys\nsys.modules[__name__] = Loud()\n",
        "hello",
    ),
    "where_its_rules_are_read": (
        "from tongban.kernel import DepartmentRules\n"
        "class Loud:\n    name = 'loud.yaml'\n    def open(self, mode):\n        print('hello')\n"
        + hook("return [DepartmentRules(Loud())]", "departments"),
        "hello",
    ),
}

UNNAMED: dict[str, str] = {
    "by_buffer": hook("import sys\nsys.stdout.buffer.write(b'hello\\n')"),
    "by_a_program_of_its_choice": hook(
        "import subprocess, sys\nsubprocess.run(['echo', 'hello'], stdout=sys.stdout)"
    ),
    "by_a_warning": hook("import warnings\nwarnings.warn('hello')"),
    "by_C": hook("import ctypes\nctypes.CDLL(None).puts(b'hello')"),
    "at_exit": "import atexit\natexit.register(print, 'hello')",
}


@pytest.fixture(scope="module")
def printed(
    program: Program, tmp_path_factory: pytest.TempPathFactory, install: Install
) -> subprocess.CompletedProcess[bytes]:
    """An application, routed in the midst of all that print."""
    code = {f"prints_{name}": text for name, (text, _) in PRINTS.items()}
    env = install(tmp_path_factory.mktemp("printing"), code)
    return program("route", "--json", "-", input=INPUT, env=env)


def test_standard_output_is_for_answers(
    printed: subprocess.CompletedProcess[bytes], program: Program
) -> None:
    alone = program("route", "--json", "-", input=INPUT)
    assert printed.returncode == 0
    assert printed.stdout == alone.stdout
    assert b"\x1b" not in printed.stderr
    assert b"Traceback" not in printed.stderr


@pytest.mark.parametrize("name", PRINTS)
def test_what_is_printed_goes_to_standard_error(
    name: str, printed: subprocess.CompletedProcess[bytes]
) -> None:
    _, says = PRINTS[name]
    assert f"plugin prints_{name}: {says}" in printed.stderr.decode().splitlines()


@pytest.mark.parametrize("name", UNNAMED)
def test_whatever_prints_breaks_no_answer(
    name: str, program: Program, tmp_path: Path, install: Install
) -> None:
    """Where nobody can tell who wrote it, it is on standard error all the same."""
    env = install(tmp_path, {f"prints_{name}": UNNAMED[name]})
    done = program("route", "--json", "-", input=INPUT, env=env)
    assert done.returncode == 0
    assert json.loads(done.stdout)["outcome"] == "eligible"
    assert b"hello" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "body",
    [
        "for _ in range(5_000): print('hello')",
        "import os\nfor _ in range(100): os.write(1, b'hello\\n' * 50)",
        "import subprocess\nsubprocess.Popen(['yes', 'hello'])",
    ],
    ids=["printed", "by descriptor", "by a program that goes on"],
)
def test_nobody_reads_thousands_of_lines(
    body: str, program: Program, tmp_path: Path, install: Install
) -> None:
    env = install(tmp_path, {"talks": hook(f"{body}\nreturn {{}}")})
    done = program("route", "--json", "-", input=INPUT, env=env)
    assert done.returncode == 0
    assert json.loads(done.stdout)["outcome"] == "eligible"
    lines = done.stderr.decode().splitlines()
    assert lines.count("plugin talks: hello") <= 1_000
    assert len(lines) < 3_000
    assert all(line.startswith("plugin ") for line in lines)


@pytest.mark.parametrize("args", [["items", "--json"], ["plugins", "--json"], ["show", "2-03"]])
def test_what_is_printed_at_import_breaks_no_command(
    args: list[str], program: Program, tmp_path: Path, install: Install
) -> None:
    env = install(tmp_path, {"loud": "print('hello')\nimport os\nos.write(1, b'hello')"})
    done, alone = program(*args, env=env), program(*args)
    assert b"hello" not in done.stdout
    assert done.stderr.startswith(b"plugin loud: hello\nplugin loud: hello\n")
    if args[0] != "plugins":
        assert done.stdout == alone.stdout


def test_a_plugins_own_command_writes_to_standard_output(
    program: Program, tmp_path: Path, install: Install
) -> None:
    text = (
        "import click, subprocess\nfrom tongban.kernel import hookimpl\n"
        "@click.command()\ndef answer():\n"
        "    'Answers.'\n    print('one', flush=True)\n"
        "    subprocess.run(['echo', 'two'])\n    click.echo('three')\n"
        "@hookimpl\ndef register_commands(cli):\n    print('hello')\n    cli.add_command(answer)\n"
    )
    done = program("answer", env=install(tmp_path, {"talks": text}))
    assert done.stdout == b"one\ntwo\nthree\n"
    assert done.stderr == b"plugin talks: hello\n"


def test_hooks_read_nothing_from_standard_input(
    program: Program, tmp_path: Path, install: Install
) -> None:
    """A plugin, or a program that it starts, takes no application away."""
    text = hook(
        "import subprocess, sys\nassert sys.stdin.read() == ''\n"
        "assert subprocess.run(['cat'], capture_output=True).stdout == b''\nreturn {}"
    )
    done = program("route", "--json", "-", input=INPUT * 3, env=install(tmp_path, {"reads": text}))
    assert len(done.stdout.splitlines()) == 3
    assert done.stderr == b""


def test_a_copy_of_the_process_answers_nothing(
    program: Program, tmp_path: Path, install: Install
) -> None:
    text = hook("import os\nos.fork()\nreturn {}")
    done = program("route", "--json", "-", input=INPUT, env=install(tmp_path, {"forks": text}))
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1
