"""`tongban fmt`: one layout for all rule files; `tongban schema`: what editors read."""

from __future__ import annotations

import click

from tongban.kernel import hookimpl
from tongban.plugins.commands.lazy import Lazy


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `fmt` and `schema`."""
    cli.add_command(
        Lazy("fmt", f"{__name__}.command:fmt", "One layout for rule files, comments kept.")
    )
    cli.add_command(
        Lazy("schema", f"{__name__}.schema:schema", "The JSON Schema of rule files, for editors.")
    )
