"""The chain of events: each carries the hash of the one before it, in its case and in the log.

Pure. Two hashes stand beside each event. The hash in its case covers its text
and the event before it in the case, so that a case can be checked without the
rest of the log. The hash in the log covers that hash, the event's position and
the event before it in the whole log, so that nothing can be taken out, put in
or moved.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from hashlib import sha256
from typing import Any, Literal, TypeAlias

from attrs import asdict, define, field, frozen

from tongban.kernel.former import former
from tongban.kernel.model.later import fields_of

__all__ = [
    "Entry",
    "Finding",
    "Head",
    "canonical",
    "case_start",
    "entry_hash",
    "link_hash",
    "log_start",
    "own_fault",
    "shared_hash",
    "verify",
]

Fault: TypeAlias = Literal["changed", "missing", "reordered", "added"]

_TOLD = 1000
"""At most this many that are missing in a row are named one by one."""

_OFFICIAL: Mapping[Fault, str] = {
    "changed": "被改动",
    "missing": "缺失",
    "reordered": "次序被改",
    "added": "系外部添加",
}


@frozen
class Entry:
    """One event as it stands in the log.

    Attributes:
        position: in the whole log, from 1 without gaps.
        case: id of its case.
        seq: its number in the case.
        at: the moment, as text.
        kind: of the event.
        body: the event as canonical JSON; the hash covers this very text.
        case_before, case_hash: of the event before it in the case, and its own.
        log_before, log_hash: of the event before it in the log, and its own.
    """

    position: int
    case: str
    seq: int
    at: str
    kind: str
    body: str
    case_before: str
    case_hash: str
    log_before: str
    log_hash: str


@frozen
class Head:
    """The last event of a log: its position and its hash in the log."""

    position: int
    hash: str


@frozen
class Finding:
    """A place where the log is not what it was.

    Attributes:
        what: `changed`, `missing`, `reordered`, `added`.
        position: in the log; 0 for what no entry of it tells of.
        case: id of the case; "" where nothing tells it, and for what is not an event.
        seq: number in the case; 0 where nothing tells it.
        kind: of the event, or the table whose row it is.
        detail: how it was found.
    """

    what: Fault
    position: int
    case: str
    seq: int
    kind: str
    detail: str

    def __str__(self) -> str:
        number = f" 第 {self.seq} 个事件" if self.seq else ""
        event = f"办件 {self.case}{number}" if self.case else "记录" if self.kind else "事件"
        kind = f" {self.kind}" if self.kind else ""
        numbered = f"event {self.seq} of " if self.seq else ""
        of_case = f" ({numbered}case {self.case})" if self.case else ""
        place = f"日志第 {self.position} 位:" if self.position else ""
        return (
            f"{place}{event}{kind} {_OFFICIAL[self.what]};"
            f" position {self.position}{of_case}: {self.what}: {self.detail}"
        )

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def canonical(value: Any) -> str:
    """The one JSON text of a value: keys in order, no spaces, characters as they are.

    Args:
        value: plain JSON, or frozen values that `protocol` can dump; the text is the
            same as that of their JSON form, and comes several times faster.
    """
    return _ENCODER.encode(value)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return fields_of(value)


_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
)


def log_start(store: str) -> str:
    """What the first event of a log follows on.

    Args:
        store: id of the store, so that no event fits into another store's log.
    """
    return sha256(f"tongban.log\n{store}".encode()).hexdigest()


def case_start(case: str) -> str:
    """What the first event of a case follows on."""
    return sha256(f"tongban.case\n{case}".encode()).hexdigest()


def link_hash(before: str, body: str) -> str:
    """The hash of an event in its case.

    Args:
        before: of the event before it in the case.
        body: the text of the event.
    """
    return sha256(f"{before}\n{body}".encode()).hexdigest()


def entry_hash(before: str, position: int, case_hash: str) -> str:
    """The hash of an event in the log.

    Args:
        before: of the event before it in the log.
        position: where it stands.
        case_hash: its hash in its case.
    """
    return sha256(f"{before}\n{position}\n{case_hash}".encode()).hexdigest()


def shared_hash(case: str, entries: Iterable[Entry], version: int) -> str:
    """The hash of a case's log that is the same in every store that has the case.

    A store that took the case over begins its log with the case as it left the one before:
    that event stands for all before it. So what is hashed begins with the last of its kind.

    Args:
        case: its id.
        entries: its events, in order.
        version: number of the last event that counts.
    """
    found = case_start(case)
    for entry in entries:
        if entry.seq > version:
            break
        if entry.kind == "taken_over":
            found = case_start(case)
        found = link_hash(found, entry.body)
    return found


def own_fault(entry: Entry) -> str:
    """Why an event does not fit its own hashes; "" where it does.

    Args:
        entry: as it stands in the log.
    """
    if link_hash(entry.case_before, entry.body) != entry.case_hash:
        return "its text does not fit its hash"
    if not _told(entry):
        return "case, number, kind or moment beside it are not those of its text"
    if entry_hash(entry.log_before, entry.position, entry.case_hash) != entry.log_hash:
        return "its place in the log does not fit its hash"
    return ""


def _told(entry: Entry) -> bool:
    try:
        said = json.loads(entry.body)
        found = (said["case"], said["seq"], said["kind"], said["at"])
    except (ValueError, TypeError, KeyError):
        return False
    return bool(found == (entry.case, entry.seq, entry.kind, entry.at))


@frozen
class _Gap:
    """A number of a case that is not there; it stood between two positions."""

    case: str
    seq: int
    after: int
    before: int


@define
class _Scan:
    """What is known on the way through the log."""

    last: Entry | None = None
    last_sound: bool = True
    cases: dict[str, Entry] = field(factory=dict)
    holes: list[int] = field(factory=list)
    gaps: list[_Gap] = field(factory=list)
    seen: dict[int, str] = field(factory=dict)


def verify(
    entries: Iterable[Entry],
    start: str,
    head: Head | None,
    checkpoints: Iterable[Head] = (),
    *,
    versions: Mapping[str, int] | None = None,
    expected_position: Callable[[Entry], int | None] = lambda entry: None,
) -> tuple[Finding, ...]:
    """Every place where a log is not what it was, in the order of the log.

    Args:
        entries: the log, by position.
        start: `log_start` of its store.
        head: what the store says is its last event; None where it says nothing.
        checkpoints: heads that were written down before, here or elsewhere.
        versions: how many events each case has, as the tables say; it only helps to
            name what is missing.
        expected_position: where an event with a fault belongs, if somebody can tell.

    Returns:
        The breaks; none where the log is whole.
    """
    marks = tuple(checkpoints)
    places = {mark.position for mark in marks}
    scan, found = _Scan(), list[Finding]()
    for entry in entries:
        fault = own_fault(entry)
        _count(scan, entry)
        if fault:
            found.append(_faulty(entry, fault, expected_position(entry)))
        else:
            found += _linked(scan, entry, start)
        scan.last = entry
        if isinstance(entry.seq, int):
            scan.cases[entry.case] = entry
        scan.last_sound = not fault
        if entry.position in places:
            scan.seen[entry.position] = entry.log_hash
    found += _ending(scan, head, start)
    found += _missing(scan, versions or {})
    found += _marked(scan, marks)
    return tuple(sorted(found, key=lambda one: one.position))


def _count(scan: _Scan, entry: Entry) -> None:
    """Notes the positions and numbers that are not there before an entry."""
    place = scan.last.position if scan.last else 0
    scan.holes += _some(place + 1, entry.position)
    if not isinstance(entry.seq, int):
        return  # damage: its own fault is reported
    known = scan.cases.get(entry.case)
    if known:
        seq, after = known.seq, known.position
    else:
        # A case that was taken over or recovered goes on counting: it may begin with any number.
        counts_on = entry.kind in ("taken_over", "recovered")
        seq, after = (entry.seq - 1 if counts_on else 0), 0
    numbers = _some(seq + 1, entry.seq)
    scan.gaps += (_Gap(entry.case, one, after, entry.position) for one in numbers)


def _some(first: int, end: int) -> range:
    """The numbers from `first` up to `end`, but not a billion of them for one flipped bit."""
    return range(first, min(end, first + _TOLD))


def _faulty(entry: Entry, fault: str, expected_position: int | None) -> Finding:
    if expected_position is not None and expected_position != entry.position:
        return _broken("reordered", entry, f"it belongs at position {expected_position}")
    return _broken("changed", entry, fault)


def _linked(scan: _Scan, entry: Entry, start: str) -> Iterator[Finding]:
    """An event that fits its own hashes, and those before it that do not fit to it."""
    last = scan.last
    follows = entry.position == (last.position if last else 0) + 1
    if last and entry.position <= last.position:
        yield _broken("reordered", entry, f"position {last.position} stands before it")
    if follows and scan.last_sound and entry.log_before != (last.log_hash if last else start):
        if last is None:
            yield _broken("changed", entry, "it is not the first event of this store")
        else:
            yield _broken("changed", last, "the next event knows it with another hash")
        return
    known = scan.cases.get(entry.case)
    if known and entry.seq <= known.seq:
        yield _broken("reordered", entry, f"event {known.seq} of its case stands before it")
    elif entry.seq == (known.seq if known else 0) + 1 and follows and scan.last_sound:
        before = known.case_hash if known else case_start(entry.case)
        if entry.case_before != before:
            yield _broken("changed", entry, "the event before it in its case has another hash")


def _ending(scan: _Scan, head: Head | None, start: str) -> Iterator[Finding]:
    """Whether the log ends where the store says that it does."""
    if head is None:
        yield Finding("missing", 0, "", 0, "", "the note of the log's last event")
        return
    last = scan.last
    end = Head(last.position, last.log_hash) if last else Head(0, start)
    scan.holes += _some(end.position + 1, head.position + 1)
    if head.position > end.position + _TOLD:
        yield Finding("missing", head.position, "", 0, "", f"and all after {end.position}")
    if last and end.position > head.position:
        yield _broken("added", last, f"the store wrote {head.position} events")
    elif last and end.position == head.position and end.hash != head.hash and scan.last_sound:
        yield _broken("changed", last, "the store knows its last event with another hash")


def _missing(scan: _Scan, versions: Mapping[str, int]) -> Iterator[Finding]:
    """What is missing, by position, with case and number where only one fits there."""
    gaps = list(scan.gaps)
    for case, version in versions.items():
        known = scan.cases.get(case)
        seq, after = (known.seq, known.position) if known else (0, 0)
        gaps += (_Gap(case, one, after, sys.maxsize) for one in _some(seq + 1, version + 1))
    for hole in scan.holes:
        # Of each case only the first that is left: its events stood in order.
        firsts = {gap.case: gap for gap in reversed(gaps)}
        fit = [gap for gap in firsts.values() if gap.after < hole < gap.before]
        if len(fit) == 1:
            gaps.remove(fit[0])
            yield Finding("missing", hole, fit[0].case, fit[0].seq, "", "nothing stands there")
        else:
            some = ", ".join(f"event {gap.seq} of {gap.case}" for gap in fit[:5])
            detail = f"one of {some}" if some else "nothing is left"
            yield Finding("missing", hole, "", 0, "", detail)
    for gap in gaps:
        if gap.before < sys.maxsize and not scan.holes:
            detail = "nothing stands before the next event of its case"
            yield Finding("missing", gap.before, gap.case, gap.seq, "", detail)


def _marked(scan: _Scan, checkpoints: Iterable[Head]) -> Iterator[Finding]:
    """Whether the log still holds what was written down of it before."""
    end = scan.last.position if scan.last else 0
    for mark in checkpoints:
        found = scan.seen.get(mark.position)
        if mark.position > end:
            detail = "a checkpoint knows the log up to here; it ends before"
            yield Finding("missing", mark.position, "", 0, "", detail)
        elif found is not None and found != mark.hash:
            detail = "a checkpoint knows another hash: events up to here were rewritten"
            yield Finding("changed", mark.position, "", 0, "", detail)


def _broken(what: Fault, entry: Entry, detail: str) -> Finding:
    return Finding(what, entry.position, entry.case, entry.seq, entry.kind, detail)


__getattr__ = partial(former, __name__)
