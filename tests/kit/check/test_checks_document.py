"""docs/checks.md says what the checks do."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
from click.testing import CliRunner

from tongban.cli import cli
from tongban.kernel import Kernel
from tongban.plugins.kit.check.command import check
from tongban.plugins.kit.check.findings import CODES, found
from tongban.plugins.kit.check.machine_formats import FORMATS, as_report
from tongban.plugins.kit.check.run import Report
from tongban.plugins.kit.check.sources import LONGEST

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = ROOT / "docs" / "checks.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")


def test_it_is_as_the_table_and_the_bad_files_are_now() -> None:
    """`cog -r docs/checks.md` writes it anew."""
    command = [sys.executable, "-m", "cogapp", "--check", "docs/checks.md"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def test_every_code_has_its_section() -> None:
    assert re.findall(r"^### (TB\d+)", TEXT, re.MULTILINE) == [*CODES]


def test_every_key_of_json_and_every_format_is_named() -> None:
    report = Report((found("TB204", "a.yaml", 1, "x"),))
    for key in (*as_report(report), *report.findings[0].to_dict()):
        assert f"`{key}`" in TEXT
    for name in set(FORMATS) - {"json"}:
        assert f"`--format {name}`" in TEXT


def test_the_length_of_a_quotation_is_said() -> None:
    assert f"at most {LONGEST} characters" in TEXT
    assert f"at most {LONGEST} characters" in CODES["TB204"].todo


def test_the_help_explains_every_option_within_80_columns() -> None:
    result = CliRunner().invoke(cli, ["check", "--help"], obj=Kernel(), terminal_width=80)
    assert result.exit_code == 0
    assert "Examples:" in result.stdout
    assert "Exit status:" in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    assert all(one.help for one in check.params if isinstance(one, click.Option))
