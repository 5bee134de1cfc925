"""`tongban diff`: what a change of rules changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongban.kernel import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `diff`."""
    from tongban.plugins.console import lazy  # noqa: PLC0415 - click, for the command line alone

    text = "What a change of rules changes, proved or shown."
    cli.add_command(lazy.Lazy("diff", f"{__name__}.command:diff", text, extra="kit"))
