"""What people read: decisions and explanations as labelled lines.

A view is plain data. On a terminal it becomes coloured columns (rich), in a
pipe plain text that `grep` and `diff` can work with.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from attrs import define, field

__all__ = ["Row", "View", "is_terminal", "show", "table"]


@define
class Row:
    """A label and the lines that stand beside it; `style` colours them on a terminal."""

    label: str
    lines: list[str]
    style: str = ""


@define
class View:
    """A title and its rows."""

    title: str
    rows: list[Row] = field(factory=list)

    def add(self, label: str, lines: str | Iterable[str], style: str = "") -> None:
        """Adds a row, unless there is nothing to show."""
        listed = [lines] if isinstance(lines, str) else list(lines)
        if listed:
            self.rows.append(Row(label, listed, style))


def is_terminal() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout.isatty()


def _console() -> Any:
    from rich.console import Console  # noqa: PLC0415 - only where something is shown

    return Console(highlight=False, emoji=False, markup=False)


def show(view: View) -> None:
    """Writes `view` to standard output."""
    if not is_terminal():
        sys.stdout.write(_plain(view))
        return
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = _console()
    console.print(Text(view.title, style="bold"))
    grid = Table.grid(padding=(0, 2, 0, 1))
    grid.add_column(style="cyan", no_wrap=True)
    grid.add_column(overflow="fold")
    for row in view.rows:
        grid.add_row(row.label, Text("\n".join(row.lines), style=row.style))
    console.print(grid)
    console.print()


def _width(text: str) -> int:
    """Columns that `text` takes; a Chinese character takes two."""
    from rich.cells import cell_len  # noqa: PLC0415

    return cell_len(text)


def _plain(view: View) -> str:
    wide = max((_width(row.label) for row in view.rows), default=0)
    lines = [view.title]
    for row in view.rows:
        label = row.label + " " * (wide - _width(row.label))
        for line in row.lines:
            lines.append(f"  {label}  {line}".rstrip())
            label = " " * wide
    return "\n".join(lines) + "\n\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Writes a table to standard output; in a pipe, columns parted by tabs."""
    if not is_terminal():
        for cells in (columns, *rows):
            sys.stdout.write("\t".join(cell.replace("\n", "; ") for cell in cells) + "\n")
        return
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    grid = Table(*columns, box=box.SIMPLE_HEAD, header_style="bold cyan", pad_edge=False)
    for cells in rows:
        grid.add_row(*cells)
    _console().print(grid)
