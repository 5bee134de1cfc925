"""Options, arguments and output that several commands share."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import click
from click.shell_completion import CompletionItem

from tongban.kernel import Item, Kernel
from tongban.kernel.model import printing

__all__ = [
    "Day",
    "as_json",
    "choose",
    "find_item",
    "item_argument",
    "json_option",
    "printable",
    "write_json",
]


def printable(text: str) -> str:
    """`printing.printable`: what every field that stands on one line goes through."""
    return printing.printable(text)


class Day(click.ParamType[date]):
    """A date such as 2026-01-31."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        return self.fail(f"{value!r} is not a date; write it as 2026-01-31", param, ctx)


json_option = click.option("--json", "as_json", is_flag=True, help="Stable JSON for machines.")


def as_json(value: Any) -> str:
    """`value` on one line of JSON that every reader of UTF-8 takes, and no terminal obeys.

    Lone surrogates, which file names and keys of applications can hold and
    UTF-8 cannot, become U+FFFD.
    """
    text = printing.escaped(json.dumps(value, ensure_ascii=False))
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def write_json(value: Any) -> None:
    """Writes `value` as one line of JSON to standard output, at once."""
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


def choose(known: Callable[[Kernel], dict[str, str]]) -> Callable[..., list[CompletionItem]]:
    """A `shell_complete` that offers words of the kernel.

    Args:
        known: takes the kernel; returns each word with a short explanation.
    """

    def complete(
        ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        words = known(ctx.obj) if isinstance(ctx.obj, Kernel) else {}
        return [
            CompletionItem(word, help=says)
            for word, says in sorted(words.items())
            if word.startswith(incomplete)
        ]

    return complete


def _items(kernel: Kernel) -> dict[str, str]:
    ids = {kernel.rulebook.short(item): item.name for item in kernel.items}
    return ids | {item.name: kernel.rulebook.short(item) for item in kernel.items}


def _items_to_complete(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Ids first; names only once one is begun."""
    found = choose(_items)(ctx, param, incomplete)
    return found if incomplete else [one for one in found if one.value[:1].isdigit()]


item_argument = click.argument("item", metavar="ITEM", shell_complete=_items_to_complete)
