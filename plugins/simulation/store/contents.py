"""What a store in memory holds: rows that are never changed, in tables that are cheap to copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache, partial
from itertools import count
from operator import attrgetter
from typing import Any, Generic, TypeVar

from attrs import define, evolve, field, fields, frozen

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain, records
from tongban.kernel.ports import custody, rows, store_errors
from tongban.kernel.ports import store as contract
from tongban.kernel.protocol import personal_data

_T = TypeVar("_T")


class Same(Generic[_T]):
    """A value as a key: the very one, not an equal one, which takes longer to compare."""

    __slots__ = ("value",)

    def __init__(self, value: _T) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value


@lru_cache(maxsize=8192)
def text_of(message: Same[protocol.Message]) -> str:
    """`rows.message_text`, worked out once."""
    return rows.message_text(message.value)


@frozen
class KeptCase:
    """One case: its log, and what follows from it.

    Attributes:
        events, entries: the same, as values and as links of the chain.
    """

    case: protocol.Case
    events: tuple[protocol.Event, ...]
    entries: tuple[hash_chain.Entry, ...]
    schedule: rows.Schedule

    @property
    def updated_at(self) -> datetime:
        """The moment of the last event."""
        return self.events[-1].at

    def row(self, today: date) -> contract.CaseRow:
        """The case in a list, as of a day."""
        return rows.case_row(self.case, self.updated_at, self.schedule.deadlines, today)


def kept_of(
    case: protocol.Case,
    events: tuple[protocol.Event, ...],
    entries: tuple[hash_chain.Entry, ...],
    calendars: protocol.Calendars,
) -> KeptCase:
    """A case with its limits and tasks.

    Args:
        case: as the last event leaves it.
        events, entries: its log.
        calendars: of each place.
    """
    return KeptCase(case, events, entries, rows.schedule(case, events[-1].at, calendars))


def entry_of(
    told: tuple[str, int, str, str, str],
    entries: Sequence[hash_chain.Entry],
    head: hash_chain.Head,
) -> hash_chain.Entry:
    """The next entry of a log, linked to the one before it in its case and in the log.

    Args:
        told: case, number, moment, kind and text.
        entries: of the case so far.
        head: of the log so far.
    """
    before = entries[-1].case_hash if entries else hash_chain.case_start(told[0])
    case_hash, position = hash_chain.link_hash(before, told[-1]), head.position + 1
    log_hash = hash_chain.entry_hash(head.hash, position, case_hash)
    return hash_chain.Entry(position, *told, before, case_hash, head.hash, log_hash)


@frozen
class Datum:
    """Personal data, or that there was some: it is None once it is erased."""

    personal: personal_data.Personal | None
    kept_at: str


@frozen
class About:
    """What a store knows of itself.

    Attributes:
        id: its own name.
        head: the last entry of the log.
        line: of the log.
        lines: numbers of further lines. Copies share it, so that no line comes again whatever
            is put in place.
        restored: that an older state was put in place, and is not compared with others yet.
        backup: whether this is a backup that nobody has opened for writing yet.
        forgets: whether settled cases are let go.
        record: the last record of the log, where there is one.
        sent: number of the last message in the outbox.
    """

    id: str
    head: hash_chain.Head
    line: str
    lines: Iterator[int]
    restored: contract.Restored | None = None
    backup: bool = False
    forgets: bool = False
    record: hash_chain.Entry | None = None
    sent: int = 0

    @classmethod
    def new(cls, id: str) -> About:
        """What a new store of this id knows."""
        lines = count()
        return cls(id, hash_chain.Head(0, hash_chain.log_start(id)), f"{id}-{next(lines)}", lines)


@define(eq=False)
class Contents:
    """All that a store holds.

    Attributes:
        sent_of, came_of, commands_of, records_of: keys of what belongs to a case.
        calendars: by which days are counted, by division.
        undo: takes back what the open transaction wrote, the last first; None where none is open.
    """

    about: About
    cases: dict[str, KeptCase] = field(factory=dict)
    records: dict[int, hash_chain.Entry] = field(factory=dict)
    outbox: dict[str, contract.Outgoing] = field(factory=dict)
    inbox: dict[str, contract.Incoming] = field(factory=dict)
    personal: dict[str, Datum] = field(factory=dict)
    reads: dict[str, custody.Reading] = field(factory=dict)
    checkpoints: dict[str, contract.Checkpoint] = field(factory=dict)
    witnesses: dict[tuple[str, str], contract.Witness] = field(factory=dict)
    commands: dict[str, contract.CommandNote] = field(factory=dict)
    calendars: dict[str | None, protocol.Calendar] = field(factory=dict)
    sent_of: dict[str, tuple[str, ...]] = field(factory=dict)
    came_of: dict[str, tuple[str, ...]] = field(factory=dict)
    commands_of: dict[str, tuple[str, ...]] = field(factory=dict)
    records_of: dict[str, tuple[int, ...]] = field(factory=dict)
    undo: list[Callable[[], object]] | None = field(default=None, init=False)

    @classmethod
    def of(cls, id: str) -> Contents:
        """What a new store of this id holds."""
        return cls(About.new(id))

    def copy(self) -> Contents:
        """The same, to go on from apart: a matter of microseconds where little is held."""
        return Contents(self.about, *map(dict.copy, _tables_of(self)))

    def put(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        """Writes a row, to be taken back where the transaction fails.

        Raises:
            StoreError: where none is open.
        """
        undo = self._undo()
        if key in table:
            old = table[key]
            undo.append(lambda: table.__setitem__(key, old))
        else:
            undo.append(lambda: table.pop(key))
        table[key] = value

    def note(self, **changes: Any) -> None:
        """Writes what the store knows of itself, to be taken back where the transaction fails.

        Args:
            changes: fields of `About`.

        Raises:
            StoreError: where none is open.
        """
        self._undo().append(partial(setattr, self, "about", self.about))
        self.about = evolve(self.about, **changes)

    def _undo(self) -> list[Callable[[], object]]:
        if self.undo is None:
            raise store_errors.ended()
        return self.undo

    def add(self, table: dict[str, tuple[Any, ...]], case: str, key: Any) -> None:
        """Writes that a key belongs to a case."""
        self.put(table, case, (*table.get(case, ()), key))

    # As the records of the log cover it: `records.Rows`.

    def row_hash(self, kind: str, key: str) -> str | None:
        """Of a row as it stands, or the mark; None where there is no row, or it lacks the mark."""
        row = self._row(kind, key)
        if row is None or kind in ("sent", "taken", "read", "signed"):
            return None if row is None else records.digest(row)
        return records.MARK

    def _row(self, kind: str, key: str) -> tuple[Any, ...] | None:
        """What a hash covers; for a mark whether it is there."""
        if kind in ("sent", "delivered"):
            sent = self.outbox.get(key)
            if sent is None or kind == "delivered":
                return () if sent and sent.status == "delivered" else None
            return _columns(sent.message)
        if kind in ("taken", "handled"):
            came = self.inbox.get(key)
            if came is None or kind == "handled":
                return () if came and came.handled_at else None
            return *_columns(came.message), came.node, came.seal
        if kind == "read":
            read = self.reads.get(key)
            return (key, *read.row) if read else None
        if kind == "signed":
            one = self.checkpoints.get(key)
            if one is None:
                return None
            return key, one.head.position, one.head.hash, one.at, one.key, one.signature
        datum = self.personal.get(key)
        return () if datum and (kind == "kept" or datum.personal is None) else None

    def keys(self, kind: str) -> list[str]:
        """The keys of all rows that a kind is about."""
        tables: dict[str, dict[str, Any]] = {
            "personal_reads": self.reads,
            "outbox": self.outbox,
            "inbox": self.inbox,
            "personal": self.personal,
            "checkpoints": self.checkpoints,
        }
        return [one for one in tables[records.TABLES[kind]] if self._row(kind, one) is not None]

    def count(self, kind: str) -> int:
        """How many there are."""
        return len(self.keys(kind))

    def case(self, kind: str, key: str) -> str:
        """The case that a row is about; "" where nothing tells it."""
        if kind == "read":
            return self.reads[key].case if key in self.reads else ""
        boxes = {"sent": self.outbox, "delivered": self.outbox}
        one = boxes.get(kind, self.inbox).get(key)
        return one.message.case if one else ""


def _columns(one: protocol.Message) -> tuple[str, ...]:
    return one.id, one.case, one.kind, one.sender, one.receiver, text_of(Same(one))


_tables_of = attrgetter(*(one.name for one in fields(Contents)[1:] if one.init))
