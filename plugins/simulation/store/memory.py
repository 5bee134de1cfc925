"""A store in memory that keeps what `tongban.kernel.ports.store` promises.

It is as durable as memory is. A copy of what it holds is cheap, so that a test, a simulated
node or a search over states can go on from any moment of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain, keys, signing
from tongban.kernel.ports import auditing, custody, store_errors
from tongban.kernel.ports import store as contract
from tongban.kernel.protocol import personal_data
from tongban.plugins.simulation.store.contents import Contents, KeptCase, kept_of
from tongban.plugins.simulation.store.reader import MemoryReader
from tongban.plugins.simulation.store.transaction import MemoryTransaction


class MemoryStore(MemoryReader):
    """A store of cases in memory.

    Args:
        id: its own name.
        clock: the moment, with its offset from UTC.
        calendars: of each place, for the limits.
        entropy: gives n random bytes.
        contents: what it holds; two stores with the same hold the same.
        backups: what `backup` has copied so far, by path.
        readonly: whether nothing is to be written.

    Attributes:
        contents: what it holds; another may be put in its place while no transaction is open.
    """

    def __init__(
        self,
        id: str,
        clock: Callable[[], datetime],
        calendars: protocol.Calendars,
        entropy: Callable[[int], bytes] = os.urandom,
        contents: Contents | None = None,
        backups: dict[Path, Contents] | None = None,
        readonly: bool = False,
    ) -> None:
        super().__init__(contents or Contents.of(id), clock, calendars)
        self.id = id
        self._entropy = entropy
        self._backups = {} if backups is None else backups
        self._readonly = readonly

    def __repr__(self) -> str:
        return f"MemoryStore({self.id!r})"

    @property
    def history(self) -> str:
        """The line of the log."""
        return self.contents.about.line

    @property
    def restored(self) -> contract.Restored | None:
        """That an older state was put in place; None once that was settled, or never was."""
        return self.contents.about.restored

    @contextmanager
    def transaction(self) -> Iterator[MemoryTransaction]:
        """One command's writes; taken back when anything is raised inside.

        Raises:
            StoreError: where one is open already, or nothing is to be written.
        """
        here = self._writable()
        if here.undo is not None:
            raise store_errors.nested()
        undo: list[Callable[[], object]] = []
        here.undo = undo
        writes = MemoryTransaction(here, self._clock, self._calendars, self.id, self._entropy)
        try:
            yield writes
            self._finish(writes)
        except BaseException:
            for back in reversed(undo):
                back()
            raise
        finally:
            here.undo = None
            writes.over = True

    def _writable(self) -> Contents:
        if self._readonly:
            raise store_errors.readonly(self.id)
        return self.contents

    def _finish(self, writes: MemoryTransaction) -> None:
        """What is done right before a commit; a simulated store may fail here."""
        writes.settle()

    # Personal data

    def personal(
        self, case: str, actor: protocol.Actor, purpose: str, ref: str = ""
    ) -> personal_data.Personal | None:
        """Personal data of a case, for somebody with a part in it; each reading is on record."""
        with self.transaction() as writes:
            now = self._clock()
            ref, allowed = custody.readable(self, case, actor, now, ref)
            said = custody.reading(case, ref, actor, purpose, allowed, now)
            number = str(len(self.contents.reads) + 1)
            self.contents.put(self.contents.reads, number, said)
            writes.note("read", number)
        if not allowed:
            raise custody.no_part(self, case, actor, now)
        return self._personal(ref)

    def masked(self, case: str) -> dict[str, Any]:
        """What of a case's personal data may be shown; empty where there is none."""
        ref, _ = custody.readable(self, case, protocol.SYSTEM, self._clock())
        found = self._personal(ref)
        return found.masked() if found else {}

    def _personal(self, ref: str) -> personal_data.Personal | None:
        datum = self.contents.personal.get(ref)
        return datum.personal if datum else None

    def erase_personal(self, ended_before: date) -> tuple[str, ...]:
        """Erases the personal data of cases that ended before a day; the log stays whole."""
        here = self.contents
        kept = {ref: one.kept_at for ref, one in here.personal.items() if one.personal}
        refs = custody.due(kept, self._uses(), ended_before)
        with self.transaction() as writes:
            for ref in refs:
                here.put(here.personal, ref, evolve(here.personal[ref], personal=None))
                writes.note("erased", ref)
        return tuple(sorted({case for some in refs.values() for case in some}))

    def _uses(self) -> Iterator[tuple[str, custody.Use]]:
        here = self.contents
        for id, kept in here.cases.items():
            ref, _ = custody.readable(self, id, protocol.SYSTEM, self._clock())
            ended = kept.case.ended_at if kept.case.over else None
            held = kept.case.validity
            if ref:
                until = held.until.isoformat() if held else None
                yield ref, custody.Use.of(id, ended.isoformat() if ended else None, until)
        yield from custody.requested(
            custody.Letter.of(one.message, one.seal, one.received_at, one.handled_at)
            for one in here.inbox.values()
            if one.message.kind in custody.LETTERS and one.message.case not in here.cases
        )

    def remnants(self) -> tuple[str, ...]:
        """Nothing: what is erased from memory is gone."""
        return ()

    def erased(self, case: str) -> bool:
        """Whether personal data of a case was here and is erased."""
        kept = self.contents.cases.get(case)
        refs = {one.message.body.get("personal") for one in self.incoming(case=case)}
        refs |= {kept.case.personal} if kept else set()
        found = [self.contents.personal[ref] for ref in refs if ref in self.contents.personal]
        return bool(found) and all(one.personal is None for one in found)

    # The tables

    def rebuild(self) -> int:
        """Makes the tables anew from the log; how many cases there are."""
        here = self._writable()
        for id, kept in here.cases.items():
            here.cases[id] = self._again(kept)
        for division in here.calendars:
            here.calendars[division] = self._calendars(division)
        return len(here.cases)

    def differences(self) -> tuple[str, ...]:
        """Ids of cases whose tables are not what the log says."""
        some = sorted(self.contents.cases.items())
        return tuple(id for id, kept in some if kept != self._again(kept))

    def _again(self, kept: KeptCase) -> KeptCase:
        events = tuple(protocol.Event.from_dict(json.loads(one.body)) for one in kept.entries)
        case = protocol.replay(events)
        assert case is not None, "a case that is kept has events"
        return kept_of(case, events, kept.entries, self._calendars)

    def follow_calendar(self) -> int:
        """Brings the tables up to date where the calendar of a place was published since."""
        here, count = self.contents, 0
        stale = {
            division: now
            for division, known in here.calendars.items()
            if (now := self._calendars(division)) is not known and now != known
        }
        if not stale:
            return 0
        with self.transaction():
            for id, kept in list(here.cases.items()):
                moves = any(one.division in stale for one in kept.case.plan.offices)
                if moves and _may_matter(kept):
                    after = kept_of(kept.case, kept.events, kept.entries, self._calendars)
                    here.put(here.cases, id, after)
                    count += 1
            for division, now in stale.items():
                here.put(here.calendars, division, now)
        return count

    # The audit

    def verify(
        self,
        checkpoints: Iterable[contract.Checkpoint] = (),
        key: keys.Signers = None,
    ) -> tuple[hash_chain.Finding, ...]:
        """What was changed, removed, added or moved: `audit(checkpoints, key).breaks`."""
        return self.audit(checkpoints, key).breaks

    def audit(
        self,
        checkpoints: Iterable[contract.Checkpoint] = (),
        key: keys.Signers = None,
        witnesses: Iterable[contract.Witness] = (),
    ) -> contract.Audit:
        """Examines the log, the boxes, the readings and the tables."""
        here = self.contents
        if here.about.forgets:
            found = contract.Audit(tuple(self._own_faults()), *_Log(self).counts())
        else:
            found = auditing.audit(_Log(self), here, checkpoints, key, witnesses)
        tables = not found.breaks
        more = list(auditing.unsettled(self.restored))
        says = "the tables are not what the log says: `tongban case rebuild`"
        for id in self.differences() if tables else ():
            more.append(hash_chain.Finding("changed", 0, id, 0, "cases", says))
        return evolve(found, breaks=(*found.breaks, *more), tables=tables)

    def _own_faults(self) -> Iterator[hash_chain.Finding]:
        for one in self.entries():
            if fault := hash_chain.own_fault(one):
                place = one.position, one.case, one.seq, one.kind
                yield hash_chain.Finding("changed", *place, fault)

    def checkpoint(self, key: signing.SigningKey) -> contract.Checkpoint:
        """Signs how far the log goes now, and keeps that."""
        here = self.contents
        made = auditing.sign(self.id, self.head(), self._clock().isoformat(), key)
        number = str(len(here.checkpoints) + 1)
        with self.transaction() as writes:
            here.put(here.checkpoints, number, made)
            writes.note("signed", number)
        return made

    def export(self, case: str, key: signing.SigningKey) -> dict[str, Any]:
        """A case's log as a signed bundle."""
        at = self._clock().isoformat()
        return auditing.export(self.id, case, self.entries(case), self.head(), at, key)

    # What is held

    def backup(self, target: Path) -> None:
        """Copies what is held, for `MemoryStorage` to open; never over another copy."""
        if target in self._backups or target.exists():
            raise contract.StoreError(f"{target}: 已存在,未覆盖 (something is there already)")
        copy = self._backups[target] = self.contents.copy()
        copy.about = evolve(copy.about, backup=True)

    def forget(self, case: str) -> None:
        """Lets a settled case go, with all that is held for it: memory follows the open cases.

        An audit then examines what is left, and does not miss the rest.
        """
        here = self.contents
        here.about = evolve(here.about, forgets=True)
        kept = here.cases.pop(case, None)
        refs = {one.message.body.get("personal") for one in self.incoming(case=case)}
        for ref in refs | ({kept.case.personal} if kept else set()):
            here.personal.pop(ref or "", None)
        for id in here.sent_of.pop(case, ()):
            here.outbox.pop(id, None)
        for id in here.came_of.pop(case, ()):
            here.inbox.pop(id, None)
        for id in here.commands_of.pop(case, ()):
            here.commands.pop(id, None)
        for position in here.records_of.pop(case, ()):
            here.records.pop(position, None)

    def close(self) -> None:
        """Nothing to let go."""


def _may_matter(kept: KeptCase) -> bool:
    found = kept.schedule
    return (
        not kept.case.over
        or found.wakes is not None
        or any(one.provisional for one in found.deadlines)
    )


@frozen
class _Log:
    """`auditing.Log` of a store in memory."""

    store: MemoryStore

    @property
    def id(self) -> str:
        return self.store.id

    @property
    def history(self) -> str:
        return self.store.history

    def verify(self, marks: Iterable[hash_chain.Head]) -> tuple[hash_chain.Finding, ...]:
        start = hash_chain.log_start(self.id)
        return hash_chain.verify(self.store.entries(), start, self.store.head(), marks)

    def records(self) -> Iterator[hash_chain.Entry]:
        return self.store.entries("")

    def hash_at(self, position: int) -> str:
        if not position:
            return hash_chain.log_start(self.id)
        found = (one.log_hash for one in self.store.entries() if one.position == position)
        return next(found, "")

    def checkpoints(self) -> Iterable[contract.Checkpoint]:
        return self.store.contents.checkpoints.values()

    def counts(self) -> tuple[int, int]:
        cases = self.store.contents.cases.values()
        return sum(len(one.entries) for one in cases), len(self.store.contents.records)
