"""`tongban test`, and the pytest plugin: the cases beside the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluggy import HookimplMarker

if TYPE_CHECKING:
    import click

# Not from `tongban.kernel`: pytest imports this package at every start, and must not wait for it.
hookimpl = HookimplMarker("tongban")


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `tongban test`."""
    from tongban.plugins.commands.testing.command import test  # noqa: PLC0415 - when it is asked

    cli.add_command(test)
