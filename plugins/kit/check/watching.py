"""`tongban check --watch`: checks again whenever a file changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import click

from tongban.plugins.kit.check.run import Report

_ENDINGS = (".yaml", ".yml", ".txt")
_DEBOUNCE = 200
"""Milliseconds in which several changes count as one: an editor writes a file in steps."""


def watch(
    paths: Sequence[Path],
    sources: Sequence[Path],
    check: Callable[[], Report],
    now: Callable[[], datetime],
) -> None:
    """Checks once, and again after every change, until it is interrupted.

    Args:
        paths: what is checked; none for everything installed.
        sources: files with the texts of sources.
        check: checks, shows the findings and returns the report.
        now: the present moment.

    Raises:
        KeyboardInterrupt: with Ctrl-C.
    """
    from watchfiles import watch as changes  # noqa: PLC0415 - only with --watch

    report = check()
    files = [path for one in report.documents if (path := Path(one.file)).is_file()]
    folders = dict.fromkeys(_folders((*paths, *sources, *files)))
    wanted = {str(path.resolve()) for path in (*paths, *sources, *files) if not path.is_dir()}

    def matters(_: object, path: str) -> bool:
        return path in wanted or path.endswith(_ENDINGS)

    _wait(now)
    for _ in changes(*folders, watch_filter=matters, debounce=_DEBOUNCE, raise_interrupt=True):
        check()
        _wait(now)


def _wait(now: Callable[[], datetime]) -> None:
    click.echo(f"{now():%H:%M:%S} 等待改动 waiting for changes; Ctrl-C ends", err=True)


def _folders(paths: Iterable[Path]) -> Iterator[Path]:
    """Folders, not files: an editor puts a new file in the place of the old one."""
    for path in paths:
        folder = path if path.is_dir() else path.parent
        if folder.is_dir():
            yield folder.resolve()
