"""Forty thousand questions to durable-rules, from eight threads at once."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from tongban.kernel import Kernel, Scalar
from tongban.kernel.engine import Facts, Program
from tongban.kernel.model import Between, disjuncts
from tongban.plugins.engines.durable_rules import opinion

if TYPE_CHECKING:
    from tests.engines.conftest import Durable

THREADS = 8
EVALUATIONS = 40_000
ODD = (None, True, 1, "1", "", "西宁", 'say "no"', "😀", date(2022, 10, 1), 2**62, "x" * 1_000)


def near(program: Program) -> dict[str, list[Scalar | None]]:
    """For each attribute that a program tests, the values at which its rules turn."""
    turning: dict[str, list[Scalar | None]] = {name: [*ODD] for name in sorted(program.tested)}
    for rule in program.rules:
        for test, _ in (literal for literals in disjuncts(rule.when) for literal in literals):
            found = turning[test.attribute]
            if not isinstance(test, Between):
                found += 5 * test.values
                continue
            for bound in (test.low, test.high):
                if isinstance(bound, date):
                    found += [bound + timedelta(days=days) for days in (-1, 0, 1)]
                elif bound is not None:
                    found += [bound - 1, bound, bound + 1]
    return turning


def questions(kernel: Kernel, seed: int, count: int) -> Iterator[tuple[Program, Facts]]:
    """Real programs and facts about them; one program in every second question."""
    random = Random(seed)
    programs = [(program, near(program)) for program in map(kernel.program, kernel.items)]
    for n in range(count):
        program, turning = programs[0] if n % 2 else random.choice(programs)
        yield (
            program,
            {
                name: random.choice(values)
                for name, values in turning.items()
                if random.random() < 0.9
            },
        )


def test_eight_threads_agree_in_every_answer_and_leave_nothing_behind(
    durable: Durable, kernel: Kernel
) -> None:
    def ask(seed: int, count: int) -> tuple[int, int]:
        """How many answers agreed, and how many rules held."""
        agreed = held = 0
        for program, facts in questions(kernel, seed, count):
            mask = program.match(facts)
            expected = {rule.id for n, rule in enumerate(program.rules) if mask >> n & 1}
            agreed += durable.plugin.second_opinion(item=program, facts=facts) == expected
            held += len(expected)
        return agreed, held

    def soak(seeds: range, count: int) -> tuple[int, int]:
        with ThreadPoolExecutor(THREADS) as pool:
            results = list(pool.map(ask, seeds, [count // THREADS] * THREADS))
        return sum(agreed for agreed, _ in results), sum(held for _, held in results)

    first = EVALUATIONS // 5
    assert soak(range(THREADS), first)[0] == first
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    agreed, held = soak(range(THREADS, 2 * THREADS), EVALUATIONS - first)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert agreed == EVALUATIONS - first
    assert held > EVALUATIONS
    assert after < 1.2 * before, "memory grew with the number of evaluations"
    for item in kernel.items:
        for ruleset in opinion._rulesets(kernel.program(item)):
            assert ruleset.states == 64
