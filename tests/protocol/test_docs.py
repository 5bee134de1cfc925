"""docs/protocol.md says what the code does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

from tongban.kernel import protocol as p

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "protocol.md"


def test_the_tables_are_generated_from_the_code() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cogapp", "--check", str(PAGE)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"run `cog -r docs/protocol.md`\n{done.stdout}{done.stderr}"


def test_the_example_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(example, str(PAGE), "exec"), names)
    assert names["case"].state == "submitted"


def test_every_word_has_its_table_row() -> None:
    text = PAGE.read_text("utf-8")
    for known in (p.STATES, p.COMMANDS, p.EVENTS, p.MESSAGES, p.REFUSALS, p.LIMIT_STEPS):
        assert [name for name in known if f"| `{name}` |" not in text] == []


def test_code_and_tables_name_the_same_things() -> None:
    assert set(p.COMMANDS) == set(p.COMMAND_BODIES)
    assert set(p.EVENTS) == set(p.EVENT_BODIES)
    assert set(p.STATES) == set(get_args(p.State))
    assert set(p.REFUSALS) == set(get_args(p.RefusalCode))
    assert set(p.GRADES) == set(get_args(p.Grade))
    for step in p.COMMANDS.values():
        assert set(step.yields) <= set(p.EVENTS)
        assert set(step.roles) <= set(p.ROLES)
