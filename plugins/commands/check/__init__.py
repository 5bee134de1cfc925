"""`tongban check`: the linter and verifier of rules."""

from __future__ import annotations

import click

from tongban.kernel import hookimpl


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `check`."""
    from tongban.plugins.commands.check.command import check  # noqa: PLC0415 - for other commands

    cli.add_command(check)
