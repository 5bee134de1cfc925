"""The kernel: rules, plugins and effects, tied together. Several live side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from os import urandom
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tongban.kernel.engine.decide import decide, refuses
from tongban.kernel.engine.facts import by_agent
from tongban.kernel.engine.program import Program
from tongban.kernel.engine.validation import check_application
from tongban.kernel.errors import Problem
from tongban.kernel.extension.derived_facts import derive, looked_for
from tongban.kernel.extension.engines import COMPILED, Engines
from tongban.kernel.extension.manager import Plugins
from tongban.kernel.extension.ports import Ports
from tongban.kernel.extension.rerouting import rerouted
from tongban.kernel.extension.rules import Rules
from tongban.kernel.former import former_member
from tongban.kernel.model.application import Application
from tongban.kernel.model.conditions import Scalar
from tongban.kernel.model.decision import Decision
from tongban.kernel.model.moments import CHINA, day_of
from tongban.kernel.model.rules import Item
from tongban.kernel.model.vocabulary import Attribute
from tongban.kernel.ports.departments import DepartmentRules
from tongban.kernel.ports.guarding import Guard
from tongban.kernel.ports.plugin_status import Status
from tongban.kernel.rulefile.loader import Base
from tongban.kernel.rulefile.rulebook import Rulebook

if TYPE_CHECKING:
    from tongban.kernel.engine.explanation import Explanation


def _system_clock() -> datetime:
    return datetime.now(CHINA)


def _new_id() -> str:
    return urandom(16).hex()


class Kernel:
    """Decides applications by the rules of its plugins.

    Args:
        plugins: exactly these plugins, as modules or objects; None for the installed ones.
        clock: the present moment, with its offset from UTC; the system's by default.
        ids: makes a new id; random by default.
        strict: whether a broken plugin is an error rather than a report.
        rules: the folder of vocabulary, sources, common rules and divisions, or the `base`
            of another kernel, which is not read again.
        drafts: rule files that are being written: each takes the place of the
            department that a plugin brings under its jurisdiction and id.
        guard: put around each call of a foreign plugin; None for one that bounds its time.

    Rules are read when they are first needed, so that a kernel is cheap to make.

    Attributes:
        clock, ids: as given.
        engines: which engines there are, and what each finds.
        ports: what plugins give beside rules: stores, carriers, channels, working days.

    Raises:
        RulebookError: where the shared rules are wrong, or, with `strict`, a department's.
        PluginError: with `strict`, where a plugin is broken.
    """

    clock: Callable[[], datetime]
    ids: Callable[[], str]
    engines: Engines
    ports: Ports

    def __init__(
        self,
        plugins: Iterable[object] | None = None,
        clock: Callable[[], datetime] | None = None,
        ids: Callable[[], str] | None = None,
        *,
        strict: bool = False,
        rules: Traversable | Base | None = None,
        drafts: Iterable[Path] = (),
        guard: Guard | None = None,
    ) -> None:
        self.clock = clock or _system_clock
        self.ids = ids or _new_id
        self._plugins = Plugins(strict, guard)
        written = tuple(DepartmentRules(path, str(path)) for path in drafts)
        self._rules = Rules(rules or files("tongban.rules"), self._plugins, written)
        self._programs = self._rules.programs
        self._take_up(plugins)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Members of the version before."""
            return former_member(self, name)

    def _take_up(self, plugins: Iterable[object] | None) -> None:
        if plugins is None:
            self._plugins.load_installed()
        else:
            for plugin in plugins:
                self._plugins.register(plugin)
        self._derive = self._plugins.implementations("derive_facts")
        self._route = self._plugins.implementations("route")
        self.ports = Ports(self._plugins)
        self.engines = Engines(self._plugins, self._programs, self._derived)

    def with_effects(
        self,
        clock: Callable[[], datetime] | None = None,
        ids: Callable[[], str] | None = None,
    ) -> Kernel:
        """The same rules and plugins with another clock or other ids; nothing is read again.

        Args:
            clock: None for the present one.
            ids: None for the present ones.
        """
        other = copy(self)
        other.clock = clock or self.clock
        other.ids = ids or self.ids
        return other

    def restarted(self, plugins: Iterable[object]) -> Kernel:
        """The same rules, not read again, under other plugins: as a process that starts anew.

        Args:
            plugins: in place of this kernel's; departments that they bring are not asked for.

        Raises:
            PluginError: where two have the same name.
        """
        _ = self.rulebook
        fresh = copy(self)
        fresh._plugins = Plugins(self.ports.strict, self.ports.guard, self._plugins)
        fresh._take_up(plugins)
        return fresh

    @property
    def base(self) -> Base:
        """Vocabulary, divisions, sources and common rules; read when first needed."""
        return self._rules.base

    @property
    def rulebook(self) -> Rulebook:
        """Every department's items and rules; read when first needed."""
        return self._rules.rulebook

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every mistake in the rule files of departments, which are left out for them."""
        return self._rules.gathered.problems

    @property
    def plugins(self) -> tuple[Status, ...]:
        """The state of every plugin, its rules included."""
        _ = self.rulebook
        return self._plugins.report

    @property
    def items(self) -> Sequence[Item]:
        """Every item, in the order of departments and files."""
        return tuple(self.rulebook.items.values())

    def program(self, item: Item | str) -> Program:
        """The specialised rules of an item, given itself or by its key."""
        return self._programs[item if isinstance(item, str) else item.key]

    def application(self, raw: Mapping[str, Any]) -> Application:
        """A raw application, checked; without `as_of`, as of the day in China by the clock.

        Raises:
            ApplicationError: with every mistake, by field.
            MomentError: where the clock tells moments without an offset from UTC.
        """
        return check_application(raw, self.rulebook, day_of(self.clock()))

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
            decision = decide(program, application, more, self._would, self._read)
        else:
            matching = self.engines.matching(engine)
            decision = decide(program, application, more, self._would, self._read, matching)
        if self._route and decision.outcome == "eligible":
            return rerouted(self._plugins, self._route, application, decision)
        return decision

    def explain(self, application: Application | Mapping[str, Any]) -> Explanation:
        """Why the decision is as it is: every rule, and what each of its tests saw.

        Raises:
            ApplicationError: where a raw application is wrong.
        """
        from tongban.kernel.engine.explanation import explain  # noqa: PLC0415 - only for --explain

        if not isinstance(application, Application):
            application = self.application(application)
        program = self.program(application.item)
        return explain(program, application, self._derived(application))

    def _derived(self, application: Application, item: str = "") -> dict[str, Scalar]:
        """What follows from `application`, for its own item or one that is advised."""
        program = self._programs[item or application.item]
        acts = by_agent(application) if program.in_person else {}
        if not self._derive:
            return acts
        gathered = self._rules.gathered
        more = derive(self._plugins, self._derive, gathered, application, item)
        return more | acts if acts else more

    def _read(self, application: Application, fact: Attribute) -> tuple[str, ...]:
        """What plugins look for to derive a fact that declares nothing of it."""
        mine = [one for one in self._derive if fact.derived_by in ("", one[0])]
        return looked_for(self._plugins, mine, application)

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
