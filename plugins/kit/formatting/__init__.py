"""`tongban fmt`: one layout for all rule files; `tongban schema`: what editors read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongban.kernel import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `fmt` and `schema`."""
    from tongban.plugins.console import lazy  # noqa: PLC0415 - click, for the command line alone

    text = "One layout for rule files, comments kept."
    cli.add_command(lazy.Lazy("fmt", f"{__name__}.command:fmt", text, extra="kit"))
    text = "The JSON Schema of rule files, for editors."
    cli.add_command(lazy.Lazy("schema", f"{__name__}.schema:schema", text))
