"""YAML as this house reads it: typed scalars, places of everything, and only plain YAML."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel.rulefile.yaml_tree import MAX_DEPTH, Node, compose, scalar


def read(text: str) -> tuple[Node | None, list[tuple[int, int, str]]]:
    """The tree of a text, and every mistake."""
    problems: list[tuple[int, int, str]] = []
    return compose(text, lambda line, column, said: problems.append((line, column, said))), problems


def one(text: str) -> Node:
    """The tree of a text without mistakes."""
    node, problems = read(text)
    assert problems == []
    assert node is not None
    return node


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("True", "True"),
        ("3", 3),
        ("-3", -3),
        ("0", 0),
        ("007", "007"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("1e3", "1e3"),
        ("3.5", "3.5"),
        ("12:30", "12:30"),
        ("99999999999999999999", "99999999999999999999"),
        ("٣", "٣"),
        ('"3"', "3"),
        ("'true'", "true"),
        ("null", None),
        ("~", None),
        ("2021-12-31", date(2021, 12, 31)),
        ("2024-02-29", date(2024, 2, 29)),
        ("2021-02-29", None),
        ("2021-13-01", None),
        ("0001-01-01", None),
        ("9999-12-31", None),
        ("2021-12", "2021-12"),
        ("'2021-12-31'", "2021-12-31"),
        ("2021-12-31T00:00", "2021-12-31T00:00"),
        ("2-03", "2-03"),
        ("省公安厅", "省公安厅"),
        ("=", "="),
    ],
)
def test_a_scalar_has_one_type_and_nothing_is_guessed(text: str, value: object) -> None:
    found = scalar(one(text))
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "last", "value"),
    [
        ("2022-10", False, date(2022, 10, 1)),
        ("2022-10", True, date(2022, 10, 31)),
        ("2024-02", True, date(2024, 2, 29)),
        ("2022-10-15", True, date(2022, 10, 15)),
        ("2022-13", False, None),
        ("2022-00", True, None),
    ],
)
def test_a_month_is_its_first_or_its_last_day_where_one_is_asked_for(
    text: str, last: bool, value: date | None
) -> None:
    assert scalar(one(text), last=last, month=True) == value


def test_every_node_knows_its_line_and_column() -> None:
    tree = one("a: 1\nitems:\n  - id: 2-03\n    name: 省\n")
    (first,) = tree.get("items").items  # type: ignore[union-attr]
    assert (first.line, first.column) == (3, 5)
    name = first.get("name")
    assert name is not None
    assert (name.line, name.column, name.text) == (4, 11, "省")
    assert first.get("title") is None


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "the key 'a' stands twice, first in line 1"),
        ("a: !!int 3\n", 1, 4, "the tag !!int is not part of the language; remove it"),
        ("a: !mine 3\n", 1, 4, "the tag !mine is not part of the language; remove it"),
        ("a: &x 3\n", 1, 4, "the anchor &x is not part of the language; remove it"),
        ("a: *x\n", 1, 4, "the alias *x is not part of the language; write it out"),
        ("<<: {a: 1}\n", 1, 1, "a merge key (<<) is not part of the language; write the keys out"),
        ("[a]: 1\n", 1, 1, "a key must be a word"),
        ("a: 1\n---\nb: 2\n", 2, 1, "one file holds one document; found a second `---`"),
        ("a: {b: 1\n", 1, 4, "the { that opens here is not closed by }, or a comma is missing"),
        ("a: [b, c\n", 1, 4, "the [ that opens here is not closed by ], or a comma is missing"),
        ("a: 'b\n", 1, 4, "the quote that opens here is not closed"),
        ("a:\n\tb: 1\n", 2, 1, "a tab; indent with spaces"),
        ("a: b: c\n", 1, 5, "a second `: ` in one line; put the text in quotes"),
        ("a: @b\n", 1, 4, "text cannot begin with @; put it in quotes"),
        ("a: `b`\n", 1, 4, "text cannot begin with `; put it in quotes"),
        ("a: %b\n", 1, 4, "text cannot begin with %; put it in quotes"),
        ("a:\n  b: 1\n c: 2\n", 3, 2, "the indentation does not fit what begins in line 1"),
        ("a: 1\nb\nc: 2\n", 2, 1, "expected `key: value`"),
        ("a: {b:, c: 1}\n", 1, 6, "a `:` without a value after it"),
        ("a: 1\n...\nb: 2\n", 3, 1, "one file holds one document"),
        ('a: "\\q"\n', 1, 5, "unknown escape character"),
    ],
)
def test_what_is_not_plain_yaml_is_named_with_its_place(
    text: str, line: int, column: int, says: str
) -> None:
    _, problems = read(text)
    assert [(found[0], found[1]) for found in problems] == [(line, column)]
    assert says in problems[0][2]


def test_quotes_keep_what_looks_like_a_merge_key() -> None:
    assert one("'<<': 1\n").get("<<") is not None


def test_an_alias_is_named_once_however_often_it_is_used() -> None:
    _, problems = read("a: &x [1]\nb: [*x, *x, *x]\nc: *x\n")
    assert [problem[0] for problem in problems] == [1, 2]


def test_nesting_is_bounded() -> None:
    deep = "[" * (MAX_DEPTH - 1) + "a" + "]" * (MAX_DEPTH - 1)
    assert one(deep).kind == "list"
    node, problems = read(f"[{deep}]")
    assert node is None
    assert problems == [(1, MAX_DEPTH + 1, f"nested deeper than {MAX_DEPTH} levels")]


def test_without_the_c_library_everything_is_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["a: {b: [1, '2']}\nc: 2021-12\n", "a: &x 1\n", "a: {b: 1\n", "a:\n\tb: 1\n"]
    quick = [read(text) for text in texts]
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert [read(text) for text in texts] == quick


PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-(10**17), 10**17),
        st.dates(date(1900, 1, 1), date(2999, 12, 31)),
        st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=1),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text("abcdefgh_.", min_size=1, max_size=8), inner, max_size=4),
    ),
    max_leaves=12,
)


@given(value=PLAIN, flow=st.booleans())
def test_what_yaml_writes_is_read_back_with_its_types(value: Any, flow: bool) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=flow, width=1000)
    assert _plain(one(text)) == value


@given(text=st.text(max_size=60))
def test_no_text_raises(text: str) -> None:
    node, problems = read(text)
    for line, column, said in problems:
        assert line >= 1
        assert column >= 1
        assert said
    assert node is not None or problems or not text.strip() or text.lstrip().startswith(("#", "-"))


def _plain(node: Node) -> Any:
    if node.kind == "list":
        return [_plain(item) for item in node.items]
    if node.kind == "mapping":
        return {key.text: _plain(value) for key, value in node.keys}
    return scalar(node)
