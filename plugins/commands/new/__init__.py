"""`tongban new`: a department's project, from a template."""

from __future__ import annotations

import click

from tongban.kernel import hookimpl
from tongban.plugins.commands.lazy import Lazy


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `new`."""
    cli.add_command(Lazy("new", f"{__name__}.command:new", "Begin a department of your own."))
