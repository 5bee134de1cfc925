"""`tongban test`, and the pytest plugin: the cases beside the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluggy import HookimplMarker

if TYPE_CHECKING:
    import click

# Not from `tongban.kernel`: pytest imports this package at every start, and must not wait for it.
hookimpl = HookimplMarker("tongban")


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `test`."""
    from tongban.plugins.console import lazy  # noqa: PLC0415 - click, for the command line alone

    text = "Run the cases beside the rules; what do they try?"
    cli.add_command(lazy.Lazy("test", f"{__name__}.command:test", text, extra="kit"))
