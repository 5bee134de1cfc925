"""The command line's own commands, one module each."""

from __future__ import annotations

import click

from tongban.kernel import hookimpl
from tongban.plugins.commands.ask import ask
from tongban.plugins.commands.items import items
from tongban.plugins.commands.plugins import plugins
from tongban.plugins.commands.route import route
from tongban.plugins.commands.show import show


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds them."""
    for command in (route, ask, items, show, plugins):
        cli.add_command(command)
