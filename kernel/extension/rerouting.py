"""What plugins change in the route of a decision, and what of a decision they do not."""

from __future__ import annotations

from collections.abc import Sequence

from tongban.kernel.errors import PluginError
from tongban.kernel.extension.manager import Implementation, Plugins
from tongban.kernel.model.application import Application
from tongban.kernel.model.decision import Decision

_SETTLED = ("item", "as_of", "outcome")


def rerouted(
    plugins: Plugins,
    implementations: Sequence[Implementation],
    application: Application,
    decision: Decision,
) -> Decision:
    """The decision with another route, where a plugin has one.

    Args:
        plugins: who is asked.
        implementations: of the hook `route`.
        application: that was decided.
        decision: as the rules made it.

    Raises:
        PluginError: where two plugins change the route of the same case.
    """
    arguments = {"application": application, "decision": decision}
    changes: list[tuple[str, Decision]] = [*plugins.each(implementations, "route", arguments)]
    if len(changes) > 1:
        names = " and ".join(name for name, _ in changes)
        raise PluginError(f"{names} both change the route of {decision.item['id']}")
    for plugin, changed in changes:
        wrong = next((n for n in _SETTLED if getattr(changed, n) != getattr(decision, n)), None)
        if wrong is None:
            return changed
        says = f"route returned a Decision with another {wrong}; it changes the route alone"
        plugins.fail(plugin, says)
    return decision
