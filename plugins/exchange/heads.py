"""How far a node's log goes, in its own signed words; every neighbour is a witness. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import evolve, field, frozen

from tongban.kernel.audit import hash_chain, signing
from tongban.kernel.ports import store as contract
from tongban.plugins.exchange.addresses import NodeError

HEAD = "head.json"
"""The name of the file in a node's folder."""

_FORMAT = "tongban.head/1"
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_TEXTS = ("node", "store", "history", "hash", "at", "signature")
_SHORT = re.compile(r"[ -~]{1,120}")


@frozen
class SignedHead:
    """The head of a node's log.

    Attributes:
        node: whose log it is.
        store, history: id of the store, and of the line of its log.
        head: the last event.
        at: the moment, as text.
    """

    node: str
    store: str
    history: str
    head: hash_chain.Head
    at: str
    signature: str = field(default="", repr=False)

    def _statement(self) -> str:
        head = f"{self.head.position} {self.head.hash}"
        return "\n".join((_FORMAT, self.node, self.store, self.history, head, self.at))

    def signed(self, key: signing.SigningKey) -> SignedHead:
        """The same with a signature."""
        return evolve(self, signature=key.sign(self._statement()))

    def verifies(self, keys: Iterable[signing.PublicKey]) -> bool:
        """Whether the holder of one of the keys signed it."""
        return any(key.verifies(self._statement(), self.signature) for key in keys)

    def is_later_than(self, other: SignedHead) -> bool:
        """Whether it goes further on the same line, or was told after one of another line."""
        if self.history == other.history:
            return self.head.position > other.head.position
        return _moment(self.at) > _moment(other.at)

    def ahead_of(self, store: contract.Store) -> bool:
        """Whether it tells of events that a store, which is said to be the same, does not have.

        A line that the store never was on is one that it was on before it was put back.
        """
        if self.store != store.id:
            return False
        here = store.head()
        if self.history != store.history:
            return store.restored is None
        if self.head.position == here.position:
            return self.head.hash != here.hash
        return self.head.position > here.position

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        texts = {name: getattr(self, name) for name in _TEXTS if name != "hash"}
        head = {"position": self.head.position, "hash": self.head.hash}
        return {"format": _FORMAT, **texts, **head}

    def to_bytes(self) -> bytes:
        """The file."""
        return hash_chain.canonical(self.to_dict()).encode() + b"\n"


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return _EARLIEST
    return found if found.tzinfo else _EARLIEST


def head_of(node: str, store: contract.Store, key: signing.SigningKey, now: datetime) -> SignedHead:
    """The head of a store's log, as its node signs it now."""
    made = SignedHead(node, store.id, store.history, store.head(), now.isoformat())
    return made.signed(key)


def read_head(raw: object) -> SignedHead:
    """The head that `to_dict` wrote; its signature is not looked at yet.

    Raises:
        NodeError: where it is anything else.
    """
    wrong = NodeError("日志末位格式有误 (this is not the head of a log)")
    if not isinstance(raw, Mapping) or raw.get("format") != _FORMAT:
        raise wrong
    texts = [raw.get(name) for name in _TEXTS]
    if not all(isinstance(one, str) and _SHORT.fullmatch(one) for one in texts):
        raise wrong
    position = raw.get("position")
    if type(position) is not int or not 0 <= position < 2**63:
        raise wrong
    head = hash_chain.Head(position, raw["hash"])
    return SignedHead(raw["node"], raw["store"], raw["history"], head, raw["at"], raw["signature"])
