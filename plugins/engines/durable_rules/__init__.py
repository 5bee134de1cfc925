"""The second opinion: durable-rules matches the same rules, in C.

Its C module is old and has sharp edges: a rule or value that it was not written
for crashes the process. `values` and `translation` keep everything within what it
can do, `ruleset` calls it in the one order that is safe; nothing else touches
it. What does not fit is never shown to it: the engine abstains and says why.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from tongban.kernel import hookimpl
from tongban.kernel.engine import Facts, Program

__all__ = ["ABSENT", "second_opinion"]

ABSENT = (
    ""
    if find_spec("durable_rules_engine")
    else "no second opinion: durable-rules is not installed; "
    "pip install 'tongban[durable]' (needs a C compiler, and Python before 3.13)"
)
"""What is missing and what to install, where the engine cannot work here; else empty."""


@hookimpl
def second_opinion(item: Program, facts: Facts) -> Iterable[str] | None:
    """The ids of the rules that hold, by durable-rules.

    Args:
        item: the program whose rules are asked about.
        facts: attribute to value; None and what is absent do not exist.

    Returns:
        The ids; None where it abstains, with the reason in the log.

    Raises:
        RuntimeError: where the C module does not do as it should.
    """
    if ABSENT:
        return None
    # Every start reads this module; few ask the engine.
    from tongban.plugins.engines.durable_rules.opinion import opinion  # noqa: PLC0415

    return opinion(item, facts)
