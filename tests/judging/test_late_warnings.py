"""A warning that comes after the case whose office it is for has got."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from tongban.kernel import Kernel
from tongban.kernel import protocol as p
from tongban.plugins.simulation.scenario.catalogue import Catalogue
from tongban.plugins.simulation.scenario.scenario import load_scenario

if TYPE_CHECKING:
    from tests.judging.conftest import Country

WORLD = Path(__file__).parents[1] / "simulation" / "worlds" / "three.yaml"
AFTER_THE_CHANGE = 10
"""A day on which Sichuan has a limit of two working days to decide, by that scenario."""

LOAN: dict[str, Any] = {
    "item": "510000/1-26",
    "channel": "online",
    "applicant": {"kind": "person", "name": "金示例"},
    "places": {"purchase": "510100", "fund": "630100"},
}
"""Accepted in Chengdu, decided in Xining."""


@pytest.fixture
def country(tmp_path: Path, country_with: Callable[[Path, Kernel], Country]) -> Iterator[Country]:
    """Provinces in which the item has a limit, as in none of the shipped rules."""
    rules = Catalogue(load_scenario(WORLD)).kernel("510000", AFTER_THE_CHANGE)
    found = country_with(tmp_path, rules)
    yield found
    found.close()


def passed_on(country: Country) -> tuple[str, list[p.Message]]:
    """A case that Chengdu passed on when the limit was near, and the warnings of it."""
    chengdu = country.places["chengdu"]
    done: Any = chengdu.service.submit(LOAN, p.Actor("applicant", "a-1"), applicant="a-1")
    case = done.case.id
    chengdu.do(case, p.SYSTEM, p.Receive(materials=(p.Document("申请表", "form"),)))
    chengdu.do(case, country.officer(done.case.plan.way[0]), p.Accept())
    warnings: list[p.Message] = []
    for _ in range(12):
        country.later(days=1)
        chengdu.service.tick()
        sent = (one.message for one in chengdu.store.outgoing(case=case))
        warnings = [one for one in sent if one.kind == "warning" and one.receiver[:2] == "63"]
        if warnings:
            break
    for one in warnings:
        with chengdu.store.transaction() as writes:
            writes.delivered(one.id)  # they are under way for long
    holder = chengdu.case(case).plan.way[0]
    chengdu.do(case, country.officer(holder), p.Forward((p.Document("申请表", "form"),)))
    assert country.carry() == []
    xining = country.places["xining"]
    xining.do(case, country.officer(chengdu.case(case).plan.way[1]), p.Arrive())
    assert country.carry() == []
    return case, warnings


def test_a_warning_that_the_log_tells_of_is_taken_from_who_passed_the_case_on(
    country: Country,
) -> None:
    case, warnings = passed_on(country)
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    assert warnings
    for one in warnings:
        country.give(xining, one, chengdu)
    kept = [one.message.id for one in xining.store.incoming(case=case, kind="warning")]
    assert kept == [one.id for one in warnings]
    # It changes nothing, and nobody else may say it, nor anything that the log does not tell.
    kunming = country.places["kunming"]
    again = evolve(warnings[0], id="e" * 32)
    assert country.refused(xining, again, kunming).code == "stranger"
    other = evolve(again, body={**again.body, "due": "2027-01-05"})
    assert country.refused(xining, other, chengdu).code == "stranger"
