"""`tongban conformance`: what people and machines read, exit statuses, and what is meant."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tongban.cli import cli
from tongban.kernel import Kernel
from tongban.plugins.kit import conformance
from tongban.plugins.kit.conformance.command import conformance as command
from tongban.plugins.kit.conformance.findings import REQUIREMENTS

ROOT = Path(__file__).resolve().parents[3]
Write = Callable[..., str]
FEW = ("--applications", "6", "--no-proofs")


def ran(*words: str) -> Result:
    """Runs `tongban conformance` in this process."""
    arguments = ["conformance", *words]
    runner = CliRunner(catch_exceptions=False)
    return runner.invoke(cli, arguments, obj=Kernel([conformance]), terminal_width=80)


def shown(result: Result) -> str:
    """The screen without what differs from machine to machine."""
    return re.sub(r"[\d,]+ µs", "… µs", result.stdout)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("good", ()),
        (
            "bad",
            (
                'application.applicant.id_number or ""',
                "application.applicant.id_number",
                "return {}",
                'return {"identity.age": 20}',
                "    phone = application.applicant.phone\n",
                "    phone = application.applicant.phone\n    print(application)\n",
            ),
        ),
    ],
)
def test_screens(
    write: Write,
    name: str,
    changes: tuple[str, ...],
    golden: Callable[[str, str], None],
    request: pytest.FixtureRequest,
) -> None:
    if changes:
        request.getfixturevalue("few_faults")
    result = ran(write(*changes), *FEW)
    assert result.exit_code == (1 if changes else 0)
    golden(f"{name}.txt", shown(result))


def test_what_the_guard_of_the_program_looks_at_is_not_held_against_a_plugin(write: Write) -> None:
    """The program notes the working directory around each call, and puts it back."""
    word = write()
    command = [sys.executable, "-m", "tongban", "conformance", word, "--only", "no_clock", *FEW]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_json_has_every_key(write: Write) -> None:
    word = write("return {}", 'return {"identity.age": 20}')
    result = ran(word, "--json", "--only", "own_facts", *FEW)
    report: dict[str, Any] = json.loads(result.stdout)
    assert (result.exit_code, report["passed"], report["plugin"]) == (1, False, "harbour")
    assert [one["id"] for one in report["requirements"]] == ["loads", "own_facts"]
    failed = report["requirements"][1]
    assert (failed["state"], failed["failed"] > 0, bool(failed["todo"])) == ("failed", True, True)
    (failure,) = failed["failures"]
    assert failure["message"] == "identity.age: belongs to the plugin identity"
    assert failure["witness"]["item"] == "510000/9-01"
    assert all(
        one["state"] in ("passed", "failed", "not_applicable") for one in report["requirements"]
    )


def test_the_same_seed_tries_the_same(write: Write) -> None:
    word = write("return {}", 'return {"identity.age": 20}')
    options = ("--json", "--only", "own_facts", "--seed", "5", *FEW)
    first, again = (json.loads(ran(word, *options).stdout) for _ in range(2))
    assert first["requirements"] == again["requirements"]


def test_a_rule_file_is_tried_without_code(write: Write, tmp_path: Path) -> None:
    write()
    only = ("--only", "hooks", "--only", "cases")
    result = ran(str(tmp_path / "harbour.yaml"), "--json", *only, *FEW)
    loads, hooks, cases = json.loads(result.stdout)["requirements"]
    assert (loads["state"], hooks["state"]) == ("passed", "not_applicable")
    # Two of its cases need the plugin's code.
    named = [one["message"].partition(":")[0] for one in cases["failures"]]
    assert named == ["a ferry ties up", "a boy has a boat"]


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("identiti", "did you mean 'identity'?"),
        ("no.such.module", "no entry point, rule file or module of this name"),
        ("nowhere.yaml", "there is no such file or folder"),
    ],
)
def test_what_is_not_there_is_bad_input(word: str, says: str) -> None:
    result = ran(word)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "Traceback" not in result.output


def test_a_module_and_an_object_in_it(write: Write) -> None:
    source = "class Port:\n    pass\n\nport = Port()\nport.receive = receive\n"
    name = write(more=source)
    result = ran(f"{name}:port", "--json", "--only", "hooks", *FEW)
    report = json.loads(result.stdout)
    assert (result.exit_code, report["plugin"], report["source"]) == (0, "Port", "harbour:port")


SLOW = ("repeats", "no_traces", "neighbours", "cases_carried", "faults_survived", "checks", "loads")
QUICK = [id for id in REQUIREMENTS if id not in SLOW]
CALM = [
    word for id in REQUIREMENTS if id not in ("loads", "faults_survived") for word in ("--only", id)
]
"""Everything but the simulated world, which takes as long as all the rest."""


@pytest.mark.parametrize("name", ["public_security", "identity", "durable-rules"])
def test_ours_hold_what_is_quickly_tried(name: str) -> None:
    """`make deep` tries all of ours, by everything, the slow requirements too."""
    hold(name, QUICK)


def hold(name: str, ids: Sequence[str]) -> None:
    words = [word for id in ids if id != "loads" for word in ("--only", id)]
    result = ran(name, "--json", "--applications", "1", "--no-proofs", *words)
    report = json.loads(result.stdout)
    assert [one for one in report["requirements"] if one["state"] == "failed"] == []
    assert result.exit_code == 0


def test_what_a_plugin_prints_is_no_part_of_the_report(write: Write) -> None:
    receive = "    phone = application.applicant.phone\n"
    word = write(receive, f"    print('{{')\n{receive}", more="print('imported')\n")
    result = ran(word, "--json", *CALM, *FEW)
    assert json.loads(result.stdout)["passed"]


def test_the_page_has_every_requirement_and_option() -> None:
    page = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    for id, (name, _, _) in REQUIREMENTS.items():
        assert f"`{id}` {name}" in page
    for one in command.params:
        if one.param_type_name == "option":
            assert any(f"`{name}" in page for name in one.opts), one.name


def test_a_package_that_lies_here_is_a_package(write: Write, tmp_path: Path) -> None:
    write()
    rules = tmp_path / "harbour.yaml"
    rules.write_text(rules.read_text("utf-8").replace("by: harbour", "by: quay"), "utf-8")
    package = tmp_path / "quay"
    package.mkdir()
    for name, new in (("harbour.py", "__init__.py"), ("harbour.yaml", "harbour.yaml")):
        (tmp_path / name).rename(package / new)
    report = json.loads(ran("quay", "--json", *CALM, *FEW).stdout)
    assert (report["source"], report["passed"]) == ("quay", True)
    states = {one["id"]: one["state"] for one in report["requirements"]}
    assert states.pop("packaged") == "not_applicable"
    assert {*states.values()} == {"passed"}
