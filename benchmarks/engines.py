"""Which rules hold, and the whole decision, against the naive oracle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from benchmarks.oracle import Conclusion, Oracle, conclusion
from benchmarks.racing import Contender, Row, Times, race, row
from benchmarks.workload import Case, Draw
from rich.progress import Progress

from tongban.kernel import Application, Kernel
from tongban.kernel.engine import Facts, Program

Question = tuple[str, Facts]
"""An item's key, and facts."""

KEEP_REMEMBERED, KEEP_ANEW = 0.6, 0.85
LEFT_OUT = 0.1
"""The share of applications that leave something unsaid, in the mixed row."""
_FEW = 50
"""A pile of fewer applications is not measured by itself."""


class Compiled:
    """The kernel's engine: a dict lookup by item, then one generated function.

    What the rules behind a mask conclude is looked up, as the kernel does, or put together
    each time, as the oracle does.

    Args:
        programs: by the item's key.
    """

    def __init__(self, programs: Mapping[str, Program]) -> None:
        self._says = {
            key: (program.match, [(1 << n, conclusion(r)) for n, r in enumerate(program.rules)])
            for key, program in programs.items()
        }
        self._items = {
            key: (program.match, program.rules, dict[int, list[Conclusion]]())
            for key, program in programs.items()
        }

    def concluded(self, item: str, facts: Facts) -> list[Conclusion]:
        """The conclusions of the rules that hold, in order."""
        match, rules, known = self._items[item]
        held = match(facts)
        found = known.get(held)
        if found is None:
            found = [conclusion(rule) for n, rule in enumerate(rules) if held >> n & 1]
            known[held] = found
        return found

    def run(self, questions: Iterable[Question]) -> None:
        """Answers each of `questions`."""
        concluded = self.concluded
        for item, facts in questions:
            concluded(item, facts)

    def concluded_anew(self, item: str, facts: Facts) -> list[Conclusion]:
        """`concluded`, with nothing looked up."""
        match, says = self._says[item]
        held = match(facts)
        return [one for bit, one in says if held & bit]

    def run_anew(self, questions: Iterable[Question]) -> None:
        """Answers each of `questions`, with nothing looked up."""
        concluded = self.concluded_anew
        for item, facts in questions:
            concluded(item, facts)


def programs_of(kernel: Kernel) -> dict[str, Program]:
    """Every item's program, by key."""
    return {item.key: kernel.program(item) for item in kernel.items}


def paired(cases: Iterable[Case]) -> list[Question]:
    """The item's key and the facts of each case."""
    return [(case.application.item, case.facts) for case in cases]


def engines(kernel: Kernel, seed: int, size: int, rounds: int, progress: Progress) -> list[Row]:
    """The rows of engine and decision.

    Args:
        kernel: with all installed plugins.
        seed: for the applications.
        size: how many applications.
        rounds: how often each contender runs.
        progress: shows how far it is.

    Raises:
        AssertionError: where oracle and engine do not conclude the same.
    """
    draw, programs = Draw(kernel, seed), programs_of(kernel)
    cases = draw.cases(size)
    questions = paired(cases)
    wide = [(item, _with_constants(programs[item], facts)) for item, facts in questions]
    oracle = Oracle({key: program.rules for key, program in programs.items()})
    whole = Oracle({key: program.whole for key, program in programs.items()})
    compiled = Compiled(programs)
    for (item, facts), (_, more) in zip(questions, wide, strict=True):
        found = oracle.concluded(item, facts)
        assert found == compiled.concluded(item, facts) == whole.concluded(item, more), item
        assert found == compiled.concluded_anew(item, facts), item
    complete = [case.application for case in cases]
    gaps = [*draw.many(size, left_out=1.0)]
    piles = {
        "complete": complete,
        **_piles(kernel, complete, "complete, "),
        "mixed": [*draw.many(size, LEFT_OUT)],
        **_piles(kernel, gaps, "one thing unsaid, "),
    }
    contenders = {
        "oracle": Contender(lambda: oracle.run(questions), size),
        "whole": Contender(lambda: whole.run(wide), size),
        "compiled": Contender(lambda: compiled.run(questions), size),
        "anew": Contender(lambda: compiled.run_anew(questions), size),
    }
    for name, pile in piles.items():
        asked = [(one.item, facts) for one in pile for facts in draw.completions(one)]
        contenders[name] = Contender(_deciding(kernel, pile), len(pile))
        contenders[_asked(name)] = Contender(partial(oracle.run, asked), len(pile))
    times = race(contenders, rounds, progress, "engine and decision")
    return _rows(times, {name: len(pile) / size for name, pile in piles.items()})


def _asked(pile: str) -> str:
    """The oracle's name in the race for a pile: it is asked once for each value of what is open."""
    return f"oracle: {pile}"


def _with_constants(program: Program, facts: Facts) -> Facts:
    """`facts`, and what an item's own keys say, which its specialised rules know already."""
    item = program.item
    places = item.handled_at.value
    constants: dict[str, str | int] = {
        "item.kind": item.kind,
        "attendance": item.attendance.value,
        "handling.count": 1 if item.choice else len(places),
        "handling.includes_receiving": False,
    }
    return {**constants, **facts}


def _piles(
    kernel: Kernel, applications: Iterable[Application], prefix: str
) -> dict[str, list[Application]]:
    """Applications by what they come to; a handful that would measure nothing is left out."""
    piles: dict[str, list[Application]] = {}
    for application in applications:
        name = prefix + kernel.decide(application).outcome
        piles.setdefault(name, []).append(application)
    return {name: pile for name, pile in sorted(piles.items()) if len(pile) >= _FEW}


def _deciding(kernel: Kernel, applications: Sequence[Application]) -> Callable[[], None]:
    def run() -> None:
        decide = kernel.decide
        for application in applications:
            decide(application)

    return run


def _rows(times: Mapping[str, Times], shares: Mapping[str, float]) -> list[Row]:
    """The table; `shares` are those of each pile of decisions.

    A pile's decisions stand against the oracle on the same applications.
    """
    oracle, says = times["oracle"], "the oracle"
    titles = {
        "complete": "whole decision, everything said, the same applications again and again",
        "mixed": f"whole decision, {LEFT_OUT:.0%} leave one thing unsaid",
    }
    return [
        Row("naive oracle: which rules hold and what they conclude", f"{oracle} µs"),
        row(
            "compiled engine, the same; conclusions remembered by the rules that hold",
            times["compiled"],
            oracle,
            says,
            KEEP_REMEMBERED,
        ),
        row(
            "compiled engine, the same; nothing remembered",
            times["anew"],
            oracle,
            says,
            KEEP_ANEW,
        ),
        row(
            "compiled engine, remembered, against an oracle over all rules, unspecialised",
            times["compiled"],
            times["whole"],
            "that oracle",
            KEEP_REMEMBERED,
        ),
        *(
            row(
                titles.get(name, f"    {name}, {share:.0%}"),
                times[name],
                times.get(_asked(name), oracle),
                says,
            )
            for name, share in shares.items()
        ),
    ]
