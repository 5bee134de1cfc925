"""`tongban new`: a department's project, from a template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongban.kernel import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `new`."""
    from tongban.plugins.console import lazy  # noqa: PLC0415 - click, for the command line alone

    text = "Begin a department of your own."
    cli.add_command(lazy.Lazy("new", f"{__name__}.command:new", text, extra="kit"))
