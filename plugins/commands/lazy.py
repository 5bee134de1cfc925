"""Commands that are imported when they are called: one does not wait for the others."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

__all__ = ["Lazy"]


_OF_CASES = ("chinese_calendar", "cryptography", "platformdirs", "reportlab")


class Lazy(click.Command):
    """Stands for a command until it is called.

    Args:
        name: as it is typed.
        where: `module:attribute`, the click command itself.
        short_help: the line in the list of commands; the same as the command's own.
    """

    def __init__(self, name: str, where: str, short_help: str) -> None:
        super().__init__(name, short_help=short_help)
        self._where = where

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
            extra = "cases" if error.name in _OF_CASES else "kit"
            raise click.ClickException(f"{needs}: pip install 'tongban[{extra}]'") from None
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
