"""The catalogue of every province: the installed departments under each jurisdiction.

The other provinces carry out the same catalogue under their own jurisdiction, with
the variations that the scenario states. A department of another province takes the
place of the copied one there, and is not copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from attrs import evolve, field, frozen

from tongban.kernel import DepartmentRules, Kernel, TongbanError, hookimpl
from tongban.plugins.simulation.scenario.applicants import Local
from tongban.plugins.simulation.scenario.installation import House, RuleFile, installed, rule_file
from tongban.plugins.simulation.scenario.rule_variants import adapted
from tongban.plugins.simulation.scenario.scenario import Change, Scenario, ScenarioError

_DRAFTS = "drafts"
"""Who brings a draft of a department that is not installed."""


class RaisedError(Exception):
    """What a plugin raises that the scenario lets fail."""


class World:
    """What the simulated plugin asks the run that is going on; set by each run."""

    def raises(self, hook: str, item: str) -> bool:
        """Whether the plugin fails now."""
        return False

    def disagrees(self, item: str) -> bool:
        """Whether the second engine says otherwise now."""
        return False


class Simulated:
    """A plugin that now and then fails, and a second engine that now and then disagrees."""

    __name__ = "simulated"

    def __init__(self) -> None:
        self.world: Any = World()

    @hookimpl
    def receive(self, application: Any, item: str) -> list[Any]:
        self._may_raise("receive", item)
        return []

    @hookimpl
    def second_opinion(self, item: Any, facts: Any) -> list[str] | None:
        self._may_raise("second_opinion", item.item.key)
        if not self.world.disagrees(item.item.key):
            return None
        return [f"{item.item.id}.simulated"]

    @hookimpl
    def observe(self, event: Any) -> None:
        self._may_raise("observe", event["case"])

    def _may_raise(self, hook: str, item: str) -> None:
        if self.world.raises(hook, item):
            raise RaisedError("simulated failure")


@frozen
class _Text:
    """A rule file that is not on the disk."""

    name: str
    content: bytes = field(repr=False)

    def read_bytes(self) -> bytes:
        return self.content

    def open(self, mode: str = "rb", *args: Any, **kwargs: Any) -> IO[bytes]:
        return BytesIO(self.content)


@frozen(eq=False, slots=False)
class Catalogue:
    """The kernels of every province of a scenario, each made when it is first needed.

    Attributes:
        scenario: with the variations and changes.
        simulated: the plugin that fails now and then; its `world` is set by each run.
        kernels: that were made; may be shared by scenarios with the same rules.
        house: what is installed.
    """

    scenario: Scenario
    simulated: Simulated = field(factory=Simulated)
    kernels: dict[tuple[str, str], Kernel] = field(factory=dict)
    house: House = field(factory=installed)

    @property
    def examples(self) -> Kernel:
        """The kernel of a province without departments of its own: applicants draw from it."""
        places = sorted(self.scenario.provinces)
        return self.kernel(next((one for one in places if not self._own(one)), places[0]), 0)

    @cached_property
    def locals(self) -> Mapping[str, Local]:
        """The provinces that have departments of their own."""
        return {
            place: Local(self.kernel(place, 0), frozenset(one.department for one in own))
            for place in sorted(self.scenario.provinces)
            if (own := self._own(place))
        }

    @property
    def failures(self) -> tuple[str, ...]:
        """What went wrong in plugins that are installed, when they were read and in runs."""
        found = {
            f"{one.name}: {problem}"
            for kernel in self.kernels.values()
            for one in kernel.ports.failures
            if one.name != self.simulated.__name__
            for problem in one.problems
        }
        return (*self.house.problems, *sorted(found.difference(self.house.problems)))

    def kernel(self, province: str, day: int) -> Kernel:
        """The kernel of a province on a day of the run, with the rules that hold there.

        Raises:
            ScenarioError: where a variation or a draft gives rules that are wrong.
        """
        changes = self.scenario.changes_at(day, province)
        key = province, repr(changes)
        known = self.kernels.get(key)
        if known is None:
            known = self.kernels[key] = self._made(province, changes)
        return known

    def _own(self, province: str) -> list[RuleFile]:
        """The departments that a province has of its own: none at home."""
        return [one for one in self._files if one.jurisdiction == province != self.house.home]

    def _made(self, province: str, changes: tuple[Change, ...]) -> Kernel:
        own = self._own(province)
        replaced = {one.department for one in own}
        common = [one for one in self._files if one.jurisdiction == self.house.home]
        kept = [one for one in common if one.department not in replaced]
        taken = frozenset(id for one in own for id in one.items)
        offered = taken | {id for one in kept for id in one.items} if own else None
        rules: dict[str, list[DepartmentRules]] = {name: [] for name in self.house.plugins}
        for one in (*kept, *own):
            there = offered if one in own or offered is None else offered - taken
            text = adapted(one, province, changes, there)
            name = f"{province}-{one.name}"
            file = DepartmentRules(_Text(name, text), name)  # type: ignore[arg-type]
            rules.setdefault(one.plugin or _DRAFTS, []).append(file)
        plugins = [self.house.plugin(name, some) for name, some in rules.items()]
        kernel = Kernel([*plugins, self.simulated])
        try:
            problems = kernel.problems
        except TongbanError as error:
            raise ScenarioError(f"the rules of {province}: {error}") from None
        # What fails without the scenario's doing is a plugin's own fault, and is reported.
        if problems and (changes or self.scenario.drafts):
            raise ScenarioError(f"the rules of {province}: {problems[0]}")
        return kernel

    @cached_property
    def _files(self) -> tuple[RuleFile, ...]:
        """Every department's file; drafts take the places of those of the same department."""
        found = {one.key: one for one in self.house.files}
        for path in self.scenario.drafts:
            try:
                text = Path(path).read_bytes()
                draft = rule_file("", Path(path).name, text, self.house.home)
            except (OSError, ValueError, KeyError, TypeError, ScenarioError) as error:
                raise ScenarioError(f"{path}: no department's rule file ({error})") from None
            known = found.get(draft.key)
            if known is not None:
                draft = evolve(draft, plugin=known.plugin, name=known.name)
            found[draft.key] = draft
        return tuple(found.values())
