"""Signs of a Chinese keyboard where YAML has those of ASCII: named as that, where they stand."""

from __future__ import annotations

import pytest

from tongban.kernel import Kernel
from tongban.kernel.rulefile.loader import load_department
from tongban.kernel.rulefile.yaml_tree import compose

FILE = """\
department: {id: yy, jurisdiction: 510000, name: 示例厅, title: Example}

items:
  - id: 9-01
    name: 示例（事项），“一”：二
    title: Example item
    kind: 登记
    applicant: [person]
    handled_at: [hukou]
    available: {from: 2021-12-31}
    cite: {row: 9/1}
    rules:
      - id: a
        when: {own_record: true, disability_grade: {at_least: 3}}
        then: {eligible: false}
        because: 因为“这样”：一，二（三）
        cite: {row: 9/1}
        basis: inferred
"""


@pytest.fixture(scope="module")
def bare() -> Kernel:
    return Kernel(plugins=[])


def test_texts_hold_such_signs(bare: Kernel) -> None:
    assert load_department(bare.base, "yy.yaml", FILE).problems == ()


@pytest.mark.parametrize(
    ("before", "after", "sign", "meant"),
    [
        ("title: Example item", "title：Example item", "：", ":"),
        ("department: {id", "department：{id", "：", ":"),
        ("{id: yy, juris", "{id：yy, juris", "：", ":"),
        ("510000, name", "510000，name", "，", ","),
        ("title: Example}", "title: Example｝", "｝", "}"),
        ("then: {eligible", "then: ｛eligible", "｛", "{"),
        ("own_record: true, dis", "own_record: true，dis", "，", ","),
        ("{own_record: true", "{own_record：true", "：", ":"),
        ("[person]", "［person］", "［", "["),
        ("[person]", "[person，agency]", "，", ","),
        ("[person]", "[“person”]", "“", '"'),
        ("[hukou]", "[‘hukou’]", "‘", "'"),
        ("at_least: 3", "at_least: ３", "３", "3"),
        ("2021-12-31", "2021－12－31", "－", "-"),
        ("- id: 9-01", "- id: 9－01", "－", "-"),
        ("cite: {row: 9/1}\n    rules", "cite: ｛row：9/1｝\n    rules", "｛", "{"),
        ("basis: inferred", "basis: “inferred”", "“", '"'),
        ("- id: a", "－ id: a", "－", "-"),
        ("because: 因为“这样”", 'because: "因为“这样”', "”", '"'),
    ],
)
def test_a_sign_that_was_meant_as_one_of_yaml_is_named(
    bare: Kernel, before: str, after: str, sign: str, meant: str
) -> None:
    assert FILE.count(before) == 1
    text = FILE.replace(before, after)
    at = text.index(after) + after.index(sign)
    place = (text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
    problems = load_department(bare.base, "yy.yaml", text).problems
    says = f"the full-width sign {sign} (U+{ord(sign):04X}) is no {meant!r} of YAML; write"
    assert [(one.line, one.column) for one in problems if says in one.message][:1] == [place]


@pytest.mark.parametrize("blank", ["\u3000", "\xa0"])
def test_a_wide_blank_that_indents_is_named(bare: Kernel, blank: str) -> None:
    text = FILE.replace("    kind: 登记", f"{blank * 4}kind: 登记")
    problems = load_department(bare.base, "yy.yaml", text).problems
    assert any(
        (one.line, one.column) == (7, 1)
        and f"(U+{ord(blank):04X}) is no ' ' of YAML" in one.message
        for one in problems
    ), problems


@pytest.mark.parametrize(
    "text",
    [
        "because: 说明，如下: 一\n",
        "a: 原因：一\nb: c: d\n",
        "a: {b: c\nd: e\nf: 说明，好\n",
        'a: {b: "一，二", c: d]\n',
        "a: [b # 一，二\nc: d\n",
        "a: 'b\nc: d，e\n",
    ],
)
def test_signs_that_are_right_in_texts_are_not_blamed(text: str) -> None:
    said: list[str] = []
    compose(text, lambda line, column, message: said.append(message))
    assert said
    assert "full-width" not in " ".join(said)
