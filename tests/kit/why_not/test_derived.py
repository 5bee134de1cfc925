"""`why-not` where plugins derive facts: it asks them, and proves nothing against them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.derived_fund import DECLARED, GIVEN, RULES, Fund

from tongban.kernel import Application, Kernel, Scalar, hookimpl
from tongban.plugins.kit.why_not.attributes import Policy
from tongban.plugins.kit.why_not.goals import Want
from tongban.plugins.kit.why_not.repairs import Result, examine

HELD = frozenset({"facts.fund.balance", "facts.fund.months"})


@pytest.fixture(scope="module", params=[DECLARED, "true"], ids=["declared", "undeclared"])
def kernel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kernel:
    path = tmp_path_factory.mktemp("fund") / "fund.yaml"
    path.write_text(RULES.format(derived=request.param), encoding="utf-8")
    return Kernel([Fund(path)], strict=True)


def found(kernel: Kernel, hold: frozenset[str] = HELD, **facts: Any) -> Result:
    raw = {**GIVEN, "facts": {f"fund.{name}": value for name, value in facts.items()}}
    return examine(kernel, raw, (Want("outcome", "eligible"),), Policy(hold=hold))


def test_another_amount_turns_it(kernel: Kernel) -> None:
    result = found(kernel, months=12, amount=9, balance=3)
    assert result.status == "turned"
    (way,) = result.ways
    (change,) = way.changes
    assert change.part.name == "facts.fund.amount"
    assert isinstance(change.new, int)
    assert change.new <= 3
    assert [one.rule for one in change.asked_by] == ["510000/8-01.over"]
    assert kernel.decide(way.application).outcome == "eligible"


def test_what_was_not_said_is_answered(kernel: Kernel) -> None:
    result = found(kernel, months=12, amount=9)
    (way,) = result.ways
    assert not way.changes
    (answer,) = way.answers
    assert answer.part.name == "facts.fund.balance"
    assert kernel.decide(way.application).outcome == "eligible"


def test_what_is_not_found_is_not_proved(kernel: Kernel) -> None:
    held = HELD | {"facts.fund.amount"}
    result = found(kernel, held, months=12, amount=9, balance=3)
    declared = kernel.rulebook.vocabulary.facts["fund.over"].derived_from
    assert result.status == ("impossible" if declared else "not_found")
    assert [rule.id for rule in result.rules] == ["510000/8-01.over"]
    result = found(kernel, months=3, amount=9, balance=3)
    assert (result.status, result.derived_by) == ("not_found", ("Fund",))


class Desk(Fund):
    """Derives from how and where it is handed in."""

    @hookimpl
    def derive_facts(self, application: Application) -> dict[str, Scalar]:
        far = application.channel == "window" or application.places.get("fund") == "510300"
        return {"fund.over": far}


@pytest.mark.parametrize(
    ("changes", "free", "part"),
    [
        ({"channel": "window", "received_at": "510100"}, frozenset(), "channel"),
        ({"places": {"fund": "510300"}}, frozenset({"places.fund"}), "places.fund"),
    ],
)
def test_other_parts_than_facts_are_tried(
    tmp_path: Path, changes: dict[str, Any], free: frozenset[str], part: str
) -> None:
    path = tmp_path / "fund.yaml"
    derived = "{by: Desk, from: [channel, places.fund]}"
    path.write_text(RULES.format(derived=derived), encoding="utf-8")
    kernel = Kernel([Desk(path)], strict=True)
    raw = {**GIVEN, **changes, "facts": {"fund.months": 12}}
    result = examine(kernel, raw, (Want("outcome", "eligible"),), Policy(free=free))
    assert result.status == "turned"
    assert [one.part.name for one in result.ways[0].changes] == [part]
    assert kernel.decide(result.ways[0].application).outcome == "eligible"
    held = examine(kernel, raw, (Want("outcome", "eligible"),), Policy(hold=frozenset({part})))
    assert held.status in ("impossible", "not_found")
    assert part in [one.part.name for one in held.hindrances]
