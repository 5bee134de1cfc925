"""Carrying cases: one durable command against a bare insert of as many bytes, and growth."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from attrs import define, evolve, field
from benchmarks.racing import Row, Times
from rich.progress import Progress

from tongban.kernel import Kernel
from tongban.kernel import protocol as p
from tongban.kernel.service import Done, Service
from tongban.plugins.stores.sqlite.embedded import SqliteStore, open_store

KEEP_COMMAND, KEEP_GROWTH = 5.0, 1.3
_NOW = datetime(2026, 3, 2, 9, tzinfo=p.CHINA)
_PAPERS = (p.Document("申请表", "form"),)
_WINDOW = p.Actor("window", "w", "510100")
_APPLICATION: Mapping[str, Any] = {
    "item": "2-03",
    "channel": "window",
    "received_at": "510100",
    "as_of": "2026-03-02",
    "applicant": {"kind": "person", "name": "张三", "phone": "13800001234"},
    "places": {"move_in": "510100", "move_out": "630100"},
    "facts": {"move_reason": "job_transfer"},
    "deliver_by": "post",
}


@define
class _Measured:
    """Seconds for each command, and for each bare insert of as many bytes."""

    commands: list[float] = field(factory=list)
    inserts: list[float] = field(factory=list)

    def take(self, step: Callable[[], Done], bare: sqlite3.Connection) -> None:
        """Times a command, and a bare insert of what it keeps."""
        start = perf_counter()
        done = step()
        middle = perf_counter()
        body = _bytes(done)
        begin = perf_counter()
        with bare:
            bare.execute("INSERT INTO log (body) VALUES (?)", (body,))
        self.commands.append(middle - start)
        self.inserts.append(perf_counter() - begin)


def carrying(cases: int, sizes: Sequence[int], progress: Progress) -> list[Row]:
    """Commands of whole cases, in stores of several sizes.

    Args:
        cases: carried from receipt to rating in a store of each size.
        sizes: events that a store holds before, the smallest first.
        progress: shows how far it is.
    """
    task = progress.add_task("carrying", total=len(sizes) + cases)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        services = []
        for size in (sizes[0], sizes[-1]):
            store = open_store(Path(folder) / f"{size}.db", clock=lambda: _NOW)
            services.append(_filled(opened.enter_context(store), size))
            progress.update(task, advance=1)
            progress.refresh()
        bare = opened.enter_context(closing(_bare(Path(folder) / "bare.db")))
        small, large = _Measured(), _Measured()
        for _ in range(cases):
            # In turns, command by command: the speed of a shared disk wavers.
            for one, other in zip(*map(_life, services), strict=True):
                small.take(one, bare)
                large.take(other, bare)
            progress.update(task, advance=1)
            progress.refresh()
    against = median(small.commands) / median(small.inserts)
    grown = median(large.commands) / median(small.commands)
    return [
        Row(
            f"a command with full durability, {sizes[0]:,} events in the store",
            f"{median(small.commands) * 1e3:.2f} ms, {1 / median(small.commands):,.0f} a second",
            Times((against,)),
            "a bare insert of the same bytes",
            f"≤ {KEEP_COMMAND}",
            against <= KEEP_COMMAND,
        ),
        Row(
            f"the same with {sizes[-1]:,} events",
            f"{median(large.commands) * 1e3:.2f} ms",
            Times((grown,)),
            f"{sizes[0]:,} events",
            f"≤ {KEEP_GROWTH}",
            grown <= KEEP_GROWTH,
        ),
    ]


def _filled(store: SqliteStore, size: int) -> Service:
    numbers = count(1)
    kernel = Kernel(clock=lambda: _NOW, ids=lambda: f"{next(numbers):032x}"[::-1])
    service = Service(kernel, store)
    _fill(service, size)
    return service


def _bare(path: Path) -> sqlite3.Connection:
    """SQLite with nothing around it, as durable as the store is."""
    conn = sqlite3.connect(path)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("CREATE TABLE log (position INTEGER PRIMARY KEY, body TEXT)")
    return conn


def _bytes(done: Done) -> str:
    kept = [*(e.to_dict() for e in done.events), *(m.to_dict() for m in done.messages)]
    return json.dumps(kept, ensure_ascii=False)


def _life(service: Service) -> Iterator[Callable[[], Done]]:
    """The commands of one joint case, from its submission to its rating."""
    opened = service.submit(_APPLICATION, _WINDOW, applicant="a-1")
    assert isinstance(opened, Done)
    case = opened.case
    lead, other = _officer(case.plan.lead), _officer(case.plan.others[0])
    steps: list[tuple[p.Actor, p.CommandBody]] = [
        (_WINDOW, p.Receive(materials=_PAPERS)),
        (lead, p.Accept()),
        (other, p.Confirm("同意迁出")),
        (lead, p.Examine("符合条件")),
        (lead, p.Grant()),
        (lead, p.Deliver(tracking="EMS 1")),
        (p.Actor("applicant", "a-1"), p.Report("arrived")),
        (p.Actor("applicant", "a-1"), p.Rate(case.plan.lead.key, "satisfied")),
    ]
    for actor, body in steps:
        yield lambda actor=actor, body=body: _done(service, case.id, actor, body)  # type: ignore[misc]


def _done(service: Service, case: str, actor: p.Actor, body: p.CommandBody) -> Done:
    answer = service.do(case, actor, body)
    assert isinstance(answer, Done), answer
    return answer


def _officer(office: p.Office) -> p.Actor:
    return p.Actor("officer", "o", office.division, office.department)


def _fill(service: Service, size: int) -> None:
    """Brings the store to `size` events: one whole case, again and again under other ids."""
    store, case = service.store, [step() for step in _life(service)][0].case.id
    events, messages = store.events(case), [o.message for o in store.outgoing(case=case)]
    copies = range(size // len(events))
    for first in range(0, len(copies), 500):
        with store.transaction() as writes:
            for number in copies[first : first + 500]:
                name = f"FILL{number:08d}"
                copied = [evolve(one, case=name, cause=f"{name}/{one.cause}") for one in events]
                writes.append(name, 0, copied)
                writes.send(evolve(m, id=f"{name}/{m.id}", case=name) for m in messages)
