"""The one progress bar: on standard error, where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attrs import frozen

__all__ = ["Bar", "progress"]


@frozen(eq=False)
class Bar:
    """How far something is. Without a terminal it shows nothing.

    Args:
        shown: the bar of rich, and its task.
    """

    shown: tuple[Any, Any] | None = None

    def advance(self, by: int = 1) -> None:
        """More of the total is done."""
        if self.shown:
            self.shown[0].advance(self.shown[1], by)

    def show(self, label: str, done: int | None = None, total: int | None = None) -> None:
        """What is being done, and how much of how much."""
        if self.shown:
            self.shown[0].update(self.shown[1], description=label, completed=done, total=total)


@contextmanager
def progress(
    label: str, total: int | None = None, *, wanted: bool = True, stays: bool = False
) -> Iterator[Bar]:
    """A bar while something is done.

    Args:
        label: what is done.
        total: how much; None where that is not known.
        wanted: whether it takes long enough for a bar.
        stays: whether the bar is left on the screen at the end.
    """
    if not (wanted and sys.stderr.isatty()):
        yield Bar()
        return
    from rich.console import Console  # noqa: PLC0415 - only for a bar
    from rich.progress import Progress  # noqa: PLC0415

    # Not redirected: rich would send what is printed beside it, to standard error.
    console = Console(stderr=True)
    with Progress(console=console, transient=not stays, redirect_stdout=False) as bar:
        yield Bar((bar, bar.add_task(label, total=total)))
