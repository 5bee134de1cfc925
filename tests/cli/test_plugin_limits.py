"""Time and memory of plugins are bounded, and nothing that they do ends the program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import INPUT, Install, Program, hook

from tongban.plugins.process import Process

QUICK = {"TONGBAN_PLUGIN_SECONDS": "0.4"}


ENDS: dict[str, tuple[str, str]] = {
    "exits_at_import": ("import os\nos._exit(0)", "called os._exit"),
    "exits_by_posix": ("import posix\nposix._exit(0)", "called os._exit"),
    "exits": (hook("import os\nos._exit(0)"), "derive_facts called os._exit"),
    "kept_the_exit": ("from os import _exit\n" + hook("_exit(0)"), "derive_facts called os._exit"),
    "exits_in_receive": (hook("import os\nos._exit(0)", "receive"), "receive called os._exit"),
    "aborts": (hook("import os\nos.abort()"), "derive_facts called os.abort"),
    "is_another_program": (
        hook("import os\nos.execl('/bin/true', 'true')"),
        "derive_facts called os.execv",
    ),
    "leaves": (hook("import sys\nsys.exit(0)"), "derive_facts raised SystemExit: 0"),
    "leaves_at_import": ("raise SystemExit", "cannot be imported: raised SystemExit"),
    "interrupts": (hook("raise KeyboardInterrupt"), "derive_facts raised KeyboardInterrupt"),
    "interrupts_at_import": ("raise KeyboardInterrupt", "raised KeyboardInterrupt"),
    "runs_out_of_memory": (hook("raise MemoryError"), "derive_facts raised MemoryError"),
    "recurses": (
        "from tongban.kernel import hookimpl\n@hookimpl\ndef derive_facts():\n"
        "    return derive_facts()",
        "derive_facts raised RecursionError",
    ),
    "loops": (hook("while True: pass"), "derive_facts took longer than 0.4 s and was ended"),
    "loops_at_import": ("while True: pass", "cannot be imported: took longer than 0.4 s"),
    "sleeps": (hook("import time\ntime.sleep(999)"), "derive_facts took longer than 0.4 s"),
    "waits_for_a_program": (
        hook("import subprocess\nsubprocess.run(['sleep', '999'])"),
        "derive_facts took longer than 0.4 s",
    ),
    "waits_for_a_network": (
        hook("import socket\na, b = socket.socketpair()\na.recv(1)"),
        "derive_facts took longer than 0.4 s",
    ),
    "waits_for_a_lock": (
        hook("import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()"),
        "derive_facts took longer than 0.4 s",
    ),
    "backtracks": (
        hook("import re\nre.match('(a+)+$', 'a' * 60 + 'b')"),
        "derive_facts took longer than 0.4 s",
    ),
    "goes_on": (
        hook("try:\n    while True: pass\nexcept BaseException: pass\nreturn {}"),
        "",
    ),
    "loops_when_registered": (
        "class Odd:\n    @property\n    def answer(self):\n        while True: pass\n"
        "import sys\nsys.modules[__name__] = Odd()\n",
        "cannot be registered: took longer than 0.4 s",
    ),
    "loops_in_commands": (
        "from tongban.kernel import hookimpl\n@hookimpl\ndef register_commands(cli):\n"
        "    while True: pass",
        "register_commands took longer than 0.4 s",
    ),
    "loops_in_departments": (
        hook("while True: yield", "departments"),
        "departments returned more than 10,000 of a list of DepartmentRules",
    ),
    "reads_for_ever": (
        "from pathlib import Path\nfrom tongban.kernel import DepartmentRules\n"
        + hook("return [DepartmentRules(Path('/dev/zero'))]", "departments"),
        "larger than 64,000,000 bytes, which no rule file is",
    ),
}


@pytest.fixture(scope="module")
def ended(
    program: Program, tmp_path_factory: pytest.TempPathFactory, install: Install
) -> subprocess.CompletedProcess[bytes]:
    """Two applications, routed in the midst of all that would end the program."""
    code = {f"ends_{name}": text for name, (text, _) in ENDS.items()}
    env = install(tmp_path_factory.mktemp("ending"), code) | QUICK
    return program("route", "--json", "-", input=INPUT * 2, env=env)


def test_nothing_that_a_plugin_does_ends_the_program(
    ended: subprocess.CompletedProcess[bytes], program: Program
) -> None:
    alone = program("route", "--json", "-", input=INPUT * 2)
    assert ended.returncode == 0
    assert ended.stdout == alone.stdout
    assert len(ended.stderr.splitlines()) == len(ENDS)


@pytest.mark.parametrize("name", ENDS)
def test_the_plugin_that_would_end_it_is_named(
    name: str, ended: subprocess.CompletedProcess[bytes]
) -> None:
    start = f"Warning: the plugin ends_{name} failed: "
    (line,) = (one for one in ended.stderr.decode().splitlines() if one.startswith(start))
    assert ENDS[name][1] in line


def test_a_plugin_that_cannot_be_ended_ends_the_program(
    program: Program, tmp_path: Path, install: Install
) -> None:
    """What was answered before is there; then it is named, and the status says so."""
    text = "import time\ncount = 0\n" + hook(
        "global count\ncount += 1\n"
        "while count > 1:\n    try:\n        time.sleep(999)\n    except BaseException: pass\n"
    )
    env = install(tmp_path, {"stays": text}) | QUICK
    done = program("route", "--json", "-", input=INPUT * 2, env=env)
    assert done.returncode == 70
    assert len(done.stdout.splitlines()) == 1
    says = (
        b"Error: the plugin stays takes too long and cannot be interrupted, so the program ends\n"
    )
    assert done.stderr == says


def test_code_in_C_that_never_comes_back(
    program: Program, tmp_path: Path, install: Install
) -> None:
    """Nobody can write a message then: Python's own stack says where it was."""
    text = hook("import itertools\nsum(itertools.repeat(0))")
    env = install(tmp_path, {"sums": text}) | {"TONGBAN_PLUGIN_SECONDS": "0.1"}
    done = program("route", "--json", "-", input=INPUT, env=env)
    assert done.returncode == -signal.SIGPROF
    assert done.stdout == b""
    assert b"sums.py" in done.stderr
    assert b"in derive_facts" in done.stderr


