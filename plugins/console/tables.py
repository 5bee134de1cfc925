"""What people read: labelled lines and tables.

A view is plain data. On a terminal it becomes coloured columns (rich), in a
pipe plain text that `grep` and `diff` can work with.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from types import ModuleType
from unicodedata import east_asian_width

import click
from attrs import define, field

from tongban.plugins.console.options import printable

__all__ = ["Row", "View", "is_terminal", "show", "table"]


def _each(lines: Iterable[str]) -> list[str]:
    return [printable(line) for line in lines]


@define
class Row:
    """A label and the lines that stand beside it; `style` colours them on a terminal.

    A line that begins with spaces belongs to the one above it.
    """

    label: str = field(converter=printable)
    lines: list[str] = field(converter=_each)
    style: str = ""


@define
class View:
    """A title, what it speaks of, and rows."""

    title: str = field(converter=printable)
    note: str = field(default="", converter=printable)
    rows: list[Row] = field(factory=list)

    def add(self, label: str, lines: str | Iterable[str], style: str = "") -> None:
        """Adds a row, unless there is nothing to show."""
        listed = [lines] if isinstance(lines, str) else list(lines)
        if listed:
            self.rows.append(Row(label, listed, style))


def is_terminal() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout.isatty()


def show(view: View) -> None:
    """Writes `view` to standard output."""
    if is_terminal():
        note = f" [{view.note}]" if view.note else ""
        rows = [(row.label, row.lines, row.style) for row in view.rows]
        _drawing().print_view(view.title, note, rows)
    else:
        click.echo(_plain(view))


def _drawing() -> ModuleType:
    from tongban.plugins.console import drawing  # noqa: PLC0415 - rich, for a terminal alone

    return drawing


def _width(text: str) -> int:
    """Columns that `text` takes; a Chinese character takes two."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _plain(view: View) -> str:
    wide = max((_width(row.label) for row in view.rows), default=0)
    lines = [f"{view.title} [{view.note}]" if view.note else view.title]
    for row in view.rows:
        label = row.label + " " * (wide - _width(row.label))
        for line in row.lines:
            lines.append(f"  {label}  {line}".rstrip())
            label = " " * wide
    return "\n".join(lines) + "\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Writes a table to standard output; in a pipe, columns parted by tabs.

    Args:
        columns: their headings.
        rows: a cell for each column; one of several lines is written with `;` in a pipe.
    """
    if not is_terminal():
        lines = [
            "\t".join(printable(cell.replace("\n", "; ")) for cell in cells)
            for cells in (columns, *rows)
        ]
        click.echo("\n".join(lines))
        return
    shown = [["\n".join(map(printable, cell.split("\n"))) for cell in cells] for cells in rows]
    _drawing().print_table(columns, shown)
