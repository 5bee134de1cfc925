"""Commands that are imported when they are called: no program waits for the others.

Nothing of the kernel imports this module: it needs click, which only a command line has.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

__all__ = ["Lazy"]


class _MissingError(click.ClickException):
    exit_code = 2
    """As bad input: 1 is what commands answer with where something does not hold."""


class Lazy(click.Command):
    """Stands for a command until it is called.

    Args:
        name: as it is typed.
        where: `module:attribute`, the click command itself.
        short_help: the line in the list of commands; the same as the command's own.
        extra: of the distribution `tongban`, with which everything that the command needs
            is installed; "" where it needs nothing more, or comes from elsewhere.
    """

    def __init__(self, name: str, where: str, short_help: str, extra: str = "") -> None:
        super().__init__(name, short_help=short_help)
        self._where, self._extra = where, extra

    @property
    def command(self) -> click.Command:
        """The command itself.

        Raises:
            ClickException: where something that it needs is not installed.
        """
        module, _, attribute = self._where.partition(":")
        try:
            command: click.Command = getattr(import_module(module), attribute)
        except ModuleNotFoundError as error:
            needs = f"`tongban {self.name}` needs the package {error.name}, which is not installed"
            hint = f": pip install 'tongban[{self._extra}]'" if self._extra else ""
            raise _MissingError(f"{needs}{hint}") from None
        return command

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """From here on the command itself does everything: help, completion, the work."""
        return self.command.make_context(info_name, args, parent, **extra)
