"""`tongban why-not`: the fewest changes that turn a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongban.kernel import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `why-not`."""
    from tongban.plugins.console import lazy  # noqa: PLC0415 - click, for the command line alone

    text = "The fewest changes that turn a decision."
    cli.add_command(lazy.Lazy("why-not", f"{__name__}.command:why_not", text, extra="kit"))
