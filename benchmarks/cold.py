"""How long a process takes that loads every department, from nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import click
from benchmarks.racing import Contender, Row, race, row
from rich.progress import Progress

KEEP_RULES, KEEP_ROUTE = 4.0, 4.0
_IMPORTS = "import click, pluggy, attrs, yaml"
_APPLICATION = Path(__file__).resolve().parents[1] / "examples" / "hukou-move.json"
_RULEBOOK = "from tongban.kernel import Kernel; Kernel().rulebook"


def cold(starts: int, progress: Progress) -> list[Row]:
    """Starting Python, importing the libraries, loading the rules, the command line.

    Args:
        starts: how many processes of each kind.
        progress: shows how far it is.
    """
    commands: dict[str, tuple[str, ...]] = {
        "python": ("-c", "pass"),
        "imports": ("-c", _IMPORTS),
        "kernel": ("-c", "import tongban.kernel"),
        "rulebook": ("-c", _RULEBOOK),
    }
    if isinstance(getattr(import_module("tongban.cli"), "cli", None), click.Group):
        commands |= {
            "version": ("-m", "tongban", "--version"),
            "help": ("-m", "tongban", "--help"),
            "route": ("-m", "tongban", "route", "--json", str(_APPLICATION)),
        }
    with TemporaryDirectory() as folder:
        contenders = {name: process(folder, *words) for name, words in commands.items()}
        times = race(contenders, starts, progress, "cold starts")
    base = times["imports"]
    titles = {
        "python": "Python alone",
        "imports": f"`{_IMPORTS}`",
        "kernel": "`import tongban.kernel`",
        "rulebook": "all departments and rules",
        "version": "`tongban --version`",
        "help": "`tongban --help`",
        "route": "`tongban route --json` on one application",
    }
    most = {"rulebook": KEEP_RULES, "route": KEEP_ROUTE}
    return [
        row(titles[name], figures, base, "the imports", most.get(name))
        for name, figures in times.items()
    ]


def process(folder: str, *words: str) -> Contender:
    """One process; its modules are compiled already, as after an installation."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "compiled")

    def run() -> None:
        subprocess.run(
            [sys.executable, *words],
            cwd=folder,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    return Contender(run, 1, perf_counter)
