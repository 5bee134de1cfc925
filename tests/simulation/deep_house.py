"""With a department of another province, too, a seed is one history (`make deep`)."""

from __future__ import annotations

from tongban.plugins.simulation.report.result import Result
from tongban.plugins.simulation.scenario.scenario import Scenario

from .test_house import sichuan, simulated, without

__all__ = ["sichuan", "without"]


def test_with_a_department_of_others_a_seed_is_still_one_history(
    three: Scenario, sichuan: object, without: Result
) -> None:
    (_, one), (_, again) = (simulated(three, sichuan) for _ in range(2))
    assert (one.digest, one.events) == (again.digest, again.events)
    assert one.digest != without.digest
