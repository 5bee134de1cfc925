"""How a scalar is written: without quotes where that is safe, else in one kind of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from tongban.kernel.rulefile import Node, scalar
from tongban.plugins.kit.formatting.tree import Value


class Bare(str):
    """A text that is written without quotes, though it looks like a number or a date."""

    __slots__ = ()


_LOOKS_TYPED = re.compile(
    r"[-+.]?[0-9][0-9_.,:eExXoa-fA-F+-]*|~|null|true|false|yes|no|on|off|y|n|\.inf|\.nan|[-+]\.inf",
    re.IGNORECASE,
)
"""What some reader of YAML takes for more than text where it has no quotes: times, `yes`, `1e3`."""

_OPENS = set("-?:,[]{}#&*!|>'\"%@`=<.")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def typed(text: str) -> bool:
    """Whether quotes make a difference to the kernel: of a number, a date, `true`, nothing."""
    return not isinstance(scalar(Node("scalar", 0, 0, text, plain=True), month=True), str)


def written(value: Value, flow: bool) -> str:
    """A scalar as it stands in the file; what another reader may misread stays as it was.

    Args:
        value: with its text, and whether it stood without quotes.
        flow: whether it stands in `{}` or `[]`.
    """
    text = value.text
    if not text or _LOOKS_TYPED.fullmatch(text):
        # `8:30` is text to the kernel and may get quotes, which brackets ask for.
        bare = value.plain and not (flow and set(text) & set(",:"))
    else:
        bare = _is_safe(text, flow)
    return text if bare else quoted(text)


def quoted(text: str) -> str:
    """`text` in double quotes, or in single ones where it holds double quotes or `\\`."""
    if set(text) & set('"\\') and all(map(_shows, text)):
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, text)) + '"'


def in_flow(value: Any) -> str:
    """A value of Python as YAML that may stand anywhere: texts as texts, numbers as numbers.

    Args:
        value: a mapping, list, text, date, number, `true` or `false`.
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{in_flow(k)}: {in_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(in_flow, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Bare | date | int):
        return str(value)
    text = str(value)
    bare = text and not _LOOKS_TYPED.fullmatch(text) and _is_safe(text, flow=True)
    return text if bare else quoted(text)


def _is_safe(text: str, flow: bool) -> bool:
    if (
        _LOOKS_TYPED.fullmatch(text)
        or text[0] in _OPENS
        or text != text.strip()
        or not all(map(_shows, text))
    ):
        return False
    if flow and set(text) & set(",:?[]{}"):
        return False
    return ": " not in text and " #" not in text and not text.endswith(":")


def _shows(sign: str) -> bool:
    """Whether a character stands for itself in YAML, and is seen."""
    return sign == "\u3000" or sign.isprintable()


def _escaped(sign: str) -> str:
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    if _shows(sign):
        return sign
    number = ord(sign)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
