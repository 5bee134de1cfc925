"""What DMN 1.5 says of a file, and what is refused of it by name: types, languages, texts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel import Kernel
from tongban.plugins.kit.dmn.document import Imported
from tongban.plugins.kit.dmn.feel import Cell, Range, UnreadError, unary
from tongban.plugins.kit.dmn.lexis import named, spaced
from tongban.plugins.kit.dmn.table import TableError
from tongban.plugins.kit.dmn.xml import tables

Make = tuple[Callable[..., bytes], Any]
DAY = date(2021, 12, 31)


def refusals(read: Callable[[bytes], Any], content: bytes) -> list[str]:
    with pytest.raises(TableError) as refused:
        read(content)
    return list(map(str, refused.value.refusals))


def column(type: str = "number", name: str = "x") -> str:
    return f'<inputExpression typeRef="{type}"><text>{name}</text></inputExpression>'


# Expressions are not names.


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("married or retired", "is an expression with 'or'"),
        ("a and b", "is an expression with 'and'"),
        ("Married OR Retired", "is an expression with 'OR'"),
        ("if a then b else c", "is an expression with 'if'"),
        ("not married", "is an expression with 'not'"),
        ("not(married)", "calls 'not', which is an expression"),
        ("x in y", "is an expression with 'in'"),
        ("x between 1 and 2", "is an expression with 'between'"),
        ("some x in y satisfies x", "is an expression with 'some'"),
        ("every x in y satisfies x", "is an expression with 'every'"),
        ("for x in y return x", "is an expression with 'for'"),
        ("x instance of number", "is an expression with 'instance'"),
        ("true", "is a constant, the same for everybody"),
        ("False", "is a constant"),
        ("null", "is a constant"),
        ("18", "is a constant"),
        ("-1.5", "is a constant"),
        ('"a"', "is a constant"),
        ('@"2021-12-31"', "is a constant"),
        ("count(x)", "calls 'count', which is an expression"),
        ("string length(x)", "calls 'string length', which is an expression"),
        ("age + 1", "is an expression;"),
        ("a - b", "is an expression;"),
        ("a > 1", "is an expression;"),
        ("x[1]", "is an expression;"),
        ("{a: 1}", "is an expression;"),
        ("年龄\uff1e18", "is an expression with '\uff1e'"),
        ("a..b", "is an expression;"),
        ("1x", "is an expression;"),
    ],
)
def test_an_expression_is_never_the_name_of_a_fact(
    expression: str, said: str, translated: Callable[..., Imported], make: Make
) -> None:
    dmn_of, head = make
    content = dmn_of(
        "",
        [head(expression, "boolean", label="own_record")],
        [head("eligible")],
        [["true", "false"]],
    )
    (told,) = refusals(translated, content)
    assert f"{expression!r} {said}" in told
    assert "declare it as input data, or use --map" in told


@pytest.mark.parametrize(
    "name",
    ["年龄", "年龄(岁)".replace("(", "\uff08").replace(")", "\uff09"), "Number of children", "a.b",
     "date of birth", "古丽\xb7米热", "reason for move", "Österreich", "父\uff0f母姓名", "x1 y2"],
)  # fmt: skip
def test_names_of_several_words_and_scripts_are_names(name: str) -> None:
    named(spaced(name))


def declared(make: Make, name: str, more: str, expression: str, type: str = "") -> bytes:
    """A file with one table and input data of that name."""
    dmn_of, head = make
    content: bytes = dmn_of("", [head(expression, type)], [head("eligible")], [["true", "false"]])
    data = f'<inputData id="i" name="{name}"><variable name="{name}" {more}/></inputData>'
    return content.replace(b'<decision id="table"', f'{data}<decision id="table"'.encode())


def test_words_that_the_file_declares_as_a_name_are_one(make: Make) -> None:
    content = declared(make, "married or  retired", 'typeRef="boolean"', "married or retired")
    (table,) = tables(content)
    assert (table.inputs[0].name, table.inputs[0].type) == ("married or retired", "boolean")


def test_the_result_of_another_table_is_not_asked_of_an_applicant(make: Make) -> None:
    dmn_of, head = make
    content = dmn_of("", [head("Risk", "string")], [head("eligible")], [['"a"', "false"]]).decode()
    other = content.partition("<decision ")[2].partition("</definitions>")[0]
    other = other.replace('name="表"', 'name="Risk"').replace("<text>Risk</text>", "<text>y</text>")
    (told,) = refusals(
        tables, content.replace("<decision ", f"<decision {other}<decision ", 1).encode()
    )
    assert "'Risk' is the result of the decision 'Risk'; one table is read" in told


# Outputs.


@pytest.mark.parametrize("variable", ["", '<variable name="Outcome" typeRef="string"/>'])
def test_a_single_output_without_a_name_has_that_of_its_decision(
    variable: str, loaded: Callable[..., Kernel], make: Make
) -> None:
    dmn_of, head = make
    content = dmn_of("", [head("x", "number")], [head("?")], [["< 18", '"Declined"']]).decode()
    content = content.replace(' name="?"', "").replace('name="表">', f'name="Status">{variable}')
    for name in ("Status", *(["Outcome"] if variable else [])):
        kernel = loaded(content.encode(), **{name: "requires"})
        assert kernel.items[0].rules[0].then["requires"] == ("Declined",)


def test_several_outputs_without_names_are_refused(
    translated: Callable[..., Imported], make: Make
) -> None:
    dmn_of, head = make
    ends = [head(""), head("")]
    content = dmn_of("", [head("x", "number")], ends, [["< 18", "true", '"a"']])
    told = refusals(translated, content.replace(b' name=""', b""))
    assert [one.partition("is not a conclusion")[1] for one in told] == ["is not a conclusion"] * 2


def test_an_output_column_can_be_left_out_by_name(
    loaded: Callable[..., Kernel], make: Make
) -> None:
    dmn_of, head = make
    ends = [head("eligible"), head("Comment", "string")]
    kernel = loaded(
        dmn_of("", [head("x", "number")], ends, [["< 18", "false", "1 + 1"]]), Comment="-"
    )
    assert kernel.items[0].rules[0].then == {"eligible": False}


@pytest.mark.parametrize("policy", ["UNIQUE", "FIRST", "ANY", "COLLECT"])
def test_default_outputs_hold_where_no_row_does(
    policy: str, loaded: Callable[..., Kernel], make: Make
) -> None:
    dmn_of, head = make
    rows = [["< 18", '"A"'], ["[18..60)", '"B"']]
    content = dmn_of(policy, [head("x", "integer")], [head("requires")], rows).decode()
    default = '<defaultOutputEntry><text>"C"</text></defaultOutputEntry></output>'
    kernel = loaded(content.replace("</output>", default).encode())
    for value, papers in ((17, {"A"}), (18, {"B"}), (59, {"B"}), (60, {"C"})):
        raw = {"item": kernel.items[0].key, "channel": "online", "facts": {"example.x": value}}
        decision = kernel.decide({**raw, "applicant": {"kind": "person"}})
        found = {one.value for one in decision.reasons if one.conclusion == "requires"}
        assert found & {"A", "B", "C"} == papers


def priority(make: Make, rows: list[list[str]]) -> bytes:
    dmn_of, head = make
    ends = [head("eligible", "", "false, true"), head("requires")]
    content: bytes = dmn_of("PRIORITY", [head("x", "number")], ends, rows)
    return content


def test_priority_is_that_of_the_columns_that_list_values(
    loaded: Callable[..., Kernel], make: Make
) -> None:
    kernel = loaded(priority(make, [["< 60", "true", '"B"'], ["< 18", "false", '"A"']]))
    outcome = {
        value: kernel.decide(
            {
                "item": kernel.items[0].key,
                "channel": "online",
                "facts": {"example.x": value},
                "applicant": {"kind": "person"},
            }
        ).outcome
        for value in (17, 18)
    }
    assert outcome == {17: "ineligible", 18: "eligible"}


def test_rows_of_one_priority_that_disagree_are_refused(
    translated: Callable[..., Imported], make: Make
) -> None:
    rows = [["< 18", "false", '"A"'], ["< 20", "false", '"B"'], ["> 30", "true", '"C"']]
    (told,) = refusals(translated, priority(make, rows))
    assert "row 2: has the priority of row 1 and concludes another thing" in told


# Texts, numbers, signs.


@pytest.mark.parametrize(
    ("cell", "terms"),
    [
        (r'"\uD83D\uDE00"', ("😀",)),
        (r'"\U01F600"', ("😀",)),
        ('"😀"', ("😀",)),
        (r'"\u4E00\u2028"', ("一\u2028",)),
        ('"a\u2028b"', ("a\u2028b",)),
        (r'"\\d"', (r"\d",)),
        (r'"it\'s"', ("it's",)),
        ('"a, b", "c//d", "/* e */"', ("a, b", "c//d", "/* e */")),
        ("5.0", (5,)),
        ("5e2", (500,)),
        ("- 5", (-5,)),
        ("007", (7,)),
        ("100,200", (100, 200)),
        ("1, 000", (1, 0)),
        ("< 1, 500", (Range(None, 0), 500)),
        ("18 // of age", (18,)),
        ("/* of age */ >= 18", (Range(18, None),)),
        ("\u3000>\xa018\u200b", (Range(19, None),)),
        ("\u3000", ()),
        ("- /* any */", ()),
        ("]1..5[", (Range(2, 4),)),
        ("(1 .. 5]", (Range(2, 5),)),
        ("date(2021, 12, 31)", (DAY,)),
        ('] @"2021-12-30" .. date("2022-01-01") [', (Range(DAY, DAY),)),
    ],
)
def test_cells_as_the_standard_has_them(cell: str, terms: tuple[Any, ...]) -> None:
    assert unary(cell) == Cell(terms)


def test_what_is_not_equal_is_all_the_rest() -> None:
    assert unary("!= 5") == Cell((5,), negated=True)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("1" + "0" * 5000, "has a number of more than 18 digits"),
        ("< -" + "9" * 100_000, "has a number of more than 18 digits"),
        ("1e999999999", "has a number of more than 18 digits"),
        ("1e-5", "has a fraction"),
        ("0.5", "has a fraction"),
        ("< \uff11\uff18", "holds the digits '\uff11\uff18'; a number has the digits 0 to 9: 18"),
        ("< ١٨", "holds the digits '١٨'; a number has the digits 0 to 9: 18"),
        ("1\uff18", "holds the digits '1\uff18'; a number has the digits 0 to 9: 18"),
        ("\uff1c 18", "holds the sign '\uff1c' (U+FF1C); write '<'"),
        ("\u226418", "holds the sign '\u2264' (U+2264); write '<='"),
        ('"a"\uff0c"b"', "holds the sign '\uff0c' (U+FF0C); write ','"),
        ("\u201ca\u201d", "holds the sign '\u201c' (U+201C); write '\"'"),
        ("5\uff1b6", "holds the sign '\uff1b' (U+FF1B); write ','"),
        ("'a'", """holds the sign "'" (U+0027); write '"'"""),
        ("< 1,000", "holds '< 1,000', which is a list; write '< 1000'"),
        ("1,000", "holds '1,000', which is a list; write '1000'"),
        ("5, 12,345,000", "holds '12,345,000', which is a list; write '12345000'"),
        (">=1,500", "holds '>=1,500', which is a list; write '>=1500'"),
        ("not(!= -1,500)", "holds '!= -1,500', which is a list; write '!= -1500'"),
        ("\u2014", "holds the sign '\u2014' (U+2014); write '-'"),
        (r'"\uD83D"', "holds half a character"),
        (r'"\uDE00\uD83D"', "holds half a character"),
        (r'"\U110000"', r"holds the escape \U110000; the last character is \U10FFFF"),
        (r'"\u0000"', "holds U+0000, which is not a character of a text"),
        (r'"\d"', r"holds the escape \d, which DMN does not have; write \\"),
        ('"a\nb"', "a line ends in the text"),
        ('"a', "the closing quote is missing"),
        ("// of age", "holds a comment and no test; write - for everything"),
        ('["a", "b"]', "compares what has no order"),
        ("[1, 2]", "tests a list; one value is tested"),
        ("1, != 2", "has != in a list; write not(…) alone in the cell"),
        ('time("08:30:00")', "is a time; of these dates alone are read"),
        ('duration("P1D")', "is a duration; of these dates alone are read"),
        ('@"P1Y"', "is a time or a duration"),
        ('@"08:30:00"', "is a time or a duration"),
        ('@"2021-12-31T08:30:00"', "is a time or a duration"),
        ("not(not(1))", "calls the function not"),
        ("not()", "lacks a value"),
    ],
)
def test_cells_that_are_refused_by_name(cell: str, said: str) -> None:
    with pytest.raises(UnreadError) as refused:
        unary(cell)
    assert said in str(refused.value)
    assert len(str(refused.value)) < 200


@given(st.text(max_size=8))
def test_escapes_of_the_standard_are_read_back(text: str) -> None:
    plain = "".join(f"\\U{ord(sign):06X}" for sign in text)
    halves = "".join(
        f"\\u{int.from_bytes(pair, 'big'):04X}"
        for sign in text
        for pair in [sign.encode("utf-16-be", "surrogatepass")[n : n + 2] for n in (0, 2)]
        if pair
    )
    for written in (plain, halves):
        try:
            cell = unary(f'"{written}"')
        except UnreadError as error:
            assert "character" in str(error)  # noqa: PT017 - halves and control characters
        else:
            assert cell == Cell((text,))


@given(st.text(alphabet='0123456789.,-<>=[]()"\\u aE@!/*不\uff11nottrue', max_size=30))
def test_no_cell_ends_in_anything_but_a_test_or_a_refusal(cell: str) -> None:
    with contextlib.suppress(UnreadError):
        unary(cell)


def test_a_message_repeats_only_the_beginning_of_a_cell(
    translated: Callable[..., Imported], make: Make
) -> None:
    dmn_of, head = make
    content = dmn_of("", [head("x", "number")], [head("eligible")], [["(" * 100_000, "false"]])
    (told,) = refusals(translated, content)
    assert len(told) < 300


# Large tables.


def test_a_cell_may_name_tens_of_thousands_of_values(
    translated: Callable[..., Imported], make: Make
) -> None:
    dmn_of, head = make
    cell = ", ".join(f'"c{n}"' for n in range(5_000))
    found = translated(dmn_of("", [head("x", "string")], [head("eligible")], [[cell, "false"]]))
    assert "c4999" in found.text


def test_tables_too_wide_to_compare_are_refused(
    translated: Callable[..., Imported], make: Make
) -> None:
    dmn_of, head = make
    rows = [[f"> {n}", "true" if n % 2 else "false"] for n in range(2500)]
    (told,) = refusals(translated, dmn_of("FIRST", [head("x", "number")], [head("eligible")], rows))
    assert told.endswith("overlaps the stronger rows in too many ways; split the table")
