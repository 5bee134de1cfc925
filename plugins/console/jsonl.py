"""Reading applications from files: one JSON object, or JSON Lines.

Every line is read on its own and decided at once, so one that is broken,
however badly, does not keep the others from being decided, and a program at
the other end of a pipe gets each answer before it asks the next.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click
from attrs import frozen

__all__ = ["MAX_LINE", "Advance", "Entry", "entries"]

MAX_LINE = 10_000_000
"""Longest application, in bytes."""

Advance = Callable[[int], None]
"""Called with the number of bytes read."""

_JQ = "write one application a line (JSON Lines; `jq -c` does that)"


@frozen
class Entry:
    """One application as it was read.

    Attributes:
        line: where it begins, from 1; 0 where the file cannot be read at all.
        raw: what JSON gave; None where `error` says why there is nothing.
        whole: whether it is all that the file holds.
    """

    line: int
    raw: Any = None
    error: str = ""
    whole: bool = False


@frozen
class _Line:
    """A line that is not blank; without data one that is too long."""

    number: int
    data: bytes | None

    def read(self) -> Entry:
        if self.data is None:
            says = f"longer than {MAX_LINE:,} bytes, which no application is"
            return Entry(self.number, error=says)
        return _parse(self.data, self.number)


_PLAIN = {
    "Expecting value": "a value is missing",
    "Expecting ',' delimiter": "a comma or a closing bracket is missing",
    "Expecting ':' delimiter": "a colon is missing after the key",
    "Expecting property name enclosed in double quotes": "a key in double quotes is missing",
    "Unterminated string starting at": "the text that begins here has no closing quote",
    "Invalid control character at": "a line break or another control character in a text;"
    " JSON writes it as \\n or \\u0000",
}
"""What Python's JSON reader says, in words for the author of the file."""


class _UnusableError(ValueError):
    """JSON that a reader may take, and that cannot be meant."""


def entries(path: str, advance: Advance | None = None) -> Iterator[Entry]:
    """The applications in a file, each as soon as it is read.

    Args:
        path: the file; `-` is standard input.
        advance: called with how far reading has come.
    """
    line = 0
    try:
        with _opened(path) as file:
            for entry in _stream(file, advance):
                line = entry.line
                yield entry
    except OSError as error:
        yield Entry(line, error=f"cannot be read: {_why(path, error)}")


def _opened(path: str) -> Any:
    if path == "-":
        return click.open_file("-", "rb")
    return Path(path).open("rb")


def _why(path: str, error: OSError) -> str:
    why = error.strerror or str(error)
    if isinstance(error, IsADirectoryError):
        return "it is a directory; name a file in it"
    if path.lstrip().startswith("{"):
        return f"{why}; give JSON on standard input: echo '{{…}}' | tongban route -"
    return why


def _stream(file: BinaryIO, advance: Advance | None) -> Iterator[Entry]:
    """JSON Lines where the first line stands for itself, else one object over many lines."""
    lines = _lines(file, advance)
    first = next(lines, None)
    if first is None:
        yield Entry(1, error="the input is empty; expected an application as a JSON object")
        return
    if first.data is not None and _is_utf16(first.data):
        yield Entry(first.number, error="not UTF-8 text; it looks like UTF-16, save it as UTF-8")
        return
    if first.data is not None and _goes_on(first.data):
        yield from _one_or_many(first, lines)
        return
    yield first.read()
    yield from (line.read() for line in lines)


def _lines(file: BinaryIO, advance: Advance | None) -> Iterator[_Line]:
    """The lines that are not blank; of one that is too long, only where it is."""
    number = 0
    while chunk := file.readline(MAX_LINE + 1):
        number += 1
        too_long = len(chunk) > MAX_LINE
        read = len(chunk)
        while chunk and not chunk.endswith(b"\n") and too_long:
            chunk = file.readline(MAX_LINE)
            read += len(chunk)
        if advance:
            advance(read)
        if too_long:
            yield _Line(number, None)
        elif chunk.strip() not in (b"", _BOM):
            yield _Line(number, chunk)


_BOM = b"\xef\xbb\xbf"


def _goes_on(data: bytes) -> bool:
    """Whether lines to come could make JSON of `data`: it stops, but is not wrong so far."""
    try:
        text = data.decode("utf-8-sig").rstrip()
        _loads(text)
    except json.JSONDecodeError as error:
        return error.pos >= len(text)
    except (ValueError, RecursionError):
        return False
    return False


def _one_or_many(first: _Line, rest: Iterator[_Line]) -> Iterator[Entry]:
    """One object over many lines, or JSON Lines of which the first is cut off."""
    lines = [first]
    size = 0
    for line in rest:
        lines.append(line)
        size += len(line.data or b"")
        if line.data is None or size > MAX_LINE:
            break
    else:
        whole = _parse(_joined(lines), lines[0].number)
        alone = [line.read() for line in lines] if whole.error else []
        usable = any(isinstance(entry.raw, dict) for entry in alone)
        yield from alone if usable else [Entry(whole.line, whole.raw, whole.error, whole=True)]
        return
    yield from (line.read() for line in lines)
    yield from (line.read() for line in rest)


def _joined(lines: list[_Line]) -> bytes:
    """The lines with blank ones put back, so that JSON's line numbers are the file's."""
    joined = bytearray()
    last = lines[0].number - 1
    for line in lines:
        joined += b"\n" * (line.number - last - 1) + (line.data or b"")
        last = line.number
    return bytes(joined)


def _parse(data: bytes, number: int) -> Entry:
    """One application, from bytes that begin in line `number`."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Entry(number, error=f"not UTF-8 text at byte {error.start + 1}{_encoding(data)}")
    try:
        raw = _loads(text)
    except json.JSONDecodeError as error:
        where = f"line {number + error.lineno - 1}, column {error.colno}"
        return Entry(number, error=f"not valid JSON at {where}: {_said(error)}")
    except RecursionError:
        return Entry(number, error="nested too deeply; an application has three levels")
    except ValueError as error:
        return Entry(number, error=f"not usable JSON: {str(error).partition(';')[0]}")
    if isinstance(raw, list):
        return Entry(number, error=f"an application is a JSON object, found an array; {_JQ}")
    return Entry(number, raw)


def _said(error: json.JSONDecodeError) -> str:
    if error.msg == "Extra data":
        return f"something follows the object; {_JQ}"
    says = _PLAIN.get(error.msg, error.msg)
    ended = error.msg.startswith("Expecting") and error.pos >= len(error.doc.rstrip())
    return f"{says}; the input ends here" if ended else says


def _encoding(data: bytes) -> str:
    """What to do about text that is not UTF-8."""
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return "; save it as UTF-8"
    return "; if it is GBK, `iconv -f gb18030 -t utf-8` makes UTF-8 of it"


def _is_utf16(data: bytes) -> bool:
    """Whether it begins with a mark of UTF-16, or with JSON in characters of two bytes."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    first = data[:2].replace(b"\0", b"")
    return len(data) > 1 and len(first) == 1 and first in b'{[" \t\r\n'


def _loads(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _UnusableError(f"the key {twice[:60]!r} stands twice")
    return result


def _no_constant(text: str) -> Any:
    raise _UnusableError(f"{text} is not a JSON value")
