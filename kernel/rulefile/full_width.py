"""Signs of a Chinese keyboard that stand where YAML has those of ASCII: finding them by name.

Loaded only where something is wrong: in texts for people such signs are right.
"""

from __future__ import annotations

import re
import unicodedata

SIGNS = {
    "\uff1a": ":", "\uff0c": ",", "\u3001": ",", "\uff5b": "{", "\uff5d": "}", "\uff3b": "[",
    "\uff3d": "]", "\u3010": "[", "\u3011": "]", "\u201c": '"', "\u201d": '"', "\uff02": '"',
    "\u2018": "'", "\u2019": "'", "\uff07": "'", "\uff08": "(", "\uff09": ")", "\uff03": "#",
    "\uff0d": "-", "\u2014": "-", "\u3000": " ", "\xa0": " ",
}  # fmt: skip
"""What each was meant to be."""

_SIGN = re.compile(f"[{''.join(SIGNS)}\uff10-\uff19]")
_APART = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?:(?<=\s)|^)#.*)""")


def first_sign(text: str, at: int = 0) -> re.Match[str] | None:
    """The first such sign of a text, from a place on."""
    return _SIGN.search(text, at)


def last_sign(text: str, signs: str) -> re.Match[str] | None:
    """The last of `signs` in a line of YAML, what stands in quotes and comments left out."""
    bare = _APART.sub(lambda found: " " * len(found[0]), text)
    return next(reversed([*re.finditer(f"[{signs}]", bare)]), None)


def named(sign: str) -> str:
    """What is wrong with a sign, and what to write: `the full-width sign ： (U+FF1A) is no ':'`."""
    meant = SIGNS.get(sign) or unicodedata.normalize("NFKC", sign)
    kind = {"\xa0": "no-break space", "\u3000": "full-width space"}.get(sign)
    what = kind or f"full-width sign {sign}"
    return f"the {what} (U+{ord(sign):04X}) is no {meant!r} of YAML; write {meant!r}"
