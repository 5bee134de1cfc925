"""Our items against the catalogue that the environment variable TONGBAN_CATALOGUE names.

The catalogue is the annex, read and annotated by hand; it is not part of this
repository. Without the variable nothing here is collected.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest

from tongban.kernel import Citation, Item, Kernel, Stated

PATH = Path(os.environ["TONGBAN_CATALOGUE"])
ROWS: list[dict[str, Any]] = json.loads(PATH.read_text(encoding="utf-8"))
APPLICANTS = {"个人": "person", "企业": "enterprise", "机构": "institution"}

OWN_DATES = {"3-01": "2021-01-01", "3-02": "2021-01-01", "3-03": "2020-12-23", "3-04": "2022-10-01"}
"""Rows that name stages instead of a day: the first day of the first stage."""

PAYS = {"2-62": {"insured"}, "3-07": {"insured"}}
"""Places that are shown and do not act, where the catalogue calls them handling."""

SOURCES = {"1-06": {"insured"}, "3-06": {"insured"}}
"""Places whose records are read, which therefore act, where the catalogue calls them a source."""

HANDLES = ("handles", "receives+handles", "cooperates")


@pytest.fixture(params=ROWS, ids=lambda row: row["id"])
def row(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each row of the catalogue."""
    found: dict[str, Any] = request.param
    return found


@pytest.fixture
def item(kernel: Kernel, row: Mapping[str, Any]) -> Item:
    """Our item for the row."""
    found = kernel.rulebook.find(row["id"])
    assert found is not None
    return found


def test_every_row_is_an_item_and_every_item_a_row(kernel: Kernel) -> None:
    ours = [i.id for i in kernel.items if i.jurisdiction == kernel.base.jurisdiction]
    assert sorted(ours) == sorted(row["id"] for row in ROWS)


def test_name_kind_and_applicants(item: Item, row: Mapping[str, Any]) -> None:
    assert item.name == row["name"]
    assert item.kind == normalize("NFKC", row["kind"]).partition("(")[0]
    assert sorted(item.applicant.value) == sorted(APPLICANTS[kind] for kind in row["applicant"])


def test_lead_and_cooperating_departments(item: Item, row: Mapping[str, Any]) -> None:
    assert item.lead == row["lead"]
    assert list(item.cooperating) == row["cooperating"]


def test_date_from_which_it_is_due(item: Item, row: Mapping[str, Any]) -> None:
    assert item.opens is not None
    assert item.opens.isoformat() == OWN_DATES.get(item.id, row["deadline_date"])


def test_places(item: Item, row: Mapping[str, Any]) -> None:
    theirs = {name: place for place in row["places"] for name in re.split(r"[|+]", place["place"])}
    receives = {item.receives.value} if item.receives else set()
    assert {*item.handled_at.value, *item.involves.value, *receives} == set(theirs)
    acting = {name for name, place in theirs.items() if place["part"] in HANDLES}
    acting = acting - PAYS.get(item.id, set()) | SOURCES.get(item.id, set())
    assert set(item.handled_at.value) == acting
    assert set(item.involves.value) == PAYS.get(item.id, set())
    assert item.choice is any("|" in place["place"] for place in row["places"])


def test_who_receives(item: Item, row: Mapping[str, Any]) -> None:
    named = {place["place"] for place in row["places"] if place["part"].startswith("receives")}
    first = item.receives.value if item.receives else item.handled_at.value[0]
    assert not named or first in named


def test_a_place_is_stated_where_the_row_names_it(item: Item, row: Mapping[str, Any]) -> None:
    for place in row["places"]:
        if place["part"] in HANDLES:
            stated = place["basis"] == "explicit"
            assert (item.handled_at.basis == "stated") is stated


def test_every_limit_is_cited(item: Item, row: Mapping[str, Any]) -> None:
    cited = {_plain(cite.words) for cite in _citations(item) if cite.words}
    for limit in row["limits"]:
        words = _plain(limit["words"])
        assert _covered(words, cited) >= 0.5, (limit["type"], words, sorted(cited))


def _citations(item: Item) -> Iterator[Citation]:
    yield item.cite
    for name in ("applicant", "handled_at", "receives", "involves", "attendance", "channels",
                 "level", "available"):  # fmt: skip
        stated: Stated[object] | None = getattr(item, name)
        if stated is not None:
            yield stated.cite
    yield from (rule.cite for rule in item.rules)


def _plain(text: str) -> str:
    return re.sub(r"\s", "", normalize("NFKC", text))


def _covered(words: str, cited: set[str]) -> float:
    """What part of `words` stands in what is cited, in runs of at least two characters."""
    found: set[int] = set()
    for other in cited:
        run = SequenceMatcher(None, words, other, autojunk=False).find_longest_match()
        if run.size >= 2:
            found.update(range(run.a, run.a + run.size))
    return len(found) / len(words)
