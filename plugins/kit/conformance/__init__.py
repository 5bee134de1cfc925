"""`tongban conformance`: everything that a plugin must hold, tried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongban.kernel import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `conformance`."""
    from tongban.plugins.console import lazy  # noqa: PLC0415 - click, for the command line alone

    text = "Try out everything that a plugin must hold."
    cli.add_command(lazy.Lazy("conformance", f"{__name__}.command:conformance", text))
