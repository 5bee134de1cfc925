"""What cells may hold, and what is refused of them, by coordinates."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest

from tongban.plugins.kit.dmn.document import Imported
from tongban.plugins.kit.dmn.feel import Cell, Range, UnreadError, literals, unary
from tongban.plugins.kit.dmn.table import TableError

Make = tuple[Callable[..., bytes], Any]
DAY = date(2021, 12, 31)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("-", Cell()),
        ("", Cell()),
        ("  ", Cell()),
        ('"a"', Cell(("a",))),
        ('"a","b"', Cell(("a", "b"))),
        ('"a, b"', Cell(("a, b",))),
        (r'"say \"no\""', Cell(('say "no"',))),
        (r'"\u7701"', Cell(("省",))),
        ('not("a", "b")', Cell(("a", "b"), negated=True)),
        ("true", Cell((True,))),
        ("not(true)", Cell((True,), negated=True)),
        ("5", Cell((5,))),
        ("-5", Cell((-5,))),
        ("= 5", Cell((5,))),
        ("< 5", Cell((Range(None, 4),))),
        ("<=5", Cell((Range(None, 5),))),
        ("> 5", Cell((Range(6, None),))),
        (">= -5", Cell((Range(-5, None),))),
        ("[1..4]", Cell((Range(1, 4),))),
        ("(1..4)", Cell((Range(2, 3),))),
        ("]1..4[", Cell((Range(2, 3),))),
        ("[1..4)", Cell((Range(1, 3),))),
        ("[ 1 .. 4 [", Cell((Range(1, 3),))),
        ("1, [3..4], > 9", Cell((1, Range(3, 4), Range(10, None)))),
        ("not(< 5)", Cell((Range(None, 4),), negated=True)),
        ('date("2021-12-31")', Cell((DAY,))),
        ('@"2021-12-31"', Cell((DAY,))),
        ('< date("2022-01-01")', Cell((Range(None, DAY),))),
        ('[date("2021-12-31")..date("2022-12-31")]', Cell((Range(DAY, date(2022, 12, 31)),))),
    ],
)
def test_cells_that_are_read(text: str, cell: Cell) -> None:
    assert unary(text) == cell


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "names 'a'; a text stands in double quotes"),
        ("a + 1", "cannot be read from '+ 1' on"),
        ("count(x) > 1", "calls the function count"),
        (
            'date and time("2021-12-31T00:00:00")',
            "is a date and time; of these dates alone are read",
        ),
        ("? > 5", "cannot be read from '? > 5' on"),
        ("5.5", "has a fraction"),
        ("< 5.5", "has a fraction"),
        ("1.2.3", "cannot be read"),
        ("5 + 1", "cannot be read from '+ 1' on"),
        ("5 6", "goes on with '6', which is an expression"),
        ("null", "tests for null"),
        ("[4..1]", "is a range with nothing in it"),
        ("(1..2)", "is a range with nothing in it"),
        ('[1.."a"]', "compares what has no order"),
        ('[1..date("2021-12-31")]', "from one kind of value to another"),
        ('< "a"', "compares what has no order"),
        ("[1..4", "without its end"),
        ("not(1", "lacks ')' at its end"),
        ("not 1", "names 'not'"),
        ("1,", "lacks a value"),
        ('"a', "cannot be read"),
        ('date("2021-02-30")', "is not a date of the years 1900 to 2999"),
        ('date("1850-01-01")', "is not a date of the years 1900 to 2999"),
        ("{a: 1}", "cannot be read"),
        ("< date(x)", "calls the function date"),
    ],
)
def test_cells_that_are_refused_say_why(text: str, message: str) -> None:
    with pytest.raises(UnreadError) as refused:
        unary(text)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("-", ()),
        ("null", ()),
        ("true", (True,)),
        ('"a", "b"', ("a", "b")),
        ('["a", "b"]', ("a", "b")),
        ("20", (20,)),
    ],
)
def test_output_cells_that_are_read(text: str, values: Sequence[Any]) -> None:
    assert literals(text) == tuple(values)


def refusals(translated: Callable[..., Imported], content: bytes, **names: str) -> list[str]:
    with pytest.raises(TableError) as refused:
        translated(content, **names)
    return list(map(str, refused.value.refusals))


def test_every_bad_cell_is_told_at_once_with_its_place(
    translated: Callable[..., Imported], make: Make
) -> None:
    dmn_of, head = make
    content = dmn_of(
        "UNIQUE",
        [head("age", "integer", label="年龄"), head("kind", "string", label="类别")],
        [head("eligible"), head("modes"), head("time_limit")],
        [
            ["< limit", '"a"', "true", '"onlin"', "0"],
            ["5", "7", '"yes"', '"online"', '"soon"'],
        ],
    )
    assert refusals(translated, content) == [
        "decision \"表\", row 1, input 1 \"年龄\": '< limit' names 'limit'; a text stands in double"
        " quotes, an expression is not read",
        'decision "表", row 1, output 2 "modes": \'"onlin"\' is none of online, collect, joint,'
        " local; did you mean 'online'?",
        'decision "表", row 1, output 3 "time_limit": \'0\' is not a number of working days, a'
        " whole number from 1",
        'decision "表", row 2, output 1 "eligible": \'"yes"\' is neither true nor false',
        'decision "表", row 2, output 3 "time_limit": \'"soon"\' is not a number of working days,'
        " a whole number from 1",
    ]


@pytest.mark.parametrize(
    ("heading", "cell", "message"),
    [
        (("move_reason", "string"), '"job_tranfer"', "did you mean 'job_transfer'?"),
        (("own_record", "boolean"), '"yes"', "tests text, but 'own_record' has true and false"),
        (("disability_grade", "number"), "[11..12]", "never holds"),
        (("age", "integer"), '"a"', "tests text, but 'example.age' has whole numbers"),
        (("age", "time"), "1", "is a type that is not read"),
        (("age + 1", "integer"), "1", "is an expression; an input column names one fact"),
        (("kind", "string", '"a","b"'), '"c"', "which 'example.kind' never is; it has a, b"),
        (("age", "integer", "1,2"), "1", "is not read as the allowed values"),
    ],
)
def test_cells_that_their_column_does_not_admit_are_refused(
    translated: Callable[..., Imported], make: Make, heading: Any, cell: str, message: str
) -> None:
    dmn_of, head = make
    content = dmn_of("UNIQUE", [head(*heading)], [head("eligible")], [[cell, "false"]])
    (told,) = refusals(translated, content)
    assert 'input 1 "' in told
    assert message in told


@pytest.mark.parametrize(
    ("policy", "output", "cell", "message"),
    [
        ("UNIQUE", ("eligable",), "true", "is not a conclusion; did you mean 'eligible'?"),
        ("COLLECT", ("eligible",), "true", "has one value, but COLLECT gathers many"),
        ("PRIORITY", ("eligible",), "true", "lists no allowed values"),
        ("PRIORITY", ("delivery", "", '"post"'), '"pickup"', "none of the column's allowed values"),
        ("UNIQUE", ("delivery",), '"post","pickup"', "is a list, but delivery has one value"),
        ("UNIQUE", ("eligible",), "if a then b", "names 'if'"),
    ],
)
def test_output_columns_and_cells_that_are_refused(
    translated: Callable[..., Imported],
    make: Make,
    policy: str,
    output: Any,
    cell: str,
    message: str,
) -> None:
    dmn_of, head = make
    content = dmn_of(policy, [head("age", "integer")], [head(*output)], [["1", cell]])
    (told,) = refusals(translated, content)
    assert 'output 1 "' in told
    assert message in told


def test_rows_that_overlap_are_named_with_their_cells(
    translated: Callable[..., Imported], make: Make
) -> None:
    dmn_of, head = make
    columns = [head("age", "integer", label="年龄"), head("kind", "string", '"a","b"')]
    rows = [["< 5", '"a"', "true"], ["[3..9]", "-", "false"], ["> 20", "-", "true"]]
    (told,) = refusals(translated, dmn_of("UNIQUE", columns, [head("eligible")], rows))
    assert told == (
        'decision "表", row 2: overlaps row 1, which UNIQUE forbids: both hold for example.age = 3,'
        " example.kind = a (input 1 \"年龄\": '< 5' and '[3..9]';"
        " input 2 \"kind\": '\"a\"' and '-')"
    )
    (told,) = refusals(translated, dmn_of("ANY", columns, [head("eligible")], rows))
    assert "row 2: concludes another thing than row 1, which ANY forbids" in told
    same = [[*row[:2], "true"] for row in rows]
    assert translated(dmn_of("ANY", columns, [head("eligible")], same)).text


def test_a_row_that_stronger_rows_cover_is_left_out_and_told(
    translated: Callable[..., Imported], make: Make
) -> None:
    dmn_of, head = make
    rows = [["< 5", "false"], [">= 5", "true"], ["7", "false"]]
    content = dmn_of("FIRST", [head("age", "integer")], [head("eligible")], rows)
    found = translated(content)
    assert "row_3" not in found.text
    assert [one for one in found.warnings if "row 3: never holds" in one]


def test_facts_that_no_row_covers_are_told(translated: Callable[..., Imported], make: Make) -> None:
    dmn_of, head = make
    rows = [["< 5", "false"], ["> 5", "true"]]
    content = dmn_of("UNIQUE", [head("age", "integer")], [head("eligible")], rows)
    (warning,) = translated(content).warnings
    assert "no row says what holds for example.age = 5; an item is" in warning


def test_columns_find_attributes_by_name_by_term_and_by_wish(
    translated: Callable[..., Imported], make: Make
) -> None:
    dmn_of, head = make
    inputs = [
        head("own_record", "boolean"),
        head("x", "string", label="迁移原因"),
        head("Wohnsitz", "string"),
        head("familySize", "integer", label="家庭人数"),
        head("申请人数", "integer"),
    ]
    row = ["true", '"graduation"', '"capital"', "> 2", "< 3", "false"]
    content = dmn_of("UNIQUE", inputs, [head("Ergebnis")], [row])
    text = translated(content, Wohnsitz="place.hukou.standing", Ergebnis="eligible").text
    for part in (
        "own_record: true",
        "move_reason: graduation",
        "place.hukou.standing: capital",
        "example.family_size: {at_least: 3}",
        "example.shen_qing_ren_shu: {at_most: 2}",
        "name: 家庭人数, title: family size",
        "name: 申请人数, title: TODO shen qing ren shu",
    ):
        assert part in text
    assert re.search(r"places: {hukou: \d{6}}", text)


@pytest.mark.parametrize(
    ("note", "lines"),
    [
        ("清单2/13 已领取的不再补贴", ["because: 已领取的不再补贴", "cite: {row: 2/13}"]),
        ("2/13", ["because: TODO 决策表第1行:请填写理由", "cite: {row: 2/13}"]),
        ("方案 二(一)2:窗口收件", ["because: 窗口收件", "cite: {section: 二(一)2}"]),
        (
            "《婚姻登记条例(国务院令第804号)》第七条,须双方到场",
            ["because: 须双方到场", "cite: {source: decree_804, article: 第七条}"],
        ),
        ("未满18周岁", ["because: 未满18周岁", "cite: {section: TODO}", "basis: inferred"]),
        ("《别的办法》第三条", ["because: 《别的办法》第三条", "basis: inferred"]),
    ],
)
def test_annotations_become_reasons_and_citations(
    translated: Callable[..., Imported], make: Make, note: str, lines: list[str]
) -> None:
    dmn_of, head = make
    content = dmn_of(
        "UNIQUE", [head("age", "integer")], [head("eligible")], [["1", "false"]], notes=[note]
    )
    rule = translated(content).text.partition("- id: row_1\n")[2].partition("    cases:")[0]
    written = [line.strip() for line in rule.splitlines()]
    assert [line for line in lines if line not in written] == []
    assert ("basis: inferred" in written) == ("basis: inferred" in lines)
