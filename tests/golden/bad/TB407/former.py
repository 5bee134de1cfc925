"""A plugin that was written for a former version of Tongban."""

from __future__ import annotations

from collections.abc import Iterable

from tongban.kernel import Facts, Program, hookimpl
from tongban.plugins.commands.testing.strategies import applications


@hookimpl
def second_opinion(item: Program, facts: Facts) -> Iterable[str] | None:
    """Abstains."""
    return None


STRATEGY = applications
