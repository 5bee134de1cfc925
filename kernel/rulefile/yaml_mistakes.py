"""Saying in plain words why a text is not YAML. Loaded only where one is not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tongban.kernel.rulefile import full_width

_FORBIDDEN = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"

_LINE_ENDS = ("\x85", "\u2028", "\u2029")

_NEVER_CLOSED = {
    "quoted scalar": "the quote that opens here is not closed",
    "flow mapping": "the { that opens here is not closed by }, or a comma is missing",
    "flow sequence": "the [ that opens here is not closed by ], or a comma is missing",
}
"""What the parser was reading, and what is wrong where that began."""


def bad_character(text: str, at: int | None = None) -> tuple[int, int, str]:
    """Line, column and name of a character that rule files do not hold, and what to do.

    Args:
        text: of the file.
        at: where it stands; left out: the first one that YAML does not allow.
    """
    match = (
        re.compile(_FORBIDDEN).search(text) if at is None else re.compile("(?s).").match(text, at)
    )
    at = match.start() if match else 0
    sign = f"U+{ord(text[at]):04X}" if match else "it has no name"
    before = re.split("\r\n|[\r\n]", text[:at])
    hint = "remove it"
    if text[at : at + 1] in _LINE_ENDS:
        hint += f', or write "\\u{ord(text[at]):04x}" in double quotes'
    says = f"a character that a rule file cannot hold ({sign}); {hint}"
    return len(before), len(before[-1]) + 1, says


def mended(error: Any, text: str) -> tuple[int, int, str]:
    """Line and column of what a parser stumbled over, and what its author should do.

    Args:
        error: a `yaml.MarkedYAMLError`.
        text: what was parsed.
    """
    wide = _full_width(error, text)
    if wide:
        return wide
    problem, context = error.problem or "", error.context or ""
    mark, began = error.problem_mark, error.context_mark
    if "escape" not in problem and began:
        for reading, advice in _NEVER_CLOSED.items():
            if reading in context:
                return began.line + 1, began.column + 1, f"this is not YAML: {advice}"
    if began and ("simple key" in context or _SIGN.search(context)):
        mark = began
    mark = mark or began
    if mark is None:
        return 1, 1, f"this is not YAML: {problem or context}"
    lines = text.splitlines()
    found = lines[mark.line][mark.column : mark.column + 1] if mark.line < len(lines) else ""
    since = began.line + 1 if began else mark.line + 1
    advice = _advice(problem, context, found, since)
    return mark.line + 1, mark.column + 1, f"this is not YAML: {advice}"


def _full_width(error: Any, text: str) -> tuple[int, int, str] | None:
    """Where a full-width sign is what a parser stumbled over; None where there is none."""
    context = error.context or ""
    mark, began = error.problem_mark or error.context_mark, error.context_mark
    if mark is None:
        return None
    lines = re.split("\r\n|[\r\n]", text)
    row, until = mark.line, mark.column + 1
    signs = "\uff1a\uff5b\u201c\u2018\uff3b\uff02\uff0d\u3000\xa0"
    if began and "quoted scalar" in context:
        row, until, signs = began.line, None, "\u201d\u201c\u2019\u2018\uff02\uff07"
    elif began and "simple key" in context:
        row, until = began.line, None
    elif began and "flow" in context:
        signs = "\uff0c\u3001\uff5d\uff3d\uff1a\u201c\u201d"
        # What is not closed may have ended lines before the parser noticed.
        for row in range(mark.line, max(began.line, mark.line - 20) - 1, -1):
            until = mark.column + 1 if row == mark.line else None
            if row < len(lines) and full_width.last_sign(lines[row][:until], signs):
                break
    line = lines[row][:until] if row < len(lines) else ""
    if "quoted scalar" in context and began:
        # The quote that opens it would make all that follows a text.
        found = next(reversed([*re.finditer(f"[{signs}]", line[began.column :])]), None)
        column = began.column + found.start() if found else 0
    else:
        found = full_width.last_sign(line, signs)
        column = found.start() if found else 0
    if found is None:
        return _wide_indent(lines, mark.line)
    if "flow" in context and began and (row, column) < (began.line, began.column):
        return None
    return row + 1, column + 1, f"this is not YAML: {full_width.named(found[0])}"


def _wide_indent(lines: Sequence[str], row: int) -> tuple[int, int, str] | None:
    """A line that a full-width blank or dash opens, a little above what a parser stumbled over."""
    for number in range(min(row, len(lines) - 1), max(-1, row - 4), -1):
        found = re.match(r" *(?:- +)*([\u3000\xa0\uff0d\u2014])", lines[number])
        if found:
            says = f"this is not YAML: {full_width.named(found[1])}"
            return number + 1, found.start(1) + 1, says
    return None


_SIGN = re.compile("an alias|an anchor|a tag|parsing a node|directive")


def _advice(problem: str, context: str, found: str, since: int) -> str:
    if found == "\t" or "tab character" in problem:
        return "a tab; indent with spaces"
    if "mapping values are not allowed" in problem:
        return "a second `: ` in one line; put the text in quotes"
    if "cannot start" in problem or _SIGN.search(context):
        return f"text cannot begin with {found}; put it in quotes"
    if "block collection" in context or "block mapping" in context:
        return f"the indentation does not fit what begins in line {since}"
    if "simple key" in context:
        return "expected `key: value`"
    if "document start" in problem:
        return "more follows after the end of the document; one file holds one document"
    if "unexpected ':'" in problem:
        return "a `:` without a value after it; text that holds one needs quotes"
    if "node content" in problem:
        return f"a value is missing before {found!r}" if found else "a value is missing at the end"
    return problem or context
