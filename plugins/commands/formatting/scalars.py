"""How a scalar is written: without quotes where that is safe, else in one kind of them."""

from __future__ import annotations

import re

from tongban.plugins.commands.formatting.tree import Value

__all__ = ["quoted", "typed", "written"]

_TYPED = re.compile(
    r"[-+.]?[0-9][0-9_.,:eExXoa-fA-F+-]*|~|null|true|false|yes|no|on|off|y|n|\.inf|\.nan|[-+]\.inf",
    re.IGNORECASE,
)
"""What some reader of YAML takes for more than text where it has no quotes."""

_OPENS = set("-?:,[]{}#&*!|>'\"%@`=<.")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def typed(text: str) -> bool:
    """Whether it matters to a reader that a scalar has quotes or none."""
    return not text or bool(_TYPED.fullmatch(text))


def written(scalar: Value, flow: bool) -> str:
    """A scalar as it stands in the file.

    Args:
        scalar: with its text, and whether it stood without quotes.
        flow: whether it stands in `{}` or `[]`.
    """
    text = scalar.text
    if typed(text):
        bare = scalar.plain and not (flow and set(text) & set(",:"))
    else:
        bare = _is_safe(text, flow)
    return text if bare else quoted(text)


def quoted(text: str) -> str:
    """`text` in double quotes, or in single ones where it holds double quotes or `\\`."""
    if set(text) & set('"\\') and all(map(_shows, text)):
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _is_safe(text: str, flow: bool) -> bool:
    if text[0] in _OPENS or text != text.strip() or not all(map(_shows, text)):
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
