"""A document as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import east_asian_width

from tongban.plugins.delivery.documents.model import Block, Document, Form, Grid, Listing, Paragraph
from tongban.plugins.delivery.documents.wording import day_text

_WIDTH = 76
_NO_START = ",。;:、!?)》”〕，；：！？）"
"""What no line begins with (避头)."""

_UNBROKEN = re.compile(r"[0-9A-Za-z./-]+|.", re.DOTALL)


def as_text(document: Document, code: str = "") -> str:
    """A document as it is read in a terminal or an e-mail.

    Args:
        document: any.
        code: its verification code, "" where it is not signed.
    """
    lines = [_centred(document.title), _right(f"编号：{document.number}"), ""]
    if not _is_form(document):
        lines.append(f"{document.addressee}：")
    for block in document.blocks:
        lines += _block(block)
    lines += ["", _right(document.issuer_name), _right(day_text(document.issued_on))]
    if code:
        lines += ["", f"验证码：{code}"]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _is_form(document: Document) -> bool:
    return len(document.blocks) == 1 and isinstance(document.blocks[0], Form)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WFA" else 1 for char in text)


def _centred(text: str) -> str:
    return " " * ((_WIDTH - _width(text)) // 2) + text


def _right(text: str) -> str:
    return " " * max(0, _WIDTH - _width(text)) + text


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield from _wrapped(f"  {block.text}")
    elif isinstance(block, Listing):
        for number, line in enumerate(block.lines, 1):
            yield from _wrapped(f"  {number}. {line}", indent=5)
    elif isinstance(block, Form):
        wide = max(_width(label) for label, _ in block.rows)
        for label, text in block.rows:
            start = f"  {label}{' ' * (wide - _width(label))}  "
            yield from _wrapped(start + text, indent=_width(start))
    else:
        yield from _grid(block)


def _grid(block: Grid) -> Iterator[str]:
    rows = [block.header, *block.rows]
    wide = [max(_width(row[n]) for row in rows) for n in range(len(block.header))]
    for row in rows:
        cells = (text + " " * (w - _width(text)) for text, w in zip(row, wide, strict=True))
        yield "  " + "  ".join(cells)


def _wrapped(text: str, indent: int = 0) -> Iterator[str]:
    line, width = "", 0
    for part in _UNBROKEN.findall(text):
        wide = _width(part)
        if width + wide > _WIDTH and part not in _NO_START and width > indent:
            yield line
            line, width = " " * indent, indent
        line, width = line + part, width + wide
    yield line
