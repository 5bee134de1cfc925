"""What a DMN file declares: types, languages, encodings; and how XML may say a cell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tongban.plugins.kit.dmn.document import Imported
from tongban.plugins.kit.dmn.feel import unary
from tongban.plugins.kit.dmn.table import Table, TableError
from tongban.plugins.kit.dmn.xml import tables

Make = tuple[Callable[..., bytes], Any]


def refusals(read: Callable[[bytes], Any], content: bytes) -> list[str]:
    with pytest.raises(TableError) as refused:
        read(content)
    return list(map(str, refused.value.refusals))


# Types that the file declares.


def typed(make: Make, definitions: str, type: str, cell: str = "< 18", name: str = "x") -> bytes:
    dmn_of, head = make
    content: bytes = dmn_of("", [head(name, type)], [head("eligible")], [[cell, "false"]])
    return content.replace(b'<decision id="table"', f'{definitions}<decision id="table"'.encode())


AGE = (
    '<itemDefinition name="tAge"><typeRef>number</typeRef>'
    "<allowedValues><text>[0..120]</text></allowedValues></itemDefinition>"
)
KIND = (
    '<itemDefinition name="tKind"><typeRef>string</typeRef>'
    '<typeConstraint><text>"a", "b"</text></typeConstraint></itemDefinition>'
)


def only(content: bytes) -> Table:
    (table,) = tables(content)
    return table


@pytest.mark.parametrize(
    ("definitions", "type", "found"),
    [
        (AGE, "tAge", ("number", "[0..120]")),
        (AGE + '<itemDefinition name="tA"><typeRef>tAge</typeRef></itemDefinition>', "tA",
         ("number", "[0..120]")),
        (KIND, "tKind", ("string", '"a", "b"')),
        (AGE + AGE.replace("tAge", "tage").replace("number", "string"), "tage",
         ("string", "[0..120]")),
        ("", "feel:number", ("number", "")),
        ("", "Boolean", ("boolean", "")),
        ("", "Any", ("", "")),
    ],
)  # fmt: skip
def test_types_of_the_file_are_read(
    definitions: str, type: str, found: tuple[str, str], make: Make
) -> None:
    (input,) = only(typed(make, definitions, type)).inputs
    assert (input.type, input.allowed) == found


def test_what_is_said_of_input_data_holds_for_its_column(make: Make) -> None:
    data = '<inputData name="x"><variable name="x" typeRef="tAge"/></inputData>'
    (input,) = only(typed(make, AGE + data, "")).inputs
    assert (input.type, input.allowed) == ("number", "[0..120]")


def test_parts_of_a_structure_have_their_own_types(make: Make) -> None:
    person = (
        '<itemDefinition name="tPerson"><itemComponent name="Age"><typeRef>tAge</typeRef>'
        '</itemComponent><itemComponent name="jobs" isCollection="true"><typeRef>string</typeRef>'
        '</itemComponent></itemDefinition><inputData name="Applicant data">'
        '<variable name="Applicant data" typeRef="tPerson"/></inputData>'
    )
    (input,) = only(typed(make, AGE + person, "", name="Applicant data . Age")).inputs
    assert (input.name, input.type) == ("Applicant data.Age", "number")
    for name, said in (
        ("Applicant data", "is a structure; a column tests one of its parts"),
        ("Applicant data.jobs", "is a list; a column tests one value"),
    ):
        (told,) = refusals(tables, typed(make, AGE + person, "", '"a"', name))
        assert said in told
    assert only(typed(make, AGE + person, "", name="Applicant data.age")).inputs[0].unnamed == (
        "'Applicant data' has no 'age'; it has Age, jobs"
    )


LIST = '<itemDefinition name="tL" isCollection="true"><typeRef>string</typeRef></itemDefinition>'


@pytest.mark.parametrize(
    ("definitions", "type", "said"),
    [
        (LIST, "tL", "'tL' is a list; a column tests one value"),
        (LIST + '<inputData name="x"><variable name="x" typeRef="tL"/></inputData>', "",
         "is a list; a column tests one value"),
        (LIST + '<itemDefinition name="tM"><typeRef>tL</typeRef></itemDefinition>', "tM",
         "is a list"),
        ("", "list", "is a list"),
        ('<inputData name="x"><variable name="x" typeRef="string"/></inputData>', "number",
         "is a number here, but the file declares it as a string"),
    ],
)  # fmt: skip
def test_columns_of_such_types_are_refused(
    definitions: str, type: str, said: str, make: Make
) -> None:
    (told,) = refusals(tables, typed(make, definitions, type))
    assert said in told


LOOP = (
    '<itemDefinition name="tA"><typeRef>tB</typeRef></itemDefinition>'
    '<itemDefinition name="tB"><typeRef>tA</typeRef></itemDefinition>'
)


@pytest.mark.parametrize(
    ("definitions", "type", "said"),
    [
        ("", "tAge", "is a type that is neither of FEEL nor declared in the file"),
        (LOOP, "tA", "is a type that is made of itself, tA of tB of tA"),
        (AGE + AGE, "tAge", "is the name of several types"),
        (AGE.replace("tAge", "number"), "number", "is the name of several types"),
        ("", "other:tAge", "is a type of another model; imports are not read"),
        ("", "time", "is a type that is not read; read are string, boolean, number"),
    ],
)
def test_types_that_are_not_to_be_told_are_refused(
    definitions: str, type: str, said: str, translated: Callable[..., Imported], make: Make
) -> None:
    (told,) = refusals(translated, typed(make, definitions, type))
    assert f"{type!r} {said}" in told


@pytest.mark.parametrize(
    ("allowed", "type", "cell", "said"),
    [
        ('not("a")', "string", '"b"', "is not read as the allowed values of a text"),
        ("1, 2", "string", '"b"', "allows whole numbers where text is tested"),
        ("[1..5]", "date", '< date("2021-12-31")', "allows numbers where dates are tested"),
        ("[0..120]", "number", "> 130", "never holds"),
    ],
)
def test_allowed_values_are_read_or_refused(
    allowed: str, type: str, cell: str, said: str, translated: Callable[..., Imported], make: Make
) -> None:
    dmn_of, head = make
    content = dmn_of("", [head("x", type, allowed)], [head("eligible")], [[cell, "false"]])
    assert any(said in one for one in refusals(translated, content))


# Languages and encodings.

FEEL = "https://www.omg.org/spec/DMN/20191111/FEEL/"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('name="DRD"', 'name="DRD" expressionLanguage="http://www.ecma-international.org/js"'),
        ('name="DRD"', 'name="DRD" typeLanguage="http://www.w3.org/2001/XMLSchema-x"'),
        ("<decisionTable", '<decisionTable expressionLanguage="juel"'),
        ("<inputEntry>", '<inputEntry expressionLanguage="juel">'),
        ("<outputEntry>", '<outputEntry expressionLanguage="notfeel">'),
        ("<inputExpression", '<inputExpression expressionLanguage="groovy"'),
    ],
)
def test_another_language_than_feel_is_refused_wherever_it_is_declared(
    before: str, after: str, make: Make
) -> None:
    dmn_of, head = make
    content = dmn_of("", [head("x", "number")], [head("eligible")], [["1", "true"]] * 3).decode()
    assert before in content
    told = refusals(tables, content.replace(before, after).encode())
    assert len(told) == (3 if "Entry" in before else 1)
    assert all("FEEL" in one for one in told)
    for language in ("feel", "FEEL", FEEL, "http://www.omg.org/spec/FEEL/20140401"):
        ours = after.rpartition('="')[0] + f'="{language}"' + (">" if after.endswith(">") else "")
        assert tables(content.replace(before, ours).encode())


def test_a_cell_may_say_feel_where_the_file_says_something_else(make: Make) -> None:
    dmn_of, head = make
    content = dmn_of("", [], [head("eligible")], [["true"]]).decode()
    content = content.replace('name="DRD"', 'name="DRD" expressionLanguage="js"')
    assert tables(
        content.replace("<outputEntry", '<outputEntry expressionLanguage="feel"').encode()
    )


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("GBK", "gbk"), ("gb2312", "gb2312"), ("GB18030", "gb18030"), ("Big5", "big5"),
        ("utf-8", "utf-8-sig"), ("UTF-16", "utf-16"), ("GB2312", "gbk"),
    ],
)  # fmt: skip
def test_encodings_of_chinese_files_are_read(declared: str, codec: str, make: Make) -> None:
    dmn_of, head = make
    text = dmn_of("", [head("年月", "number")], [head("eligible")], [["1", "true"]]).decode()
    content = text.replace('encoding="UTF-8"', f'encoding="{declared}"').encode(codec)
    assert only(content).inputs[0].name == "年月"


@pytest.mark.parametrize(
    ("declaration", "codec", "said"),
    [
        ('encoding="UTF-8"', "gbk", 'write encoding="GB18030", or save the file as UTF-8'),
        ("", "gbk", "the file declares no encoding, so it is taken for UTF-8, but the byte 0xC4"),
        ('encoding="GBK"', "utf-8", "declares encoding='GBK', but it is UTF-8"),
        ('encoding="GBK"', "utf-8-sig", "declares encoding='GBK', but it is UTF-8"),
        ('encoding="us-ascii"', "gbk", "but the byte 0xC4 in line 2 does not fit"),
        ('encoding="utf-7"', "utf-8", "declares encoding='utf-7'; save it as UTF-8 or GB18030"),
    ],
)
def test_a_wrong_declaration_is_named(declaration: str, codec: str, said: str, make: Make) -> None:
    dmn_of, head = make
    text = dmn_of("", [head("年龄", "number")], [head("eligible")], [["1", "true"]]).decode()
    text = (
        text.replace('encoding="UTF-8"', declaration)
        .replace("<input ", "\n<input ")
        .replace('name="表"', 'name="t"')
    )
    (told,) = refusals(tables, text.encode(codec))
    assert said in told


# What stands in a cell besides its text is never passed over.


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("<text>&lt; 18</text>", "&lt; 18", "'< 18' stands outside of <text>"),
        ("&lt; 18", "&lt; <b>18</b>", "'<' holds elements in its text"),
        ("<text>&lt; 18</text>", "<text>&lt; 18</text><text>5</text>", "there are several texts"),
        ("<text>&lt; 18</text>", '<t:text xmlns:t="urn:t">1</t:text>', "holds <text>; a cell"),
        ("<rule>", '<rule xmlns="http://www.omg.org/spec/DMN/20151101/dmn.xsd">',
         "is DMN 1.1 in a file of DMN 1.3"),
        ("</decision>", "<decisionTable/></decision>", "has more than one decision table"),
    ],
)  # fmt: skip
def test_strange_cells_are_refused(before: str, after: str, said: str, make: Make) -> None:
    dmn_of, head = make
    content = dmn_of("", [head("x", "number")], [head("eligible")], [["< 18", "false"]]).decode()
    assert before in content
    assert any(said in one for one in refusals(tables, content.replace(before, after).encode()))


@pytest.mark.parametrize(
    "cell",
    [
        "<![CDATA[< 18]]>",
        "&lt; <!-- of age -->18",
        "\n  &lt;\n  18\n",
        "&#x3c;&#160;18",
        "&lt;<?x?> 18",
    ],
)
def test_xml_says_a_cell_in_several_ways(cell: str, make: Make) -> None:
    dmn_of, head = make
    content = dmn_of("", [head("x", "number")], [head("eligible")], [["< 18", "false"]]).decode()
    table = only(content.replace("&lt; 18", cell).encode())
    assert unary(table.rows[0].inputs[0]) == unary("< 18")


def test_prefixes_and_versions_do_not_matter(make: Make) -> None:
    content = Path(__file__).with_name("tables").joinpath("two.dmn").read_text(encoding="utf-8")
    assert "semantic:" not in content
    plain = tables(content.encode())
    prefixed = content.replace("</", "</semantic:").replace("<", "<semantic:")
    for wrong, right in (("<semantic:/", "</"), ("<semantic:?", "<?"), ("<semantic:!", "<!")):
        prefixed = prefixed.replace(wrong, right)
    prefixed = prefixed.replace("</semantic:semantic:", "</semantic:").replace(
        " xmlns=", " xmlns:semantic="
    )
    assert tables(prefixed.encode()) == plain
