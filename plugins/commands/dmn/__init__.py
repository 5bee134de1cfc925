"""`tongban import-dmn`: DMN decision tables become rules."""

from __future__ import annotations

import click

from tongban.kernel import hookimpl
from tongban.plugins.commands.lazy import Lazy


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `import-dmn`."""
    cli.add_command(
        Lazy("import-dmn", f"{__name__}.command:import_dmn", "Make rules of DMN decision tables.")
    )
