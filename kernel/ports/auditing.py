"""What an audit of any store compares: the chain, the records, what others noted of the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from tongban.kernel.audit import bundle, records
from tongban.kernel.audit.hash_chain import Entry, Fault, Finding, Head
from tongban.kernel.audit.keys import KnownKey, Signers, known
from tongban.kernel.audit.signing import SigningKey
from tongban.kernel.ports.custody import unknown
from tongban.kernel.ports.stored import (
    Audit,
    CheckedMark,
    Checkpoint,
    Restored,
    StoreError,
    Witness,
)

__all__ = ["Log", "audit", "export", "sign", "unsettled"]


class Log(Protocol):
    """A store, as an audit needs it: at one moment, whatever others write meanwhile."""

    @property
    def id(self) -> str:
        """Of the store."""

    @property
    def history(self) -> str:
        """The line of the log."""

    def verify(self, marks: Iterable[Head]) -> tuple[Finding, ...]:
        """The faults of the chain, compared with heads that were noted."""

    def records(self) -> Iterator[Entry]:
        """The entries that are not events of a case, in order."""

    def hash_at(self, position: int) -> str:
        """The hash of the log at a position; "" where nothing stands there."""

    def checkpoints(self) -> Iterable[Checkpoint]:
        """Those that the store holds itself; what a damaged file holds may be of any type."""

    def counts(self) -> tuple[int, int]:
        """How many entries are events of cases, and how many are records."""


def audit(
    log: Log,
    rows: records.Rows,
    given: Iterable[Checkpoint],
    key: Signers,
    witnesses: Iterable[Witness],
) -> Audit:
    """Examines a log, and the boxes and readings by its records.

    Args:
        log, rows: of the store.
        given: checkpoints that were kept elsewhere.
        key: those that signed checkpoints; without any only their places are compared.
        witnesses: what other nodes say of this log.

    Raises:
        StoreError: where a checkpoint that was given is not this store's, or not signed by one
            of the keys in its time.
    """
    signers, own = known(key), tuple(log.checkpoints())
    elsewhere = [(one, _given(one, log.id, signers)) for one in given]
    marks = [mark for _, mark in elsewhere]
    # One that was changed into something else is reported by its record.
    sound = [one for one in own if isinstance(one.head.position, int)]
    marks += [mark for one in sound if (mark := _signed(one, signers))]
    checked = sum(mark.timely for mark in marks)
    broken = log.verify([one.head for one in (*(one for one, _ in elsewhere), *sound)])
    noted = records.verify(log.records, rows, whole=not broken)
    lines, others = _lines(log), tuple(witnesses)
    strangers = sum(one.history not in lines for one in others)
    return Audit(
        (*broken, *noted, *_witnessed(log, lines, others)),
        *log.counts(),
        checked=checked,
        unchecked=len(elsewhere) + len(own) - len(marks),
        witnessed=len(others) - strangers,
        strangers=strangers,
        refused=len(marks) - checked,
        marks=tuple(marks),
    )


def _lines(log: Log) -> dict[str, int | None]:
    """The lines of a log, each with the position at which it was left; None for this one."""
    found: dict[str, int | None] = {}
    for says in records.restores(log.records()):
        found[says["history"]] = says["head"]["position"]
    found[log.history] = None
    return found


def _witnessed(
    log: Log, lines: Mapping[str, int | None], some: Iterable[Witness]
) -> Iterator[Finding]:
    """What others say of this log and is not so."""
    for one in some:
        if one.history not in lines:
            continue
        end, place = lines[one.history], one.head.position
        who = f"the node {one.node} was told of it" if one.node else "another node was told of it"
        if end is not None and place > end:
            says = f"{who}; the line was left at {end}, when an older state was put back"
            yield Finding("missing", place, "", 0, "", says)
        elif (hash := log.hash_at(place)) != one.head.hash:
            what: Fault = "changed" if hash else "missing"
            yield Finding(what, place, "", 0, "", who)


def _signed(one: Checkpoint, signers: tuple[KnownKey, ...]) -> CheckedMark | None:
    """By which key a checkpoint is signed, one that might sign then before others."""
    text = bundle.checkpoint_statement(one.store, one.head, one.at)
    if not isinstance(one.signature, str):
        return None
    signed = [each for each in signers if each.key.verifies(text, one.signature)]
    if not signed:
        return None
    right = next((each for each in signed if each.is_valid_at(one.at)), None)
    return CheckedMark(one.head.position, one.at, right or signed[0], right is not None)


def _given(one: Checkpoint, store: str, signers: tuple[KnownKey, ...]) -> CheckedMark:
    mark = _signed(one, signers) if one.store == store else None
    if mark is None:
        raise StoreError(
            f"检查点无效 (the checkpoint of {one.at} is of another store, or not signed by"
            " a key that was given)"
        )
    if not mark.timely:
        raise StoreError(
            f"检查点无效 (the checkpoint of {one.at} is signed by the key {mark.signer.key.id},"
            f" which may sign {mark.signer.days.en} only)"
        )
    return mark


def unsettled(restored: Restored | None) -> tuple[Finding, ...]:
    """What is missing from a copy that was put in place by hand is unknown."""
    if restored is None or restored.by != "copy":
        return ()
    detail = (
        "an older state was put back here: what came after it is not known"
        " (`tongban case exchange`, `tongban case recovered`)"
    )
    return (Finding("missing", restored.head.position + 1, "", 0, "", detail),)


def sign(store: str, head: Head, at: str, key: SigningKey) -> Checkpoint:
    """A signed statement of how far a log goes.

    Args:
        store: id of the store.
        head: of its log.
        at: the moment, as text.
        key: that signs.
    """
    signature = key.sign(bundle.checkpoint_statement(store, head, at))
    return Checkpoint(store, head, at, key.public.id, signature)


def export(
    store: str, case: str, entries: Iterable[Entry], head: Head, at: str, key: SigningKey
) -> dict[str, Any]:
    """A case's log as a signed bundle.

    Args:
        store: id of the store.
        case: id of the case.
        entries: its log.
        head: of the whole log.
        at: the moment, as text.
        key: that signs.

    Raises:
        StoreError: where there is no such case, or its log is broken.
    """
    every = tuple(entries)
    if not every:
        raise unknown(case)
    made = bundle.sign_bundle(key, store, case, at, every, head)
    try:
        # Nothing is signed away that does not hold.
        bundle.verify_bundle(made, key.public)
    except bundle.BundleError as error:
        raise StoreError(
            f"办件 {case} 的日志不完整,不予导出 (the log of case {case} is broken: {error};"
            " `tongban audit verify` says more)"
        ) from None
    return made
