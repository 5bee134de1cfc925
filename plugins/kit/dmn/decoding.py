"""From the bytes of a file to its text: the encodings that Chinese editors write."""

from __future__ import annotations

import codecs
import re
from typing import NoReturn

from tongban.plugins.kit.dmn.table import Refusal, TableError

_DECLARED = re.compile(rb"""^<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z][\w.-]{0,40})["']""")

_CODECS = {
    # GB18030 holds what GB2312 and GBK do, and files that declare these hold more than they do.
    **dict.fromkeys(("gb2312", "gbk", "cp936", "gb18030"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs", "cp950"), "big5hkscs"),
    **dict.fromkeys(("utf-8", "utf8"), "utf-8"),
    **dict.fromkeys(("us-ascii", "ascii"), "ascii"),
    **{f"iso-8859-{n}": f"iso8859-{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)},
    **{f"windows-125{n}": f"cp125{n}" for n in range(9)},
}
"""Encodings that are read, as XML declarations name them."""

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0", b"\0<")


def decoded(content: bytes) -> str | bytes:
    """The text of an XML file; bytes where the XML parser finds the encoding itself (UTF-16).

    Raises:
        TableError: where the encoding is not read, or the bytes are not in the one declared.
    """
    if content.startswith(_UTF_16):
        return content
    marked = content.startswith(codecs.BOM_UTF8)
    body = content.removeprefix(codecs.BOM_UTF8)
    match = _DECLARED.match(body)
    name = match[1].decode() if match else "UTF-8"
    codec = _CODECS.get(name.lower().replace("_", "-"))
    says = f"the file declares encoding={name!r}" if match else "the file declares no encoding"
    if codec is None:
        _refuse(f"this is not XML that is read: {says}; save it as UTF-8 or GB18030")
    if codec != "utf-8" and not body.isascii() and (marked or _is(body, "utf-8")):
        _refuse(f'{says}, but it is UTF-8; write encoding="UTF-8"')
    try:
        return body.decode(codec)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        means = "it is UTF-8" if match else "it is taken for UTF-8"
        wrong = f"{says}, so {means}," if codec == "utf-8" else f"{says},"
        likely = next((one for one in ("UTF-8", "GB18030") if _is(body, one)), "")
        hint = f'; it looks like {likely}: write encoding="{likely}"' if likely else ""
        says = f"{wrong} but the byte 0x{body[error.start]:02X} in line {line} does not fit{hint}"
        _refuse(f"{says}, or save the file as UTF-8")


def _is(body: bytes, codec: str) -> bool:
    try:
        body.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _refuse(message: str) -> NoReturn:
    raise TableError([Refusal("", "", message)])
