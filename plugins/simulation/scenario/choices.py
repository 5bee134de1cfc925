"""What people do in a scenario: rates and days. A later choice that is not named is never made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from attrs import field, frozen

from tongban.kernel import protocol
from tongban.plugins.simulation.scenario.faults import Rate
from tongban.plugins.simulation.scenario.fields import one_of, within
from tongban.plugins.simulation.scenario.random_streams import Spread

RESOLVED = tuple(one for one in protocol.REMEDY_OUTCOMES if one != "not_admitted")
"""How a remedy that was admitted ends."""


def weighs(weights: Mapping[str, int]) -> str:
    """What is wrong with a table of weights; "" for nothing."""
    if any(one < 0 for one in weights.values()):
        return "no weight is below 0"
    return "" if sum(weights.values()) > 0 else "one must have a weight"


@frozen
class Choices:
    """What people do: rates from 0 to 1, days.

    Attributes:
        insist, amend_refused: of those whom the rules refuse.
        decline_refused: of the cases that the rules refuse and that a person looks at.
        grant_refused: of those among them that are decided.
        amend: of the cases under way; `amend_against` of these, to what the rules refuse.
        remedy: of those to whom something was refused in writing; of these `litigation` goes
            to court at once, `remedy_late` comes after the term, `remedy_twice` comes again.
        sue: goes to court after a reconsideration that changed nothing; `remedy_late` of these
            after the fifteen days.
        not_admitted: of the remedies.
        outcomes: of those that were admitted, by weight.
        correct: of the decisions, on the authority's own account.
        reopen: of the ends without a decision, on its own account.
    """

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
    insist: Rate = 0.0
    insist_days: Spread = Spread(0, 4, 30)
    amend_refused: Rate = 0.0
    decline_refused: Rate = 0.0
    grant_refused: Rate = 0.0
    amend: Rate = 0.0
    amend_against: Rate = 0.0
    amend_days: Spread = Spread(0, 2, 10)
    remedy: Rate = 0.0
    remedy_days: Spread = Spread(1, 20, 55)
    remedy_late: Rate = 0.0
    remedy_late_days: Spread = Spread(72, 80, 100)
    remedy_twice: Rate = 0.0
    litigation: Rate = 0.0
    sue: Rate = 0.0
    not_admitted: Rate = 0.0
    outcomes: Annotated[Mapping[str, int], one_of(RESOLVED), weighs] = field(
        factory=lambda: dict.fromkeys(RESOLVED, 1)
    )
    resolve_days: Spread = Spread(5, 20, 60)
    correct: Rate = 0.0
    correct_days: Spread = Spread(0, 6, 30)
    reopen: Rate = 0.0
    reopen_days: Spread = Spread(0, 5, 20)
    change_contact: Rate = 0.0
    contact_days: Spread = Spread(0, 3, 15)
    void_found: Rate = 0.0
    void_found_days: Spread = Spread(1, 10, 40)
    recuse: Rate = 0.0
    readmit: Rate = 0.0
    readmit_days: Spread = Spread(1, 3, 10)
    claim: Rate = 0.0
    release: Rate = 0.0
    state_validity: Rate = 0.0
    valid_days: Spread = Spread(0, 25, 60)
    by_agent: Rate = 0.0
    authorise: Rate = 0.0
    mandate_days: Spread = Spread(0, 6, 40)
