"""What people do in a scenario: rates and days. A choice that is not named is never made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from attrs import frozen

from tongban.kernel import protocol
from tongban.plugins.simulation.scenario.faults import Rate
from tongban.plugins.simulation.scenario.fields import one_of, within
from tongban.plugins.simulation.scenario.random_streams import Spread


def weighs(weights: Mapping[str, int]) -> str:
    """What is wrong with a table of weights; "" for nothing."""
    if any(one < 0 for one in weights.values()):
        return "no weight is below 0"
    return "" if sum(weights.values()) > 0 else "one must have a weight"


@frozen
class Choices:
    """What people do: rates from 0 to 1, days."""

    ineligible: Rate
    defects: Rate
    withdraw: Rate
    withdraw_days: Spread
    supplement: Rate
    supplement_working_days: Annotated[int, within(1, 250)]
    supply_days: Spread
    supply_never: Rate
    supply_in_parts: Rate
    decline: Rate
    deny: Rate
    refuse: Rate
    terminate: Rate
    pause: Rate
    pause_days: Spread
    extend: Rate
    pickup_days: Spread
    rate: Rate
    rate_days: Spread
    grades: Annotated[Mapping[str, int], one_of(protocol.GRADES), weighs]
    stranger: Rate
    settle: Rate
