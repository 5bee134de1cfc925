"""Who is believed to have signed: asked of the exchange that is installed, over real folders.

The answers hang on little: which card of the sender the receiver read before, which one lies
in the folder now, and which key signed. Each such letter is carried once, and no law is copied.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import frozen

from tongban.kernel import Carrier, Kernel, service
from tongban.kernel import protocol as p
from tongban.kernel.audit import signing
from tongban.plugins.simulation.explorer.scenario import ScenarioError
from tongban.plugins.simulation.store.memory import MemoryStore

KEYS = FIRST, SECOND, STRANGER = ("first", "second", "stranger")
"""A node's key, the one that follows, and one that the node never had."""

CARDS = (0, 1, 2, 3)
"""A card of the first key; of the second, with the first one's letters still taken; of the
second alone; and one that a stranger made for the node."""

TAKEN, WAITS, ASIDE = "taken", "waiting", "aside"

_SECRETS = {FIRST: 1, SECOND: 2, STRANGER: 3, "receiver": 4}
_SENDER, _RECEIVER = "sender", "receiver"
_PLACES = {_SENDER: "510000", _RECEIVER: "630000"}
_LATER, _BEFORE = "2099-12-31", "2001-01-01"
_NOW = datetime(2026, 3, 2, 9, tzinfo=p.CHINA)


@frozen
class Signers:
    """What comes of a letter, by the card read before, the card in the folder, and the key.

    Attributes:
        verdicts: `TAKEN`, `WAITS` or `ASIDE`; two equal cards: the folder was not read again.
    """

    verdicts: dict[tuple[int, int, str], str]

    @classmethod
    def ask(cls, kernel: Kernel) -> Signers:
        """Has the exchange carry a letter of each kind.

        Args:
            kernel: which finds the exchange.

        Raises:
            ScenarioError: where no exchange is installed.
        """
        with TemporaryDirectory(prefix="tongban-signers-") as folder:
            return cls(_Folders(kernel, Path(folder)).verdicts())

    def reads(self, before: int, card: int) -> int:
        """The card that goes for a node after it has read the folder again.

        Args:
            before: the card that it has read so far.
            card: the one in the folder.
        """
        refused = any(self.verdicts[before, card, key] == WAITS for key in KEYS)
        return before if refused else card


class _Folders:
    """Two nodes in a folder: one that signs, and one that has pinned the first key of it."""

    def __init__(self, kernel: Kernel, root: Path) -> None:
        self._kernel, self._root = kernel, root
        for name, number in _SECRETS.items():
            key = signing.SigningKey(bytes([number]) * 32)
            (root / f"{name}.key").write_text(key.to_pem())
        pin = signing.SigningKey(bytes([_SECRETS[FIRST]]) * 32).public.id
        self._trusted = {_SENDER: {"key": pin, "serves": [_PLACES[_SENDER]]}}
        self._card = root / "exchange" / _SENDER / "node.json"

    def verdicts(self) -> dict[tuple[int, int, str], str]:
        """Of every letter there can be."""
        until = {1: _LATER, 2: _BEFORE}
        cards = []
        for number in CARDS:
            former = [{"key": "first.key", "until": until[number]}] if number in until else []
            key = STRANGER if number == CARDS[-1] else SECOND if former else FIRST
            self._node(_SENDER, key, former)
            cards.append(self._card.read_bytes())
        self._node(_RECEIVER, "receiver", [], self._trusted)
        letters = {key: self._letter(key) for key in KEYS}
        return {
            (before, card, key): self._verdict(cards[before], cards[card], letters[key])
            for before in CARDS[:-1]
            for card in CARDS
            for key in KEYS
        }

    def _node(self, name: str, key: str, former: list[Any], trusted: Any = None) -> Carrier:
        """What carries for a node; it publishes its card."""
        says = {
            "name": name,
            "serves": [_PLACES[name]],
            "exchange": "exchange",
            "key": f"{key}.key",
            "former": former,
            **({} if trusted is None else {"trusted": trusted}),
        }
        file = self._root / f"{name}.node.json"
        file.write_text(json.dumps(says))
        found = self._kernel.ports.carrier(str(file))
        if found is None:
            raise ScenarioError("rotations: no exchange is installed that judges who signed")
        return found

    def _letter(self, key: str) -> tuple[Path, bytes]:
        """A letter to the receiver, signed by a key, and where it has to lie."""
        sender, receiver = (f"{place}/public_security" for place in _PLACES.values())
        message = p.Message("m1", "", "CASE-1", sender, receiver, "warning", _NOW, "-", {})
        carrier = self._node(_SENDER, key, [])
        _run(carrier, [message])
        path = next((self._root / "exchange" / _RECEIVER / "in").glob("*.json"))
        content = path.read_bytes()
        path.unlink()
        return path, content

    def _verdict(self, before: bytes, card: bytes, letter: tuple[Path, bytes]) -> str:
        (self._root / f"{_RECEIVER}.seen.json").unlink(missing_ok=True)
        self._card.write_bytes(before)
        carrier = self._node(_RECEIVER, "receiver", [], self._trusted)
        if card != before:
            self._card.write_bytes(card)
            carrier = self._node(_RECEIVER, "receiver", [], self._trusted)
        path, content = letter
        path.write_bytes(content)
        report, senders = _run(carrier, [])
        path.unlink(missing_ok=True)
        if senders:
            return TAKEN
        return ASIDE if report[ASIDE] else WAITS


def _run(carrier: Carrier, sent: list[p.Message]) -> tuple[Any, list[str]]:
    """What a run says, and the names of those whose letters were handed to the store."""
    senders: list[str] = []

    def take(message: p.Message, brings: Any, sender: service.Sender | None) -> None:
        senders.append(sender.node if sender else "")

    store = MemoryStore("memory", lambda: _NOW, lambda division: p.Calendar())
    with store.transaction() as writes:
        writes.send(sent)
    return carrier.run(store, take, _NOW), senders
