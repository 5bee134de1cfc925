"""Every case of every item is turned, or proved not to be turnable (`make deep`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice, product
from types import MappingProxyType
from typing import Any

import pytest
from attrs import evolve

from tongban.kernel import Decision, Item, Kernel
from tongban.plugins.kit.why_not.attributes import Policy, put
from tongban.plugins.kit.why_not.goals import Want, default_wants, meets
from tongban.plugins.kit.why_not.repairs import Result, examine

KERNEL = Kernel()


def cases(item: Item) -> Iterator[tuple[str, dict[str, Any]]]:
    for case in item.cases:
        raw = {
            "as_of": "2026-01-01",
            "applicant": {"kind": item.applicant.value[0]},
            **case.given,
            "item": item.key,
        }
        yield case.name, {**raw, "as_of": str(raw["as_of"])}


def refused(item: Item) -> list[dict[str, Any]]:
    return [raw for _, raw in cases(item) if outcome(raw) != "eligible"]


def decided(raw: dict[str, Any], derived: Mapping[str, Any]) -> Decision:
    """The decision where plugins derive these facts from what is not said."""
    application = KERNEL.application(raw)
    return KERNEL.decide(evolve(application, facts={**derived, **application.facts}))


def outcome(raw: dict[str, Any], derived: Mapping[str, Any] = MappingProxyType({})) -> str:
    return decided(raw, derived).outcome


def test_refused_and_incomplete_cases_are_turned_or_proved() -> None:
    found: Counter[str] = Counter()
    for item in KERNEL.items:
        for raw in refused(item):
            try:
                found[turned(item, raw)] += 1
            except AssertionError as error:
                error.add_note(f"{item.key}: {raw}")
                raise
    assert set(found) == {"turned", "impossible"}
    assert min(found.values()) > 20


def turned(item: Item, raw: dict[str, Any]) -> str:
    """Whether the engine confirms what is found for a case, or finds nothing either."""
    result = examine(KERNEL, raw, default_wants(), Policy(), 20)
    assert result.status in ("turned", "impossible")
    if result.status == "impossible":
        assert not _anything_turns(raw, item, result)
        assert result.rules
        assert {rule.id for rule in result.rules} <= {r.id for r in KERNEL.program(item).rules}
        return "impossible"
    sets = [frozenset(change.part.name for change in way.changes) for way in result.ways]
    assert not any(a < b for a, b in product(sets, sets))
    assert [len(one) for one in sets] == sorted(len(one) for one in sets)
    for way in result.ways:
        assert outcome(dict(way.application), way.derived) == "eligible"
        for change in way.changes:
            back = put(way.application, {change.part.name: change.old})
            assert outcome(back, way.derived) != "eligible", f"{change.part.name} need not change"
            assert change.asked_by
        for other in (*way.changes, *way.answers):
            for value in other.also:
                changed = put(way.application, {other.part.name: value})
                assert outcome(changed, way.derived) == "eligible"
    return "turned"


def _anything_turns(raw: dict[str, Any], item: Item, result: Result) -> bool:
    """Whether the engine finds what the solver says is not there, by trying what may change."""
    facts = KERNEL.rulebook.vocabulary.facts
    program = KERNEL.program(item)
    parts: dict[str, list[Any]] = {
        "channel": ["online", "window", "kiosk"],
        "received_at": ["630100", "510100", "110000", "540100"],
        "as_of": [day for day in (raw["as_of"], "2029-01-01") if day >= raw["as_of"]],
        "applicant.kind": ["person", "enterprise", "institution"],
    }
    for name in program.asked:
        said = name in raw.get("facts", {})
        if not (said and facts[name].fixed):
            told = facts[name].told_apart(t for t in program.tests if t.attribute == name)
            parts[f"facts.{name}"] = list(told)
    tried = product(*parts.values())
    return any(
        outcome(put(raw, dict(zip(parts, values, strict=True)))) == "eligible"
        for values in islice(tried, 2_000)
    )


WANTS = [
    (Want("modes", "online"),),
    (Want("modes", "collect"), Want("delivery", "pickup")),
    (Want("modes", "joint"),),
    (Want("modes", "local"),),
    (Want("outcome", "ineligible"),),
]


@pytest.mark.parametrize("wanted", WANTS, ids=lambda wanted: ",".join(map(str, wanted)))
def test_whatever_is_wanted_is_confirmed_or_proved(wanted: tuple[Want, ...]) -> None:
    """For every item's first case; where it takes two changes, no single one does."""
    found = set()
    for item in KERNEL.items:
        _, raw = next(cases(item))
        result = examine(KERNEL, raw, wanted, Policy())
        found.add(result.status)
        assert result.status != "unconfirmed"
        for way in result.ways:
            assert meets(decided(dict(way.application), way.derived), wanted)
            for change in way.changes if len(way.changes) > 1 else ():
                alone = put(raw, {change.part.name: change.new})
                assert not meets(KERNEL.decide(_complete(alone)), wanted)
    assert "impossible" in found
    assert len(found) > 1


def _complete(raw: dict[str, Any]) -> dict[str, Any]:
    """With the place of a window or kiosk, without which nothing can be decided."""
    return raw if raw.get("received_at") else {**raw, "received_at": "630100"}
