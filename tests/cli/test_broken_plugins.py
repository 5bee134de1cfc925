"""Plugins that break: each is named and reported, and the others work.

They are installed for a program of their own, in folders on its path that hold
what pip would have put there: a module, and the entry points that name it. All
stand side by side, so that each has to be survived by all others.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import INPUT, Install, Program
from tests.conftest import MOVE

HEAD = """
from tongban.kernel import Defect, DepartmentRules, hookimpl
"""

AT_START: dict[str, tuple[str, str]] = {
    "import_raises": ("1 / 0", "cannot be imported: raised ZeroDivisionError: division by zero"),
    "import_exits": ("import sys; sys.exit(3)", "cannot be imported: raised SystemExit: 3"),
    "import_misses": ("import no_such_module", "cannot be imported: raised ModuleNotFoundError"),
    "import_is_no_python": ("def (:", "cannot be imported: raised SyntaxError"),
    "import_raises_the_unprintable": (
        "class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd",
        "cannot be imported: raised Odd",
    ),
    "unknown_hook": (
        HEAD + "@hookimpl\ndef derive_fact(application): return {}",
        "'derive_fact' is not a hook; did you mean 'derive_facts'?",
    ),
    "wrong_argument": (
        HEAD + "@hookimpl\ndef derive_facts(aplication): return {}",
        "derive_facts: unknown argument 'aplication'; it may take: application, item",
    ),
    "any_argument": (
        HEAD + "@hookimpl\ndef receive(**what): return []",
        "receive: unknown argument 'what'",
    ),
    "default": (
        HEAD + "@hookimpl\ndef derive_facts(application, item=''): return {}",
        "derive_facts: the argument 'item' has a default, so it is never given",
    ),
    "wrapper": (
        HEAD + "@hookimpl(wrapper=True)\ndef departments():\n    return (yield)",
        "departments: is marked as a wrapper",
    ),
    "departments_raises": (
        HEAD + "@hookimpl\ndef departments(): raise OSError('disk\\n gone')",
        "departments raised OSError: disk gone",
    ),
    "departments_raises_late": (
        HEAD + "@hookimpl\ndef departments():\n    yield DepartmentRules(None)\n    1 / 0",
        "departments raised ZeroDivisionError",
    ),
    "departments_returns_a_word": (
        HEAD + "@hookimpl\ndef departments(): return 'justice'",
        "departments returned str, not a list of DepartmentRules",
    ),
    "departments_returns_words": (
        HEAD + "@hookimpl\ndef departments(): return ['justice']",
        "departments returned list with str in it, not a list of DepartmentRules",
    ),
    "departments_without_a_file": (
        HEAD + "@hookimpl\ndef departments(): return [DepartmentRules('rules.yaml')]",
        "cannot be read",
    ),
    "register_raises": (
        HEAD
        + "import click\n@hookimpl\ndef register_commands(cli):\n"
        + "    cli.add_command(click.Command('half_made'))\n    1 / 0",
        "register_commands raised ZeroDivisionError",
    ),
    "takes_a_command": (
        HEAD
        + "import click\n@hookimpl\ndef register_commands(cli):\n"
        + "    cli.add_command(click.Command('route', callback=lambda: print('stolen')))",
        "the command 'route' is taken by commands; takes_a_command cannot have it too",
    ),
    "takes_away_a_command": (
        HEAD + "@hookimpl\ndef register_commands(cli): del cli.commands['show']",
        "the command 'show' is taken by commands",
    ),
    "claims_a_new_command_first": (
        HEAD
        + "import click\n@hookimpl\ndef register_commands(cli):\n"
        + "    cli.add_command(click.Command('extra', callback=lambda: print('first')))",
        "",
    ),
    "claims_a_new_command_second": (
        HEAD
        + "import click\n@hookimpl\ndef register_commands(cli):\n"
        + "    cli.add_command(click.Command('extra', callback=lambda: print('second')))",
        "the command 'extra' is taken by claims_a_new_command_first;"
        " claims_a_new_command_second cannot have it too",
    ),
}
IN_USE: dict[str, tuple[str, str]] = {
    "derive_facts_raises": (
        HEAD + "@hookimpl\ndef derive_facts(application): return application.no_such",
        "derive_facts raised AttributeError",
    ),
    "derive_facts_returns_a_list": (
        HEAD + "@hookimpl\ndef derive_facts(): return ['age']",
        "derive_facts returned list, not a mapping of fact to value",
    ),
    "derive_facts_of_others": (
        HEAD + "@hookimpl\ndef derive_facts(): return {'identity.secret': 1}",
        "identity.secret is not declared and not within the prefix",
    ),
    "derive_facts_of_no_word": (
        HEAD + "@hookimpl\ndef derive_facts(): return {1: 2}",
        "derive_facts: 1 is not declared",
    ),
    "derive_facts_of_wrong_type": (
        HEAD + "@hookimpl\ndef derive_facts(): return {'pilot_area': 'yes'}",
        "derive_facts: pilot_area must be true or false",
    ),
    "receive_raises": (
        HEAD + "@hookimpl\ndef receive(application): raise KeyError('id')",
        "receive raised KeyError: 'id'",
    ),
    "receive_returns_words": (
        HEAD + "@hookimpl\ndef receive(): return ['no photograph']",
        "receive returned list with str in it, not a list of Defect",
    ),
    "route_raises": (
        HEAD + "@hookimpl\ndef route(application, decision): assert False, 'no way'",
        "route raised AssertionError: no way",
    ),
    "route_returns_a_word": (
        HEAD + "@hookimpl\ndef route(): return 'post'",
        "route returned str, not a Decision",
    ),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory, install: Install) -> dict[str, str]:
    """An environment with every broken plugin at once."""
    code = {name: text for name, (text, _) in {**AT_START, **IN_USE}.items()}
    return install(tmp_path_factory.mktemp("broken"), code)


@pytest.fixture(scope="module")
def report(broken: dict[str, str], program: Program) -> dict[str, dict[str, Any]]:
    """What `tongban plugins` says of each, by name."""
    done = program("plugins", "--json", env=broken)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    return {status["name"]: status for status in json.loads(done.stdout)}


@pytest.fixture(scope="module")
def routed(broken: dict[str, str], program: Program) -> subprocess.CompletedProcess[bytes]:
    """An application, routed in the midst of them."""
    return program("route", "--json", "-", input=INPUT, env=broken)


@pytest.mark.parametrize("name", [name for name, (_, says) in AT_START.items() if says])
def test_named_and_reported(name: str, report: dict[str, dict[str, Any]]) -> None:
    status = report[name]
    assert status["state"] == "failed"
    assert AT_START[name][1] in " ".join(status["problems"])
    assert status["distribution"] == name
    assert status["source"] == name


def test_the_others_are_loaded(report: dict[str, dict[str, Any]]) -> None:
    ours = {name: one for name, one in report.items() if one["distribution"] == "tongban"}
    assert {one["state"] for one in ours.values()} <= {"loaded", "absent"}
    assert len(ours) > 16
    assert report["claims_a_new_command_first"]["state"] == "loaded"
    for name in IN_USE:
        assert report[name]["state"] == "loaded"


def test_the_others_decide(routed: subprocess.CompletedProcess[bytes], program: Program) -> None:
    """The decision is the same, word for word, as without any of them."""
    alone = program("route", "--json", "-", input=INPUT)
    assert routed.returncode == alone.returncode == 0
    assert routed.stdout == alone.stdout


@pytest.mark.parametrize("name", sorted(IN_USE))
def test_named_where_it_broke(name: str, routed: subprocess.CompletedProcess[bytes]) -> None:
    lines = routed.stderr.decode().splitlines()
    line = next(line for line in lines if line.startswith(f"Warning: the plugin {name} failed: "))
    assert IN_USE[name][1] in line
    assert b"Traceback" not in routed.stderr


def test_commands_of_the_others(broken: dict[str, str], program: Program) -> None:
    help_ = program("--help", env=broken).stdout.decode()
    for command in ("ask", "extra", "items", "plugins", "route", "show"):
        assert f"\n  {command}" in help_
    assert "half_made" not in help_
    extra = program("extra", env=broken)
    assert (extra.returncode, extra.stdout) == (0, b"first\n")
    assert program("show", "2-03", "--json", env=broken).returncode == 0


def test_plugins_as_a_table(broken: dict[str, str], program: Program) -> None:
    done = program("plugins", env=broken)
    rows = [line.split("\t") for line in done.stdout.decode().splitlines()]
    assert {len(row) for row in rows} == {6}
    row = next(row for row in rows if row[0] == "import_raises")
    assert row[1] == "失败 failed"
    assert "ZeroDivisionError" in row[5]
    assert " failed" in done.stderr.decode()


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("import_raises", ["items"]),
        ("unknown_hook", ["--help"]),
        ("departments_raises", ["plugins"]),
        ("takes_a_command", ["show", "2-03"]),
        ("derive_facts_raises", ["route", "--json", "-"]),
        ("route_returns_a_word", ["route", "--json", "-"]),
    ],
)
def test_strict_makes_it_fatal(
    name: str, args: list[str], program: Program, tmp_path: Path, install: Install
) -> None:
    text, says = {**AT_START, **IN_USE}[name]
    done = program("--strict", *args, input=INPUT, env=install(tmp_path, {name: text}))
    assert done.returncode == 2
    message = done.stderr.decode()
    assert message.startswith(f"Error: the plugin {name} ({name}) is broken: ")
    assert says in message
    assert message.count("\n") == 1


def test_strict_is_silent_where_nothing_is_broken(program: Program) -> None:
    done = program("--strict", "route", "--json", "-", input=INPUT)
    assert (done.returncode, done.stderr) == (0, b"")


def test_nobody_takes_the_name_of_ours(program: Program, tmp_path: Path, install: Install) -> None:
    """Neither a name, nor by it a place before ours: the built-in one goes on working."""
    text = HEAD + "@hookimpl\ndef register_commands(cli): cli.commands.clear()"
    env = install(tmp_path, {"aaa": text})
    entry_points = tmp_path / "aaa-1.0.dist-info" / "entry_points.txt"
    entry_points.write_text("[tongban]\ncommands = aaa\naaa = aaa\n")
    report = json.loads(program("plugins", "--json", env=env).stdout)
    named = {(one["name"], one["source"]): one for one in report}
    assert named["commands", "tongban.plugins.commands"]["state"] == "loaded"
    problem = "the name 'commands' is taken by tongban.plugins.commands; choose another"
    assert named["commands", "aaa"]["problems"] == [problem]
    assert named["aaa", "aaa"]["state"] == "failed"


def test_two_plugins_that_bring_one_department(
    program: Program, tmp_path: Path, install: Install
) -> None:
    text = HEAD + (
        "from importlib.resources import files\n"
        "@hookimpl\n"
        "def departments():\n"
        "    return [DepartmentRules(files('tongban.rules') / 'departments' / 'postal.yaml')]\n"
    )
    env = install(tmp_path, {"rival": text})
    report = {one["name"]: one for one in json.loads(program("plugins", "--json", env=env).stdout)}
    assert report["postal"]["state"] == "loaded"
    assert report["rival"]["problems"] == ["the department postal is claimed by postal and rival"]
    assert program("show", "1-50", env=env).returncode == 0


def test_an_item_that_a_broken_plugin_would_bring(
    program: Program, tmp_path: Path, install: Install
) -> None:
    """The user is told that the plugin failed, not only that it is unknown."""
    rules = tmp_path / "mine.yaml"
    rules.write_text("department: {id: mine, nam: 省测试厅}\n", encoding="utf-8")
    text = HEAD + (
        "from pathlib import Path\n"
        "@hookimpl\n"
        f"def departments(): return [DepartmentRules(Path({str(rules)!r}))]\n"
    )
    done = program("show", "mine-1", env=install(tmp_path, {"mine": text}))
    assert done.returncode == 2
    warning, *_, error = done.stderr.decode().splitlines()
    assert warning.startswith("Warning: the plugin mine failed: mine.yaml:1:")
    assert error.startswith("Error: unknown item 'mine-1'")


def test_two_plugins_that_change_one_route(
    program: Program, tmp_path: Path, install: Install
) -> None:
    """The application is refused and names both; the stream goes on."""
    text = HEAD + "@hookimpl\ndef route(decision): return decision"
    env = install(tmp_path, {"one": text, "other": text})
    item = json.dumps({**MOVE, "as_of": "2000-01-01"}).encode()
    done = program("route", "--json", "-", input=INPUT + item, env=env)
    first, second = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 2
    assert first == {"error": "one and other both change the route of 2-03", "line": 1}
    assert second["outcome"] == "ineligible"


def test_an_engine_that_fails(program: Program, tmp_path: Path, install: Install) -> None:
    """It fails on an application, and that line says so; it is never taken for a decision."""
    text = HEAD + "@hookimpl\ndef second_opinion(item, facts): raise ValueError('stuck')"
    done = program(
        "route", "--json", "--engine", "mine", "-",
        input=INPUT, env=install(tmp_path, {"mine": text}),
    )  # fmt: skip
    assert done.returncode == 2
    shown = json.loads(done.stdout)
    assert shown == {"error": "the engine mine failed on this application", "line": 1}
    assert "Warning: the plugin mine failed: second_opinion raised ValueError: stuck" in (
        done.stderr.decode()
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            HEAD + "ABSENT = 'needs a compiler'\n@hookimpl\ndef second_opinion(item): return []",
            "Error: the engine mine is absent: needs a compiler\n",
        ),
        ("1 / 0", "Error: the engine mine failed: cannot be imported: raised ZeroDivision"),
    ],
    ids=["absent", "failed"],
)
def test_an_engine_that_cannot_be_asked(
    text: str, says: str, program: Program, tmp_path: Path, install: Install
) -> None:
    """Said once, before anything is read."""
    env = install(tmp_path, {"mine": text})
    done = program("route", "--json", "--engine", "mine", "-", input=INPUT * 3, env=env)
    assert done.returncode == 2
    assert done.stdout == b""
    assert says in done.stderr.decode()


def test_an_engine_that_disagrees_decides_alone(
    program: Program, tmp_path: Path, install: Install
) -> None:
    """With --engine nobody else is asked."""
    text = HEAD + (
        "@hookimpl\n"
        "def second_opinion(item): return [r.id for r in item.rules if r.id.endswith('.reason')]\n"
    )
    env = install(tmp_path, {"mine": text})
    done = program("route", "--json", "--engine", "mine", "-", input=INPUT, env=env)
    assert json.loads(done.stdout)["outcome"] == "ineligible"


def test_one_problem_with_every_application_is_kept_once(
    program: Program, tmp_path: Path, install: Install
) -> None:
    """A stream does not fill the memory with what a plugin says about each line."""
    text = HEAD + (
        "import itertools\nnumber = itertools.count()\n"
        "@hookimpl\ndef receive(): raise ValueError(next(number))\n"
    )
    env = install(tmp_path, {"chatty": text})
    done = program("route", "--json", "-", input=(INPUT + b"\n") * 300, env=env)
    assert len(done.stdout.splitlines()) == 300
    warning = "Warning: the plugin chatty failed: receive raised ValueError: 0 (and 249 more)\n"
    assert done.stderr.decode() == warning
