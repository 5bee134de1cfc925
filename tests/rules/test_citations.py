"""Quotations against the text of the plan that the environment variable TONGBAN_SOURCE names.

The text is public, but no part of this repository. Without the variable
nothing here is collected.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from unicodedata import normalize

import pytest
from attrs import frozen

from tongban.kernel.notation import compose

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
            yield Quotation(f"{path.name}:{words.line}", _plain(where.text), words.text)


def _plain(text: str) -> str:
    """Without white space and the bars of tables, in half-width punctuation."""
    return re.sub(r"[\s|]", "", normalize("NFKC", text))


def _rows(text: str) -> Iterator[tuple[str, str]]:
    """Each row of the annex as it stands, by list and number."""
    lists = re.split(r"^[一二三]、.*“跨省通办”的事项\(\d+项\)$", text, flags=re.MULTILINE)[1:]
    for number, body in enumerate(lists, 1):
        body = body.partition("\n注:")[0]
        starts = [*re.finditer(r"^\d+ \|$", body, flags=re.MULTILINE)]
        ends = [*(match.start() for match in starts[1:]), len(body)]
        for row, (match, end) in enumerate(zip(starts, ends, strict=True), 1):
            assert match[0] == f"{row} |"
            yield f"{number}/{row}", body[match.end() : end]


def _sections(text: str) -> Mapping[str, str]:
    """Each section of the plan with what stands in it, by `二`, `二(一)`, `二(一)2`, `注1`."""
    plan, _, rest = text.partition("\n附件\n")
    sections: dict[str, str] = {}
    path = ["", "", ""]
    for line in plan.splitlines():
        heads = (r"([一二三])、", r"\(([一二三四])\)", r"(\d+)\.")
        for depth, pattern in enumerate(heads):
            match = re.match(pattern, line)
            if match:
                sign = f"({match[1]})" if depth == 1 else match[1]
                path[depth:] = [sign, *[""] * (2 - depth)]
        for depth in range(3):
            name = "".join(path[: depth + 1])
            if path[depth]:
                sections[name] = sections.get(name, "") + line + "\n"
    for note in rest.partition("\n注:")[2].splitlines():
        number, _, says = note.partition(".")
        sections[f"注{number}"] = says
    return sections


TEXT = normalize("NFKC", PATH.read_text(encoding="utf-8"))
ROWS = dict(_rows(TEXT))
SOURCE = {_plain(name): text for name, text in {**ROWS, **_sections(TEXT)}.items()}
QUOTATIONS = [quotation for path in FILES for quotation in _quotations(path)]


def test_the_text_is_read_whole() -> None:
    assert [sum(name.startswith(f"{n}/") for name in ROWS) for n in (1, 2, 3)] == [58, 72, 8]
    assert {"二(一)1", "二(一)2", "二(一)3", "二(三)21", "三(四)", "注1", "注2"} <= set(SOURCE)
    assert QUOTATIONS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_quotation_stands_where_it_is_cited(path: Path) -> None:
    wrong = [
        f"{one.place}: {one.words} is not in {one.where}"
        for one in _quotations(path)
        if _plain(one.words) not in _plain(SOURCE.get(one.where, ""))
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
        if _plain(one.words).rstrip("。") in _sentences(SOURCE.get(one.where, ""))
    ]
    assert wrong == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_else_in_a_file_copies_a_sentence(path: Path) -> None:
    text = _plain(path.read_text(encoding="utf-8"))
    sentences = {one for source in SOURCE.values() for one in _sentences(source)}
    assert [one for one in sentences if len(one) > 20 and one in text] == []


def _sentences(text: str) -> set[str]:
    """What ends with a full stop, within one cell or paragraph."""
    cells = re.split(r"\||\n(?=\d+\.|\([一二三四]\))", text)
    return {_plain(one) for cell in cells for one in cell.split("。")[:-1]}
