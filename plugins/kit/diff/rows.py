"""Applications to compare, one at a time: JSON Lines as `tongban route` reads them, or CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import click
from attrs import define, frozen

from tongban.kernel import nearest
from tongban.kernel.engine import YES_NO
from tongban.plugins.console.jsonl import Advance, Entry, entries
from tongban.plugins.kit.diff.rulesets import Side

_PLAIN = ("item", "channel", "received_at", "as_of", "deliver_by")
_PARTY = ("kind", "name", "id_number", "credit_code", "phone", "address")
_BINARY = {**{word: value for word, value in YES_NO.items() if value in (True, False)}}
_BINARY |= {"1": True, "0": False}


def rows(path: str, sides: Sequence[Side], advance: Advance | None = None) -> Iterator[Entry]:
    """The applications in a file, each as soon as it is read.

    Args:
        path: CSV where its name ends with .csv; else JSON; `-` is standard input, JSON.
        sides: whose vocabularies say which columns there are, and of what type.
        advance: called with how far reading has come.

    Raises:
        click.UsageError: where the headings of a CSV file cannot be used.
    """
    if not path.lower().endswith(".csv"):
        yield from entries(path, advance)
        return
    with Path(path).open("rb") as file:
        yield from _csv_rows(path, file, sides, advance)


def _csv_rows(
    path: str, file: BinaryIO, sides: Sequence[Side], advance: Advance | None
) -> Iterator[Entry]:
    lines = _Lines(file, advance)
    reader = csv.reader(lines, strict=True)
    headings = [one.strip() for one in next(reader, [])]
    columns = _columns(path, headings, sides)
    while True:
        first = lines.number + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Entry(first, error=f"not valid CSV: {error}")
            continue
        if cells is None:
            return
        bad, lines.bad = lines.bad, False
        if bad:
            yield Entry(first, error="not UTF-8 text; save the file as UTF-8")
        elif any(cell.strip() for cell in cells):
            yield _entry(first, cells, columns)


@define
class _Lines:
    """The lines of a file as text; remembers where it is, and whether a line could be read."""

    file: BinaryIO
    advance: Advance | None
    number: int = 0
    bad: bool = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.file.readline()
        if not line:
            raise StopIteration
        self.number += 1
        if self.advance:
            self.advance(len(line))
        try:
            return line.decode("utf-8-sig" if self.number == 1 else "utf-8")
        except UnicodeDecodeError:
            self.bad = True
            return line.decode("utf-8", "replace")


_Read = Callable[[str], Any]


@frozen
class _Column:
    """A column: where its cells go in an application, and what they are read as."""

    name: str
    read: _Read

    def put(self, raw: dict[str, Any], cell: str) -> None:
        family, _, rest = self.name.partition(".")
        value = self.read(cell)
        if rest:
            raw.setdefault(family, {})[rest] = value
        else:
            raw[family] = value


def _columns(path: str, headings: Sequence[str], sides: Sequence[Side]) -> list[_Column]:
    known = _known(sides)
    if not any(headings):
        raise click.UsageError(f"{path}: no headings; the first line names the columns")
    wrong = []
    for n, name in enumerate(headings, 1):
        if name not in known:
            near = nearest(name, known)
            hint = f"; did you mean {near!r}?" if near else ""
            wrong.append(f"column {n}: unknown heading {name!r}{hint}")
        elif headings.index(name) != n - 1:
            wrong.append(f"column {n}: the heading {name!r} stands twice")
    if "item" not in headings:
        wrong.append("a column `item` is needed")
    if wrong:
        raise click.UsageError(f"{path}:1: {'; '.join(wrong[:10])}")
    return [_Column(name, known[name]) for name in headings]


def _known(sides: Sequence[Side]) -> Mapping[str, _Read]:
    known: dict[str, _Read] = dict.fromkeys(_PLAIN, str)
    known |= {f"applicant.{key}": str for key in _PARTY}
    for side in sides:
        vocabulary = side.kernel.rulebook.vocabulary
        known |= {f"places.{name}": str for name in vocabulary.places}
        readers = {"bool": _truth, "int": _number}
        facts = vocabulary.facts.items()
        known |= {f"facts.{name}": readers.get(fact.type, str) for name, fact in facts}
    return known


def _truth(cell: str) -> Any:
    """A cell of a yes-or-no column; what is neither stays text, which the check refuses."""
    return _BINARY.get(cell.lower(), cell)


def _number(cell: str) -> Any:
    digits = cell.removeprefix("-")
    return int(cell) if digits.isascii() and digits.isdigit() and len(digits) < 19 else cell


def _entry(line: int, cells: Sequence[str], columns: Sequence[_Column]) -> Entry:
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        return Entry(line, error=f"{len(cells)} cells, but {len(columns)} columns have headings")
    raw: dict[str, Any] = {}
    for column, cell in zip(columns, cells, strict=False):
        if text := cell.strip():
            column.put(raw, text)
    return Entry(line, raw)
