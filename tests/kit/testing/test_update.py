"""`tongban test --update`: what it asks, what it writes, and that it writes nothing else."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from difflib import ndiff
from pathlib import Path

import pytest
from click.testing import Result

from tongban.plugins.kit.testing.changes import Change
from tongban.plugins.kit.testing.yaml_splice import NotFoundError, changed

Run = Callable[..., Result]
Harbour = Callable[..., Path]

WRONG = ("modes: [online]", "modes: [joint]")


def _difference(old: str, new: str) -> list[str]:
    lines = ndiff(old.splitlines(keepends=True), new.splitlines(keepends=True))
    return [line for line in lines if line[0] in "+-"]


def test_only_the_values_that_differ_change(run: Run, harbour: Harbour) -> None:
    path = harbour(*WRONG, "# A department", "#   A    department")
    old = path.read_text(encoding="utf-8")
    result = run(path, "--update", "--yes")
    assert result.exit_code == 0, result.output
    assert "modes: [joint] → modes: [online]" in result.stdout
    assert "已改写 wrote harbour.yaml: 1 个事例 cases" in result.stdout
    assert _difference(old, path.read_text(encoding="utf-8")) == [
        "-         expect: {eligible: true, modes: [joint], crossing: none}\n",
        "+         expect: {eligible: true, modes: [online], crossing: none}\n",
    ]
    assert run(path).exit_code == 0


def test_each_case_is_asked_for(run: Run, harbour: Harbour, terminal: None) -> None:
    path = harbour(*WRONG, "expect: {eligible: false", "expect: {eligible: true")
    result = run(path, "--update", input="n\ny\n")
    assert result.exit_code == 1
    text = path.read_text(encoding="utf-8")
    assert "modes: [joint]" in text
    assert "{eligible: false, reasons" in text


def test_saying_no_writes_nothing(run: Run, harbour: Harbour, terminal: None) -> None:
    path = harbour(*WRONG)
    before = path.read_bytes(), path.stat().st_mtime_ns
    result = run(path, "--update", input="n\n")
    assert result.exit_code == 1
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_without_a_terminal_nothing_is_run_or_written(run: Run, harbour: Harbour) -> None:
    path = harbour(*WRONG)
    before = path.read_bytes()
    result = run(path, "--update")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert path.read_bytes() == before


def test_passing_cases_are_not_asked_about(run: Run, harbour: Harbour, terminal: None) -> None:
    path = harbour()
    before = path.read_bytes()
    assert run(path, "--update").exit_code == 0
    assert path.read_bytes() == before


def test_an_application_that_is_refused_is_left_for_its_author(run: Run, harbour: Harbour) -> None:
    given = "given: {channel: online, places: {registered: 510100}, facts: {disability_grade: 6}}"
    result = run(harbour(given, "given: {channel: window}"), "--update", "--yes")
    assert result.exit_code == 1
    assert "cannot be updated: nothing could be decided: received_at" in result.stdout


def test_windows_lines_and_a_byte_order_mark_stay(run: Run, harbour: Harbour) -> None:
    path = harbour(*WRONG)
    old = b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n")
    path.write_bytes(old)
    assert run(path, "--update", "--yes").exit_code == 0
    assert path.read_bytes() == old.replace(b"modes: [joint]", b"modes: [online]")


def test_a_link_stays_a_link_and_the_mode_stays(run: Run, harbour: Harbour) -> None:
    path = harbour(*WRONG)
    path.chmod(0o640)
    link = Path("link.yaml")
    link.symlink_to(path)
    assert run(link, "--update", "--yes").exit_code == 0
    assert link.is_symlink()
    assert "modes: [online]" in path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(os.listdir()) == ["harbour.yaml", "link.yaml"]


BLOCKS = """\
# before
items:
  - id: 9-01
    cases:
      - name: in lines  # a name
        given: {channel: online}
        expect:
          eligible: true   # so it should
          modes:
            - online   # from home
            - collect  # or not

          # then
          missing:
            - channel
          crossing: none
      - name: in braces
        given: {channel: online}
        expect: {eligible: true,   # kept
                 modes: [ online,
                          joint ], crossing: none, outcome: eligible}
      - name: after
        given: {channel: online}
        expect: {eligible: true}
# the end
"""


@pytest.mark.parametrize(
    ("line", "name", "changes", "old", "new"),
    [
        (
            5,
            "in lines",
            [Change("eligible", "eligible", True, False)],
            "          eligible: true   # so it should\n",
            "          eligible: false   # so it should\n",
        ),
        (
            5,
            "in lines",
            [Change("eligible", "outcome", True, "incomplete")],
            "          eligible: true   # so it should\n",
            "          outcome: incomplete   # so it should\n",
        ),
        (
            5,
            "in lines",
            [Change("modes", "modes", [], ["online", "joint"])],
            "            - online   # from home\n            - collect  # or not\n",
            "            - online   # from home\n            - joint\n",
        ),
        (
            5,
            "in lines",
            [Change("modes", "modes", [], ["collect"])],
            "            - online   # from home\n            - collect  # or not\n",
            "            - collect  # or not\n",
        ),
        (
            5,
            "in lines",
            [Change("missing", "missing", ["channel"], [])],
            "          missing:\n            - channel\n",
            "          missing: []\n",
        ),
        (
            5,
            "in lines",
            [Change("crossing", "crossing", "none", None)],
            "          crossing: none\n",
            "",
        ),
        (
            5,
            "in lines",
            [Change("eligible", "eligible", True, None)],
            "          eligible: true   # so it should\n",
            "",
        ),
        (
            17,
            "in braces",
            [Change("modes", "modes", [], ["local"])],
            "[ online,\n                          joint ]",
            "[local]",
        ),
        (
            17,
            "in braces",
            [
                Change("crossing", "crossing", "none", None),
                Change("outcome", "outcome", "eligible", "incomplete"),
            ],
            ", crossing: none, outcome: eligible}",
            ", outcome: incomplete}",
        ),
        (
            22,
            "after",
            [Change("eligible", "eligible", True, False)],
            "{eligible: true}\n# the end",
            "{eligible: false}\n# the end",
        ),
    ],
)
def test_nothing_but_the_value_changes(
    line: int, name: str, changes: list[Change], old: str, new: str
) -> None:
    assert BLOCKS.count(old) == 1
    assert changed(BLOCKS, line, name, changes) == BLOCKS.replace(old, new)


@pytest.mark.parametrize("word", ["原件, 复印件", "a: b", "# no", "yes", "12", "'", "-", ""])
def test_text_that_needs_quotes_gets_them(word: str) -> None:
    text = changed(BLOCKS, 5, "in lines", [Change("missing", "missing", [], [word])])
    assert changed(text, 5, "in lines", [Change("missing", "missing", [], ["channel"])]) == BLOCKS


def test_a_case_that_moved_is_not_touched() -> None:
    with pytest.raises(NotFoundError, match="'in braces' is not there any more"):
        changed(BLOCKS, 16, "in braces", [Change("modes", "modes", [], ["local"])])
