"""`python -m benchmarks.soak_store`: kills writers at random instants; is anything lost or doubled?

Several processes hand commands to cases in one store, each in one transaction,
and write down which were acknowledged. They are killed (SIGKILL) one after the
other and take up their work again. Then the file is asked for everything that
was acknowledged, and whether its tables, its chain and its pages are whole.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Any

from attrs import evolve, frozen

from tongban.kernel import Kernel
from tongban.kernel import protocol as p
from tongban.kernel.engine import rules_version
from tongban.kernel.ports import store as contract
from tongban.kernel.protocol import personal_data
from tongban.plugins.stores.sqlite.embedded import SqliteStore, open_store

NOW = datetime(2026, 3, 2, 9, tzinfo=p.CHINA)
PAUSE = 0.06
"""At most this many seconds from one kill to the next."""

BETWEEN_CHECKS = 50
_FORK = multiprocessing.get_context("fork")
_PAPERS = (p.Document("申请表", "form"),)
APPLICATION: Mapping[str, Any] = {
    "item": "2-03",
    "channel": "window",
    "received_at": "510100",
    "as_of": "2026-03-02",
    "applicant": {"kind": "person", "name": "张三", "phone": "13800001234"},
    "places": {"move_in": "510100", "move_out": "630100"},
    "facts": {"move_reason": "job_transfer"},
    "deliver_by": "post",
}
_BODIES: Mapping[str, Callable[[p.Case], p.CommandBody]] = {
    "receive": lambda case: p.Receive(materials=_PAPERS),
    "accept": lambda case: p.Accept(),
    "supplement": lambda case: p.RequestSupplement(("证明",)),
    "supply": lambda case: p.Supply(("证明",)),
    "chase": lambda case: p.Chase("请速办"),
    "confirm": lambda case: p.Confirm("同意"),
    "examine": lambda case: p.Examine("符合条件"),
    "pause": lambda case: p.Pause("hearing", "听证"),
    "resume": lambda case: p.Resume(),
    "grant": lambda case: p.Grant("符合条件"),
    "deliver": lambda case: p.Deliver(),
    "report": lambda case: p.Report("arrived"),
    "close": lambda case: p.Close(),
    "rate": lambda case: p.Rate(case.plan.lead.key, "satisfied"),
}
WINDOW = p.Actor("window", "window-1", "510100")
_ACTORS = (
    WINDOW,
    p.Actor("officer", "officer-1", "510100", "public_security"),
    p.Actor("officer", "officer-2", "630100", "public_security"),
    p.Actor("applicant", "applicant-1"),
)


@frozen
class Outcome:
    """What came of it.

    Attributes:
        kills: how many writers were killed.
        acknowledged: commands of which the writer was told that they are kept.
        unacknowledged: commands that are kept, whose writer was killed before it was told.
        events: in the log.
        delivered: messages that were carried from the outbox to the inbox.
        problems: what is wrong, a sentence each; nothing where all is well.
    """

    kills: int
    acknowledged: int
    unacknowledged: int
    events: int
    delivered: int
    problems: tuple[str, ...]


def weekends(division: str | None) -> p.Calendar:
    return p.Calendar()


def _open(path: Path) -> SqliteStore:
    return open_store(path, clock=lambda: NOW, calendars=weekends, timeout=120)


def opening_command() -> p.Submit:
    """The command that opens each case, without its personal data."""
    kernel = Kernel()
    application = kernel.application(dict(APPLICATION))
    program = kernel.program(application.item)
    return p.submit(
        kernel.decide(application),
        program.item,
        application,
        rules=rules_version(program),
        applicant="applicant-1",
    )


class _Writer:
    """One process that gives commands until it is killed."""

    def __init__(self, path: Path, acks: Path, name: str, opening: p.Submit) -> None:
        self.store = _open(path)
        self.acks = os.open(acks, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.name = name
        self.opening = opening
        self.random = Random(name)
        self.ids = count(1)

    def run(self) -> None:
        while True:
            draw = self.random.random()
            try:
                if draw < 0.15:
                    self.opens()
                elif draw < 0.3:
                    self.carries()
                else:
                    self.handles()
            except contract.ConflictError:
                pass  # somebody else was first: as in life, one looks again

    def opens(self) -> None:
        """Hands an application in, with its personal data."""
        id = f"{self.name}-{next(self.ids)}"
        case = f"CASE-{id}"
        with self.store.transaction() as tx:
            kept = tx.keep_personal(personal_data.personal_part(APPLICATION))
            body = evolve(self.opening, personal=kept)
            step = p.handle(None, p.Command(id, case, WINDOW, body), context())
            self.keep(tx, case, 0, step)
        self.acknowledge("command", id, case, step)

    def handles(self) -> None:
        """Does something that may be done in a case that is open, as a person would.

        The case is read before the transaction, so that two may meet.
        """
        rows = self.store.cases(contract.CaseFilter(over=False, limit=8))
        if not rows:
            return
        case = self.store.case(self.random.choice(rows).id)
        assert case is not None
        some = [(a, k) for a in _ACTORS for k in p.allowed(case, a) if k in _BODIES]
        if not some:
            return
        actor, kind = self.random.choice(some)
        id = f"{self.name}-{next(self.ids)}"
        step = p.handle(case, p.Command(id, case.id, actor, _BODIES[kind](case)), context())
        with self.store.transaction() as tx:
            self.keep(tx, case.id, case.version, step)
        if step.events:
            self.acknowledge("command", id, case.id, step)

    def carries(self) -> None:
        """Brings a message from the outbox to the inbox, as the exchange within a store does."""
        waiting = self.store.outgoing("pending", limit=4)
        if not waiting:
            return
        message = self.random.choice(waiting).message
        with self.store.transaction() as tx:
            tx.receive(message)
            tx.delivered(message.id)
        self.tell({"what": "message", "id": message.id})

    def keep(
        self, tx: contract.Transaction, case: str, version: int, step: p.Step | p.Refusal
    ) -> None:
        tx.append(case, version, step.events)
        tx.send(step.messages)

    def acknowledge(self, what: str, id: str, case: str, step: p.Step | p.Refusal) -> None:
        seqs = [event.seq for event in step.events]
        sent = [message.id for message in step.messages]
        self.tell({"what": what, "id": id, "case": case, "seqs": seqs, "sent": sent})

    def tell(self, line: Mapping[str, Any]) -> None:
        # One write: what the kernel was given survives the death of the process.
        os.write(self.acks, (json.dumps(line) + "\n").encode())


def context() -> p.Context:
    return p.Context(NOW, weekends)


def _write(path: Path, acks: Path, name: str, opening: p.Submit) -> None:
    _Writer(path, acks, name, opening).run()


def soak(
    kills: int, writers: int, seed: int, say: Callable[[str], None] = lambda line: None
) -> Outcome:
    """Kills writers of one store, and looks for what is lost or doubled.

    Args:
        kills: how many times.
        writers: how many processes at once.
        seed: for the instants and for what is done.
        say: called with the progress.
    """
    random = Random(seed)
    folder = Path(tempfile.mkdtemp(prefix="tongban-soak-"))
    try:
        _open(folder / "cases.db").close()
        opening = opening_command()
        names = (f"{seed}-{n}" for n in count(1))

        def start() -> BaseProcess:
            name = next(names)
            arguments = (folder / "cases.db", folder / f"{name}.acks", name, opening)
            process = _FORK.Process(target=_write, args=arguments, daemon=True)
            process.start()
            return process

        done, problems = 0, list[str]()
        while done < kills and not problems:
            here = min(BETWEEN_CHECKS, kills - done)
            problems += _kill(folder, start, here, writers, random)
            done += here
            outcome = _examined(folder, done, problems)
            problems = list(outcome.problems)
            say(f"{done} kills: {outcome.acknowledged} commands, {outcome.events} events")
        return outcome
    finally:
        shutil.rmtree(folder)


def _acknowledged(folder: Path) -> int:
    """How many commands were acknowledged so far."""
    return sum(one.read_bytes().count(b'"what": "command"') for one in folder.glob("*.acks"))


def _kill(
    folder: Path, start: Callable[[], BaseProcess], kills: int, writers: int, random: Random
) -> Iterator[str]:
    """Lets writers run, kills one after the other, at last all of them."""
    running = [start() for _ in range(writers)]
    before = _acknowledged(folder)
    for number in range(kills):
        # However slow the machine is, something is at stake.
        while _acknowledged(folder) < before + number + 2 and any(p.is_alive() for p in running):
            time.sleep(0.01)
        time.sleep(random.uniform(0, PAUSE))
        index = random.randrange(writers)
        yield from _end(running[index])
        running[index] = start()
    for process in running:
        yield from _end(process)


def _end(process: BaseProcess) -> Iterator[str]:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    if process.exitcode != -signal.SIGKILL:
        yield f"writer {process.name} ended on its own, status {process.exitcode}"


def _examined(folder: Path, kills: int, problems: list[str]) -> Outcome:
    """Compares what was acknowledged with what is there."""
    told = [
        json.loads(line) for acks in folder.glob("*.acks") for line in acks.read_text().splitlines()
    ]
    commands = {one["id"]: one for one in told if one["what"] == "command"}
    carried = {one["id"] for one in told if one["what"] == "message"}
    with _open(folder / "cases.db") as store:
        kept = defaultdict[str, list[tuple[str, int]]](list)
        events = 0
        for entry in store.entries():
            if not entry.case:
                continue  # a record of the store itself
            events += 1
            kept[json.loads(entry.body)["cause"]].append((entry.case, entry.seq))
        found = [
            *problems,
            *_lost(store, commands, kept),
            *_doubled(kept),
            *_boxes(store, carried),
            *map(str, store.verify()),
            *(f"case {one}: the tables are not what the log says" for one in store.differences()),
            *store.integrity(),
        ]
    unacknowledged = len(set(kept) - set(commands))
    if unacknowledged > kills + 20:
        found.append(f"{unacknowledged} commands are kept that nobody was told of")
    return Outcome(kills, len(commands), unacknowledged, events, len(carried), tuple(found))


def _lost(
    store: SqliteStore,
    commands: Mapping[str, Mapping[str, Any]],
    kept: Mapping[str, list[tuple[str, int]]],
) -> Iterator[str]:
    """Acknowledged commands whose events or messages are not there."""
    sent = {one.message.id for one in store.outgoing()}
    for id, one in commands.items():
        wanted = [(one["case"], seq) for seq in one["seqs"]]
        if sorted(kept.get(id, [])) != wanted:
            yield f"command {id}: acknowledged {wanted}, the log has {kept.get(id)}"
        missing = set(one["sent"]) - sent
        if missing:
            yield f"command {id}: messages {missing} are not in the outbox"


def _doubled(kept: Mapping[str, list[tuple[str, int]]]) -> Iterator[str]:
    """Commands that had an effect twice: their events are not one run in one case."""
    for id, places in kept.items():
        cases = {case for case, _ in places}
        seqs = sorted(seq for _, seq in places)
        if len(cases) != 1 or seqs != list(range(seqs[0], seqs[0] + len(seqs))):
            yield f"command {id}: had an effect at {places}"


def _boxes(store: SqliteStore, carried: set[str]) -> Iterator[str]:
    """Messages that were delivered are in the inbox, and the other way round."""
    come = {one.message.id for one in store.incoming()}
    gone = {one.message.id for one in store.outgoing("delivered")}
    if come != gone:
        yield f"messages that are delivered and did not come, or the other way: {come ^ gone}"
    if not carried <= come:
        yield f"messages acknowledged and not there: {carried - come}"


def main() -> None:
    """The command line; the exit status is 1 where anything was lost or doubled."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak_store", description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    outcome = soak(chosen.kills, chosen.writers, chosen.seed, lambda line: print(line, flush=True))
    print(
        f"{outcome.kills} kills, {outcome.acknowledged} commands acknowledged,"
        f" {outcome.unacknowledged} kept and not told, {outcome.events} events,"
        f" {outcome.delivered} messages delivered, {len(outcome.problems)} problems"
    )
    for problem in outcome.problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if outcome.problems else 0)


if __name__ == "__main__":
    main()
