"""The command line's own commands: one module each, or a package where it takes several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluggy import HookimplMarker

if TYPE_CHECKING:
    import click

# Not from `tongban.kernel`: pytest imports this package at every start, and must not wait for it.
hookimpl = HookimplMarker("tongban")


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds them."""
    from tongban.plugins.commands.ask import ask  # noqa: PLC0415 - when it is asked
    from tongban.plugins.commands.items import items  # noqa: PLC0415
    from tongban.plugins.commands.plugins import plugins  # noqa: PLC0415
    from tongban.plugins.commands.route import route  # noqa: PLC0415
    from tongban.plugins.commands.show import show  # noqa: PLC0415

    for command in (route, ask, items, show, plugins):
        cli.add_command(command)
