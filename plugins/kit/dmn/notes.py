"""What annotations of a row say: the reason, and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_ROW = re.compile(r"(?:清单|附件|\brow)\s*第?\s*(\d+/\d+)\s*(?:项|行)?|^(\d+/\d+)$", re.IGNORECASE)
_SECTION = re.compile(
    r"(?:方案|\bsection)\s*"
    r"([一二三四五六七八九十]+(?:[(\uff08][一二三四五六七八九十]+[)\uff09])?\d*|注\d)",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"《([^》]+)》\s*(第[一二三四五六七八九十百零\d]+条)")

_MARKS = ",;:.()\uff0c\uff1b\uff1a\u3002\uff08\uff09\u3001"


def reason(
    annotations: Sequence[str], row: int, sources: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """`because`, `cite` and `basis` of a rule, from a row's annotations.

    Args:
        annotations: of the row.
        row: its number, 0 for the default outputs.
        sources: that may be cited, by id.

    Returns:
        Without `cite`, where no annotation looks like one; what is not said is
        a TODO, which `tongban check` finds.
    """
    found: dict[str, Any] = {}
    rest = []
    for note in annotations:
        cite, left = (None, note) if found else _cited(note, sources)
        if cite:
            found = {"cite": cite}
        if left:
            rest.append(left)
    where = f"决策表第{row}行" if row else "决策表的默认输出"
    because = ";".join(rest) or f"TODO {where}:请填写理由"
    return {"because": because, **found, **({} if found else {"basis": "inferred"})}


def _cited(
    note: str, sources: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, str] | None, str]:
    """The citation in a note, and the note without it."""
    article = _ARTICLE.search(note)
    if article:
        names = {str(source["name"]): key for key, source in sources.items()}
        key = names.get(article[1]) or next(
            (known for name, known in names.items() if name.endswith(article[1])), ""
        )
        if key:
            return {"source": key, "article": article[2]}, _rest(note, article)
    row = _ROW.search(note)
    if row:
        return {"row": row[1] or row[2]}, _rest(note, row)
    section = _SECTION.search(note)
    if section:
        return {"section": section[1]}, _rest(note, section)
    return None, note


def _rest(note: str, match: re.Match[str]) -> str:
    left = f"{note[: match.start()]} {note[match.end() :]}"
    return " ".join(left.split()).strip(f" {_MARKS}")
