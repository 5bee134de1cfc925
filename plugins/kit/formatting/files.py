"""Finding rule files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

_OPENS = re.compile(rb"^(department|places|sources|jurisdiction):", re.MULTILINE)
_FOREIGN = {"node_modules", "site-packages", "build", "dist", "venv"}


def find(paths: Sequence[Path]) -> Iterator[Path]:
    """Rule files: those that are named, and those in folders that are.

    Raises:
        click.UsageError: where a path is not there, or a folder holds none.
    """
    seen: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise click.UsageError(f"{path}: there is no such file or folder")
        found = [path] if not path.is_dir() else [*_within(path)]
        if not found:
            raise click.UsageError(f"{path}: no rule file in it (one begins with `department:`)")
        for file in found:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def _within(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in _FOREIGN
        )
        for name in sorted(names):
            path = Path(root, name)
            if path.suffix in (".yaml", ".yml") and _OPENS.search(path.read_bytes()):
                yield path
