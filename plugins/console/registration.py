"""The hook of plugins that add commands which are imported when they are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pluggy import HookimplMarker

if TYPE_CHECKING:
    import click

__all__ = ["lazily"]

# Not from `tongban.kernel`: pytest imports a plugin of ours at every start, and must not wait.
_hookimpl = HookimplMarker("tongban")


def lazily(package: str, extra: str, **commands: tuple[str, str]) -> Callable[[click.Group], None]:
    """The hook `register_commands` of a plugin.

    Args:
        package: the plugin's.
        extra: of the distribution `tongban`, which installs what the commands need; "" for none.
        commands: name, with `_` for `-`, to `module:attribute` in the package and the line in
            the list of commands.
    """

    @_hookimpl
    def register_commands(cli: click.Group) -> None:
        from tongban.plugins.console import lazy  # noqa: PLC0415 - click, for a command line alone

        for name, (where, text) in commands.items():
            cli.add_command(lazy.Lazy(name.replace("_", "-"), f"{package}.{where}", text, extra))

    return register_commands
