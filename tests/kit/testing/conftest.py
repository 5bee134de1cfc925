"""`tongban test` in this process, and small rule files to test it with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tongban.cli import cli
from tongban.kernel import Kernel
from tongban.plugins.kit import testing

HARBOUR = """\
# A department that no catalogue knows.
department: {id: harbour, jurisdiction: 510000, name: 省港务局, title: Harbour Office}

sources:
  harbour.plan: {name: 港口通办方案, title: a plan of the harbour, issued: 2020-12-01, text: true}

items:
  - id: 9-01
    name: 码头使用许可
    title: Licence to use a quay
    kind: 许可
    applicant: [person, enterprise]
    handled_at: [registered]
    available: {from: 2021-12-31}
    cite: {source: harbour.plan, row: 1/1}
    rules:
      - id: small
        when: {disability_grade: {at_least: 5}, channel: [online, kiosk]}
        unless: {applicant.kind: enterprise}
        then: {eligible: false}
        because: 本事项限小型船舶
        cite: {source: harbour.plan, row: 1/3}
    cases:
      - name: a ferry ties up   # 渡船
        given: {channel: online, places: {registered: 510100}, facts: {disability_grade: 3}}
        expect: {eligible: true, modes: [online], crossing: none}
      - name: a barge may not
        given: {channel: online, places: {registered: 510100}, facts: {disability_grade: 6}}
        expect: {eligible: false, reasons: [510000/9-01.small]}
"""


@pytest.fixture
def harbour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Writes the harbour's file into an empty folder, with changes: `harbour("old", "new")`."""
    monkeypatch.chdir(tmp_path)

    def write(*changes: str, name: str = "harbour.yaml") -> Path:
        text = HARBOUR
        for old, new in zip(changes[::2], changes[1::2], strict=True):
            assert old in text
            text = text.replace(old, new, 1)
        path = Path(name)
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return write


@pytest.fixture(scope="session")
def run() -> Callable[..., Result]:
    """Runs `tongban test` in this process: `run("harbour.yaml", "-x", input="y\\n")`."""
    runner = CliRunner(catch_exceptions=False)

    def invoke(*args: object, input: str | None = None, strict: bool = False) -> Result:
        kernel = Kernel([testing], strict=strict)
        words = ["test", *map(str, args)]
        return runner.invoke(cli, words, input=input, obj=kernel, terminal_width=80)

    return invoke


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the command believe that somebody can answer."""
    from tongban.plugins.kit.testing import command

    monkeypatch.setattr(command, "_can_ask", lambda: True)
