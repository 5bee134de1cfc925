"""Comments that excuse findings, and the warning where one excuses nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tongban.plugins.kit.check.run import Options, run

FILE = """\
department: {{id: yy, jurisdiction: 510000, name: 示例厅, title: Example}}

items:
  - id: 9-01
    name: 示例事项
    title: Example item
    kind: 登记
    applicant: [person]
    handled_at: [hukou]
    available: {{from: 2021-12-31}}
    cite: {{row: 9/1}}
    rules:
      - id: a
        when: {{own_record: true}}
        then: {{eligible: false}}
        {above}
        because: 示例
        cite: {{row: 2/3}}  {beside}
        basis: inferred
    cases:
      - name: no
        given: {{channel: online, places: {{hukou: 510100}}, facts: {{own_record: true}}}}
        expect: {{eligible: false, reasons: [510000/9-01.a]}}
      - name: yes
        given: {{channel: online, places: {{hukou: 510100}}, facts: {{own_record: false}}}}
        expect: {{eligible: true}}
"""
"""A file in which TB208 is found in line 18, and nothing else."""

Check = Callable[..., list[tuple[str, int, str]]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """What is found in the file with these comments: code, line and message."""

    def examine(
        beside: str = "", above: str = "# why", **options: object
    ) -> list[tuple[str, int, str]]:
        path = tmp_path / "yy.yaml"
        path.write_text(FILE.format(beside=beside, above=above), encoding="utf-8")
        chosen = Options(**{"proofs": False, **options})  # type: ignore[arg-type]
        return [(one.code, one.line, one.message) for one in run([path], chosen).findings]

    return examine


def test_the_file_has_one_finding(check: Check) -> None:
    assert [found[:2] for found in check()] == [("TB208", 18)]


@pytest.mark.parametrize(
    "beside",
    [
        "# tongban: ignore TB208",
        "#tongban:ignore TB208",
        "# tongban: ignore TB208 - the row of another list",
        "# tongban:  ignore  TB208,  since the annex has it so",
        "# Tongban: ignore TB208 (TB207 would be another matter)",
    ],
)
def test_an_excuse_of_use_is_silent(beside: str, check: Check) -> None:
    assert check(beside) == []


@pytest.mark.parametrize(
    ("beside", "says"),
    [
        ("# tongban: ignore TB2O8", "excuses 'TB2O8', which is not a code; did you mean 'TB208'?"),
        ("# tongban: ignore tb208", "excuses 'tb208', which is not a code; did you mean 'TB208'?"),
        ("# tongban: ignore TB999", "excuses 'TB999', which is not a code"),
        ("# tongban: ignore TB20", "excuses 'TB20', which is not a code"),
        ("# tongban: ignore", "names no code after `ignore`"),
        ("# tongban: ignore 208", "names no code after `ignore`"),
        ("# tongban: ignor TB208", "excuses nothing: '# tongban: ignor TB208'"),
        ("# tongban ignore TB208", "excuses nothing: '# tongban ignore TB208'"),
        ("# tongbang: ignore TB208", "excuses nothing: '# tongbang: ignore TB208'"),
        ("# Tonban：TB208", "excuses nothing: '# Tonban：TB208'"),
        ("# noqa: TB208", "excuses nothing: '# noqa: TB208'"),
        ("# tongban: ignore: TB208", "names no code after `ignore`"),
        ("# tongban: TB208", "excuses nothing: '# tongban: TB208'"),
        ("# tongban: ignore TB215", "excuses TB215, which is an error; errors are mended"),
    ],
)
def test_a_mistyped_excuse_is_named_and_excuses_nothing(
    beside: str, says: str, check: Check
) -> None:
    found = check(beside)
    assert [one[:2] for one in found] == [("TB208", 18), ("TB223", 18)]
    assert found[1][2].startswith(says)


@pytest.mark.parametrize(
    "beside",
    [
        "# tongban: ignore TB208，TB207",
        "# tongban: ignore TB208、TB207",
        "# tongban: ignore TB208 # tongban: ignore TB207",
        "# tongban: ignore TB208, as the annex says # tongban: ignore TB207",
    ],
)
def test_every_code_of_a_comment_is_an_excuse(beside: str, check: Check) -> None:
    found = check(beside)
    assert [one[:2] for one in found] == [("TB223", 18)]
    assert found[0][2].startswith("excuses TB207, which is not found here")


@pytest.mark.parametrize(
    "comment", ["# TB208", "# see TB208 of the checks", "# tongue: TB, or not"]
)
def test_a_comment_that_only_names_a_code_is_no_mistake(comment: str, check: Check) -> None:
    assert [one[0] for one in check(comment)] == ["TB208"]


def test_an_excuse_at_another_rule_says_where_the_finding_is(check: Check) -> None:
    found = check(above="# tongban: ignore TB208")
    assert [one[:2] for one in found] == [("TB223", 16), ("TB208", 18)]
    assert found[0][2] == "excuses TB208, which is not found here; it is found in line 18"


def test_an_excuse_that_is_not_needed_any_more_is_named(check: Check) -> None:
    found = check("# tongban: ignore TB208, TB207")
    assert [one[:2] for one in found] == [("TB223", 18)]
    assert found[0][2] == "excuses TB207, which is not found here; nothing in the file needs it"


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("TB304", {}),  # no proofs
        ("TB502", {}),  # no engines
        ("TB206", {}),  # no text of the plan
        ("TB207", {"ignore": ("TB207",)}),
        ("TB207", {"select": ("TB208", "TB223")}),
    ],
)
def test_nothing_is_said_of_what_was_not_looked_for(
    code: str, options: dict[str, object], check: Check
) -> None:
    assert check(f"# tongban: ignore TB208, {code}", **options) == []


def test_a_text_that_speaks_of_excuses_is_none(check: Check) -> None:
    found = check(above='advise: {do: use_channel, target: "# tongban: ignore TB208"}')
    assert "TB223" not in {one[0] for one in found}
    assert check(above="# see tongban.dev for more\n        # tongban is the tool")[0][0] == "TB208"


def test_a_warning_of_excuses_can_be_excused_itself(check: Check) -> None:
    assert check("# tongban: ignore TB208, TB207, TB223") == []
