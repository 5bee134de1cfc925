"""Quotations against the text of the plan that the environment variable TONGBAN_SOURCE names.

The text is public, but no part of this repository. Without the variable
nothing here is collected.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from attrs import frozen

from tongban.kernel.rulefile.yaml_tree import compose
from tongban.plugins.casework.reporting.yearly import NOTE
from tongban.plugins.kit.sources import plain, read_text

PATH = Path(os.environ["TONGBAN_SOURCE"])
RULES = Path(str(files("tongban.rules")))
FILES = [RULES / "common.yaml", *sorted((RULES / "departments").glob("*.yaml"))]
LONGEST = 40
"""Characters of a quotation: operative words, never a whole sentence."""


@frozen
class Quotation:
    """Words that a rule file quotes.

    Attributes:
        place: file and line.
        where: `2/3` or `二(一)2`.
    """

    place: str
    where: str
    words: str


def _quotations(path: Path) -> Iterator[Quotation]:
    root = compose(path.read_text(encoding="utf-8-sig"), lambda line, column, message: None)
    assert root is not None
    pending = [root]
    while pending:
        node = pending.pop()
        pending += [*node.items, *(value for _, value in node.keys)]
        words, source = node.get("words"), node.get("source")
        where = node.get("row") or node.get("section")
        if words and where and (source is None or source.text == "plan"):
            yield Quotation(f"{path.name}:{words.line}", plain(where.text), words.text)


TEXT = read_text(PATH)
QUOTATIONS = [quotation for path in FILES for quotation in _quotations(path)]


def test_the_text_is_read_whole() -> None:
    numbers = {1: 58, 2: 72, 3: 8}
    rows = [f"{part}/{row}" for part, last in numbers.items() for row in range(1, last + 1)]
    assert TEXT.names("row") == rows
    sections = {"二(一)1", "二(一)2", "二(一)3", "二(三)21", "三(四)", "注1", "注2"}
    assert sections <= set(TEXT.names("section"))
    assert QUOTATIONS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_quotation_stands_where_it_is_cited(path: Path) -> None:
    wrong = [
        f"{one.place}: {one.words} is not in {one.where}"
        for one in _quotations(path)
        if plain(one.words) not in TEXT.passages.get(one.where, "")
    ]
    assert wrong == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_quotations_are_short(path: Path) -> None:
    assert [one.place for one in _quotations(path) if len(one.words) > LONGEST] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_quotation_is_a_whole_sentence(path: Path) -> None:
    wrong = [
        f"{one.place}: {one.words}"
        for one in _quotations(path)
        if plain(one.words).rstrip("。") in TEXT.sentences
    ]
    assert wrong == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_else_in_a_file_copies_a_sentence(path: Path) -> None:
    text = plain(path.read_text(encoding="utf-8"))
    assert [one for one in TEXT.long_sentences if one in text] == []


def test_the_note_of_the_yearly_report_stands_in_the_text() -> None:
    assert NOTE in PATH.read_text(encoding="utf-8")
