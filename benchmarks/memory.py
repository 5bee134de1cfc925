"""Memory after many decisions: flat. Measured in a process of its own."""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from benchmarks.racing import Row, Times
from benchmarks.workload import Draw
from rich.progress import Progress

from tongban.kernel import Kernel

KEEP = 1.01
"""How much larger the process may be after the second half than before it."""

_PARTS = 20
_LEFT_OUT = 0.05
_TRACED = 20_000


def memory(seed: int, decisions: int, progress: Progress) -> list[Row]:
    """The size of a process that decides, and what its decisions leave behind.

    Args:
        seed: for the applications, every one of which is new.
        decisions: how many.
        progress: shows how far it is.
    """
    command = [sys.executable, "-m", "benchmarks.memory", str(seed), str(decisions)]
    root = Path(__file__).resolve().parents[1]
    task = progress.add_task("memory", total=_PARTS + 2)
    sizes: list[int] = []
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            sizes.append(int(json.loads(line)))
            progress.update(task, advance=1)
            progress.refresh()
    *resident, traced = sizes
    half = resident[_PARTS // 2]
    ratio = resident[-1] / half
    return [
        Row(
            f"process: at the start, after {decisions // 2:,} and {decisions:,} decisions",
            " → ".join(f"{size / 1e6:.1f}" for size in (resident[0], half, resident[-1])) + " MB",
            Times((ratio,)),
            "half way",
            f"≤ {KEEP}",
            ratio <= KEEP,
        ),
        Row(
            f"objects left behind by {_TRACED:,} more decisions (tracemalloc)",
            f"{traced / 1000:,.0f} kB, {traced / _TRACED:.1f} bytes for each",
        ),
    ]


def _figures(seed: int, decisions: int) -> Iterator[int]:
    """Bytes: of the process at the start and after each part, then what stayed traced."""
    kernel = Kernel()
    draw = Draw(kernel, seed)
    _decide(kernel, draw, len(kernel.items))
    yield _resident()
    for _ in range(_PARTS):
        _decide(kernel, draw, decisions // _PARTS)
        yield _resident()
    tracemalloc.start()
    _decide(kernel, draw, _TRACED // 10)
    before = _traced()
    _decide(kernel, draw, _TRACED)
    yield _traced() - before


def _decide(kernel: Kernel, draw: Draw, count: int) -> None:
    for application in draw.many(count, _LEFT_OUT):
        kernel.decide(application)


def _traced() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def _resident() -> int:
    """The size of this process now, or the largest that it was where the system does not say."""
    gc.collect()
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    for figure in _figures(*map(int, sys.argv[1:])):
        print(json.dumps(figure), flush=True)
