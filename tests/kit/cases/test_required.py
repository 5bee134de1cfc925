"""A command is not carried out without what it cannot do without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tongban.plugins.casework.steps import step_commands

SAMPLES = {
    "defects": "name=缺",
    "grade": "satisfied",
    "procedure": "hearing",
    "status": "lost",
    "goes_on": None,
    "remedy": "litigation",
    "outcome": "upheld",
    "admitted": None,
    "granted": None,
}


def _required() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every required option, with a command line that has all the others."""
    for command in step_commands():
        wanted = [p for p in command.params if p.required and p.param_type_name == "option"]
        for missing in wanted:
            typed: list[str] = []
            for one in wanted:
                if one is not missing:
                    sample = SAMPLES.get(str(one.name), "x")
                    typed += [one.opts[0], *([sample] if sample else [])]
            yield str(command.name), missing.opts[0], tuple(typed)


@pytest.mark.parametrize(("command", "option", "others"), list(_required()))
def test_what_is_required_is_asked_for(
    desk: Any, command: str, option: str, others: tuple[str, ...]
) -> None:
    result = desk("case", command, "BJ1", *others, as_="officer:630100/postal", status=2)
    assert "Missing option" in result.stderr
    assert option in result.stderr
