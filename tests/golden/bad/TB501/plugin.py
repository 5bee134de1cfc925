"""An engine that never holds the harbour's own rule."""

from __future__ import annotations

from tongban.kernel import hookimpl
from tongban.kernel.engine import Facts, Program


@hookimpl
def second_opinion(item: Program, facts: Facts) -> list[str]:
    """What the kernel's engine says, without that rule."""
    held = item.match(facts)
    ids = [rule.id for n, rule in enumerate(item.rules) if held >> n & 1]
    return [one for one in ids if one != "9-01.domestic"]
