"""A line of `tongban route --json`: what a program pays that talks to it by pipes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.decisions import raw
from benchmarks.engines import paired, programs_of
from benchmarks.oracle import Oracle
from benchmarks.racing import Contender, Row, Times, race, row
from benchmarks.workload import Case, Draw
from rich.progress import Progress

from tongban.kernel import Kernel

KEEP = 40.0
"""80 µs where the oracle takes 2."""


def lines(kernel: Kernel, seed: int, size: int, rounds: int, progress: Progress) -> list[Row]:
    """A row for a line of a long file, without what the process takes to start.

    Args:
        kernel: whose items.
        seed: for the applications.
        size: how many lines.
        rounds: how often the processes run.
        progress: shows how far it is.
    """
    cases = Draw(kernel, seed).cases(size)
    questions = paired(cases)
    oracle = Oracle({key: program.rules for key, program in programs_of(kernel).items()})
    with TemporaryDirectory() as folder:
        many, one = Path(folder) / "many.jsonl", Path(folder) / "one.jsonl"
        _write(many, cases)
        _write(one, cases[:1])
        contenders = {
            "many": Contender(lambda: _route(many), 1, _children),
            "one": Contender(lambda: _route(one), 1, _children),
            "oracle": Contender(lambda: oracle.run(questions), size),
        }
        times = race(contenders, rounds, progress, "lines")
    pairs = zip(times["many"].rounds, times["one"].rounds, strict=True)
    line = Times(tuple((whole - start) / (size - 1) for whole, start in pairs))
    what = f"a line of `tongban route --json`: read, checked, decided, examined, written ({size:,})"
    return [row(what, line, times["oracle"], "the oracle, on facts made beforehand", KEEP)]


def _write(path: Path, cases: Iterable[Case]) -> None:
    texts = (json.dumps(raw(case.application), ensure_ascii=False) for case in cases)
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")


def _route(path: Path) -> None:
    command = [sys.executable, "-m", "tongban", "route", "--json", str(path)]
    quiet = subprocess.DEVNULL
    subprocess.run(command, stdout=quiet, stderr=quiet, check=True)


def _children() -> float:
    """Seconds of the processor that processes took which have ended."""
    found = os.times()
    return found.children_user + found.children_system
