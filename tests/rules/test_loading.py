"""What an author is told about a wrong rule file: the golden files, and what they cannot hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongban.kernel.errors import Problem, RulebookError
from tongban.kernel.rulefile.loader import Base, Loaded, load_base, load_department
from tongban.kernel.rulefile.rulebook import disagreements

GOLDEN = Path(__file__).parent / "golden"
BAD = sorted(path for path in (GOLDEN / "bad").iterdir() if path.suffix != ".txt")


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_file(path: Path, base: Base, golden: Callable[[Path, str], None]) -> None:
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    loaded = [load_department(base, one.name, one.read_bytes()) for one in files]
    said = "".join(f"{problem}\n" for problem in _problems(loaded))
    golden(path.with_suffix(".txt"), said)
    assert said, "nothing was found wrong"
    for line in said.splitlines():
        assert re.match(r"\w+\.yaml:\d+:\d+: (\[[^]]+\] )?\S", line)


def test_every_golden_message_belongs_to_a_file() -> None:
    messages = {path.stem for path in (GOLDEN / "bad").glob("*.txt")}
    assert messages == {path.stem for path in BAD}


@pytest.mark.parametrize("path", sorted((GOLDEN / "good").iterdir()), ids=lambda path: path.stem)
def test_good_file(path: Path, base: Base) -> None:
    loaded = load_department(base, path.name, path.read_bytes())
    assert _problems([loaded]) == []
    assert loaded.department is not None
    assert loaded.department.items


def test_our_own_files_have_no_mistakes(base: Base, rule_files: Sequence[Path]) -> None:
    loaded = [load_department(base, path.name, path.read_bytes()) for path in rule_files]
    assert _problems(loaded) == []


def test_a_mark_of_utf8_is_no_mistake(
    load: Callable[..., Loaded], harbour: Callable[..., str]
) -> None:
    assert load(harbour().encode("utf-8-sig")).problems == ()


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_endings_of_other_systems_are_no_mistake(
    load: Callable[..., Loaded], harbour: Callable[..., str], ending: str
) -> None:
    assert load(harbour().replace("\n", ending).encode()).problems == ()


def test_bytes_that_are_not_utf8_are_named_with_their_place(load: Callable[..., Loaded]) -> None:
    content = "# 省港务局\nname: 省".encode() + "港务局".encode("gb18030")
    (problem,) = load(content).problems
    assert (problem.line, problem.column) == (2, 8)
    assert problem.message == "this is not UTF-8: the byte 0xB8; save the file as UTF-8"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[" * 100_000, "nested deeper than 40 levels"),
        ("- " * 100_000, "nested deeper than 40 levels"),
        ("{a: " * 100_000, "nested deeper than 40 levels"),
        ("#" * 4_000_001, "the file has 4000001 characters; a rule file has at most 4000000"),
        ("a: b\0", "a character that a rule file cannot hold (U+0000); remove it"),
        ("a: \ud800", "a character that a rule file cannot hold (U+D800); remove it"),
        ("a: \uffff", "a character that a rule file cannot hold (U+FFFF); remove it"),
    ],
    ids=["lists", "entries", "mappings", "size", "nul", "surrogate", "no character"],
)
def test_a_hostile_file_is_one_mistake(load: Callable[..., Loaded], text: str, says: str) -> None:
    loaded = load(text)
    assert loaded.department is None
    assert [problem.message for problem in loaded.problems] == [says]


def test_of_a_flood_of_mistakes_the_first_are_told(load: Callable[..., Loaded]) -> None:
    problems = load("".join(f"key{n}: 1\n" for n in range(100_000))).problems
    assert len(problems) == 201
    assert problems[-1].message == "and more: the first 200 mistakes are shown"


def test_a_long_word_is_cut_in_messages(
    load: Callable[..., Loaded], harbour: Callable[..., str]
) -> None:
    (problem,) = load(harbour(f"receives: {'x' * 100_000}")).problems
    assert len(problem.message) < 1000


def test_conditions_that_multiply_are_refused_before_they_are_unfolded(
    load: Callable[..., Loaded], harbour: Callable[..., str]
) -> None:
    five = "{channel: window, degree: master, retired_normally: true, first_id_card: true}"
    rule = (
        "rules:\n"
        "  - id: small\n"
        f"    unless: [{', '.join([five] * 30)}]\n"
        "    then: {eligible: false}\n"
        "    because: 不能办理\n"
        "    cite: {row: 9/1}\n"
    )
    (problem,) = load(harbour(rule)).problems
    assert problem.rule == "9-01.small"
    assert "at most 256: make several rules of it" in problem.message


def test_very_many_rules_are_refused_before_they_are_compared(
    load: Callable[..., Loaded], harbour: Callable[..., str]
) -> None:
    def rule(n: int) -> str:
        grade, way = n % 30 + 1, "true" if n % 2 else "false"
        then = f"then: {{eligible: {way}}}, because: 是, cite: {{row: 9/1}}"
        return f"  - {{id: r{n}, when: {{birth_order: {grade}}}, {then}}}\n"

    rules = [rule(n) for n in range(1000)]
    problems = load(harbour("rules:\n" + "".join(rules))).problems
    assert problems[-1].message == "too many rules and alternatives to be compared; use fewer"


@settings(max_examples=150)
@given(data=st.data())
def test_a_damaged_file_never_raises(
    data: st.DataObject, base: Base, rule_files: Sequence[Path]
) -> None:
    text = data.draw(st.sampled_from(rule_files)).read_text(encoding="utf-8")[:6000]
    start = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 40))
    signs = st.sampled_from(
        ["", "{", "}", "[", "]", ":", ": ", "- ", "\n", "\n  ", "\t", "&a ", "*a", "!!x ", "'", '"']
        + ["|\n", ">-\n", "---\n", "...\n", "<<: ", "? ", "true", "1", "2021-02-30", "null", "~"]
    )
    new = data.draw(st.one_of(signs, st.lists(signs, max_size=6).map("".join), st.text(max_size=8)))
    loaded = load_department(base, "x.yaml", text[:start] + new + text[start + length :])
    for problem in _problems([loaded]):
        assert problem.message
        assert problem.line >= 1
        assert problem.column >= 1
    assert loaded.department or loaded.problems


@settings(max_examples=100)
@given(content=st.binary(max_size=200))
def test_no_bytes_raise(content: bytes, base: Base) -> None:
    loaded = load_department(base, "x.yaml", content)
    assert loaded.department is None
    assert loaded.problems


SHARED = ("vocabulary.yaml", "sources.yaml", "common.yaml")


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (
            "vocabulary.yaml",
            "type: bool",
            "type: boole",
            "unknown type 'boole'; did you mean 'bool'?",
        ),
        ("vocabulary.yaml", "question:", "ask:", "unknown key 'ask' of a place"),
        (
            "vocabulary.yaml",
            "places:",
            "place:",
            "unknown key 'place' of the vocabulary; did you mean 'places'?",
        ),
        ("sources.yaml", "2020-12-23", "2020-12-32", "that day is not in the calendar"),
        (
            "common.yaml",
            "{channel: window,",
            "{chanel: window,",
            "unknown attribute 'chanel'; did you mean 'channel'?",
        ),
        (
            "common.yaml",
            "jurisdiction: 630000",
            "jurisdiction: Qinghai",
            "expected a division code of six digits",
        ),
        (
            "common.yaml",
            "section: 二(一)1",
            "section: ~",
            "expected a section such as 二(一)2, found nothing",
        ),
    ],
)
def test_mistakes_in_the_shared_files_are_told_alike(
    base: Base, rule_files: Sequence[Path], file: str, old: str, new: str, says: str
) -> None:
    folder = rule_files[0].parent.parent
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in SHARED}
    assert old in texts[file]
    texts[file] = texts[file].replace(old, new, 1)
    with pytest.raises(RulebookError, match=re.escape(says)) as raised:
        load_base(texts, base.vocabulary.divisions)
    assert {problem.file for problem in raised.value.problems} == {file}


def _problems(loaded: Sequence[Loaded]) -> list[Problem]:
    """Each file's own mistakes and those between files."""
    between = disagreements(loaded)
    return [
        problem
        for one, found in zip(loaded, between, strict=True)
        for problem in sorted((*one.problems, *found), key=lambda p: (p.line, p.column))
    ]
