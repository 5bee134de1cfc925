"""Names of attributes that columns become: readable, and two facts never share one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from tongban.cli import cli
from tongban.kernel import Kernel
from tongban.plugins.kit.dmn.document import Imported
from tongban.plugins.kit.dmn.names import Names, spelled
from tongban.plugins.kit.dmn.table import TableError

Make = tuple[Callable[..., bytes], Any]


def run(folder: Path, content: bytes, *args: str) -> Result:
    file = folder / "demo.dmn"
    file.write_bytes(content)
    return CliRunner(catch_exceptions=False).invoke(cli, ["import-dmn", str(file), *args])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("年龄", "nian_ling"),
        ("月收入", "yue_shou_ru"),
        ("申请人age", "shen_qing_ren_age"),
        ("重庆户籍", "chong_qing_hu_ji"),
        ("familySize", "family_size"),
        ("Monthly Income", "monthly_income"),
        ("applicant.age", "applicant_age"),
        ("Größe", "grosse"),
        ("2020年收入", "input_2020_nian_shou_ru"),
        ("女", "nv"),
        ("😀", "input"),
        ("ཁྱིམ་ཚང", "input"),
    ],
)
def test_names_are_spelled_in_letters(text: str, name: str) -> None:
    assert spelled(text) == name


WORDS = st.text("年岁龄aAbB1 ._()·é😀", min_size=1, max_size=6) | st.text(min_size=1, max_size=9)


@given(
    st.lists(WORDS, unique=True, max_size=12), st.sets(st.sampled_from(["demo.a", "demo.input"]))
)
def test_different_facts_have_different_names(facts: list[str], taken: set[str]) -> None:
    names = Names("demo", taken)
    given_names = [names.of(fact) for fact in facts]
    assert len({*given_names}) == len(facts)
    assert not taken & {*given_names}
    assert [name for name in given_names if not re.fullmatch(r"demo\.[a-z][a-z0-9_]*", name)] == []
    assert [names.of(fact) for fact in facts] == given_names


def two_tables(dmn_of: Any, columns: Sequence[Any], cells: tuple[str, str]) -> bytes:
    """A file with two decisions, each of one input column."""
    first: bytes = dmn_of("", columns[:1], [], [])
    texts = []
    for n, (column, cell) in enumerate(zip(columns, cells, strict=True), 1):
        table = dmn_of("", [column], [type(column)("eligible")], [[cell, "false"]]).decode()
        body = table.partition('<decision id="table"')[2].partition("</definitions>")[0]
        texts.append(f'<decision id="table{n}"{body}'.replace('name="表"', f'name="表{n}"'))
    head = first.decode().partition("<decision ")[0]
    return f"{head}{''.join(texts)}</definitions>".encode()


def written(result: Result) -> Any:
    assert result.exit_code == 0, result.stderr
    return yaml.safe_load(result.stdout)


@pytest.mark.parametrize(
    ("one", "other", "names"),
    [
        ("年龄", "月收入", ["demo.nian_ling", "demo.yue_shou_ru"]),
        ("申请人age", "配偶age", ["demo.shen_qing_ren_age", "demo.pei_ou_age"]),
        ("是由", "事由", ["demo.shi_you", "demo.shi_you_2"]),
        ("Age", "age", ["demo.age", "demo.age_2"]),
        ("a b", "a.b", ["demo.a_b", "demo.a_b_2"]),
        ("😀x", "ཁx", ["demo.x", "demo.x_2"]),
        ("demo.age", "age", ["demo.demo_age", "demo.age"]),
        ("年龄1", "年龄\uff11", ["demo.nian_ling_1", "demo.nian_ling_1_2"]),
    ],
)
def test_two_columns_are_two_questions(
    one: str, other: str, names: list[str], tmp_path: Path, make: Make
) -> None:
    dmn_of, head = make
    columns = [head(one, "number", label=one), head(other, "number", label=other)]
    content = two_tables(dmn_of, columns, ("< 18", "> 5000"))
    known = written(run(tmp_path, content, "--department", "demo"))["attributes"]
    assert [*known] == names
    assert [known[name]["name"] for name in names] == [one, other]
    assert len({known[name]["question"] for name in names}) == 2
    assert len({known[name]["title"] for name in names}) == 2


def test_each_column_decides_its_own_item(tmp_path: Path, make: Make) -> None:
    dmn_of, head = make
    columns = [head("年龄", "number", label="年龄"), head("月收入", "number", label="月收入")]
    out = tmp_path / "demo.yaml"
    content = two_tables(dmn_of, columns, ("< 18", "> 5000"))
    done = run(tmp_path, content, "--department", "demo", "-o", str(out))
    assert done.exit_code == 0, done.stderr
    kernel = Kernel(plugins=[], drafts=[out])
    facts = {"demo.nian_ling": 30, "demo.yue_shou_ru": 9000}
    outcomes = [
        kernel.decide(
            {"item": item.key, "channel": "online", "facts": facts, "applicant": {"kind": "person"}}
        ).outcome
        for item in kernel.items
    ]
    assert outcomes == ["eligible", "ineligible"]


def test_one_name_in_two_tables_is_one_fact(tmp_path: Path, make: Make) -> None:
    dmn_of, head = make
    columns = [
        head("月  收入", "number", label="收入"),
        head("月 收入", "number", label="每月收入"),
    ]
    content = two_tables(dmn_of, columns, ("< 18", "> 5000"))
    known = written(run(tmp_path, content, "--department", "demo"))["attributes"]
    assert [*known] == ["demo.yue_shou_ru"]


def test_headings_that_are_alike_are_told_apart(tmp_path: Path, make: Make) -> None:
    dmn_of, head = make
    columns = [head("applicant", "number", label="年龄"), head("spouse", "number", label="年龄")]
    content = two_tables(dmn_of, columns, ("< 18", "< 22"))
    known = written(run(tmp_path, content, "--department", "demo"))["attributes"]
    assert {name: one["question"] for name, one in known.items()} == {
        "demo.applicant": "年龄(applicant)?",
        "demo.spouse": "年龄(spouse)?",
    }


def test_two_facts_never_become_one_attribute_of_the_vocabulary(tmp_path: Path, make: Make) -> None:
    dmn_of, head = make
    columns = [head("a", "string", label="迁移原因"), head("b", "string", label="迁移原因")]
    content = two_tables(dmn_of, columns, ('"graduation"', '"graduation"'))
    done = run(tmp_path, content, "--department", "demo")
    assert done.exit_code == 2
    assert "comes to 'move_reason', as 'a' does (decision \"表1\", input 1" in done.stderr
    chosen = run(tmp_path, content, "--map", "a=move_reason", "--map", "b=demo.why")
    assert [*written(chosen)["attributes"]] == ["demo.why"]


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        (
            ["年龄=own_record"],
            "of --map is the heading of 'applicant', 'spouse'; name one of these",
        ),
        (["Age=own_record"], "--map 'Age': no column has this name; there are applicant"),
        (["applicant=demo.a", "applicant=demo.b"], "'applicant' is both demo.a and demo.b"),
    ],
)
def test_wishes_that_fit_no_column_or_several_are_refused(
    pairs: list[str], said: str, tmp_path: Path, make: Make
) -> None:
    dmn_of, head = make
    columns = [head("applicant", "number", label="年龄"), head("spouse", "number", label="年龄")]
    content = two_tables(dmn_of, columns, ("< 18", "< 22"))
    done = run(tmp_path, content, *(word for pair in pairs for word in ("--map", pair)))
    assert done.exit_code == 2
    assert said in done.stderr


def test_an_item_is_not_named_twice(tmp_path: Path, make: Make) -> None:
    dmn_of, head = make
    content = two_tables(dmn_of, [head("a", "number"), head("b", "number")], ("1", "2"))
    done = run(tmp_path, content, "--item", "9-01", "--item", "9-01")
    assert done.exit_code == 2
    assert "--item '9-01' stands twice" in done.stderr


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ('"a", "\uff41"', "'\uff41' looks like 'a', which is another value"),
        ('"a b", "a  b"', "'a  b' looks like 'a b'"),
        ('"a ", "a"', "'a' looks like 'a '"),
        ('""', "tests for the empty text"),
        ('" "', "tests for the empty text"),
        ('"a\\nb"', "tests for a text of several lines"),
    ],
)
def test_values_that_nobody_can_tell_apart_are_refused(
    cell: str, said: str, translated: Callable[..., Imported], make: Make
) -> None:
    dmn_of, head = make
    content = dmn_of("", [head("kind", "string")], [head("eligible")], [[cell, "false"]])
    with pytest.raises(TableError) as refused:
        translated(content)
    assert said in str(refused.value)


def test_a_value_named_other_is_not_all_the_others(
    loaded: Callable[..., Kernel], make: Make
) -> None:
    dmn_of, head = make
    content = dmn_of("", [head("kind", "string")], [head("eligible")], [['"other"', "false"]])
    kernel = loaded(content)
    assert kernel.rulebook.vocabulary.facts["example.kind"].values == {
        "other": "other",
        "other_2": "以上都不是",
    }


@pytest.mark.parametrize("name", ["是否已婚？", "是否已婚"])
def test_a_heading_that_is_a_question_is_asked_as_it_is(
    name: str, tmp_path: Path, make: Make
) -> None:
    dmn_of, head = make
    outputs = [head("eligible", "boolean")]
    content = dmn_of("UNIQUE", [head(name, "boolean")], outputs, [["true", "false"]])
    known = written(run(tmp_path, content, "--department", "demo"))["attributes"]
    assert known["demo.shi_fou_yi_hun"]["question"] == "是否已婚?"
