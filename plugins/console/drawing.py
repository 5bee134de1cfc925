"""Tables and views on a terminal, with colour. Imported only where something is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text


def _console() -> Console:
    return Console(highlight=False, emoji=False, markup=False)


def print_view(title: str, note: str, rows: Iterable[tuple[str, Sequence[str], str]]) -> None:
    """A title, and labels beside their lines.

    Args:
        title: in bold, with `note` behind it.
        rows: label, lines and style; a line that begins with spaces belongs to the one above.
    """
    console = _console()
    console.print(Text.assemble((title, "bold"), (note, "dim")))
    grid = Table.grid(padding=(0, 2, 0, 1))
    grid.add_column(style="cyan", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, lines, colour in rows:
        for line in lines:
            text = line.lstrip(" ")
            depth = len(line) - len(text)
            style = colour if not depth else "dim"
            grid.add_row(label, Padding(Text(text, style=style), (0, 0, 0, depth)))
            label = ""
    console.print(grid)
    console.print()


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table under its headings."""
    grid = Table(box=box.SIMPLE_HEAD, header_style="bold cyan", pad_edge=False)
    for n, heading in enumerate(columns):
        grid.add_column(heading, overflow="fold", no_wrap=n == 0)
    for cells in rows:
        grid.add_row(*cells)
    _console().print(grid)
