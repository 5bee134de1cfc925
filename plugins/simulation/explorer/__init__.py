"""`tongban explore`: every interleaving of small worlds, by the real protocol code.

`explore(scenario)` visits every state; docs/exploring.md says what is modelled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongban.kernel import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `explore`."""
    from tongban.plugins.console import lazy  # noqa: PLC0415 - click, for the command line alone

    text = "Every interleaving of a small world, checked."
    cli.add_command(lazy.Lazy("explore", f"{__name__}.command:explore", text))
