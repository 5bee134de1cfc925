"""What a write-ahead log holds beyond what SQLite would take from it. Pure.

SQLite reads a `-wal` up to the first frame whose checksum does not fit, and forgets the rest
without a word. After a cut-off write nothing follows. Where frames follow that fit to each
other, a frame before them was damaged, and commits are about to be lost.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Literal, TypeAlias

from attrs import frozen

_HEADER, _FRAME = 32, 24
_MAGIC = {0x377F0682: "<", 0x377F0683: ">"}
Sum: TypeAlias = tuple[int, int]


@frozen
class Found:
    """What is in a write-ahead log.

    Attributes:
        state: `empty`: nothing in it; `whole`: SQLite takes every commit; `damaged`: frames
            with commits follow on one that does not fit, or its header is damaged.
        frames: up to the last commit that SQLite takes.
        lost: behind them, up to the last commit.
        pages: size of the database after the last commit that SQLite takes; 0 for none.
    """

    state: Literal["empty", "whole", "damaged"]
    frames: int = 0
    lost: int = 0
    pages: int = 0


def examine(content: bytes) -> Found:
    """What SQLite would take of a write-ahead log, and what it would lose.

    Args:
        content: of the `-wal` file.
    """
    if not content.strip(b"\0"):
        return Found("empty")
    order = _order(content)
    if not order or len(content) < _HEADER or _sum(content[:24], order, (0, 0)) != _told(content):
        return Found("damaged")  # without its header SQLite takes nothing
    before, good, taken, last, pages = _told(content), True, 0, 0, 0
    for number, (size, salts, told, says) in enumerate(_frames(content, order), 1):
        fits = salts == content[16:24] and told == _sum(says, order, before)
        good, before = good and fits, told
        if size and good:
            taken, pages = number, size
        if size and fits:
            last = number
    return Found("damaged" if last > taken else "whole", taken, max(0, last - taken), pages)


def _order(content: bytes) -> str:
    """How numbers are put for its checksums; "" where it is not a write-ahead log."""
    return _MAGIC.get(int.from_bytes(content[:4], "big"), "")


def _frames(content: bytes, order: str) -> Iterator[tuple[int, bytes, Sum, bytes]]:
    """Of each frame: size of the database (0 within a commit), salts, checksum, what it covers."""
    page = int.from_bytes(content[8:12], "big")
    page = 65536 if page == 1 else page
    if page < 512 or page & (page - 1):
        return
    for start in range(_HEADER, len(content) - _FRAME - page + 1, _FRAME + page):
        body = content[start + _FRAME : start + _FRAME + page]
        size = int.from_bytes(content[start + 4 : start + 8], "big")
        told = _told(content, start + 16)
        yield size, content[start + 8 : start + 16], told, content[start : start + 8] + body


def _told(content: bytes, start: int = 24) -> Sum:
    """The checksum that stands in the file."""
    first, second = struct.unpack_from(">II", content, start)
    return first, second


def _sum(content: bytes, order: str, before: Sum) -> Sum:
    """SQLite's checksum: two sums of 32 bits that feed each other."""
    first, second = before
    words = iter(struct.unpack(f"{order}{len(content) // 4}I", content))
    for one, other in zip(words, words, strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return first, second


def mended(content: bytes) -> bytes:
    """The same log with checksums that fit, so that SQLite takes every commit in it.

    For salvage alone: a damaged page is taken with its damage, which the log's own hashes show.

    Args:
        content: of a `-wal` whose header can be read.
    """
    order = _order(content)
    if not order:
        return content
    made = bytearray(content[:24])
    sums = _sum(content[:24], order, (0, 0))
    made += struct.pack(">II", *sums)
    for _, salts, _, says in _frames(content, order):
        if salts != content[16:24]:
            break
        sums = _sum(says, order, sums)
        made += says[:8] + salts + struct.pack(">II", *sums) + says[8:]
    return bytes(made)
