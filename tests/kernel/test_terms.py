"""One table of terms: every code has one official term, typed in one place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from tongban.kernel import protocol
from tongban.kernel.model import LAYERS, RULE_STEPS, TERMS, term

ROOT = Path(__file__).parents[2]
_PAIR = re.compile(r'"(\w+)": "([^"]*[㐀-鿿][^"]*)"')


def test_every_term_is_there_in_both_languages() -> None:
    assert [
        one for kind in TERMS.values() for one in kind.values() if not (one.zh and one.en)
    ] == []


def test_the_table_has_exactly_the_codes_that_there_are() -> None:
    for kind, codes in (
        ("state", get_args(protocol.State)),
        ("actor", get_args(protocol.ActorKind)),
        ("grade", get_args(protocol.Grade)),
        ("layer", LAYERS),
    ):
        assert tuple(TERMS[kind]) == codes
    assert tuple(TERMS["step"])[: len(RULE_STEPS)] == RULE_STEPS


def test_no_other_source_types_a_table_of_terms_again() -> None:
    files = [*(ROOT / "kernel").rglob("*.py"), *(ROOT / "plugins").rglob("*.py")]
    assert len(files) > 100
    again = []
    for file in files:
        typed = {code for code, _ in _PAIR.findall(file.read_text(encoding="utf-8"))}
        for kind, words in TERMS.items():
            # Two may be words of something else: 部门 and 事项 head a report's tables.
            if len(typed & set(words)) > 2:
                again.append((file.name, kind))
    assert again == []


@pytest.mark.parametrize(
    ("kind", "code", "shown"),
    [("step", "confirm", "协同确认 confirm"), ("level", "prefecture", "市州级 prefecture")],
)
def test_a_term_is_shown_with_its_code(kind: str, code: str, shown: str) -> None:
    assert term(kind, code) == shown
    assert term(kind, "as_it_came") == "as_it_came"
