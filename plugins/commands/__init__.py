"""The command line's own commands: one module each, or a package where it takes several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluggy import HookimplMarker

if TYPE_CHECKING:
    import click

# Not from `tongban.kernel`: pytest imports this package at every start, and must not wait for it.
hookimpl = HookimplMarker("tongban")

_COMMANDS = {
    "ask": "Answer only the questions that matter; get a decision.",
    "items": "List items (政务服务事项) of the catalogue.",
    "plugins": "List plugins: loaded, from where, what failed and why.",
    "route": "Decide applications, with reasons and route.",
    "show": "Show an item with its rules, or as a guide (办事指南).",
}


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds them."""
    from tongban.plugins.console import lazy  # noqa: PLC0415 - click, for the command line alone

    for name, text in _COMMANDS.items():
        cli.add_command(lazy.Lazy(name, f"{__name__}.{name}:{name}", text))
