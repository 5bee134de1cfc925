"""`tongban import-dmn`: DMN decision tables become rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongban.kernel import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `import-dmn`."""
    from tongban.plugins.console import lazy  # noqa: PLC0415 - click, for the command line alone

    text = "Make rules of DMN decision tables."
    cli.add_command(lazy.Lazy("import-dmn", f"{__name__}.command:import_dmn", text, extra="kit"))
