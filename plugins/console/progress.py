"""A progress bar for a large file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tongban.plugins.console.jsonl import Advance

__all__ = ["PROGRESS_FROM", "progress"]

PROGRESS_FROM = 100_000
"""Size in bytes from which a file gets a progress bar."""


@contextmanager
def progress(path: str) -> Iterator[Advance | None]:
    """A bar on standard error, for a large file while decisions go elsewhere than a terminal.

    Yields:
        What is to be told how many bytes were read; None where there is no bar.
    """
    file = Path(path)
    size = file.stat().st_size if path != "-" and file.is_file() else 0
    if size < PROGRESS_FROM or not sys.stderr.isatty() or sys.stdout.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - only for a bar
    from rich.progress import Progress  # noqa: PLC0415

    # Not redirected: rich would send what is printed after it, to standard error.
    console = Console(stderr=True)
    with Progress(console=console, redirect_stdout=False) as bar:
        task = bar.add_task(f"受理 deciding {file.name}", total=size)
        yield lambda read: bar.advance(task, read)
