"""The engines of a kernel: its own, and those that plugins bring (`second_opinion`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tongban.kernel.engine.codegen import Facts
from tongban.kernel.engine.decide import Matching
from tongban.kernel.engine.facts import handling_places, open_inputs, situation
from tongban.kernel.engine.program import Program, Programs
from tongban.kernel.errors import PluginError, nearest
from tongban.kernel.extension.manager import Plugins
from tongban.kernel.model.application import Application
from tongban.kernel.model.conditions import Scalar

COMPILED = "compiled"
"""The name of the kernel's own engine."""


class Engines:
    """What an application is asked of beside the decision: which rules hold, by which engine.

    Args:
        plugins: of a kernel.
        programs: by the item's key.
        derived: what plugins derive from an application.
    """

    def __init__(
        self,
        plugins: Plugins,
        programs: Programs,
        derived: Callable[[Application], Mapping[str, Scalar]],
    ) -> None:
        self._plugins = plugins
        self._programs = programs
        self._derived = derived
        self._found: dict[str, Matching] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The engines that can be asked for, the kernel's own first."""
        second = self._plugins.implementations("second_opinion")
        return (COMPILED, *(name for name, _ in second))

    def facts(self, application: Application) -> Facts:
        """The typed facts that an engine is asked about."""
        program = self._programs[application.item]
        handling = handling_places(program, application)
        unsaid = open_inputs(program, application, handling)
        facts, _ = situation(program, application, self._derived(application), handling, unsaid)
        return facts

    def matching(self, name: str) -> Matching:
        """A second engine, as the function that matches rules.

        Args:
            name: the plugin's.

        Raises:
            PluginError: where there is none of that name, it is absent or failed;
                when it is called, where it abstains.
        """
        if name not in self._found:
            self._found[name] = self._matching(name)
        return self._found[name]

    def opinions(self, application: Application) -> dict[str, frozenset[str] | None]:
        """The ids of the rules that hold by each second engine; None where it abstains."""
        arguments = {"item": self._programs[application.item], "facts": self.facts(application)}
        opinions: dict[str, frozenset[str] | None] = {}
        for one in self._plugins.implementations("second_opinion"):
            _, held = self._plugins.attempt(one, "second_opinion", arguments)
            opinions[one[0]] = None if held is None else frozenset(held)
        return opinions

    def disagreements(
        self, application: Application
    ) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
        """The second engines that differ from the kernel's own; one that abstains does not.

        Returns:
            Of each its name, and the ids of the rules that hold by the kernel's and by it.
        """
        program = self._programs[application.item]
        held = program.match(self.facts(application))
        ours = tuple(rule.id for n, rule in enumerate(program.rules) if held >> n & 1)
        return tuple(
            (engine, ours, tuple(rule.id for rule in program.rules if rule.id in theirs))
            for engine, theirs in self.opinions(application).items()
            if theirs is not None and theirs != frozenset(ours)
        )

    def _matching(self, engine: str) -> Matching:
        plugins = self._plugins
        known = {one[0]: one for one in plugins.implementations("second_opinion")}
        status = next((one for one in plugins.report if one.name == engine), None)
        if status and status.state != "loaded" and (engine in known or not status.hooks):
            state = "failed" if status.state == "failed" else "is absent"
            raise PluginError(f"the engine {engine} {state}: {'; '.join(status.problems)}")
        if engine not in known:
            near = nearest(engine, self.names)
            hint = f"; did you mean {near!r}?" if near else ""
            raise PluginError(f"unknown engine {engine!r}{hint} (engines: {', '.join(self.names)})")

        def match(program: Program, facts: Facts) -> int:
            arguments = {"item": program, "facts": facts}
            done, held = plugins.attempt(known[engine], "second_opinion", arguments)
            if held is None:
                says = "abstains on this application" if done else "failed on this application"
                raise PluginError(f"the engine {engine} {says}")
            ids = frozenset(held)
            return sum(1 << n for n, rule in enumerate(program.rules) if rule.id in ids)

        return match
