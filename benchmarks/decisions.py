"""Whole decisions of applications that come once: as they are at a desk, nothing seen before."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Mapping, Sequence
from time import process_time
from typing import Any

from attrs import asdict
from benchmarks.engines import paired, programs_of
from benchmarks.oracle import Oracle
from benchmarks.racing import Row, Times, row
from benchmarks.workload import Case, Draw
from rich.progress import Progress

from tongban.kernel import Application, Kernel, Scalar, hookimpl

KEEP_ONCE, KEEP_RAW = 3.6, 12.0
_CHUNK = 5_000
"""The oracle and the kernel take turns after this many; the first of a kernel are as many."""


class Somebody:
    """A plugin of somebody else that derives a fact; it is given copies, and guarded."""

    __name__ = "somebody"

    @hookimpl
    def derive_facts(self, application: Application) -> Mapping[str, Scalar]:
        """Whether the day is a weekend."""
        return {"somebody.weekend": application.as_of.weekday() >= 5}


def raw(application: Application) -> dict[str, Any]:
    """An application as JSON has it."""
    party = {key: value for key, value in asdict(application.applicant).items() if value}
    said = {
        "item": application.item,
        "as_of": application.as_of.isoformat(),
        "channel": application.channel,
        "received_at": application.received_at,
        "applicant": party,
        "places": dict(application.places),
        "facts": dict(application.facts),
        "deliver_by": application.deliver_by,
    }
    return {key: value for key, value in said.items() if value}


def decisions(seed: int, size: int, rounds: int, progress: Progress) -> list[Row]:
    """The rows of decisions that come once.

    Args:
        seed: for the applications; each round draws others.
        size: how many applications in a round.
        rounds: how many; each with a kernel that has decided nothing.
        progress: shows how far it is.
    """
    drawing = Kernel()
    oracle = Oracle({key: p.rules for key, p in programs_of(drawing).items()})
    times: dict[str, list[float]] = {}
    task = progress.add_task("decisions, once each", total=rounds)
    for number in range(rounds):
        draw = Draw(drawing, seed + number)
        kernel = Kernel()
        _ = kernel.rulebook
        first, others = draw.cases(_CHUNK), draw.cases(size)
        for name, taken in _round(oracle, kernel, first, others).items():
            times.setdefault(name, []).append(taken)
        progress.update(task, advance=1)
        progress.refresh()
    return _rows({name: Times(tuple(taken)) for name, taken in times.items()}, size)


def _round(
    oracle: Oracle, kernel: Kernel, first: Sequence[Case], others: Sequence[Case]
) -> dict[str, float]:
    """Microseconds for an application, of each kind."""
    beside = kernel.restarted([*kernel.ports.implementing("derive_facts").values(), Somebody()])
    found = _turns(
        first, {"first": _decide(kernel), "oracle, first": lambda c: oracle.run(paired(c))}
    )
    found |= _turns(
        others,
        {
            "once": _decide(kernel),
            "beside": _decide(beside),
            "raw": _decide_raw(kernel),
            "oracle": lambda cases: oracle.run(paired(cases)),
        },
    )
    return found


def _decide(kernel: Kernel) -> Callable[[Sequence[Case]], None]:
    def run(cases: Sequence[Case]) -> None:
        decide = kernel.decide
        for case in cases:
            decide(case.application)

    return run


def _decide_raw(kernel: Kernel) -> Callable[[Sequence[str]], None]:
    def run(texts: Sequence[str]) -> None:
        decide, loads = kernel.decide, json.loads
        for text in texts:
            decide(loads(text))

    return run


def _turns(cases: Sequence[Case], kinds: Mapping[str, Callable[[Any], None]]) -> dict[str, float]:
    """What each kind takes for an application: in turns, a chunk each, each chunk once."""
    taken = dict.fromkeys(kinds, 0.0)
    for begin in range(0, len(cases), _CHUNK):
        chunk = cases[begin : begin + _CHUNK]
        texts = [json.dumps(raw(case.application), ensure_ascii=False) for case in chunk]
        for name, run in kinds.items():
            taken[name] += _timed(run, texts if name == "raw" else chunk)
    return {name: seconds / len(cases) * 1e6 for name, seconds in taken.items()}


def _timed(run: Callable[[Any], None], cases: Any) -> float:
    gc.collect()
    gc.disable()
    try:
        begin = process_time()
        run(cases)
        return process_time() - begin
    finally:
        gc.enable()


def _rows(times: Mapping[str, Times], size: int) -> list[Row]:
    says = "the oracle, on facts made beforehand"
    first = "the oracle, which is made beforehand"
    return [
        row(
            f"whole decision, {size:,} different applications, each once",
            times["once"],
            times["oracle"],
            says,
            KEEP_ONCE,
        ),
        row(
            f"… the first {_CHUNK:,} of a kernel: items specialised and compiled on the way",
            times["first"],
            times["oracle, first"],
            first,
        ),
        row(
            "… beside somebody else's plugin that derives a fact: copies, guard",
            times["beside"],
            times["oracle"],
            says,
        ),
        row(
            "raw JSON: text read, every field checked, decided",
            times["raw"],
            times["oracle"],
            says,
            KEEP_RAW,
        ),
    ]
