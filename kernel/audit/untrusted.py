"""What others wrote: files and JSON that may be hostile, read within bounds.

A file is opened without following a link and without waiting, and is looked at before it
is read. JSON is taken where every reader would understand the same: UTF-8, no key twice,
no number that only some can hold, nothing nested so deep that a program runs out of stack.
"""

from __future__ import annotations

import errno
import json
import math
import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tongban.kernel.errors import TongbanError

__all__ = ["UnreadableError", "read_file", "read_json"]

_DEEPEST = 64
_LONGEST_NUMBER = 20
_LONE = re.compile(r"\\u[dD][89a-fA-F]")

_KINDS = {
    stat.S_IFDIR: "目录 a directory",
    stat.S_IFIFO: "管道 a pipe",
    stat.S_IFSOCK: "套接字 a socket",
    stat.S_IFCHR: "设备 a device",
    stat.S_IFBLK: "设备 a device",
    stat.S_IFLNK: "链接 a link",
}


class UnreadableError(TongbanError):
    """What is not read, and why; the message repeats nothing of its content."""


def read_file(
    path: str | Path, largest: int, *, folder: int | None = None, follow: bool = False
) -> bytes:
    """The content of a regular file.

    Args:
        path: of the file.
        largest: at most this many bytes.
        folder: descriptor of the folder that a relative path begins at.
        follow: whether the last component may be a link.

    Raises:
        UnreadableError: where it is a link, a directory, a pipe, a device, or too large.
        OSError: where it cannot be opened or read.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    try:
        handle = os.open(path, flags if follow else flags | os.O_NOFOLLOW, dir_fd=folder)
    except OSError as error:
        # A link that is not followed, and a socket or a device that nothing answers for.
        if error.errno in (errno.ELOOP, errno.EMLINK):
            raise UnreadableError(_not_regular(stat.S_IFLNK)) from None
        if error.errno == errno.ENXIO:
            raise UnreadableError(_not_regular(stat.S_IFSOCK)) from None
        raise
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableError(_not_regular(found.st_mode))
        if found.st_size > largest:
            raise UnreadableError(_too_large(largest))
        return _all(handle, largest)
    finally:
        os.close(handle)


def _all(handle: int, largest: int) -> bytes:
    """What is in a file; it may grow while it is read."""
    parts, size = [], 0
    while part := os.read(handle, 1 << 20):
        size += len(part)
        if size > largest:
            raise UnreadableError(_too_large(largest))
        parts.append(part)
    return b"".join(parts)


def _not_regular(mode: int) -> str:
    kind = _KINDS.get(stat.S_IFMT(mode), "特殊文件 a special file")
    return f"不是普通文件 (not a regular file: {kind})"


def _too_large(largest: int) -> str:
    return f"文件过大 (larger than {largest} bytes)"


def read_json(content: str | bytes, largest: int) -> Any:
    """The value that a JSON text says.

    Args:
        content: UTF-8, with or without its mark.
        largest: at most this many bytes or characters.

    Raises:
        UnreadableError: where it is anything else, or two readers could take it for two things.
    """
    if len(content) > largest:
        raise UnreadableError(_too_large(largest))
    try:
        text = content.decode() if isinstance(content, bytes) else content
        raw = json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_once,
            parse_constant=_no_constant,
            parse_int=_int,
            parse_float=_float,
        )
        _shallow(raw)
        if not text.isascii() or _LONE.search(text):
            # What cannot be written again was never a text.
            json.dumps(raw, ensure_ascii=False).encode()
    except RecursionError:
        raise UnreadableError(_TOO_DEEP) from None
    except UnicodeError:
        raise UnreadableError("编码有误 (not text in UTF-8)") from None
    except ValueError:
        raise UnreadableError("不是 JSON (cannot be read as JSON)") from None
    return raw


_TOO_DEEP = f"嵌套过深 (nested deeper than {_DEEPEST})"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadableError("键重复 (a key stands twice)")
    return found


def _no_constant(text: str) -> Any:
    raise UnreadableError(f"{text} 不是 JSON (not a JSON value)")


def _int(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise UnreadableError(f"数字过长 (a number of more than {_LONGEST_NUMBER} digits)")
    return int(text)


def _float(text: str) -> float:
    found = float(text)
    if not math.isfinite(found):
        raise UnreadableError("数字过大 (a number that no reader can hold)")
    return found


def _shallow(raw: Any) -> None:
    """Goes down level by level, so that depth costs no stack."""
    level: list[Any] = [raw]
    for _ in range(_DEEPEST):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return
    raise UnreadableError(_TOO_DEEP)


def _inside(value: Any) -> Iterable[Any]:
    """The objects and lists that stand directly in a value."""
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return ()
    return [one for one in value if isinstance(one, dict | list)]
