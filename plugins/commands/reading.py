"""Reading applications from files: one JSON object, or JSON Lines.

Every line is read on its own, so one that is broken, however badly, does not
keep the others from being decided.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click
from attrs import frozen

__all__ = ["MAX_LINE", "Entry", "Unreadable", "entries"]

MAX_LINE = 10_000_000
"""Longest application, in bytes."""

Advance = Callable[[int], None]
"""Told how many bytes were read."""


@frozen
class Entry:
    """One application as it was read.

    Attributes:
        line: where it begins, from 1.
        raw: what JSON gave; None where `error` says why there is nothing.
    """

    line: int
    raw: Any = None
    error: str = ""


class Unreadable(click.ClickException):
    """A file that cannot be read at all."""

    exit_code = 2


class _Repeated(ValueError):
    """A key that stands twice in one object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise _Repeated(f"the key {key[:60]!r} stands twice")
        result[key] = value
    return result


def _no_constant(text: str) -> Any:
    raise _Repeated(f"{text} is not a JSON value")


def _parse(data: bytes, line: int) -> Entry:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Entry(line, error=f"not UTF-8 text at byte {error.start + 1}")
    try:
        return Entry(line, json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant))
    except json.JSONDecodeError as error:
        where = f"line {line + error.lineno - 1}, column {error.colno}"
        return Entry(line, error=f"not valid JSON at {where}: {error.msg}")
    except _Repeated as error:
        return Entry(line, error=f"not usable JSON: {error}")
    except RecursionError:
        return Entry(line, error="nested too deeply to be an application")
    except ValueError as error:
        return Entry(line, error=f"not usable JSON: {str(error).partition(';')[0]}")


def entries(path: str, advance: Advance | None = None) -> Iterator[Entry]:
    """The applications in a file.

    Args:
        path: the file; `-` is standard input.
        advance: told how far reading has come.

    Raises:
        Unreadable: where the file cannot be read at all.
    """
    try:
        if path == "-":
            yield from _stream(click.get_binary_stream("stdin"), advance)
            return
        if Path(path).is_dir():
            raise _unreadable(path, "it is a directory; name a file in it")
        with Path(path).open("rb") as file:
            yield from _stream(file, advance)
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from None


def _unreadable(path: str, why: str) -> click.ClickException:
    return Unreadable(f"cannot read {path}: {why}")


def _lines(file: BinaryIO, advance: Advance | None) -> Iterator[tuple[int, bytes | None]]:
    """Lines that are not blank, with their number; None for one that is too long."""
    number = 0
    while chunk := file.readline(MAX_LINE + 1):
        number += 1
        too_long = len(chunk) > MAX_LINE
        read = len(chunk)
        while too_long and not chunk.endswith(b"\n"):
            chunk = file.readline(MAX_LINE)
            read += len(chunk)
            if not chunk:
                break
        if advance:
            advance(read)
        if too_long:
            yield number, None
        elif chunk.strip():
            yield number, chunk


def _stream(file: BinaryIO, advance: Advance | None) -> Iterator[Entry]:
    """JSON Lines where the first line stands for itself, else one object over many lines."""
    lines = _lines(file, advance)
    first = next(lines, None)
    if first is None:
        yield Entry(1, error="the input is empty; expected an application as a JSON object")
        return
    entry = _line(*first)
    if entry.error and first[1] is not None:
        yield from _one_or_many(first, entry, lines)
        return
    yield entry
    yield from (_line(number, data) for number, data in lines)


def _line(number: int, data: bytes | None) -> Entry:
    if data is None:
        return Entry(number, error=f"longer than {MAX_LINE} bytes; an application is short")
    return _parse(data, number)


def _one_or_many(
    first: tuple[int, bytes | None], broken: Entry, rest: Iterator[tuple[int, bytes | None]]
) -> Iterator[Entry]:
    """One object over many lines, or JSON Lines whose first line is broken."""
    lines = [first]
    size = 0
    for number, data in rest:
        lines.append((number, data))
        size += len(data or b"")
        if data is None or size > MAX_LINE:
            break
    else:
        whole = broken if len(lines) == 1 else _parse(_joined(lines), lines[0][0])
        alone = [_line(number, data) for number, data in lines] if whole.error else []
        usable = any(isinstance(entry.raw, dict) for entry in alone)
        yield from alone if usable else [whole]
        return
    yield from (_line(number, data) for number, data in lines)
    yield from (_line(number, data) for number, data in rest)


def _joined(lines: list[tuple[int, bytes | None]]) -> bytes:
    """The lines with blank ones put back, so that JSON's line numbers are the file's."""
    joined = bytearray()
    last = lines[0][0] - 1
    for number, data in lines:
        joined += b"\n" * (number - last - 1) + (data or b"")
        last = number
    return bytes(joined)
