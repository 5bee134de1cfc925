"""Words from outside: no terminal, spreadsheet or document obeys them."""

from __future__ import annotations

import io
import json
import sys

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tongban.cli import cli
from tongban.kernel import Kernel, TongbanError
from tongban.kernel.model import printing

HOSTILE = "\x1b]0;OWNED\x07\x1b[2J\x9b31m\u202e\u2066\u2028核验通过\x00\r\U000e0041"
_RAW = [char for char in HOSTILE if not char.isprintable()]


@given(st.text())
def test_a_field_stays_on_its_line(text: str) -> None:
    shown = printing.printable(text)
    assert all(char.isprintable() or char in "\u00a0\u3000" for char in shown)
    assert len(shown.splitlines()) <= 1


@given(st.text())
def test_json_says_the_same_after_the_guard(text: str) -> None:
    written = json.dumps({text: [text]}, ensure_ascii=False)
    assert json.loads(printing.escaped(written)) == {text: [text]}


@given(st.text())
def test_what_a_terminal_gets_moves_nothing(text: str) -> None:
    shown = printing.escaped(text)
    assert not [char for char in shown if char in _RAW]
    assert shown.count("\n") == text.count("\n")


@pytest.mark.parametrize("char", ["\u00ad", "\u200b", "\u2060", "\u2063", "\ufeff", "\u202e"])
def test_what_nobody_sees_is_shown_where_it_stands(char: str) -> None:
    assert printing.escaped(f"成{char}都") == f"成\\u{ord(char):04x}都"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "=HYPERLINK('x')"])
def test_no_spreadsheet_takes_a_field_for_a_formula(text: str) -> None:
    assert printing.cell(text).startswith("'")


def test_documents_show_what_cannot_be_seen_and_keep_what_joins_letters() -> None:
    assert printing.visible("甲\u202e乙\n丙") == "甲〔U+202E〕乙 丙"
    joined = "ᠮᠣᠩ\u180eᠭᠣᠯ \u0626\u200dۇ"
    assert printing.visible(joined) == joined
    assert printing.markup("<b>\u2066") == "&lt;b&gt;〔U+2066〕"


def test_the_guard_covers_whatever_is_written_and_is_taken_away_again() -> None:
    before, out = sys.stdout, io.StringIO()
    try:
        sys.stdout = out
        with printing.guarded():
            print(HOSTILE)  # noqa: T201 - as a plugin would
            click.echo(HOSTILE)
            sys.stdout.writelines([HOSTILE])
            printing.unguarded(sys.stdout).write("\x1b[1m")
        assert sys.stdout is out
    finally:
        sys.stdout = before
    assert out.getvalue().endswith("\x1b[1m")
    assert not [char for char in _RAW if char in out.getvalue()[:-4]]


@pytest.mark.parametrize(
    "error", [TongbanError, click.UsageError, click.ClickException, click.BadParameter]
)
def test_an_error_of_any_kind_begins_no_line_of_its_own(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command("boom")
    def boom() -> None:
        raise error(f"a\n{HOSTILE}\n核验通过 genuine")

    kernel = Kernel()
    monkeypatch.setattr(kernel.ports, "register_commands", lambda group: group.add_command(boom))
    said = CliRunner().invoke(cli, ["boom"], obj=kernel).output
    assert "核验通过 genuine" in said
    assert "\n核验通过" not in said
    assert not [char for char in _RAW if char in said]
