"""`tongban new`: a department's project, from a template."""

from __future__ import annotations

import click

from tongban.kernel import hookimpl


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `new`."""
    from tongban.plugins.commands.new.command import new  # noqa: PLC0415 - only when it is called

    cli.add_command(new)
