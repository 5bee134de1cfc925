"""What a kernel asks of its plugins beside decisions: stores, carriers, channels, examinations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tongban.kernel.errors import Defect
from tongban.kernel.extension.exclusive import carrier, storage, working_days
from tongban.kernel.extension.manager import Plugins
from tongban.kernel.model.application import Application
from tongban.kernel.ports.departments import DepartmentRules
from tongban.kernel.ports.exchange import Carrier
from tongban.kernel.ports.findings import Finding
from tongban.kernel.ports.guarding import Guard
from tongban.kernel.ports.plugin_status import Status
from tongban.kernel.ports.storage import Storage
from tongban.kernel.ports.working_days import WorkingDays


class Ports:
    """Asks the plugins of one kernel.

    Args:
        plugins: those that are asked.
    """

    def __init__(self, plugins: Plugins) -> None:
        self._plugins = plugins

    @property
    def strict(self) -> bool:
        """Whether a broken plugin is an error rather than a report."""
        return self._plugins.strict

    @property
    def guard(self) -> Guard:
        """What is put around plugins that did not come with Tongban."""
        return self._plugins.guard

    @property
    def failures(self) -> tuple[Status, ...]:
        """The plugins that failed so far; unlike `Kernel.plugins` this reads no rules."""
        return tuple(status for status in self._plugins.report if status.state == "failed")

    def implementing(self, *hooks: str) -> dict[str, object]:
        """The plugins that have a function for one of some hooks, by name, in their order."""
        return self._plugins.implementing(hooks)

    def brought(self) -> tuple[tuple[str, DepartmentRules], ...]:
        """The rule files that plugins bring, each with the plugin's name."""
        found = self._plugins.call("departments", {})
        return tuple((plugin, one) for plugin, departments in found for one in departments)

    def examine(self, application: Application) -> tuple[Defect, ...]:
        """Formal defects that plugins find (`receive`): all of them, for one notice."""
        arguments = {"application": application, "item": application.item}
        found = self._plugins.call("receive", arguments)
        return tuple(defect for _, defects in found for defect in defects)

    def working_days(self, division: str | None) -> tuple[WorkingDays, ...]:
        """What plugins know of the working days of a place.

        Args:
            division: six digits; None where no code names the place.
        """
        return tuple(working_days(self._plugins, division))

    def findings(self) -> tuple[Finding, ...]:
        """What plugins report of what they need beside Python."""
        return tuple(one for _, found in self._plugins.call("findings", {}) for one in found)

    def deliver(
        self, case: Mapping[str, Any], result: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """A delivery, or a document, of the first plugin that can give it (`deliver`).

        Args:
            case: `protocol.Case.to_dict()`.
            result: what is wanted; docs/delivery.md lists the keys.

        Returns:
            None where no plugin can; one that raised is in `failures`.
        """
        arguments = {"case": case, "result": result}
        return next((found for _, found in self._plugins.call("deliver", arguments)), None)

    def carrier(self, node: str) -> Carrier | None:
        """What carries messages (`exchange`) for the store at `node`; None where no plugin does.

        Raises:
            TongbanError: where two plugins do; or a plugin's own, about `node`.
        """
        return carrier(self._plugins, node)

    def storage(self, name: str = "") -> Storage:
        """What keeps cases (`storage`): of the plugin `name`, or of the only one there is.

        Raises:
            TongbanError: where there is none, or several and no name; or a plugin's own.
        """
        return storage(self._plugins, name)

    def observed(self, event: Mapping[str, Any]) -> None:
        """Reports an event that was stored to plugins (`observe`)."""
        for _ in self._plugins.call("observe", {"event": event}):
            pass

    def register_commands(self, cli: Any) -> None:
        """Lets every plugin add its commands; a name belongs to the first that takes it.

        Args:
            cli: a click group.
        """
        self._plugins.add_commands(cli)
