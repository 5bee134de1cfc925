"""Files that commands write for people: all of a file is there, or nothing of it.

A disk that is full, or a program that is killed, must leave neither an empty file nor half of
one under a name that somebody trusts.
"""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

__all__ = ["write_file"]


def write_file(
    path: Path, content: str | bytes, *, mode: int | None = None, new: bool = False
) -> None:
    """Writes a file beside its place, and renames it there once it is on the disk.

    What stands there stays until then, and keeps its permissions; a link stays a link. A pipe
    or a device (`/dev/stdout`) is written to directly.

    Args:
        path: of the file; its folder is there.
        content: all of it; a text is written in UTF-8.
        mode: permissions of the file, whatever the umask; left out, those of the file that stands
            there, or what the system gives new files.
        new: whether nothing may stand there yet, not even a link.

    Raises:
        FileExistsError: where something stands there, with `new`.
        OSError: where it cannot be written; what stood there is still there, and nothing else.
    """
    content = content.encode() if isinstance(content, str) else content
    target = path if new else path.resolve()
    there = os.path.lexists(target)
    if there and new:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    if there and not target.is_file():
        target.write_bytes(content)
        return
    if there and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    try:
        _put(target, content, mode, new)
    except OSError as error:
        # The name that was wanted, not the one beside it.
        raise type(error)(error.errno, error.strerror, str(path)) from None


def _put(target: Path, content: bytes, mode: int | None, new: bool) -> None:
    with NamedTemporaryFile(
        "wb", dir=target.parent, prefix=f".{target.name[:100]}.", suffix=".tmp", delete=False
    ) as draft:
        try:
            draft.write(content)
            draft.flush()
            os.fsync(draft.fileno())
            if mode is None and target.exists():
                shutil.copymode(target, draft.name)
            else:
                os.chmod(draft.name, _usual() if mode is None else mode)
            if new:
                os.link(draft.name, target)  # a rename would put it over another's
                os.unlink(draft.name)
            else:
                os.replace(draft.name, target)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(draft.name)
            raise


def _usual() -> int:
    """What the system gives a new file."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