@pytest.mark.parametrize(
    "body",
    [
        "kept = []\nwhile True: kept.append(bytearray(10_000_000))",
        "return {'x': 'y' * 10_000_000_000}",
        "return list(range(10_000_000_000))",
        "import itertools\nreturn list(itertools.count())",
    ],
    ids=["bit by bit", "at once", "a list", "in C"],
)
def test_memory(body: str, program: Program, tmp_path: Path, install: Install) -> None:
    env = install(tmp_path, {"grows": hook(body)}) | {"TONGBAN_PLUGIN_MEMORY": "300"}
    done = program("route", "--json", "-", input=INPUT, env=env)
    assert done.returncode == 0
    assert json.loads(done.stdout)["outcome"] == "eligible"
    warning = b"Warning: the plugin grows failed: derive_facts raised MemoryError\n"
    assert done.stderr == warning


def test_a_thread_that_stays_is_not_waited_for(
    program: Program, tmp_path: Path, install: Install
) -> None:
    text = hook(
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(999,), name='stays').start()\nreturn {}"
    )
    done = program(
        "route", "--json", "-", input=INPUT, env=install(tmp_path, {"lingers": text}) | QUICK
    )
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1
    says = "left a thread running (stays), which was not waited for"
    assert done.stderr.decode() == f"Warning: the plugin lingers {says}\n"


def test_a_thread_does_not_end_the_program_while_its_plugin_runs(
    program: Program, tmp_path: Path, install: Install
) -> None:
    text = hook(
        "import os, threading\none = threading.Thread(target=os._exit, args=(0,))\n"
        "one.start()\none.join()\nreturn {}"
    )
    done = program("route", "--json", "-", input=INPUT, env=install(tmp_path, {"parts": text}))
    assert done.returncode == 0
    assert json.loads(done.stdout)["outcome"] == "eligible"
    says = "called os._exit in a thread, which would have ended the program"
    assert done.stderr.decode() == f"Warning: the plugin parts {says}\n"


def test_what_loops_at_the_end_is_ended(program: Program, tmp_path: Path, install: Install) -> None:
    text = "import atexit\ndef last():\n    while True: pass\natexit.register(last)"
    env = install(tmp_path, {"stays": text}) | QUICK
    done = program("route", "--json", "-", input=b"{}", env=env)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]
    assert b"Warning: a plugin took longer than 0.4 s at exit and was ended" in done.stderr


@pytest.mark.parametrize("code", ["os._exit(0)", "sys.exit(0)", "os.kill(os.getpid(), 0)"])
def test_nothing_changes_the_status_afterwards(
    code: str, program: Program, tmp_path: Path, install: Install
) -> None:
    text = f"import atexit, os, sys\natexit.register(lambda: {code})"
    done = program("route", "--json", "-", input=b"{}", env=install(tmp_path, {"late": text}))
    assert done.returncode == 2


@pytest.mark.parametrize("name", ["TONGBAN_PLUGIN_SECONDS", "TONGBAN_PLUGIN_MEMORY"])
def test_limits_that_are_none(name: str, program: Program) -> None:
    for value in ("soon", "-1", "1e9", "\u0663", " ", "nan"):
        with pytest.raises(ValueError, match=f"^{name} must be a number such as "):
            Process.from_environment({name: value})
    done = program("items", env={name: "soon"})
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.decode().startswith(f"Error: {name} must be a number such as ")


def test_without_limits(program: Program, tmp_path: Path, install: Install) -> None:
    env = install(tmp_path, {"plain": hook("return {}")})
    env |= {"TONGBAN_PLUGIN_SECONDS": "0", "TONGBAN_PLUGIN_MEMORY": "0"}
    done = program("route", "--json", "-", input=INPUT, env=env)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_version_waits_for_no_plugin(
    program: Program, tmp_path: Path, install: Install
) -> None:
    marker = tmp_path / "imported"
    env = install(tmp_path, {"slow": f"open({str(marker)!r}, 'w').close()"})
    assert program("--version", env=env).returncode == 0
    assert not marker.exists()


def test_ctrl_c_while_a_plugin_runs(tmp_path: Path, install: Install) -> None:
    """The user gets the terminal back; the plugin is not blamed."""
    text = hook("import sys, time\nprint('now')\ntime.sleep(999)")
    environment = {**os.environ, **install(tmp_path, {"waits": text})}
    command = [sys.executable, "-m", "tongban", "route", "--json", "-"]
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Tests that run in the background ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(INPUT)
        process.stdin.close()
        assert process.stderr.readline() == b"plugin waits: now\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr.read().strip() == b"Aborted!"
