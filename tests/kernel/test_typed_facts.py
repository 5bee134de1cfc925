"""Facts of every type, declared by a department: checked, compared and asked for by type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tongban.kernel import ApplicationError, Kernel

HEAD = """
attributes:
  tests.born: {type: date, name: 出生日期, title: date of birth, question: "哪一天出生?"}
  tests.note: {type: text, name: 说明, title: a note, question: "说明什么?"}
  tests.seat: {type: division, name: 籍贯, title: native place, question: "籍贯在哪里?"}
  tests.count: {type: int, min: 0, name: 件数, title: how many, question: "几件?"}
"""

RULES = {
    "tests.born": "{before: 2000-01-01}",
    "tests.note": "{not: 无}",
    "tests.seat": "[630100, 630122]",
    "tests.count": "{at_least: 2, at_most: 4}",
}

REFUSED: dict[str, list[Any]] = {
    "tests.born": ["1999-12-31"],
    "tests.note": ["有", " 无", "无\n", "🚗"],
    "tests.seat": ["630100", 630100, "630122"],
    "tests.count": [2, 3, 4],
}

ALLOWED: dict[str, list[Any]] = {
    "tests.born": ["2000-01-01", "2026-02-28"],
    "tests.note": ["无"],
    "tests.seat": ["630102", "110000"],
    "tests.count": [0, 1, 5, 10**30],
}

WRONG: dict[str, list[Any]] = {
    "tests.born": [
        "20000101",
        "2000-W01-1",
        "2000-1-1",
        "２０００-01-01",
        "2001-02-29",
        2000,
        True,
    ],
    "tests.note": [1, True, ["无"], "\ud800", "x" * 65_537],
    "tests.seat": ["6301", "西宁", 63, 630100.0, True, "999999"],
    "tests.count": ["3", 3.0, True, -1, [3]],
}


@pytest.fixture(scope="module")
def typed(
    make_kernel: Callable[..., Kernel], one_item: Callable[..., str], rule: Callable[..., str]
) -> dict[str, Kernel]:
    """A kernel for each attribute, whose one rule refuses some values."""

    def made(name: str) -> Kernel:
        closed = rule("closed", "{eligible: false}", when=f"{{{name}: {RULES[name]}}}")
        return make_kernel(one_item(rules=closed, head=HEAD.lstrip()))

    return {name: made(name) for name in RULES}


def raw(name: str, *value: Any) -> dict[str, Any]:
    home = {"channel": "online", "places": {"hukou": 630100}, "applicant": {"kind": "person"}}
    return {"item": "9-01", **home, "facts": dict.fromkeys([name], *value) if value else {}}


@pytest.mark.parametrize("name", RULES)
def test_values_are_compared_by_type(typed: dict[str, Kernel], name: str) -> None:
    for values, outcome in ((REFUSED, "ineligible"), (ALLOWED, "eligible")):
        found = [typed[name].decide(raw(name, value)).outcome for value in values[name]]
        assert found == [outcome] * len(values[name])


@pytest.mark.parametrize("name", RULES)
def test_nothing_is_coerced(typed: dict[str, Kernel], name: str) -> None:
    for value in WRONG[name]:
        with pytest.raises(ApplicationError) as caught:
            typed[name].decide(raw(name, value))
        assert [defect.field for defect in caught.value.defects] == [f"facts.{name}"]


@pytest.mark.parametrize("name", RULES)
def test_an_open_fact_of_any_type_is_asked_for(typed: dict[str, Kernel], name: str) -> None:
    (question,) = typed[name].decide(raw(name)).missing
    assert (question.name, question.exact) == (f"facts.{name}", True)
    assert question.question.endswith("?")
    nothing = raw(name)
    nothing["facts"] = {name: None}
    assert typed[name].decide(nothing).missing == (question,)


def test_every_mistake_is_reported_at_once(typed: dict[str, Kernel]) -> None:
    wrong = {
        "item": "9-01",
        "channel": "onlin",
        "places": {"hukou": 63, "hukuo": 630100},
        "facts": {"tests.count": -1, "tests.cuont": 1},
        "deliver_by": "pigeon",
        "as_of": "tomorrow",
        "who": "me",
    }
    with pytest.raises(ApplicationError) as caught:
        typed["tests.count"].decide(wrong)
    assert {defect.field for defect in caught.value.defects} == {
        "channel",
        "places.hukou",
        "places.hukuo",
        "facts.tests.count",
        "facts.tests.cuont",
        "deliver_by",
        "as_of",
        "who",
    }
    assert "did you mean 'tests.count'?" in str(caught.value)


@pytest.mark.parametrize(
    "raw",
    [
        {"item": "2-03", "channel": 10**5000},
        {"item": "2-03", 10**5000: 1},
        {"item": "2-03", "facts": {10**5000: 1}},
        {"item": "2-03", "\ud800": 1},
        {"item": "2-03", "places": {"\ud800": "630100"}},
    ],
    ids=["value", "key", "fact", "surrogate", "place"],
)
def test_what_cannot_be_printed_is_refused_in_words_that_can(raw: Any) -> None:
    with pytest.raises(ApplicationError) as refused:
        Kernel().decide(raw)
    assert str(refused.value).encode()
