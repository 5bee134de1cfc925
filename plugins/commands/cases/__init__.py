"""`tongban case`, `audit`, `report`, `doctor`: cases from receipt to rating, and what is said of them."""

from __future__ import annotations

import click

from tongban.kernel import hookimpl


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds them; what they need is imported when one of them is called."""
    from tongban.plugins.commands.cases.groups import commands  # noqa: PLC0415 - when asked for

    for command in commands():
        cli.add_command(command)
