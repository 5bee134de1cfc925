"""Finding rule files, and writing them so that a failure leaves the old text."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

import click

__all__ = ["find", "replace"]

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


def replace(path: Path, text: str) -> None:
    """Writes a file at once or not at all; its permissions stay, a link stays a link.

    Raises:
        OSError: where it cannot be written; the old text is still there.
    """
    target = path.resolve()
    if not os.access(target, os.W_OK):
        raise PermissionError(13, os.strerror(13), str(path))
    with NamedTemporaryFile(
        "wb", dir=target.parent, prefix=f".{target.name}.", delete=False
    ) as new:
        try:
            new.write(text.encode())
            new.flush()
            os.fsync(new.fileno())
            shutil.copymode(target, new.name)
            Path(new.name).replace(target)
        except BaseException:
            Path(new.name).unlink(missing_ok=True)
            raise
