"""What a node remembers of others and of itself, beside its own file: no neighbour writes there.

The newest card of each node, the last heads of logs, where the last run ended in each folder,
what could not be moved, and whom it asked after it was restored. Losing it opens no door to
who has no key; it only lets an older card or head pass once more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from attrs import define, field

from tongban.kernel.audit import untrusted
from tongban.plugins.exchange.addresses import NodeError
from tongban.plugins.exchange.cards import Card
from tongban.plugins.exchange.heads import SignedHead, read_head

_FORMAT = "tongban.seen/1"
_LARGEST = 20_000_000
_PARTS = ("cards", "heads", "ends", "stuck", "asked", "alarms")
_MOST_STUCK = 10_000


def seen_file(node: Path) -> Path:
    """Where a node's memory lies: `cases.seen.json` beside `cases.node.json`.

    Args:
        node: path of the node's own file.
    """
    return node.with_name(f"{node.name.removesuffix('.json').removesuffix('.node')}.seen.json")


class KnownCard(NamedTuple):
    """A card that was seen: id of its key, serial, and the id of the key that was pinned then."""

    key: str
    serial: int
    pin: str


@define
class Seen:
    """The memory of one node.

    Attributes:
        path: of the file; None to remember nothing longer than this run.
        lines: lines of this node's own log, the last one is the newest.
        problem: why what was remembered cannot be read, "" where it can.
    """

    path: Path | None = None
    lines: list[str] = field(factory=list)
    problem: str = ""
    _parts: dict[str, dict[str, Any]] = field(factory=lambda: {name: {} for name in _PARTS})
    _written: str = ""

    @classmethod
    def load(cls, path: Path) -> Seen:
        """What is remembered in a file; nothing where there is none, or it is damaged."""
        seen = cls(path)
        try:
            raw = untrusted.read_json(untrusted.read_file(path, _LARGEST, follow=True), _LARGEST)
        except FileNotFoundError:
            return seen
        except (OSError, untrusted.UnreadableError) as error:
            raw, seen.problem = None, f"{path}: 无法读取,将重新记录 (begins anew: {error})"
        if isinstance(raw, dict) and raw.get("format") == _FORMAT:
            for name in _PARTS:
                if isinstance(part := raw.get(name), dict):
                    seen._parts[name] = part
            lines = raw["lines"] if isinstance(raw.get("lines"), list) else []
            seen.lines = [one for one in lines if isinstance(one, str)]
        elif not seen.problem:
            seen.problem = f"{path}: 格式有误,将重新记录 (is none of ours; begins anew)"
        seen._written = seen._text()
        return seen

    def _text(self) -> str:
        raw = {"format": _FORMAT, "lines": self.lines, **self._parts}
        return json.dumps(raw, ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    def save(self) -> None:
        """Writes what is new, in one step.

        Raises:
            OSError: where it cannot be written.
        """
        text = self._text()
        if self.path is None or text == self._written:
            return
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
            with os.fdopen(os.open(draft, flags, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        self._written = text

    # Cards.

    def card(self, name: str) -> KnownCard:
        """The newest card that was seen of a node."""
        raw = self.about("cards", name)
        texts = [str(raw.get(field, "")) for field in ("key", "pin")]
        serial = raw.get("serial")
        return KnownCard(texts[0], serial if type(serial) is int else 0, texts[1])

    def note_card(self, card: Card, pin: str = "") -> None:
        """Remembers the newest card of a node, and the key that was trusted for it."""
        says = {"key": card.key.id, "serial": card.serial, "pin": pin}
        self._parts["cards"][card.name] = says

    # Heads.

    def head(self, name: str) -> SignedHead | None:
        """The last head that a node told, with its own signature."""
        try:
            return read_head(self._parts["heads"].get(name))
        except NodeError:
            return None

    def note_head(self, head: SignedHead) -> None:
        """Remembers a head, unless a later one is known: further on, or of a line told later."""
        known = self.head(head.node)
        if known is None or not known.is_later_than(head):
            self._parts["heads"][head.node] = head.to_dict()

    def set_head(self, head: SignedHead) -> None:
        """Remembers what this node itself says now."""
        self._parts["heads"][head.node] = head.to_dict()

    def note_line(self, history: str) -> None:
        """Remembers the line of this node's own log."""
        if history not in self.lines:
            self.lines.append(history)

    def is_older_line(self, history: str, than: str) -> bool:
        """Whether this node left one line of its log before it began the other."""
        known = history in self.lines and than in self.lines
        return known and self.lines.index(history) < self.lines.index(than)

    # Folders.

    def ends(self, folder: str) -> Mapping[str, str]:
        """The last name that was looked at in a folder, by group."""
        found = self._parts["ends"].get(folder)
        raw = found if isinstance(found, dict) else {}
        return {group: name for group, name in raw.items() if isinstance(name, str)}

    def note_ends(self, folder: str, ends: Mapping[str, str]) -> None:
        """Remembers where a run ended."""
        # A name that is not a text is not worth remembering.
        plain = {group: name for group, name in ends.items() if name.isprintable()}
        self._parts["ends"][folder] = plain

    def is_stuck(self, name: str, stamp: str) -> bool:
        """Whether it was reported before that a thing cannot be moved."""
        return bool(stamp) and self._parts["stuck"].get(name) == stamp

    def note_stuck(self, name: str, stamp: str) -> None:
        """Remembers that it was told."""
        if len(self._parts["stuck"]) < _MOST_STUCK:
            self._parts["stuck"][name] = stamp

    # Of other nodes: whom this one asked (see `recovery`), and whose log forked.

    def about(self, part: str, name: str) -> Mapping[str, Any]:
        """What is noted of a node under `asked` or `alarms`; empty for nothing."""
        found = self._parts[part].get(name)
        return found if isinstance(found, dict) else {}

    def note(self, part: str, name: str, says: Mapping[str, Any]) -> None:
        """Notes something of a node."""
        self._parts[part][name] = dict(says)

    def alarms(self) -> list[tuple[str, str]]:
        """The nodes whose log forked, and how it was seen."""
        names = self._parts["alarms"]
        return [(name, str(self.about("alarms", name).get("says"))) for name in names]

    def forget(self, part: str) -> None:
        """Forgets what is noted of all nodes."""
        self._parts[part] = {}
