"""Where the events of a run go: a running hash, lines on the disk, the history of a small run."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

from attrs import define, field

from tongban.kernel import protocol

if TYPE_CHECKING:
    from tongban.plugins.simulation.checks.record import Record
    from tongban.plugins.simulation.store.watched_store import Written

Line = dict[str, Any]


class Lines(Protocol):
    """What takes lines of text."""

    def write(self, text: str, /) -> object:
        """Takes one line, with its end."""


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@define(eq=False)
class Sink:
    """Takes every event of a run.

    Args:
        lines: takes JSON lines; None for none.
        keep: whether to keep them in memory, for a history.
    """

    lines: Lines | None = None
    keep: bool = False
    kept: list[Line] = field(factory=list)
    count: int = 0
    _hash: Any = field(factory=sha256)

    @property
    def digest(self) -> str:
        """The hash of everything so far: equal runs have equal ones."""
        found: str = self._hash.hexdigest()
        return found

    def event(
        self, node: str, record: Record, event: protocol.Event, raw: Line, mirrored: bool
    ) -> None:
        """An event that a node has stored."""
        self._add(line(node, record.number, record.case, event, raw, mirrored))

    def broke(self, node: str, record: Record, written: Written) -> None:
        """What the transaction wrote that broke an invariant: for the history alone.

        The run ends with it, so it counts neither as an event nor in the hash.
        """
        case = written.after or record.case
        for event, raw, _ in written.texts:
            shown = line(node, record.number, case, event, raw, mirrored=False)
            self.kept.append({**shown, "breaks": True})

    def note(self, minute: int, kind: str, node: str, says: dict[str, object]) -> None:
        """A fault, or something done in vain."""
        case = str(says.pop("case", ""))
        text = " ".join(f"{key}={one}" for key, one in says.items())
        self._add(
            {
                "minute": minute,
                "node": node,
                "what": "note",
                "kind": kind,
                "case": case,
                "says": text,
            }
        )

    def _add(self, shown: Line) -> None:
        text = _ENCODER.encode(shown)
        self._hash.update(text.encode())
        self._hash.update(b"\n")
        self.count += 1
        if self.lines is not None:
            self.lines.write(text + "\n")
        if self.keep:
            self.kept.append(shown)


def line(
    node: str, number: int, case: protocol.Case, event: protocol.Event, raw: Line, mirrored: bool
) -> Line:
    """An event as it stands in files and histories.

    Args:
        node: whose store keeps it.
        number: of the applicant.
        case: as the transaction left it.
        event: what happened.
        raw: the event's JSON form.
        mirrored: whether another store had it before.
    """
    actor = event.actor
    return {
        "at": event.at.isoformat(),
        "node": node,
        "what": "event",
        "kind": event.kind,
        "case": event.case,
        "seq": event.seq,
        "number": number,
        "item": case.item["id"],
        "department": case.item["department"],
        "jurisdiction": case.item["jurisdiction"],
        "state": case.state,
        "actor": actor.kind,
        "office": f"{actor.division or ''}/{actor.department}",
        "mirrored": mirrored,
        "cause": event.cause,
        "says": _said(event.kind, raw),
    }


def _said(kind: str, raw: Line) -> str:
    """What of an event's body a reader wants: everything but the case itself."""
    return "" if kind in ("submitted", "taken_over") else _ENCODER.encode(raw["data"])
