"""What one run is asked for."""

from __future__ import annotations

import re
from shlex import quote

from attrs import frozen

_FAULT = re.compile("[0-9a-f]{8}")


def is_fault_id(word: str) -> bool:
    """Whether a word may be the id of a fault, as a replay names it."""
    return _FAULT.fullmatch(word) is not None


@frozen
class Options:
    """What one run is asked for.

    Attributes:
        seed: from which everything follows.
        cases: how many applications.
        days: over how many days they come.
        only: numbers of the applications that come; None for all.
        kinds: kinds of faults that happen; None for all of the scenario.
        faults: ids of the faults that happen; None for all.
        until: the run is broken off after this many days; None for its end.
        keep: whether the history is kept in memory.
        store: what the nodes keep their cases in, `memory` or `sqlite`.
    """

    seed: int
    cases: int = 1_000
    days: int = 90
    only: tuple[int, ...] | None = None
    kinds: frozenset[str] | None = None
    faults: frozenset[str] | None = None
    until: int | None = None
    keep: bool = False
    store: str = "memory"

    def has(self, kind: str) -> bool:
        """Whether faults of a kind happen."""
        return self.kinds is None or kind in self.kinds

    def lets(self, fault: str) -> bool:
        """Whether a fault happens that is drawn."""
        return self.faults is None or fault in self.faults

    def horizon(self, drain: int) -> int:
        """The last day of the run."""
        return self.until if self.until is not None else self.days + drain

    def command(self, scenario: str, against: str = "") -> str:
        """The command that does the same run again.

        Args:
            scenario: its name or file.
            against: what it was compared with; "" for nothing.
        """
        parts = ["tongban simulate", f"--seed {self.seed}", f"--cases {self.cases}"]
        parts.append(f"--days {self.days}")
        if scenario != "standard":
            parts.append(f"--scenario {quote(scenario)}")
        if against:
            parts.append(f"--against {quote(against)}")
        if self.store != "memory":
            parts.append(f"--store {self.store}")
        if self.only is not None:
            parts.append(f"--only {','.join(map(str, self.only))}")
        if self.kinds is not None:
            parts.append(f"--faults {','.join(sorted(self.kinds)) or 'none'}")
        if self.faults is not None:
            parts.append(f"--only-faults {','.join(sorted(self.faults)) or 'none'}")
        if self.until is not None:
            parts.append(f"--until {self.until}")
        return " ".join(parts)
