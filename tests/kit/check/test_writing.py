"""`tongban check --write-cases`: witnesses become cases, and nothing else in a file changes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tongban.cli import cli
from tongban.kernel import Kernel
from tongban.plugins.kit.examples import run_example

GOLDEN = Path(__file__).resolve().parents[2] / "golden"

Write = Callable[..., Result]


@pytest.fixture(scope="module")
def write() -> Write:
    """Runs `tongban check --write-cases` in this process."""
    kernel, runner = Kernel(), CliRunner(catch_exceptions=False)

    def invoke(*args: str | Path, input: str | None = None) -> Result:
        words = ["check", "--write-cases", *map(str, args)]
        return runner.invoke(cli, words, input=input, obj=kernel, env={"TONGBAN_SOURCE": None})

    return invoke


@pytest.fixture
def gap(tmp_path: Path) -> Path:
    """A copy of the file with a gap, with comments and odd layout."""
    path = tmp_path / "harbour.yaml"
    text = (GOLDEN / "bad" / "TB302.yaml").read_text(encoding="utf-8")
    text = text.replace("    cases:\n", "    # Cases of the harbour.\n    cases:   # two\n")
    path.write_text(f"# 港口\n{text}\n# The end.\n", encoding="utf-8")
    return path


def new_lines(before: str, after: str) -> list[str]:
    """What was put in, when all else stayed as it was."""
    old, new = before.splitlines(), after.splitlines()
    first = next(n for n, line in enumerate(new) if n >= len(old) or line != old[n])
    count = len(new) - len(old)
    assert new[:first] + new[first + count :] == old
    return new[first : first + count]


def test_a_witness_is_written_as_a_case_that_passes(gap: Path, write: Write) -> None:
    before = gap.read_text(encoding="utf-8")
    result = write("--yes", gap)
    assert result.exit_code == 1  # the gap is still there
    name, given, expect = new_lines(before, gap.read_text(encoding="utf-8"))
    assert name.startswith('      - name: "TB302 9-01: eligible applications')
    assert given.startswith("        given: {channel: online, as_of: 2026-01-01")
    assert "registered: " in given
    assert expect == "        expect: {outcome: eligible, modes: []}"
    kernel = Kernel(drafts=[gap])
    assert kernel.problems == ()
    item = kernel.rulebook.find("9-01")
    assert item is not None
    assert len(item.cases) == 3
    assert all(run_example(kernel, item, case).passed for case in item.cases)


def test_it_asks_first(gap: Path, write: Write) -> None:
    before = gap.read_bytes()
    result = write(gap, input="n\n")
    assert "write 1 case into" in result.stderr
    assert gap.read_bytes() == before
    write(gap, input="y\n")
    assert gap.read_bytes() != before


def test_a_second_case_of_one_finding_has_another_name(gap: Path, write: Write) -> None:
    write("--yes", gap)
    write("--yes", gap)
    kernel = Kernel(drafts=[gap])
    item = kernel.rulebook.find("9-01")
    assert item is not None
    names = [case.name for case in item.cases if case.name.startswith("TB302")]
    assert len(set(names)) == len(names) == 2


def test_an_item_without_cases_gets_some(gap: Path, write: Write) -> None:
    text = gap.read_text(encoding="utf-8")
    start = text.index("    # Cases of the harbour.")
    gap.write_text(text[:start], encoding="utf-8")
    write("--yes", gap)
    first, *case = new_lines(text[:start], gap.read_text(encoding="utf-8"))
    assert first == "    cases:"
    assert len(case) == 3
    assert len(Kernel(drafts=[gap]).rulebook.items["630000/9-01"].cases) == 1


def test_the_item_in_the_middle_gets_its_own_case(tmp_path: Path, write: Write) -> None:
    path = tmp_path / "harbour.yaml"
    shutil.copy(GOLDEN / "bad" / "TB307.yaml", path)
    before = path.read_text(encoding="utf-8")
    write("--yes", path)
    name, _, expect = new_lines(before, path.read_text(encoding="utf-8"))
    assert "TB307 9-01.domestic" in name
    assert expect == "        expect: {outcome: ineligible, reasons: [9-01.domestic]}"


def test_cases_in_brackets_are_left_alone(gap: Path, write: Write) -> None:
    text = gap.read_text(encoding="utf-8")
    start = text.index("    # Cases of the harbour.")
    gap.write_text(f"{text[:start]}    cases: []\n", encoding="utf-8")
    before = gap.read_bytes()
    result = write("--yes", gap)
    assert result.exit_code == 2
    assert "9-01: write `cases` as a list in lines" in result.stderr
    assert gap.read_bytes() == before


def test_nothing_to_write_is_said(write: Write) -> None:
    result = write("--yes", GOLDEN / "clean" / "harbour.yaml")
    assert result.exit_code == 0
    assert "no witness to write" in result.stderr
