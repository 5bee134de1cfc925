"""Whole .dmn files: every version, what is refused of them, and the command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tongban.cli import cli
from tongban.kernel import Kernel
from tongban.plugins.kit.dmn.document import Imported
from tongban.plugins.kit.dmn.table import TableError
from tongban.plugins.kit.dmn.xml import MAX_SIZE, VERSIONS, tables
from tongban.plugins.kit.examples import run_example

Make = tuple[Callable[..., bytes], Any]
TABLES = Path(__file__).parent / "tables"


def run(*args: str, input: bytes | None = None) -> Result:
    runner = CliRunner(catch_exceptions=False)
    return runner.invoke(cli, ["import-dmn", *args], input=input, terminal_width=80)


def refused(content: bytes) -> list[str]:
    with pytest.raises(TableError) as raised:
        tables(content)
    return list(map(str, raised.value.refusals))


@pytest.mark.parametrize("namespace", VERSIONS, ids=VERSIONS.get)
def test_every_version_is_read(namespace: str, make: Make) -> None:
    dmn_of, head = make
    content = dmn_of("", [head("a")], [head("eligible")], [['"x"', "true"]], namespace=namespace)
    (table,) = tables(content)
    assert (table.policy, table.rows[0].inputs, table.rows[0].outputs) == (
        "UNIQUE",
        ('"x"',),
        ("true",),
    )


def test_annotations_of_either_kind_are_read() -> None:
    (table,) = tables((TABLES / "annotations.dmn").read_bytes())
    assert [row.annotations for row in table.rows] == [("清单 2/13", "说明"), ("原因",)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "this is not XML (line 1, column 1): no element found"),
        (b"<a><b></a>", "this is not XML (line 1, column 9): mismatched tag"),
        (b"\xff\xfe<", "this is not XML"),
        (b"<html/>", "is not a DMN that can be read: expected <definitions> of DMN 1.1, 1.2"),
        (b'<definitions xmlns="urn:x"/>', "<definitions> of 'urn:x'"),
        (b'<!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>', "<!DOCTYPE' is not read"),
        (b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>', "<!DOCTYPE' is not read"),
        (b"<?xml version='1.0' encoding='none'?><a/>", "this is not XML"),
        (b" " * (MAX_SIZE + 1), "the file has more than 4,000,000 bytes"),
    ],
)
def test_what_is_no_dmn_is_refused(content: bytes, message: str) -> None:
    (told,) = refused(content)
    assert message in told


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            '<informationRequirement><requiredDecision href="#x"/></informationRequirement>',
            "depends on another decision",
        ),
        (
            '<knowledgeRequirement><requiredKnowledge href="#x"/></knowledgeRequirement>',
            "depends on a business knowledge model",
        ),
        (
            "<literalExpression><text>1 + 1</text></literalExpression>",
            "'1 + 1' is a FEEL expression",
        ),
        ("<context/>", "is a context"),
        ("<invocation/>", "is an invocation"),
    ],
)
def test_more_than_a_table_is_refused(make: Make, more: str, message: str) -> None:
    dmn_of, head = make
    content = dmn_of("", [head("a")], [head("eligible")], [["-", "true"]], more=more)
    (told,) = refused(content)
    assert told.startswith('decision "表": ')
    assert message in told


@pytest.mark.parametrize("policy", ["RULE ORDER", "OUTPUT ORDER", "SUM"])
def test_other_hit_policies_are_refused(make: Make, policy: str) -> None:
    dmn_of, head = make
    (told,) = refused(dmn_of(policy, [head("a")], [head("eligible")], [["-", "true"]]))
    assert f"'{policy}' is a hit policy that is not read; read are UNIQUE, FIRST" in told


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('hitPolicy="COLLECT"', 'hitPolicy="COLLECT" aggregation="SUM"', "'SUM' is an aggregation"),
        (
            "<inputEntry><text>",
            '<inputEntry expressionLanguage="juel"><text>',
            'row 1, input 1 "a": \'"x"\' is written in juel; FEEL alone is read',
        ),
        ('<inputEntry><text>"x"</text></inputEntry>', "", "row 1: has 0 inputEntry for 1 columns"),
        (
            '<outputEntry><text>"y"</text>',
            "<outputEntry><context/>",
            'row 1, output 1 "requires": holds a context',
        ),
    ],
)
def test_parts_of_a_table_that_are_refused(
    make: Make, before: str, after: str, message: str
) -> None:
    dmn_of, head = make
    content = dmn_of("COLLECT", [head("a")], [head("requires")], [['"x"', '"y"']]).decode()
    assert before in content
    (told,) = refused(content.replace(before, after).encode())
    assert message in told


def test_a_file_of_an_editor_becomes_a_department(tmp_path: Path) -> None:
    out = tmp_path / "subsidy.yaml"
    done = run(str(TABLES / "subsidy.dmn"), "--item", "9-01", "-o", str(out))
    assert done.exit_code == 0, done.stderr
    golden = TABLES / "subsidy.yaml"
    assert out.read_text(encoding="utf-8") == golden.read_text(encoding="utf-8")
    kernel = Kernel(plugins=[], drafts=[out])
    assert kernel.problems == ()
    (item,) = kernel.items
    assert len(item.cases) == 4
    assert [
        str(r) for case in item.cases if not (r := run_example(kernel, item, case)).passed
    ] == []


def test_several_tables_become_several_items_or_the_one_that_is_named(tmp_path: Path) -> None:
    file = str(TABLES / "two.dmn")
    text = run(file, "--department", "fees", "--item", "9-07", "--item", "9-08").stdout
    assert [line.strip() for line in text.splitlines() if "  - id: 9-" in line] == [
        "- id: 9-07",
        "- id: 9-08",
    ]
    one = run(file, "--decision", "送达", "--jurisdiction", "510000").stdout
    assert "jurisdiction: 510000" in one
    assert one.count("  - id: 9-") == 1
    wrong = run(file, "--item", "9-07")
    assert wrong.exit_code == 2
    assert "1 --item for 2 tables: 时限, 送达" in wrong.stderr


def test_what_is_refused_writes_nothing(tmp_path: Path, make: Make) -> None:
    dmn_of, head = make
    bad, out = tmp_path / "bad.dmn", tmp_path / "out.yaml"
    bad.write_bytes(dmn_of("", [head("a")], [head("eligible")], [["now()", "true"]]))
    done = run(str(bad), "-o", str(out))
    assert done.exit_code == 2
    assert done.stdout == ""
    assert (
        f'{bad}: decision "表", row 1, input 1 "a": \'now()\' calls the function now' in done.stderr
    )
    assert not out.exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "out.yaml"
    out.write_text("mine")
    done = run(str(TABLES / "subsidy.dmn"), "-o", str(out))
    assert done.exit_code == 2
    assert out.read_text() == "mine"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--department", "9x"], "lower-case letters"),
        (["--item", "A!"], "is not an id such as 2-03"),
        (["--map", "a"], "write COLUMN=NAME"),
        (["--decision", "none"], "no decision table"),
        (["--kind", "nonsense"], "unknown value|nonsense"),
        (["--jurisdiction", "999999"], "999999"),
    ],
)
def test_wrong_options_are_told_in_one_message(args: list[str], message: str) -> None:
    done = run(str(TABLES / "subsidy.dmn"), *args)
    assert done.exit_code == 2
    assert any(part in done.stderr for part in message.split("|"))


def test_the_tables_result_is_tidy_and_unfinished_where_the_table_is_silent() -> None:
    runner = CliRunner()
    text = run("-", input=(TABLES / "subsidy.dmn").read_bytes()).stdout
    tidy = runner.invoke(cli, ["fmt", "--json", "-"], input=text.encode())
    assert json.loads(tidy.stdout)["state"] == "unchanged"
    assert "TODO" in text


def test_an_imported_table_needs_no_more_than_its_file(
    translated: Callable[..., Imported], make: Make
) -> None:
    dmn_of, head = make
    found = translated(dmn_of("FIRST", [], [head("eligible")], [["false"]]))
    assert "rules:\n      - id: row_1\n        then: {eligible: false}" in found.text


def test_the_row_of_the_annex_gives_the_item_its_id() -> None:
    text = run(str(TABLES / "subsidy.dmn"), "--row", "2/3").stdout
    assert "  - id: 2-03\n" in text
    assert "    cite: {row: 2/3}\n" in text
    assert "reasons: [2-03.row_1]" in text
