"""`tongban simulate`: 31 provinces, a faulty world and a virtual clock, from one seed.

The same service runs at every node that runs live; docs/simulation.md says what is
modelled. The command and everything behind it are imported when it is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongban.kernel import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds `simulate`."""
    from tongban.plugins.simulation.command import simulate  # noqa: PLC0415 - on demand

    cli.add_command(simulate)
