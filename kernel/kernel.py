"""The kernel: rules, plugins and effects, tied together. Several live side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import date, datetime
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from os import urandom
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tongban.kernel.engine.codegen import Facts
from tongban.kernel.engine.decide import Matching, decide, refuses
from tongban.kernel.engine.missing_facts import prospects
from tongban.kernel.engine.program import Program, Programs
from tongban.kernel.engine.validation import check_application
from tongban.kernel.errors import ApplicationError, Defect, Problem
from tongban.kernel.extension.departments import Gathered, gather
from tongban.kernel.extension.derived_facts import derive
from tongban.kernel.extension.exclusive import carrier, storage, working_days
from tongban.kernel.extension.manager import Plugins
from tongban.kernel.extension.rerouting import rerouted
from tongban.kernel.extension.second_engine import matching
from tongban.kernel.model.application import Application
from tongban.kernel.model.conditions import Scalar
from tongban.kernel.model.decision import Decision
from tongban.kernel.model.divisions import Divisions
from tongban.kernel.model.moments import CHINA, day_of
from tongban.kernel.model.rules import Item
from tongban.kernel.ports.departments import DepartmentRules
from tongban.kernel.ports.exchange import Carrier
from tongban.kernel.ports.findings import Finding
from tongban.kernel.ports.guarding import Guard
from tongban.kernel.ports.plugin_status import Status
from tongban.kernel.ports.storage import Storage
from tongban.kernel.ports.working_days import WorkingDays
from tongban.kernel.rulefile.loader import Base
from tongban.kernel.rulefile.rulebook import Rulebook
from tongban.kernel.rulefile.shared_files import read_base

if TYPE_CHECKING:
    from tongban.kernel.engine.explanation import Explanation

__all__ = ["COMPILED", "Kernel"]

COMPILED = "compiled"
"""The name of the kernel's own engine."""


def _system_clock() -> datetime:
    return datetime.now(CHINA)


def _new_id() -> str:
    return urandom(16).hex()


