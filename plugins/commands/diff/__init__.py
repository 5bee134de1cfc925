"""`tongban diff`: what a change of rules changes."""

from __future__ import annotations

import click

from tongban.kernel import hookimpl


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds it."""
    from tongban.plugins.commands.diff.command import diff  # noqa: PLC0415 - when a program starts

    cli.add_command(diff)
