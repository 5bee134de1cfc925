"""`tongban case`, `audit`, `report`, `doctor`: carry cases, and tell."""

from __future__ import annotations

import click

from tongban.kernel import hookimpl
from tongban.plugins.commands.lazy import Lazy

_COMMANDS = {
    "case": ("groups:case", "Carry cases (办件), step by step."),
    "audit": ("groups:audit", "Prove what happened in cases."),
    "report": ("reporting.command:report", "Supervision: cases, limits, ratings."),
    "doctor": ("doctor:doctor", "Where things are, and what is missing."),
}


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds them; what they need is imported when one of them is called."""
    for name, (where, text) in _COMMANDS.items():
        cli.add_command(Lazy(name, f"{__name__}.{where}", text))
