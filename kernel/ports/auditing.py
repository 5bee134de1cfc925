"""What an audit of any store compares: the chain, the records, what others noted of the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from tongban.kernel.audit import bundle, records
from tongban.kernel.audit.hash_chain import Entry, Fault, Finding, Head
from tongban.kernel.audit.signing import PublicKey, SigningKey
from tongban.kernel.ports.custody import unknown
from tongban.kernel.ports.stored import Audit, Checkpoint, Restored, StoreError, Witness

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
    key: PublicKey | None,
    witnesses: Iterable[Witness],
) -> Audit:
    """Examines a log, and the boxes and readings by its records.

    Args:
        log, rows: of the store.
        given: checkpoints that were kept elsewhere.
        key: that signed checkpoints; without it only their places are compared.
        witnesses: what other nodes say of this log.

    Raises:
        StoreError: where a checkpoint that was given is not this store's or not signed by the key.
    """
    elsewhere, own = _given(given, log.id, key), tuple(log.checkpoints())
    checked = len(elsewhere) + sum(key is not None and _signed(one, key) for one in own)
    # One that was changed into something else is reported by its record.
    sound = (one.head for one in own if isinstance(one.head.position, int))
    broken = log.verify([*elsewhere, *sound])
    noted = records.verify(log.records, rows, whole=not broken)
    lines, others = _lines(log), tuple(witnesses)
    strangers = sum(one.history not in lines for one in others)
    return Audit(
        (*broken, *noted, *_witnessed(log, lines, others)),
        *log.counts(),
        checked=checked,
        unchecked=len(elsewhere) + len(own) - checked,
        witnessed=len(others) - strangers,
        strangers=strangers,
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


def _signed(one: Checkpoint, key: PublicKey) -> bool:
    text = bundle.checkpoint_statement(one.store, one.head, one.at)
    return isinstance(one.signature, str) and key.verifies(text, one.signature)


def _given(some: Iterable[Checkpoint], store: str, key: PublicKey | None) -> list[Head]:
    heads = []
    for one in some:
        if key is None or one.store != store or not _signed(one, key):
            raise StoreError(
                f"检查点无效 (the checkpoint of {one.at} is of another store, or not signed by"
                " the key that was given)"
            )
        heads.append(one.head)
    return heads


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
