"""`tongban why-not`: the fewest changes that turn a decision."""

from __future__ import annotations

import click

from tongban.kernel import hookimpl
from tongban.plugins.commands.lazy import Lazy


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `why-not`."""
    cli.add_command(
        Lazy("why-not", f"{__name__}.command:why_not", "The fewest changes that turn a decision.")
    )
