"""Whether anything can happen on the days of a run, before it begins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from tongban.kernel import Item, nearest, service
from tongban.plugins.simulation.scenario.catalogue import Catalogue
from tongban.plugins.simulation.scenario.scenario import Scenario, ScenarioError


def beginning(scenario: Scenario, word: str, catalogue: Catalogue, days: int) -> list[str]:
    """Looks at the first day of a run, and at those on which applicants come.

    Args:
        scenario: with the first day.
        word: how messages name the scenario.
        catalogue: of the scenario.
        days: within which applicants come.

    Returns:
        What a reader of the figures should know.

    Raises:
        ScenarioError: where no item that the scenario asks for is available on the first day.
    """
    divisions = catalogue.examples.base.divisions
    strange = next((one for one in scenario.provinces if one not in divisions), None)
    if strange is not None:
        raise ScenarioError(f"{word}: provinces: there is no division {strange}")
    items = list(_asked_for(scenario, word, catalogue))
    start = scenario.start
    opens = [one.opens for one in items]
    if all(one and one > start for one in opens):
        first = min(one for one in opens if one)
        raise ScenarioError(
            f"{word}: start: no item is available on {start}; the first is from {first} on"
        )
    ends = [one.available.value[1] for one in items]
    if all(one and one < start for one in ends):
        raise ScenarioError(
            f"{word}: start: no item is available on {start};"
            f" the last was until {max(filter(None, ends))}"
        )
    return list(_unpublished(scenario, catalogue, days))


def _asked_for(scenario: Scenario, word: str, catalogue: Catalogue) -> Iterator[Item]:
    known = [*catalogue.examples.items]
    known += (item for local in catalogue.locals.values() for item in local.items)
    ids = {item.id for item in known}
    for wanted in scenario.only_items:
        if wanted not in ids:
            near = nearest(wanted, ids)
            hint = f"; did you mean {near}?" if near else ""
            raise ScenarioError(f"{word}: only_items: there is no item {wanted!r}{hint}")
    return (item for item in known if not scenario.only_items or item.id in scenario.only_items)


def _unpublished(scenario: Scenario, catalogue: Catalogue, days: int) -> Iterator[str]:
    province = min(scenario.provinces)
    calendar = service.calendar_of(catalogue.examples.ports.working_days(province))
    end = scenario.start + timedelta(days=days - 1)
    if calendar.published is None:
        yield "no calendar is published: weekdays count as working days, holidays too"
    elif not (calendar.knows(scenario.start) and calendar.knows(end)):
        first, last = calendar.published
        yield (
            f"applicants come from {scenario.start} to {end}; the calendar is published from"
            f" {first} to {last}: on other days weekdays count as working days, holidays too"
        )
