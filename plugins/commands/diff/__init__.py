"""`tongban diff`: what a change of rules changes."""

from __future__ import annotations

import click

from tongban.kernel import hookimpl
from tongban.plugins.commands.lazy import Lazy


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `diff`."""
    cli.add_command(
        Lazy("diff", f"{__name__}.command:diff", "What a change of rules changes, proved or shown.")
    )
