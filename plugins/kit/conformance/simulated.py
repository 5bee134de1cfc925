"""A plugin in the simulated world, under each fault alone and under all of them together."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import define, field

from tongban.kernel import (
    ApplicationError,
    Kernel,
    PluginError,
    TongbanError,
    protocol,
)
from tongban.plugins.kit.conformance.findings import Failure, Outcome, outcome
from tongban.plugins.kit.conformance.subject import Subject
from tongban.plugins.kit.conformance.trying import Trial
from tongban.plugins.kit.conformance.watching import listening
from tongban.plugins.simulation import simulated_world

if TYPE_CHECKING:
    from tongban.plugins.simulation import Harness, Starts, ViolationError

_ID = "faults_survived"
_SCENARIO = "storm"
_DAYS = 400
_SEEDS, _MOST_SEEDS, _OFTEN = 2, 6, 2
"""Each fault with this many seeds at least, and with more until it has happened often enough."""

_EACH, _CASES = 2, 8
"""Applications of each set of modes; cases of each world, so that a rare fault finds some."""

_MISSING = "pip install 'tongban[simulate]'"


@define(eq=False)
class _Trying:
    """One run over all faults.

    Attributes:
        kernel: read once; every place starts with plugins of its own.
        known: problems that were reported.
        kept: whether the plugin could not be imported anew.
        never: kinds of faults that no seed brought.
    """

    subject: Subject
    kernel: Kernel
    seed: int
    again: str
    sample: list[Mapping[str, Any]] = field(factory=list)
    known: set[str] = field(factory=set)
    kept: bool = False
    times: int = 0
    never: list[str] = field(factory=list)

    def world(self, seed: int, faults: frozenset[str] | None) -> Harness | None:
        return simulated_world(self.kernel, _SCENARIO, seed, faults, self._starts)

    @property
    def _starts(self) -> Starts:
        def starts() -> list[object]:
            plugins, anew = self.subject.starts()
            self.kept = self.kept or not anew
            return plugins

        return starts

    def all(self, kinds: Mapping[str, str]) -> Iterator[Failure]:
        """No fault, each kind alone, all together, each with a few seeds."""
        yield from self._setting("without any fault", "", frozenset())
        rare: dict[str, int] = {}
        for kind, term in kinds.items():
            often = yield from self._setting(f"{kind} {term}", kind, frozenset([kind]))
            if often < _OFTEN:
                rare[kind] = often
        yield from self._rare(kinds, rare)
        self.never = [kind for kind, often in rare.items() if not often]
        yield from self._setting("all faults together", "", None)

    def _setting(
        self, title: str, kind: str, faults: frozenset[str] | None
    ) -> Generator[Failure, None, int]:
        """One setting; the first seed that shows anything is enough. How often the kind came."""
        often = 0
        for number in range(_SEEDS):
            came, found = self._seed(title, kind, faults, self.seed + number)
            yield from found
            if found:
                return _OFTEN
            often += came
        return often

    def _rare(self, kinds: Mapping[str, str], rare: dict[str, int]) -> Iterator[Failure]:
        """More seeds for what hardly came: one world of all of it shows which to try alone."""
        for seed in range(self.seed + _SEEDS, self.seed + _MOST_SEEDS):
            wanted = [kind for kind, often in rare.items() if often < _OFTEN]
            if not wanted:
                return
            together, _ = self._run(seed, frozenset(wanted), range(len(self.sample)))
            self.times += 1
            for kind in filter(together.happened.get, wanted):
                title = f"{kind} {kinds[kind]}"
                came, found = self._seed(title, kind, frozenset([kind]), seed)
                yield from found
                rare[kind] += came if not found else _OFTEN

    def _seed(
        self, title: str, kind: str, faults: frozenset[str] | None, seed: int
    ) -> tuple[int, list[Failure]]:
        world, broken = self._run(seed, faults, range(len(self.sample)))
        self.times += 1
        found = list(self._found(title, seed, faults, world, broken))
        return world.happened.get(kind, 0), found

    def _run(
        self, seed: int, faults: frozenset[str] | None, numbers: Iterable[int]
    ) -> tuple[Harness, ViolationError | None]:
        world = self.world(seed, faults)
        assert world is not None
        with listening():
            for number in numbers:
                world.submit(self.sample[number], number)
            return world, world.run(_DAYS)

    def _found(
        self,
        title: str,
        seed: int,
        faults: frozenset[str] | None,
        world: Harness,
        broken: ViolationError | None,
    ) -> Iterator[Failure]:
        for says in sorted(set(self._problems(world)) - self.known):
            self.known.add(says)
            first, *more = self._fewest(says, seed, faults)
            beside = f", with {len(more)} more case{'s' * (len(more) > 1)}" if more else ""
            message = f"{title}: {says} (seed {seed}{beside})"
            yield Failure(message, self.sample[first], again=self.again)
        if broken is not None and broken.name not in self.known:
            self.known.add(broken.name)
            witness = self.sample[broken.number] if broken.number >= 0 else None
            says = f"{title}: {broken.means}; {broken.says} (seed {seed})"
            yield Failure(says, witness, again=self.again)

    def _problems(self, world: Harness) -> Iterator[str]:
        for one in world.failures:
            yield from one.problems if one.name == self.subject.name else ()

    def _fewest(self, says: str, seed: int, faults: frozenset[str] | None) -> list[int]:
        """The applications that still show it when those are left out that it does not need."""
        left = list(range(len(self.sample)))
        for number in range(len(self.sample)):
            # What becomes of an application follows from its number, whichever others come.
            less = [one for one in left if one != number]
            if less and says in self._problems(self._run(seed, faults, less)[0]):
                left = less
        return left


def simulated(subject: Subject, found: Sequence[Trial], seed: int, again: str) -> Outcome:
    """Cases of every mode in the simulated world: each invariant holds, and it never raises.

    Each place has its own plugins, and those that it starts with again after it was killed
    know nothing of before. Observers are called and `deliver` is asked as live.

    Args:
        subject: the plugin.
        found: applications.
        seed: of the first world.
        again: the command that tries this alone.

    Returns:
        `not_tried` where there is no simulated world here.
    """
    kernel = subject.kernel()
    tries = _Trying(subject, kernel, seed, again)
    tries.known.update(subject.early_problems(kernel))
    try:
        world = tries.world(seed, frozenset())
    except TongbanError as error:
        return Outcome(_ID, str(error), 0, missing=_MISSING)
    if world is None:
        return Outcome(_ID, "no simulated world is installed here", 0, missing=_MISSING)
    tries.sample = _sample(kernel, found, world)
    if not tries.sample:
        return outcome(_ID, "no application of its items is eligible", 0)
    failures = list(tries.all(world.kinds))
    tried = f"worlds of {len(tries.sample)} cases: no fault, {len(world.kinds)} kinds alone, all"
    if tries.never:
        tried += f"; never happened: {', '.join(tries.never)}"
    if tries.kept:
        tried += "; it cannot be imported anew, so its state outlives a restart here"
    return outcome(_ID, tried, tries.times, failures)


def _sample(kernel: Kernel, found: Sequence[Trial], world: Harness) -> list[Mapping[str, Any]]:
    """A few applications of each set of modes that open a case on the day of the world."""
    seen: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for trial in found:
        try:
            decision = kernel.decide({**trial.raw, "as_of": world.today.isoformat()})
        except (ApplicationError, PluginError):
            continue
        some = seen.setdefault(decision.modes, [])
        fit = decision.outcome == "eligible" and len(some) < _EACH
        if fit and not isinstance(world.submit(trial.raw), protocol.Refusal):
            some.append(trial.raw)
    ranked = (some[nth : nth + 1] for nth in range(_EACH) for some in seen.values())
    different = [raw for some in ranked for raw in some][:_CASES]
    return [different[number % len(different)] for number in range(_CASES if different else 0)]
