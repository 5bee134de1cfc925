"""What plugins change in the process is put back, and they are named."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from tests.cli.conftest import INPUT, ROOT, Install, Program, hook

CHANGES: dict[str, tuple[str, str]] = {
    "folder": ("import os\nos.chdir('/')", "changed the working directory"),
    "environment": ("import os\nos.environ['TONGBAN_DB'] = '/stolen'", "changed the environment"),
    "no_environment": ("import os\nos.environ.clear()", "changed the environment"),
    "locale": ("import locale\nlocale.setlocale(locale.LC_ALL, 'C')", "changed the locale"),
    "alarm": ("import signal\nsignal.alarm(1)", "set an alarm"),
    "timer": ("import signal\nsignal.setitimer(signal.ITIMER_REAL, 0)", "set an alarm"),
    "handler": (
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)",
        "changed a signal handler",
    ),
    "recursion": ("import sys\nsys.setrecursionlimit(150)", "changed the recursion limit"),
    "numbers": ("import sys\nsys.set_int_max_str_digits(0)", "changed how long numbers may be"),
    "stderr": ("import sys\nsys.stderr.close()", "closed sys.stderr"),
    "descriptor": ("import os\nos.close(2)", "closed standard error"),
    "other_stderr": ("import io, sys\nsys.stderr = io.StringIO()", "replaced sys.stderr"),
    "other_stdout": ("import io, sys\nsys.stdout = io.StringIO()", "replaced sys.stdout"),
    "no_stdin": ("import sys\nsys.stdin = None", "replaced sys.stdin"),
    "kernel": (
        "import tongban.kernel.kernel as k\nk.Kernel.decide = lambda *_: 1 / 0",
        "replaced tongban.kernel.kernel.Kernel.decide, which was put back",
    ),
    "function": (
        "import tongban.kernel.engine.decide as d\nd.decide = None",
        "replaced tongban.kernel.engine.decide.decide, which was put back",
    ),
    "no_function": (
        "import tongban.kernel.engine.decide as d\ndel d.decide",
        "replaced tongban.kernel.engine.decide.decide, which was put back",
    ),
    "new_method": (
        "import tongban.kernel as k\nk.Decision.__getattribute__ = lambda *_: 1 / 0",
        "replaced tongban.kernel.model.decision.Decision.__getattribute__, which was put back",
    ),
    "code": (
        "import tongban.kernel.engine.decide as d\n"
        "d.refuses.__code__ = (lambda program, application, more: True).__code__",
        "replaced tongban.kernel.engine.decide.refuses, which was put back",
    ),
    "other_plugin": (
        "import tongban.plugins.identity as i\ni.derive_facts = None",
        "replaced tongban.plugins.identity.derive_facts, which was put back",
    ),
    "builtins": (
        "import builtins\nbuiltins.len = lambda *_: 0",
        "replaced builtins.len, which was put back",
    ),
    "blocked_module": (
        "import sys\nsys.modules['difflib'] = None",
        "replaced sys.modules['difflib'], which was put back",
    ),
    "other_module": (
        "import sys\nsys.modules['click'] = sys",
        "replaced sys.modules['click'], which was put back",
    ),
    "no_module": (
        "import sys\ndel sys.modules['tongban.kernel.kernel']",
        "replaced sys.modules['tongban.kernel.kernel'], which was put back",
    ),
    "no_finder": (
        "import sys\nsys.meta_path.clear()",
        "replaced sys.meta_path, which was put back",
    ),
    "no_path": ("import sys\nsys.path = []", "replaced sys.path, which was put back"),
}


@pytest.fixture(scope="module", params=["import", "derive_facts"])
def changed(
    request: pytest.FixtureRequest,
    program: Program,
    tmp_path_factory: pytest.TempPathFactory,
    install: Install,
) -> tuple[str, subprocess.CompletedProcess[bytes]]:
    """Where they change it, and two applications, routed in the midst of all that do."""
    where: str = request.param
    folder = tmp_path_factory.mktemp("changing")
    texts = {f"changes_{name}": text for name, (text, _) in CHANGES.items()}
    if where != "import":
        texts = {name: hook(f"{text}\nreturn {{}}") for name, text in texts.items()}
    env = install(folder, texts) | {"LC_ALL": "C.UTF-8"}
    application = folder / "application.json"
    application.write_bytes(INPUT)
    relative = os.path.relpath(application, ROOT)
    return where, program("route", "--json", relative, relative, env=env)


def test_what_plugins_change_changes_no_answer(
    changed: tuple[str, subprocess.CompletedProcess[bytes]],
) -> None:
    _, done = changed
    assert done.returncode == 0
    assert [json.loads(line)["outcome"] for line in done.stdout.splitlines()] == ["eligible"] * 2
    assert len(done.stderr.splitlines()) == len(CHANGES)


@pytest.mark.parametrize("name", CHANGES)
def test_what_a_plugin_changes_is_put_back_and_told(
    name: str, changed: tuple[str, subprocess.CompletedProcess[bytes]]
) -> None:
    where, done = changed
    _, says = CHANGES[name]
    if says.endswith("put back"):
        says += "; the plugin is left out from here on"
        where = "cannot be imported:" if where == "import" else where
    line = f"Warning: the plugin changes_{name} failed: {where} {says}"
    assert line in done.stderr.decode().splitlines()


def test_settings_are_those_of_the_start(
    program: Program, tmp_path: Path, install: Install
) -> None:
    """No plugin sends the cases somewhere else, nor acts as somebody else."""
    wanted, stolen = tmp_path / "cases.db", tmp_path / "stolen.db"
    text = (
        f"import os\nos.environ['TONGBAN_DB'] = {str(stolen)!r}\n"
        "os.environ['TONGBAN_AS'] = 'system'\n"
    )
    text += hook(f"import os\nos.environ['TONGBAN_DB'] = {str(stolen)!r}\nreturn []", "receive")
    env = install(tmp_path, {"thief": text})
    env |= {"TONGBAN_DB": str(wanted), "TONGBAN_AS": "window:510100"}
    application = tmp_path / "application.json"
    application.write_bytes(INPUT)
    done = program("case", "receive", str(application), "--json", env=env)
    assert done.returncode == 0, done.stderr.decode()
    assert wanted.exists()
    assert not stolen.exists()
    assert b"the plugin thief failed: import changed the environment" in done.stderr


def test_strict_tells_what_was_changed(program: Program, tmp_path: Path, install: Install) -> None:
    env = install(tmp_path, {"moves": "import os\nos.chdir('/')"})
    done = program("--strict", "items", env=env)
    assert done.returncode == 2
    says = b"Error: the plugin moves (moves) is broken: import changed the working directory\n"
    assert done.stderr == says
