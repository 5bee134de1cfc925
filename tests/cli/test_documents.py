"""docs/cli.md and docs/decision.md say what the program does."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from attrs import evolve
from click.testing import Result

from tongban.cli import cli
from tongban.kernel import Decision, Kernel
from tongban.kernel.engine.validation import KEYS, PARTY_KEYS
from tongban.kernel.model.decision import AdviceGiven, Handling, Missing
from tongban.plugins.console.lazy import Lazy

ROOT = Path(__file__).resolve().parents[2]
CLI, DECISION = ROOT / "docs" / "cli.md", ROOT / "docs" / "decision.md"

Run = Callable[..., Result]


def keys(heading: str) -> set[str]:
    """The first column of the tables under a heading of docs/decision.md."""
    text = DECISION.read_text(encoding="utf-8")
    part = re.split(rf"^#+ {heading}$", text, flags=re.MULTILINE)[1]
    part = re.split(r"^#+ ", part, flags=re.MULTILINE)[0]
    cells = [line.split("|")[1] for line in part.splitlines() if line.startswith("| ")]
    return {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}


@pytest.mark.parametrize("file", [CLI, DECISION], ids=lambda path: path.name)
def test_what_is_generated_is_as_the_program_is_now(file: Path) -> None:
    """`cog -r docs/cli.md docs/decision.md` writes it anew."""
    command = [sys.executable, "-m", "cogapp", "--check", str(file.relative_to(ROOT))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def test_every_command_has_its_chapter(run: Run, kernel: Kernel) -> None:
    run("--help")
    text = CLI.read_text(encoding="utf-8")
    for name in cli.commands:
        assert f"\n## tongban {name}\n" in text


def lazy_commands() -> dict[str, Lazy]:
    """Every command of ours, as the list of commands has it."""
    group = click.Group()
    Kernel().ports.register_commands(group)
    return {name: one for name, one in group.commands.items() if isinstance(one, Lazy)}


@pytest.mark.parametrize("name", sorted(lazy_commands()))
def test_every_option_is_explained_and_every_command_has_examples(name: str, run: Run) -> None:
    whole = lazy_commands()[name].command
    parts = list(whole.commands.values()) if isinstance(whole, click.Group) else [whole]
    for command in parts:
        assert "Examples:" in str(command.help)
        assert command.short_help
        options = [one for one in command.params if isinstance(one, click.Option)]
        assert all(option.help for option in options)
        words = [name] if command is whole else [name, str(command.name)]
        shown = run(*words, "--help").stdout
        assert all(len(line) <= 80 for line in shown.splitlines())


def test_every_key_of_an_application() -> None:
    assert keys("An application") == set(KEYS)
    assert keys("A party") == set(PARTY_KEYS)


def test_every_key_of_a_decision(kernel: Kernel) -> None:
    decision = kernel.decide({"item": "2-03", "as_of": "2026-11-22"})
    assert isinstance(decision, Decision)
    assert keys("A decision") == set(evolve(decision, valid_for={"months": 3}).to_dict())
    assert "valid_for" not in decision.to_dict()
    assert keys("Handling") == set(Handling("hukou", None, "x", True, acts=False).to_dict())
    reasons: Any = kernel.decide(
        {"item": "1-31", "channel": "online", "applicant": {"kind": "person"},
         "places": {"enterprise": 630100}}
    ).to_dict()["reasons"]  # fmt: skip
    assert keys("Reasons") == set(reasons[0])
    assert keys("Missing") == set(Missing("x", "?", (), (), exact=False, derived_by="p").to_dict())


def test_every_kind_of_advice(kernel: Kernel) -> None:
    given = {
        (do, (set(AdviceGiven(do, "x", "y").to_dict()) - {"do", "because"}).pop())
        for do in ("use_item", "use_channel", "apply_at", "bring")
    }
    text = DECISION.read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", text, re.MULTILINE)) == given
    used = {one.do for item in kernel.items for rule in item.rules for one in rule.advise}
    assert used <= {do for do, _ in given}


def test_every_key_of_an_error_and_of_an_explanation(run: Run) -> None:
    result = run("route", "--json", "-", "nothing.json", input="{}")
    first, second = map(json.loads, result.stdout.splitlines())
    assert keys("Errors") == set(first) | set(second)
    result = run("route", "--json", "--explain", str(ROOT / "examples" / "hukou-move.json"))
    explanation = json.loads(result.stdout)["explanation"]
    rule = explanation["rules"][0]
    assert keys("An explanation") == set(explanation) | set(rule)
    text = DECISION.read_text(encoding="utf-8").partition("## An explanation")[2]
    assert all(f"`{key}`" in text for key in rule["tests"][0])


def test_every_exit_status_is_documented() -> None:
    text = CLI.read_text(encoding="utf-8")
    statuses = re.findall(r"^\| (\d+) \|", text, re.MULTILINE)
    assert statuses == ["0", "1", "2", "3", "4", "5", "70", "74", "130", "141", "155"]
