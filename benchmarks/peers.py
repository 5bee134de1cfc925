"""Other engines with the same rules, no reasons against no reasons: we are faster than each."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from attrs import evolve
from benchmarks.engines import Compiled, Question, paired, programs_of
from benchmarks.oracle import Oracle
from benchmarks.racing import Contender, Row, Times, race, row
from benchmarks.rivals import Rival, cel, datalogic, durable_plugin, zen
from benchmarks.workload import Draw
from rich.progress import Progress

from tongban.kernel import Kernel
from tongban.kernel.engine import Program

_Maker: TypeAlias = Callable[[Mapping[str, Program], Iterable[Question]], Iterator[Rival]]
_MAKERS: Mapping[str, _Maker] = {
    "zen-engine": zen,
    "datalogic-py": datalogic,
    "CEL (common-expression-language)": cel,
    "durable-rules, C module through our plugin": durable_plugin,
}
_HOST = "durable-rules, through its Host"
_PATIENCE = 600
"""Seconds that the process with durable-rules' Host gets: it is known to hang and to crash."""


def peers(kernel: Kernel, seed: int, size: int, rounds: int, progress: Progress) -> list[Row]:
    """A row for each engine that is installed, and one that says so for each that is not.

    Raises:
        AssertionError: where a peer does not find the same rules.
    """
    programs = programs_of(kernel)
    questions = paired(Draw(kernel, seed).cases(size))
    rivals, rows = _installed(programs, questions)
    oracle = Oracle({key: program.rules for key, program in programs.items()})
    compiled = Compiled(programs)
    contenders = {
        "oracle": Contender(lambda: oracle.run(questions), size),
        "compiled": Contender(lambda: compiled.run_anew(questions), size),
    }
    held = [programs[item].match(facts) for item, facts in questions]
    for rival in rivals:
        assert [rival.mask(answer) for answer in rival.run()] == held, rival.name
        contenders[rival.name] = Contender(rival.run, size)
    times = race(contenders, rounds, progress, "peers")
    ours, naive = times["compiled"], times["oracle"]
    raced = [_row(rival.name, times[rival.name], ours, naive) for rival in rivals]
    return [*raced, *rows, _host(seed, min(size, 1000), rounds, progress)]


def _installed(
    programs: Mapping[str, Program], questions: Sequence[Question]
) -> tuple[list[Rival], list[Row]]:
    rivals: list[Rival] = []
    absent: list[Row] = []
    for name, maker in _MAKERS.items():
        try:
            rivals += maker(programs, questions)
        except ImportError:
            absent.append(Row(name, "not installed"))
    return rivals, absent


def _row(name: str, its: Times, ours: Times, naive: Times) -> Row:
    """Against our engine with nothing remembered: no peer remembers either."""
    found = row(name, its, ours, "the compiled engine, nothing remembered")
    says = f"{found.measured}, {its.ratio(naive).middle:.1f} × the oracle"
    faster = its.ratio(ours).middle > 1
    return evolve(found, measured=says, keep="> 1", met=faster)


def _host(seed: int, size: int, rounds: int, progress: Progress) -> Row:
    """durable-rules' own Host, in a process that it may take down."""
    task = progress.add_task("durable-rules' Host", total=1)
    progress.refresh()
    command = [sys.executable, "-m", "benchmarks.durable_host", str(seed), str(size), str(rounds)]
    root = Path(__file__).resolve().parents[1]
    try:
        done = subprocess.run(
            command, cwd=root, capture_output=True, text=True, timeout=_PATIENCE, check=True
        )
    except subprocess.TimeoutExpired:
        return Row(_HOST, f"hung: no answer in {_PATIENCE} s")
    except subprocess.CalledProcessError as error:
        return Row(_HOST, f"ended with status {error.returncode}")
    progress.update(task, advance=1)
    said = json.loads(done.stdout)
    if "absent" in said:
        return Row(_HOST, "not installed")
    times = {name: Times(tuple(figures)) for name, figures in said.items()}
    return _row(_HOST, times["host"], times["compiled"], times["oracle"])
