"""`tongban conformance`: everything that a plugin must hold, tried out."""

from __future__ import annotations

import click

from tongban.kernel import hookimpl
from tongban.plugins.commands.lazy import Lazy


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `conformance`."""
    text = "Try out everything that a plugin must hold."
    cli.add_command(Lazy("conformance", f"{__name__}.command:conformance", text))
