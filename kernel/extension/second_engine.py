"""A second engine, as what matches rules: a plugin's `second_opinion` in place of our own."""

from __future__ import annotations

from collections.abc import Sequence

from tongban.kernel.engine.codegen import Facts
from tongban.kernel.engine.decide import Matching
from tongban.kernel.engine.program import Program
from tongban.kernel.errors import PluginError, nearest
from tongban.kernel.extension.manager import Plugins

__all__ = ["matching"]


def matching(plugins: Plugins, engine: str, engines: Sequence[str]) -> Matching:
    """A second engine.

    Args:
        plugins: of a kernel.
        engine: the name of a plugin.
        engines: those that there are.

    Raises:
        PluginError: where there is none of that name, it is absent or failed;
            when it is called, where it abstains.
    """
    known = {one[0]: one for one in plugins.implementations("second_opinion")}
    status = next((one for one in plugins.report if one.name == engine), None)
    if status and status.state != "loaded" and (engine in known or not status.hooks):
        state = "failed" if status.state == "failed" else "is absent"
        raise PluginError(f"the engine {engine} {state}: {'; '.join(status.problems)}")
    if engine not in known:
        near = nearest(engine, engines)
        hint = f"; did you mean {near!r}?" if near else ""
        names = ", ".join(engines)
        raise PluginError(f"unknown engine {engine!r}{hint} (engines: {names})")

    def match(program: Program, facts: Facts) -> int:
        done, held = plugins.attempt(
            known[engine], "second_opinion", {"item": program, "facts": facts}
        )
        if held is None:
            says = "abstains on this application" if done else "failed on this application"
            raise PluginError(f"the engine {engine} {says}")
        ids = frozenset(held)
        return sum(1 << n for n, rule in enumerate(program.rules) if rule.id in ids)

    return match