class Kernel:
    """Decides applications by the rules of its plugins.

    Args:
        plugins: exactly these plugins, as modules or objects; None for the installed ones.
        clock: the present moment, with its offset from UTC; the system's by default.
        ids: makes a new id; by chance, where none is given.
        strict: whether a broken plugin is an error rather than a report.
        rules: the folder of vocabulary, sources, common rules and divisions.
        drafts: rule files that are being written: each takes the place of the
            department that a plugin brings under its jurisdiction and id.
        guard: put around each call of a foreign plugin; None for one that bounds its time.

    Rules are read when they are first needed, so that a kernel is cheap to make.

    Raises:
        RulebookError: where the shared rules are wrong, or, with `strict`, a department's.
        PluginError: with `strict`, where a plugin is broken.
    """

    def __init__(
        self,
        plugins: Iterable[object] | None = None,
        clock: Callable[[], datetime] | None = None,
        ids: Callable[[], str] | None = None,
        *,
        strict: bool = False,
        rules: Traversable | None = None,
        drafts: Iterable[Path] = (),
        guard: Guard | None = None,
    ) -> None:
        self.clock = clock or _system_clock
        self.ids = ids or _new_id
        self._take_up(plugins, Plugins(strict, guard))
        self._rules = rules or files("tongban.rules")
        self._drafts = tuple(DepartmentRules(path, str(path)) for path in drafts)
        self._programs = Programs(lambda: self.rulebook)

    def _take_up(self, plugins: Iterable[object] | None, into: Plugins) -> None:
        self._plugins = into
        if plugins is None:
            self._plugins.load_installed()
        else:
            for plugin in plugins:
                self._plugins.register(plugin)
        self._engines: dict[str, Matching] = {}
        self._derive = self._plugins.implementations("derive_facts")
        self._route = self._plugins.implementations("route")

    @cached_property
    def base(self) -> Base:
        """Vocabulary, sources and common rules; read when first needed."""
        return read_base(self._rules)

    @cached_property
    def _gathered(self) -> Gathered:
        return gather(self._plugins, self.base, self._drafts)

    @cached_property
    def rulebook(self) -> Rulebook:
        """Every department's items and rules; read when first needed."""
        return self._gathered.rulebook

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every mistake in the rule files of departments, which are left out for them."""
        return self._gathered.problems

    @property
    def plugins(self) -> tuple[Status, ...]:
        """What became of every plugin, its rules included."""
        _ = self.rulebook
        return self._plugins.report

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
        """The plugins that failed so far; unlike `plugins` this reads no rules."""
        return tuple(status for status in self._plugins.report if status.state == "failed")

    def implementing(self, *hooks: str) -> dict[str, object]:
        """The plugins that have a function for one of some hooks, by name, in their order."""
        return self._plugins.implementing(hooks)

    def brought(self) -> tuple[tuple[str, DepartmentRules], ...]:
        """The rule files that plugins bring, each with the plugin's name."""
        found = self._plugins.call("departments", {})
        return tuple((plugin, one) for plugin, departments in found for one in departments)

    def restarted(self, plugins: Iterable[object]) -> Kernel:
        """The same rules, not read again, under other plugins: as a process that starts anew.

        Args:
            plugins: in place of this kernel's; departments that they bring are not asked for.

        Raises:
            PluginError: where two have the same name.
        """
        _ = self.rulebook
        fresh = copy(self)
        fresh._take_up(plugins, Plugins(self.strict, self.guard, self._plugins))
        return fresh

    @property
    def engines(self) -> tuple[str, ...]:
        """The engines that can be asked for, the kernel's own first."""
        second = self._plugins.implementations("second_opinion")
        return (COMPILED, *(name for name, _ in second))

    @property
    def today(self) -> date:
        """The day in China, whatever the time zone of the machine or of the clock.

        Raises:
            MomentError: where the clock tells moments without an offset from UTC.
        """
        return day_of(self.clock())

    @property
    def divisions(self) -> Divisions:
        """The table of divisions."""
        return self.base.vocabulary.divisions

    @property
    def items(self) -> Sequence[Item]:
        """Every item, in the order of departments and files."""
        return tuple(self.rulebook.items.values())

    def program(self, item: Item | str) -> Program:
        """The specialised rules of an item, given itself or by its key."""
        return self._programs[item if isinstance(item, str) else item.key]

    def application(self, raw: Mapping[str, Any]) -> Application:
        """A raw application, checked.

        Raises:
            ApplicationError: with every mistake, by field.
        """
        return check_application(raw, self.rulebook, self.today)

    def decide(
        self, application: Application | Mapping[str, Any], engine: str | None = None
    ) -> Decision:
        """The decision on an application.

        Args:
            application: checked, or raw as JSON gives it.
            engine: the name of a plugin whose second opinion is asked instead
                of the kernel's own engine, `compiled`.

        Raises:
            ApplicationError: where a raw application is wrong.
            PluginError: where the engine is absent or abstains, or two plugins
                change the route of the same case.
        """
        if not isinstance(application, Application):
            application = self.application(application)
        program = self._programs[application.item]
        more = self._derived(application)
        if engine is None or engine == COMPILED:
            decision = decide(program, application, more, self._would)
        else:
            decision = decide(program, application, more, self._would, self.engine(engine))
        if self._route and decision.outcome == "eligible":
            return rerouted(self._plugins, self._route, application, decision)
        return decision

    def decide_many(
        self, applications: Iterable[Application | Mapping[str, Any]], engine: str | None = None
    ) -> Iterator[Decision | ApplicationError]:
        """The decisions on many applications, in order; for a wrong one, its error."""
        for application in applications:
            try:
                yield self.decide(application, engine)
            except ApplicationError as error:
                yield error

    def explain(self, application: Application | Mapping[str, Any]) -> Explanation:
        """Why an application comes to what it does: every rule, and what each test saw."""
        from tongban.kernel.engine.explanation import explain  # noqa: PLC0415 - only for --explain

        if not isinstance(application, Application):
            application = self.application(application)
        program = self.program(application.item)
        return explain(program, application, self._derived(application))

    def examine(self, application: Application) -> tuple[Defect, ...]:
        """Formal defects that plugins find (`receive`): all of them, for one notice."""
        arguments = {"application": application, "item": application.item}
        found = self._plugins.call("receive", arguments)
        return tuple(defect for _, defects in found for defect in defects)

    def opinions(self, application: Application) -> dict[str, frozenset[str] | None]:
        """What each second engine says holds, by plugin; None where it abstains."""
        facts = self.facts(application)
        program = self.program(application.item)
        opinions: dict[str, frozenset[str] | None] = {}
        for one in self._plugins.implementations("second_opinion"):
            _, held = self._plugins.attempt(
                one, "second_opinion", {"item": program, "facts": facts}
            )
            opinions[one[0]] = None if held is None else frozenset(held)
        return opinions

    def disagreements(
        self, application: Application
    ) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
        """The second engines that say otherwise than our own; none where they abstain.

        Returns:
            Of each its name, and the ids of the rules that hold by us and by it.
        """
        program = self.program(application.item)
        held = program.match(self.facts(application))
        ours = tuple(rule.id for n, rule in enumerate(program.rules) if held >> n & 1)
        return tuple(
            (engine, ours, tuple(rule.id for rule in program.rules if rule.id in theirs))
            for engine, theirs in self.opinions(application).items()
            if theirs is not None and theirs != frozenset(ours)
        )

    def working_days(self, division: str | None) -> tuple[WorkingDays, ...]:
        """What plugins know of the working days of a place."""
        return tuple(working_days(self._plugins, division))

    def findings(self) -> tuple[Finding, ...]:
        """What plugins say of what they need beside Python."""
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
        """Tells plugins of an event that was stored (`observe`)."""
        for _ in self._plugins.call("observe", {"event": event}):
            pass

    def facts(self, application: Application) -> Facts:
        """The typed facts that an engine is asked about."""
        from tongban.kernel.engine.facts import handling_places, open_inputs, situation  # noqa: PLC0415

        program = self.program(application.item)
        handling = handling_places(program, application)
        unsaid = open_inputs(program, application, handling)
        facts, _ = situation(program, application, self._derived(application), handling, unsaid)
        return facts

    def possible_modes(self, item: Item, as_of: date) -> frozenset[str]:
        """Every mode in which `item` can be handled on a date, whoever applies from wherever."""
        program = self.program(item)
        ahead = prospects(program, Application(item.key, as_of), {})
        return frozenset(mode for leaf in ahead.leaves for mode in leaf.modes)

    def register_commands(self, cli: Any) -> None:
        """Lets every plugin add its commands; a name belongs to the first that takes it.

        Args:
            cli: a click group.
        """
        self._plugins.add_commands(cli)

    def _derived(self, application: Application, item: str = "") -> dict[str, Scalar]:
        """What plugins derive from `application`, for its own item or one that is advised."""
        if not self._derive:
            return {}
        return derive(self._plugins, self._derive, self._gathered, application, item)

    def _would(self, application: Application, word: str) -> bool:
        """Whether the item that is advised would not refuse the same application."""
        item = self.rulebook.find(word)
        if item is None:
            return False
        chosen = application.facts.get("handle_at")
        if item.choice and chosen not in (None, *item.handled_at.value):
            return True
        more = self._derived(application, item.key)
        return not refuses(self.program(item), application, more)

    def engine(self, name: str) -> Matching:
        """A second engine, as what matches rules.

        Args:
            name: the plugin's.

        Raises:
            PluginError: where there is none of that name, it is absent or failed;
                when it is called, where it abstains.
        """
        if name not in self._engines:
            self._engines[name] = matching(self._plugins, name, self.engines)
        return self._engines[name]
