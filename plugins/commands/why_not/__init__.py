"""`tongban why-not`: the fewest changes that turn a decision."""

from __future__ import annotations

import click

from tongban.kernel import hookimpl


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds it."""
    from tongban.plugins.commands.why_not.command import why_not  # noqa: PLC0415 - a program starts

    cli.add_command(why_not)
