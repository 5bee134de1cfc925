"""`tongban case tick` where nothing is due, against reading one case: what cron asks each hour."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from attrs import evolve
from benchmarks.cold import process
from benchmarks.racing import Row, race, row
from benchmarks.soak_store import APPLICATION, WINDOW
from rich.progress import Progress

from tongban.kernel import Kernel, service
from tongban.kernel import protocol as p
from tongban.plugins.stores.sqlite.embedded import open_store

KEEP = 2.0
_NOW = datetime(2026, 3, 2, 9, tzinfo=p.CHINA)
_LATER = "2026-03-02T16:00"


def ticking(cases: int, rounds: int, progress: Progress) -> list[Row]:
    """Processes of the command line, in turns, on one store.

    Args:
        cases: open ones, of which none is due.
        rounds: how often each command runs.
        progress: shows how far it is.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.db"
        _fill(path, cases)
        given = ("--db", str(path), "--at", _LATER)
        commands = {
            "list": ("-m", "tongban", "case", "list", "--limit", "1", *given),
            "tick": ("-m", "tongban", "case", "tick", *given),
        }
        contenders = {name: process(folder, *words) for name, words in commands.items()}
        for one in contenders.values():
            one.run()  # the first tick counts the days of a calendar that is new to the store
        found = race(contenders, rounds, progress, "ticking")
    title = f"`case tick`, nothing due, {cases:,} open cases"
    return [row(title, found["tick"], found["list"], "`case list --limit 1`", KEEP)]


def _fill(path: Path, cases: int) -> None:
    """A case that was accepted, under many ids."""
    kernel = Kernel(clock=lambda: _NOW)
    calendars = service.calendars(kernel)
    with open_store(path, clock=kernel.clock, calendars=calendars) as store:
        desk = service.Service(kernel, store)
        opened = desk.submit(APPLICATION, WINDOW, applicant="a-1")
        assert isinstance(opened, service.Done)
        lead = opened.case.plan.lead
        officer = p.Actor("officer", "o", lead.division, lead.department)
        for actor, body in ((WINDOW, p.Receive()), (officer, p.Accept())):
            done = desk.do(opened.case.id, actor, body)
            assert isinstance(done, service.Done), done
        events = store.events(opened.case.id)
        for first in range(0, cases, 500):
            with store.transaction() as writes:
                for number in range(first, min(first + 500, cases)):
                    name = f"FILL{number:08d}"
                    copied = [evolve(one, case=name, cause=f"{name}/{one.cause}") for one in events]
                    writes.append(name, 0, copied)
