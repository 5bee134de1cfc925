"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path

__all__ = ["Disk"]


class Disk:
    """What the exchange does with files; a test puts another in its place, which fails."""

    _numbers = count()

    def names(self, folder: Path) -> list[str]:
        """The finished files of a folder."""
        return sorted(one.name for one in folder.glob("*.json"))

    def read(self, path: Path) -> bytes | None:
        """The content of a file; None where somebody took it away meanwhile."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def exists(self, path: Path) -> bool:
        """Whether a file is there."""
        return path.exists()

    def write(self, path: Path, content: bytes) -> None:
        """Writes a file: whoever looks sees all of it or nothing, after a crash too.

        Raises:
            OSError: where it cannot be written; nothing is left of it then.
        """
        draft = path.with_name(f".{path.name}.{os.getpid()}-{next(self._numbers)}.tmp")
        try:
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        self._settle(path.parent)

    def remove(self, path: Path) -> None:
        """Takes a file away; harmless where it is gone."""
        path.unlink(missing_ok=True)
        self._settle(path.parent)

    def _settle(self, folder: Path) -> None:
        """Makes a name's coming or going last."""
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
