"""durable-rules through its own Host, measured in a process of its own: it may crash.

Run by `benchmarks.peers`; prints the times as JSON. The rules are those of our
plugin's translation, and its safe way is kept where a Host can keep it (facts,
one state at a time, a rule that always fires last). The Host's polling threads
are stopped, which only helps it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from benchmarks.engines import Compiled, paired, programs_of
from benchmarks.oracle import Oracle
from benchmarks.racing import Contender, race
from benchmarks.workload import Draw
from rich.console import Console
from rich.progress import Progress

from tongban.kernel import Kernel
from tongban.kernel.engine import Program

_MARKER = {"kind": "case"}
_LAST = "last"


def main(seed: int, size: int, rounds: int) -> dict[str, Any]:
    """The times of Host, engine and oracle, by name, in microseconds for each round.

    Raises:
        AssertionError: where the Host does not find the same rules.
    """
    try:
        durable = import_module("durable.engine")
        translation = import_module("tongban.plugins.engines.durable_rules.translation")
    except ImportError as error:
        return {"absent": str(error)}
    kernel = Kernel()
    programs = programs_of(kernel)
    questions = paired(Draw(kernel, seed).cases(size))
    fired: list[str] = []
    batches = {key: translation.translate(p.rules)[0] for key, p in programs.items()}
    host = durable.Host({_name(key): _definition(batch, fired) for key, batch in batches.items()})
    for timer in (host._d_timer, host._t_timer):
        timer.cancel()
    messages = [
        (item, _name(item), {"sid": "1", "id": "1", **_MARKER, **batches[item].cells(facts)})
        for item, facts in questions
    ]

    def ask() -> None:
        for _, name, message in messages:
            fired.clear()
            host.assert_fact(name, message)
            host.delete_state(name, "1")

    for (item, name, message), (_, facts) in zip(messages, questions, strict=True):
        fired.clear()
        host.assert_fact(name, message)
        host.delete_state(name, "1")
        ids = {batches[item].ids[int(rule[1:])] for rule in fired if rule != _LAST}
        assert ids == _held(programs[item], facts), item
    oracle = Oracle({key: program.rules for key, program in programs.items()})
    compiled = Compiled(programs)
    with Progress(console=Console(stderr=True, quiet=True), auto_refresh=False) as progress:
        times = race(
            {
                "oracle": Contender(lambda: oracle.run(questions), size),
                "compiled": Contender(lambda: compiled.run_anew(questions), size),
                "host": Contender(ask, size),
            },
            rounds,
            progress,
            "Host",
        )
    return {name: figures.rounds for name, figures in times.items()}


def _held(program: Program, facts: Mapping[str, Any]) -> set[str]:
    held = program.match(facts)
    return {rule.id for n, rule in enumerate(program.rules) if held >> n & 1}


def _name(key: str) -> str:
    return f"item_{key.replace('/', '_').replace('-', '_')}"


def _definition(batch: Any, fired: list[str]) -> dict[str, Any]:
    """A ruleset whose rules note that they fired."""
    rules: dict[str, Any] = json.loads(batch.definition(_MARKER, _LAST))

    def noting(name: str) -> Any:
        return lambda closure: fired.append(name)

    return {name: rule | {"run": noting(name)} for name, rule in rules.items()}


if __name__ == "__main__":
    print(json.dumps(main(*map(int, sys.argv[1:]))))
