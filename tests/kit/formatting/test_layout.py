"""`tongban fmt`: what a text becomes. Comments stay, rules stay, and twice is once."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tongban.plugins.kit.formatting.layout import formatted
from tongban.plugins.kit.formatting.order import Place
from tongban.plugins.kit.formatting.proof import same_text
from tongban.plugins.kit.formatting.tree import UnformattableError

ROOT = Path(__file__).resolve().parents[3]
OURS = sorted(ROOT.glob("rules/departments/*.yaml"))
SHARED = [ROOT / "rules" / f"{name}.yaml" for name in ("common", "sources", "vocabulary")]


def fmt(text: str) -> str:
    return formatted(text.encode()).text


def comments(text: str) -> Counter[str]:
    return Counter(re.findall(r"(?:^|\s)(#c\d+)$", text, re.MULTILINE))


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_our_own_files_have_the_layout(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert fmt(text) == text, "tongban fmt rules/departments"


@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.stem)
def test_shared_files_can_be_formatted_and_then_stay(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    once = fmt(text)
    assert same_text(text, once)
    assert fmt(once) == once


MESSY = """\
# yaml-language-server: $schema=../schema.json
# who this is

items:          # what it leads
- name: '示例'
  # the id comes late
  id:   9-01
  title: "Example"
  kind: 证明
  available:
      from: 2020-12-31   # the first day
  applicant:
  - person
  handled_at: [ hukou ]
  cite: {words: "文字", row: 1/1}
  rules:
  # why there is a rule
  - {then: {eligible: false}, id: own, when: {own_record: false},
     because: 'says: no', # because of that
     cite: {row: 1/1}}
  # what to bring
  materials: [{form: copy, name: 户口簿, title: booklet}]
  # end of the item


- {id: 9-02, name: 另一项, title: "yes", kind: 证明, applicant: [person],
   handled_at: [hukou], available: {}, cite: {row: 1/2}}
department: {title: Example, id: example, name: 示例厅, jurisdiction: '510000'}
# the end
"""

TIDY = """\
# yaml-language-server: $schema=../schema.json
# who this is

department: {id: example, jurisdiction: "510000", name: 示例厅, title: Example}

items:  # what it leads
  # the id comes late
  - id: 9-01
    name: 示例
    title: Example
    kind: 证明
    applicant: [person]
    handled_at: [hukou]
    available:
      from: 2020-12-31  # the first day
    cite: {row: 1/1, words: 文字}
    # what to bring
    materials:
      - {name: 户口簿, title: booklet, form: copy}
    rules:
      # why there is a rule
      - id: own
        when: {own_record: false}
        then: {eligible: false}
        because: "says: no"  # because of that
        cite: {row: 1/1}
    # end of the item

  - id: 9-02
    name: 另一项
    title: "yes"
    kind: 证明
    applicant: [person]
    handled_at: [hukou]
    available: {}
    cite: {row: 1/2}
