"""What a run came to."""

from __future__ import annotations

from attrs import field, frozen

from tongban.plugins.simulation.report.event_sink import Line
from tongban.plugins.simulation.report.metrics import Metrics
from tongban.plugins.simulation.scenario.options import Options


@frozen
class Failed:
    """An invariant that did not hold.

    Attributes:
        fired: ids of the faults that happened, with what they were.
    """

    name: str
    case: str
    number: int
    says: str
    minute: int
    fired: dict[str, str] = field(factory=dict)


@frozen(eq=False)
class Result:
    """What a run came to.

    Attributes:
        digest: hash of every event: equal runs have equal ones.
        failed: the invariant that did not hold; None where all did.
        checked: how often each invariant was checked.
        history: the lines of a run that keeps them; of one that failed at least those of the
            case, what broke the invariant marked with `breaks`.
        fired: ids of the faults that happened, of a run that keeps its history or was asked
            for some of them.
        troubles: what went wrong in plugins that are installed; they are left out of it.
    """

    options: Options
    metrics: Metrics
    digest: str
    events: int
    days: int
    failed: Failed | None
    checked: dict[str, int]
    history: list[Line]
    troubles: tuple[str, ...] = ()
    fired: frozenset[str] = frozenset()
