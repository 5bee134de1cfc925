"""The JSON Schema that editors use says what the loader says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tongban.kernel.rulefile.json_schema import rule_file_schema, written
from tongban.kernel.rulefile.loader import Base
from tongban.kernel.rulefile.yaml_tree import Node, compose, scalar

GOLDEN = Path(__file__).parent / "golden"
BAD = sorted((GOLDEN / "bad").glob("*.yaml"))

PASSES = {
    "the tree does not show it": ("duplicate_key", "two_documents"),
    "only the loader compares values with each other": (
        "advice_to_a_channel",
        "attribute_of_another",
        "bounds",
        "contradiction",
        "contradiction_of_lists",
        "duplicate_item_in_file",
        "duplicate_rule",
        "from_after_until",
        "jurisdiction",
        "place_twice",
        "reserved_rule_id",
        "rule_never_holds",
        "text_of_several_lines",
        "words_not_at_hand",
    ),
}
"""Bad files that the schema lets pass, and why."""


@pytest.fixture(scope="session")
def schema(base: Base) -> dict[str, Any]:
    """The schema, from the shapes."""
    return rule_file_schema(base)


@pytest.fixture(scope="session")
def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """Says what an editor would underline."""
    return Draft202012Validator(schema)


def test_the_file_in_the_repository_is_in_step(
    schema: dict[str, Any], rule_files: Sequence[Path]
) -> None:
    path = rule_files[0].parent.parent / "schema.json"
    said = "write it anew: python -m tongban.kernel.rulefile.json_schema > rules/schema.json"
    assert path.read_text(encoding="utf-8") == written(schema) + "\n", said


def test_the_command_prints_it(schema: dict[str, Any]) -> None:
    command = [sys.executable, "-m", "tongban.kernel.rulefile.json_schema"]
    printed = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    assert json.loads(printed) == schema


def test_it_is_a_schema(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)


def test_our_own_files_fit(validator: Draft202012Validator, rule_files: Sequence[Path]) -> None:
    for path in rule_files:
        errors = [error.message for error in validator.iter_errors(_read(path))]
        assert errors == [], path.name


def test_every_file_names_it_in_its_first_line(rule_files: Sequence[Path]) -> None:
    for path in rule_files:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first == "# yaml-language-server: $schema=../schema.json", path.name


@pytest.mark.parametrize("path", sorted((GOLDEN / "good").iterdir()), ids=lambda path: path.stem)
def test_good_files_fit(validator: Draft202012Validator, path: Path) -> None:
    assert [error.message for error in validator.iter_errors(_read(path))] == []


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_files_do_not_fit(validator: Draft202012Validator, path: Path) -> None:
    passes = any(path.stem in names for names in PASSES.values())
    assert validator.is_valid(_read(path)) is passes


@pytest.mark.parametrize(
    ("where", "word"),
    [
        (("properties", "items", "items", "properties"), "handled_at"),
        (("properties", "items", "items", "properties", "kind", "enum"), "许可"),
        (("$defs", "rule", "properties"), "unless"),
        (("$defs", "place", "enum"), "vehicle_in"),
        (("$defs", "condition", "properties"), "move_reason"),
        (("$defs", "condition", "properties"), "place.hukou.standing"),
        (("$defs", "condition", "properties"), "apart.received.hukou"),
        (("$defs", "condition", "properties"), "handling.includes_receiving"),
        (("$defs", "condition", "properties", "move_reason", "anyOf", 0, "enum"), "job_transfer"),
        (("$defs", "condition", "properties", "channel", "anyOf", 0, "enum"), "kiosk"),
        (("$defs", "test_standing", "anyOf", 0, "enum"), "separate_planning"),
        (("$defs", "citation", "properties", "source", "anyOf", 0, "enum"), "decree_804"),
    ],
)
def test_an_editor_is_offered_the_words(
    schema: dict[str, Any], where: Sequence[str | int], word: str
) -> None:
    offered: Any = schema
    for step in where:
        offered = offered[step]
    assert word in offered


@pytest.mark.parametrize(
    ("test", "fits"),
    [
        ("{disability_grade: 3}", True),
        ("{disability_grade: [3, 4]}", True),
        ("{disability_grade: {at_least: 2, at_most: 4}}", True),
        ("{disability_grade: {not: [1, 2]}}", True),
        ("{place.hukou.province: 540000}", True),
        ("{place.hukou.province: {not: [540000, 650000]}}", True),
        ("{harbour.berths: 3}", True),
        ("{date: {from: 2022-10-01, before: 2022-11-01}}", True),
        ("{any: [{channel: window}, {channel: kiosk}]}", True),
        ('{disability_grade: "3"}', False),
        ("{disability_grade: 11}", False),
        ("{disability_grade: {before: 2022-10-01}}", False),
        ("{first_id_card: 1}", False),
        ("{first_id_card: yes}", False),
        ("{place.hukou.province: 510100}", False),
        ("{place.hukuo.province: 510000}", False),
        ("{channel: {at_least: 1}}", False),
        ("{any: []}", False),
        ("{}", False),
    ],
)
def test_conditions_are_checked_as_they_are_read(
    schema: dict[str, Any], test: str, fits: bool
) -> None:
    condition = Draft202012Validator({"$ref": "#/$defs/condition", "$defs": schema["$defs"]})
    node = compose(test, lambda line, column, message: None)
    assert node is not None
    assert condition.is_valid(_plain(node)) is fits


def test_changes_to_the_schema_are_easy_to_read(schema: dict[str, Any]) -> None:
    text = written(schema)
    assert json.loads(text) == schema
    assert max(map(len, text.splitlines())) < 300


def _read(path: Path) -> Any:
    """A file as an editor reads it: YAML 1.2, where a date is text."""
    node = compose(path.read_text(encoding="utf-8"), lambda line, column, message: None)
    return None if node is None else _plain(node)


def _plain(node: Node) -> Any:
    if node.kind == "list":
        return [_plain(item) for item in node.items]
    if node.kind == "mapping":
        return {key.text: _plain(value) for key, value in node.keys}
    value = scalar(node)
    if isinstance(value, date) or (value is None and node.text not in ("", "~", "null")):
        return node.text
    return value
