"""`tongban simulate`: 31 provinces, a faulty world and a virtual clock, from one seed.

The same service runs at every node that runs live; docs/simulation.md says what is
modelled. The command and everything behind it are imported when it is called.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from tongban.plugins.console.registration import lazily

if TYPE_CHECKING:
    from tongban.kernel import Kernel
    from tongban.plugins.simulation.checks.violation import ViolationError
    from tongban.plugins.simulation.harness import Harness, Starts

__all__ = ["Harness", "Starts", "ViolationError", "register_commands", "simulated_world"]


register_commands = lazily(
    __name__,
    "simulate",
    simulate=("command:simulate", "A country of simulated cases, with faults, from one seed."),
)


def simulated_world(
    kernel: Kernel,
    scenario: str = "calm",
    seed: int = 0,
    faults: frozenset[str] | None = None,
    starts: Starts | None = None,
) -> Harness | None:
    """A simulated country in which a caller hands in applications: `tongban conformance`.

    Args:
        kernel: its rules hold in every province.
        scenario: the name of one that is built in, or a file.
        seed: everything follows from it.
        faults: the kinds that happen; None for all of the scenario.
        starts: makes the plugins of a node anew whenever it starts; None for those of
            `kernel`, which live on.

    Returns:
        None where the packages of the extra `simulate` are missing.

    Raises:
        ScenarioError: where there is no such scenario, or it is wrong.
    """
    if find_spec("simpy") is None:
        return None
    from tongban.plugins.simulation.harness import opened  # noqa: PLC0415 - on demand

    return opened(kernel, scenario, seed, faults, starts)
