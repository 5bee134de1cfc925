"""An engine that knows nothing of ships built abroad."""

from __future__ import annotations

import logging

from tongban.kernel import hookimpl
from tongban.kernel.engine import Facts, Program


@hookimpl
def second_opinion(item: Program, facts: Facts) -> list[str] | None:
    """What the kernel's engine says, or nothing."""
    if facts.get("domestic_product") is False:
        logging.getLogger("tongban.harbour").warning("the engine abstains on ships built abroad")
        return None
    held = item.match(facts)
    return [rule.id for n, rule in enumerate(item.rules) if held >> n & 1]
