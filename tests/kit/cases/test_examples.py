"""The page on cases is as the program is, and who carries none does not pay for them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_what_is_generated_is_as_the_program_is_now() -> None:
    """`cog -r docs/cases.md` writes it anew."""
    command = [sys.executable, "-m", "cogapp", "--check", "docs/cases.md"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def test_who_carries_no_cases_does_not_pay_for_them() -> None:
    """The commands are known without anything that stands behind them."""
    code = (
        "import sys, click, tongban.cli, tongban.plugins.casework as cases\n"
        "cases.register_commands(click.Group())\n"
        "heavy = ('tongban.kernel.protocol', 'tongban.kernel.service', 'sqlite_utils',\n"
        "         'cryptography', 'chinese_calendar', 'platformdirs')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "[]\n", done.stderr
