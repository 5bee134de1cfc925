"""`python -m benchmarks.soak_damage`: damages files of a store; does any damage pass unseen?

A writer is killed, so that commands rest on the `-wal`. Of its files one is damaged: a bit, some
bytes, a block of zeros, or its end is cut off; the database, its `-wal` or the head file. Then
everything is read. An answer that differs from the one before the damage counts as undetected
where neither opening nor reading nor an audit said anything; any other exception is a crash.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

from attrs import evolve, frozen
from benchmarks.soak_store import APPLICATION, NOW, WINDOW, context, opening_command, weekends

from tongban.kernel import TongbanError
from tongban.kernel import protocol as p
from tongban.kernel.protocol import personal_data
from tongban.plugins.stores.sqlite.embedded import SqliteStore, open_store

_FILES = ("cases.db", "cases.db-wal", "cases.db-head")
_KINDS = ("bit", "bytes", "zeros", "cut")
_CASES = 12


@frozen
class Damaged:
    """What came of it.

    Attributes:
        runs: files that were damaged, by name.
        told: how many of them were reported: an error, or a finding of the audit.
        harmless: how many hit nothing that anybody reads.
        undetected: other answers of which nothing was said, a sentence each.
        crashes: exceptions that are not errors of Tongban.
    """

    runs: Mapping[str, int]
    told: int
    harmless: int
    undetected: tuple[str, ...]
    crashes: tuple[str, ...]


def _fill(path: Path) -> None:
    """Cases with messages and personal data, the newest in the `-wal`; then waits to be killed."""
    store = open_store(path, clock=lambda: NOW, calendars=weekends)
    opening = opening_command()
    for number in range(_CASES):
        case = f"CASE-{number}"
        with store.transaction() as tx:
            named = {**APPLICATION, "applicant": {"kind": "person", "name": f"金示例{number}"}}
            body = evolve(opening, personal=tx.keep_personal(personal_data.personal_part(named)))
            step = p.handle(None, p.Command(f"S-{number}", case, WINDOW, body), context())
            tx.append(case, 0, step.events)
            tx.send(step.messages)
            for message in step.messages[:1]:
                tx.receive(message)
    path.with_name("ready").touch()
    time.sleep(600)


def _answers(store: SqliteStore) -> dict[str, Any]:
    """What people and programs read."""
    asked: dict[str, Callable[[], Any]] = {
        "list": lambda: [str(row) for row in store.cases()],
        "log": lambda: [(one.position, one.body, one.log_hash) for one in store.entries()],
        "outbox": lambda: [one.message.to_dict() for one in store.outgoing()],
        "inbox": lambda: [one.message.to_dict() for one in store.incoming()],
        "tasks": lambda: [str(one) for one in store.tasks().tasks],
        "deadlines": lambda: [str(one) for one in store.deadlines()],
    }
    for number in range(_CASES):
        asked |= _of(store, f"CASE-{number}")
    return {name: ask() for name, ask in asked.items()}


def _of(store: SqliteStore, case: str) -> dict[str, Callable[[], Any]]:
    return {
        f"state of {case}": lambda: str(store.case(case)),
        f"events of {case}": lambda: [one.to_dict() for one in store.events(case)],
        f"names of {case}": lambda: store.masked(case),
    }


def _spoiled(content: bytes, kind: str, random: Random) -> bytes:
    made, place = bytearray(content), random.randrange(len(content))
    if kind == "bit":
        made[place] ^= 1 << random.randrange(8)
    elif kind == "bytes":
        for _ in range(20):
            made[random.randrange(len(made))] = random.randrange(256)
    elif kind == "zeros":
        made[place : place + 512] = bytes(len(made[place : place + 512]))
    else:
        del made[place:]
    return bytes(made)


def _read(path: Path, truth: Mapping[str, Any]) -> tuple[bool, list[str]]:
    """Whether anything was said, and which answers differ."""
    try:
        store = open_store(path, clock=lambda: NOW, calendars=weekends, create=False)
    except TongbanError:
        return True, []
    with store:
        try:
            said = bool(store.verify() or store.differences() or store.integrity())
            found = _answers(store)
        except TongbanError:
            return True, []
    return said, [name for name in truth if found[name] != truth[name]]


def damage_files(number: int, seed: int, say: Callable[[str], None] = lambda line: None) -> Damaged:
    """Damages files of a store one after the other, and looks whether that is reported.

    Args:
        number: how many.
        seed: for what is damaged, and where.
        say: called with the progress.
    """
    random, folder = Random(seed), Path(tempfile.mkdtemp(prefix="tongban-damage-"))
    try:
        whole = folder / "whole"
        whole.mkdir()
        _killed(whole)
        with open_store(
            shutil.copytree(whole, folder / "truth") / "cases.db",
            clock=lambda: NOW,
            calendars=weekends,
        ) as store:
            truth = _answers(store)
        told, runs, undetected, crashes = 0, Counter[str](), list[str](), list[str]()
        for run in range(number):
            name, kind = _FILES[run % len(_FILES)], random.choice(_KINDS)
            path = shutil.copytree(whole, folder / "now") / "cases.db"
            target = path.with_name(name)
            target.write_bytes(_spoiled(target.read_bytes(), kind, random))
            runs[name] += 1
            try:
                said, wrong = _read(path, truth)
            except Exception as error:
                said, wrong = True, []
                crashes.append(f"run {run}, {kind} of {name}: {error!r}")
            told += said
            if wrong and not said:
                undetected.append(f"run {run}, {kind} of {name}: {', '.join(wrong[:3])}")
            shutil.rmtree(path.parent)
            if run % 100 == 99:
                say(f"{run + 1} damaged, {told} told, {len(undetected)} undetected")
        return Damaged(
            runs, told, number - told - len(undetected), tuple(undetected), tuple(crashes)
        )
    finally:
        shutil.rmtree(folder)


def _killed(folder: Path) -> None:
    """A store whose writer was killed."""
    process = multiprocessing.get_context("fork").Process(target=_fill, args=(folder / "cases.db",))
    process.start()
    assert process.pid is not None
    while process.is_alive() and not (folder / "ready").exists():
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    (folder / "ready").unlink()
    assert (folder / "cases.db-wal").stat().st_size, "nothing rests on the -wal"


def main() -> None:
    """The command line; the exit status is 1 where anything passed unseen."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak_damage", description=__doc__)
    parser.add_argument("--files", type=int, default=900)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    found = damage_files(chosen.files, chosen.seed, lambda line: print(line, flush=True))
    of_each = ", ".join(f"{name} {runs}" for name, runs in sorted(found.runs.items()))
    print(
        f"{chosen.files} damaged ({of_each}): {found.told} told, {found.harmless} harmless,"
        f" {len(found.undetected)} undetected, {len(found.crashes)} crashes"
    )
    for line in (*found.undetected, *found.crashes):
        print(line, file=sys.stderr)
    sys.exit(1 if found.undetected or found.crashes else 0)


if __name__ == "__main__":
    main()
