"""Options and arguments that several commands share."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from tongban.kernel import Item, Kernel

__all__ = ["Day", "as_json", "find_item", "json_option", "write_json"]


class Day(click.ParamType[date]):
    """A date such as 2026-01-31."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date; write it as 2026-01-31", param, ctx)


json_option = click.option("--json", "as_json", is_flag=True, help="Stable JSON for machines.")


def as_json(value: Any) -> str:
    """`value` on one line of JSON."""
    import json  # noqa: PLC0415 - only with --json

    return json.dumps(value, ensure_ascii=False)


def write_json(value: Any) -> None:
    """Writes `value` as one line of JSON to standard output."""
    click.echo(as_json(value))


def find_item(kernel: Kernel, word: str) -> Item:
    """The item that `word` names.

    Raises:
        click.UsageError: with the nearest right one.
    """
    item = kernel.rulebook.find(word)
    if item is None:
        near = kernel.rulebook.suggest(word)
        hint = f"did you mean {near}?" if near else "`tongban items` lists them"
        raise click.UsageError(f"unknown item {word!r}; {hint}")
    return item
