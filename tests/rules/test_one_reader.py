"""One reader of YAML: the same tree with libyaml and without, and what it does not take."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tongban.kernel.rulefile.yaml_tree import MAX_SLOW, MAX_VALUES, Node, compose

FILE = """\
department: {id: yy, name: 示例厅}  # who
items:
  - id: 9-01
    name: "示例 事项"
    rules: [{id: a, when: {yy.code: '010'}}, {}]
    notes: |
      first
        second

      third
    because: >-
      one line
      of two
  - plain text
    in two lines
"""

PIECES = [
    "\t", " ", "  ", "\n", "\r", "\r\n", "\x85", "\u2028", "\u2029", "\ufeff", ":", ": ", ",", "[",
    "]", "{", "}", "#", " # ", "&a ", "*a", "|", ">", "|-\n", ">2\n", "'", '"', "%", "@", "`", "-",
    "- ", "?", "? ", "---", "...\n", "\\", "\\x41", "\\ud83d", "\\ude00", "\\U0001f600",
    "\\U00110000", "\\U", "\\N", "\\L", "\\e", "\\0", "\\/", "\\ ", "\\\n", "~", "=", "<<: ",
    "8:30", "1e3", "\u3000", "：", "，", "\xa0", "\x00", "\x7f", "\ud800", "😀", "\ufffe", "a",
    "b: c",
]  # fmt: skip
"""What changes a file where it is put into it."""

SEEDS = (FILE, "a: b\n", "- a\n- b: c\n", "{a: b, c: [d, e]}\n", "a:\n  b\n  c\n", "\"a\": 'b'\n")


def read(text: str) -> tuple[Any, list[tuple[int, int, str]]]:
    """The tree of a text, as something to compare, and every mistake."""
    problems: list[tuple[int, int, str]] = []
    root = compose(text, lambda *mistake: problems.append(mistake))
    return (root and flat(root)), problems


def flat(node: Node) -> Any:
    where = (node.kind, node.line, node.column, node.start, node.end, node.flow)
    keys = [(flat(key), flat(value)) for key, value in node.keys]
    return *where, node.text, node.plain, [flat(one) for one in node.items], keys


@st.composite
def changed_files(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        gone = draw(st.integers(0, 3))
        text = text[:at] + draw(st.sampled_from(PIECES)) + text[at + gone :]
    return text


@settings(max_examples=400)
@given(changed_files())
@example('a: "\\ud83d\\ude00"\n')
@example('a: "\\U00110000"\n')
@example("a: b\t\n")
@example("a:\tb\n")
@example("a: b\tc\n")
@example("a: b\n\tc\n")
@example("a: b\t\n \t c\n")
@example("a: |\n \tb\n")
@example("a: |#\n b\n")
@example("{a:}\n")
@example("{a?: b, c: }\n")
@example("[a, ? ]\n")
@example("? a\n: b\n")
@example("%YAML 1.1\t\n---\na: b\n")
@example("%OWN\n---\na: b\n")
@example(" \n---")
@example("a: # c\n- b\n")
@example(": b\n")
def test_libyaml_and_its_stand_in_see_the_same(text: str) -> None:
    tree, problems = read(text)
    fast = yaml.CSafeLoader
    del yaml.CSafeLoader
    try:
        slow_tree, slow_problems = read(text)
    finally:
        yaml.CSafeLoader = fast  # type: ignore[misc]
    assert bool(problems) == bool(slow_problems), (problems, slow_problems)
    if not problems:
        assert tree == slow_tree


@pytest.mark.parametrize(
    "text",
    ["a: b\t\n", "a: b \t# c\n", "a:\tb\n", "a: [b,\tc]\n", 'a: "b"\t\n', "a: b\t\r\n", "a: b\t"],
)
def test_a_tab_after_a_value_is_a_blank(text: str) -> None:
    tree, problems = read(text)
    assert problems == []
    plain, _ = read(text.replace("\t", " "))
    assert tree == plain


@pytest.mark.parametrize("text", ["a:\n\tb: c\n", "\ta: b\n", "a:\n  - b\n\t- c\n"])
def test_a_tab_that_indents_is_named(text: str) -> None:
    _, problems = read(text)
    assert "this is not YAML: a tab; indent with spaces" in [said for _, _, said in problems]


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("a: b\u2028c: d\n", 1, 5, 'U+2028); remove it, or write "\\u2028" in double quotes'),
        ("a: b\n# c\u2029d: e\n", 2, 4, "U+2029"),
        ("a: b\x85\n", 1, 5, "U+0085"),
        ("a: b\r\nc: d\ufeff\n", 2, 5, "U+FEFF); remove it"),
        ("a: b\0\n", 1, 5, "U+0000"),
        ("a: b\rc: \x07\n", 2, 4, "U+0007"),
    ],
)
def test_hidden_signs_are_named_with_their_place(
    text: str, line: int, column: int, said: str
) -> None:
    tree, (problem,) = read(text)
    assert tree is None
    assert problem[:2] == (line, column)
    assert said in problem[2]


@pytest.mark.parametrize("text", ["\ufeffa: b\n", "a: b\r\n", "a: b\r", "a: b"])
def test_marks_and_line_ends_of_other_machines_are_read(text: str) -> None:
    root = compose(text, lambda *mistake: pytest.fail(str(mistake)))
    assert root is not None
    assert [(key.text, value.text, value.line) for key, value in root.keys] == [("a", "b", 1)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("? a\n: b\n", "a key that `?` opens is not part of the language"),
        ("{? a : b}\n", "a key that `?` opens is not part of the language"),
        ("[? a]\n", "a key that `?` opens is not part of the language"),
        ("{[a]: b}\n", "a key must be a word"),
        ("%YAML 1.2\n---\na: b\n", "a line that % opens is not part of the language"),
        ("a: |#\n  b\n", "the text that | opens begins in the next line"),
    ],
)
def test_what_readers_of_yaml_take_in_several_ways_is_refused(text: str, said: str) -> None:
    _, problems = read(text)
    assert any(said in one for _, _, one in problems)


@pytest.mark.parametrize("text", ["a: b ?\nc: d\n", "a: what?\nc: d # ?\ne: f\n", "a?: b\n"])
def test_a_question_mark_in_a_text_opens_no_key(text: str) -> None:
    assert read(text)[1] == []


def test_the_number_of_values_is_bounded() -> None:
    keys = "".join(f"k{n}: 1\n" for n in range(300_000))
    ((line, _, said),) = read(keys)[1]
    assert line == MAX_VALUES // 2
    assert said == "more than 250,000 keys and values; divide the file"
    assert read(f"a: [{', '.join(map(str, range(50_000)))}]\n")[1] == []


def test_without_libyaml_a_large_file_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader")
    ((_, _, said),) = read("a: b\n" * (MAX_SLOW // 5 + 1))[1]
    assert "PyYAML is installed without libyaml here" in said
    assert "install a wheel of PyYAML" in said
