"""`tongban case`, `audit`, `report`, `doctor`: carry cases, and tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongban.kernel import hookimpl

if TYPE_CHECKING:
    import click

_COMMANDS = {
    "case": ("groups:case", "Carry cases (办件), step by step."),
    "audit": ("groups:audit", "Prove what happened in cases."),
    "report": ("reporting.command:report", "Supervision: cases, limits, ratings."),
    "doctor": ("doctor:doctor", "Where things are, and what is missing."),
}


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds them; what they need is imported when one of them is called."""
    from tongban.plugins.console import lazy  # noqa: PLC0415 - click, for the command line alone

    for name, (where, text) in _COMMANDS.items():
        cli.add_command(lazy.Lazy(name, f"{__name__}.{where}", text, extra="cases"))