# the end
"""


def test_a_messy_file_becomes_tidy() -> None:
    assert fmt(MESSY) == TIDY
    assert fmt(TIDY) == TIDY


ITEM = ("items", "[]")
RULE = (*ITEM, "rules", "[]")
TABLES = {
    "The file": (),
    "The department": ("department",),
    "An item": ITEM,
    "First and last day": (*ITEM, "available", "value"),
    "The long form": (*ITEM, "receives"),
    "An authority": (*ITEM, "authority", "value"),
    "Materials": (*ITEM, "materials", "[]"),
    "Open questions": (*ITEM, "decisions", "[]"),
    "A rule": RULE,
    "Conclusions": (*RULE, "then"),
    "Time limits": (*RULE, "then", "time_limit", "[]"),
    "Citations": (*RULE, "cite"),
    "Cases": (*ITEM, "cases", "[]"),
    "Given": (*ITEM, "cases", "[]", "given"),
    "Expect": (*ITEM, "cases", "[]", "expect"),
    "Attributes of your own": ("attributes", "example.one"),
    "Sources": ("sources", "example"),
}
SHARED_TABLES = {
    "Vocabulary": ("vocabulary", ()),
    "A place": ("vocabulary", ("places", "hukou")),
    "Common rules": ("common", ()),
}


def in_the_page(heading: str) -> tuple[str, ...]:
    """The keys of a table of docs/rules.md, in its order."""
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    section = re.split(rf"^#+ {heading}$", page, flags=re.MULTILINE)[1]
    table = section.partition("| key |")[2].partition("\n\n")[0].splitlines()[2:]
    return tuple(re.findall(r"`(\w+)`", row)[0] for row in table)


@pytest.mark.parametrize("heading", TABLES)
def test_the_order_of_keys_is_that_of_the_page_on_rules(heading: str) -> None:
    assert Place("department", TABLES[heading]).order == in_the_page(heading)


@pytest.mark.parametrize("heading", SHARED_TABLES)
def test_the_order_of_shared_files_is_that_of_the_page(heading: str) -> None:
    kind, path = SHARED_TABLES[heading]
    assert Place(kind, path).order == in_the_page(heading)


@pytest.mark.parametrize(
    "path", [(*RULE, "when"), ("attributes",), (*ITEM, "cases", "[]", "given", "facts")]
)
def test_names_of_the_authors_own_keep_their_order(path: tuple[str, ...]) -> None:
    assert Place("department", path).order == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [b", "1:4: this is not YAML"),
        ("department: {id: a}\nitems:\n  - id: &x b\n", "3:9: the anchor"),
        ("department: {id: a}\ndepartment: {id: b}\n", "2:1: the key 'department' stands twice"),
        ("department: !x {id: a}\n", "1:13: the tag"),
        ("department: {id: a}\n---\nitems: []\n", "2:1: one file holds one document"),
        ("services:\n  web: {image: x}\n", "1:1: no rule file"),
        ("- a\n", "1:1: no rule file"),
        ("", "1:1: the file is empty"),
        ("# nothing\n", "1:1: the file is empty"),
    ],
)
def test_what_is_no_rule_file_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(UnformattableError) as refused:
        fmt(text)
    assert str(refused.value).startswith(message)


def test_text_that_is_not_utf8_is_refused_with_its_place() -> None:
    with pytest.raises(UnformattableError, match="^2:3: this is not UTF-8"):
        formatted(b"department: {}\na:\xff\n")
    with pytest.raises(UnformattableError, match="^1:5: this is not UTF-8"):
        formatted("a: 示".encode() + b"\xff\n")  # columns count characters


@pytest.mark.parametrize(
    ("written", "layout"),
    [
        ("'plain'", "plain"),
        ('"2-03"', '"2-03"'),
        ("2-03", "2-03"),
        ("'007'", '"007"'),
        ('"yes"', '"yes"'),
        ("yes", "yes"),
        ("'a: b'", '"a: b"'),
        ("'- a'", '"- a"'),
        ('"a # b"', '"a # b"'),
        ("'say \"no\"'", 'say "no"'),
        ("'\"no\" he said'", "'\"no\" he said'"),
        ("'it''s'", "it's"),
        ('"tab\\tin"', '"tab\\tin"'),
        ('"\\u2028"', '"\\u2028"'),
        ("Is it?", "Is it?"),
        (">-\n  one line\n  of two", "one line of two"),
        ("|-\n  a literal", "a literal"),
        ("''", '""'),
        ("~", "~"),
        ("'~'", '"~"'),
        ("'{a}'", '"{a}"'),
        ("'a,b'", "a,b"),
    ],
)
def test_quotes_stand_where_they_are_needed(written: str, layout: str) -> None:
    head = "department: {id: a, name: b, title: c}\n"
    assert fmt(f"{head}items: {written}\n") == f"{head}\nitems: {layout}\n"


def test_long_values_go_below_their_key_and_then_one_to_a_line() -> None:
    def with_fact(length: int) -> str:
        given = f"{{channel: online, places: {{hukou: 630100}}, facts: {{{'a' * length}: true}}}}"
        case = f"      - {{name: a, given: {given}, expect: {{eligible: true}}}}\n"
        return fmt(f"department: {{id: a}}\nitems:\n  - id: 1\n    cases:\n{case}")

    layouts = {
        re.sub("a+:", "a:", with_fact(length).partition("given:")[2].partition(" ex")[0]): length
        for length in range(20, 100)
    }
    one, two, many = layouts
    assert one == " {channel: online, places: {hukou: 630100}, facts: {a: true}}\n       "
    assert two == f"\n         {one}"
    assert many.split() == [
        "channel:",
        "online",
        "places:",
        "{hukou:",
        "630100}",
        "facts:",
        "{a:",
        "true}",
    ]
    longest = [max(map(len, with_fact(length).splitlines())) for length in layouts.values()]
    assert longest[0] == longest[1] == 140


def test_comments_force_a_block_and_keep_their_blank_lines() -> None:
    head, end = "# head\n\n# of the department\n", "items: []\n\n# end\n"
    text = f"{head}department: {{id: a, # mine\n  name: b}}\n{end}"
    assert fmt(text) == f"{head}department:\n  id: a  # mine\n  name: b\n\n{end}"


# Any file, any order, comments anywhere.

WORDS = st.sampled_from(
    ["a", "示例", "yes", "12", "2-03", "it's", 'a "b"', "x: y", "a # b", "哪里?", "", "- d", "a,b"]
)
KEYS = st.sampled_from(
    ["id", "name", "rules", "when", "given", "cite", "places", "own.a", "because", "value"]
)
VALUES = st.recursive(
    WORDS | st.integers(0, 9) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
FILES = st.fixed_dictionaries(
    {"department": st.just({"id": "a"}), "items": st.lists(VALUES, max_size=3)},
    optional={"rules": VALUES, "attributes": VALUES, "sources": VALUES, "unknown": VALUES},
)


def with_comments(text: str, draw: random.Random) -> str:
    """`text` with comments in lines of their own, at ends of lines, and blank lines."""
    lines: list[str] = []
    count = 0
    for line in text.splitlines():
        while draw.random() < 0.2:
            lines.append(draw.choice(["", " " * draw.randrange(8) + f"#c{count}"]))
            count += 1
        if draw.random() < 0.3:
            line += f" #c{count}"
            count += 1
        lines.append(line)
    for _ in range(draw.randrange(3)):
        lines.append(" " * draw.randrange(6) + f"#c{count}")
        count += 1
    return "\n".join(lines) + "\n"


@settings(max_examples=200)
@given(FILES, st.integers(0, 2**32), st.sampled_from([None, True, False]), st.integers(20, 200))
def test_any_file_keeps_its_meaning_and_every_comment(
    content: dict[str, Any], seed: int, flow: bool | None, width: int
) -> None:
    draw = random.Random(seed)
    keys = draw.sample([*content], len(content))
    shuffled = {key: content[key] for key in keys}
    written = yaml.safe_dump(
        shuffled, allow_unicode=True, sort_keys=False, default_flow_style=flow, width=width
    )
    text = with_comments(written, draw)
    if not same_text(text, written):  # a comment that fell into a text of several lines
        return
    once = fmt(text)
    assert same_text(text, once)
    assert comments(once) == comments(text)
    assert fmt(once) == once
    order = re.findall(r"^(\w+):", once, re.MULTILINE)
    known = [
        key for key in ("department", "sources", "attributes", "rules", "items") if key in content
    ]
    assert order == [*known, *(["unknown"] if "unknown" in content else [])]
