"""The files by which a node that was restored asks, and by which it is answered; signed. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import evolve, field, frozen

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain, signing, untrusted
from tongban.plugins.exchange.addresses import NodeError
from tongban.plugins.exchange.envelope import Letter
from tongban.plugins.exchange.heads import SignedHead, read_head
from tongban.plugins.exchange.spool import LARGEST

_FORMAT = "tongban.recovery/1"
_ID = re.compile("[0-9a-f]{32}")
_NAME = re.compile("[a-z][a-z0-9_-]{0,40}")
_SEAL = re.compile("[0-9a-f]{64}")
_MOST_PARTS = 100_000


@frozen
class Ask:
    """A node asks another which letters of its own the other has.

    Attributes:
        node: who asks; `to` who is asked.
        id: of the question, 32 hexadecimal digits.
        since: of letters that came since then.
    """

    node: str
    to: str
    id: str
    since: datetime
    signature: str = field(default="", repr=False)

    @property
    def file(self) -> str:
        """Its name in the other's folder."""
        return f"{self.node}.ask-{self.id}.json"

    def _bare(self) -> dict[str, Any]:
        return {
            "format": _FORMAT,
            "kind": "ask",
            "node": self.node,
            "to": self.to,
            "id": self.id,
            "since": self.since.isoformat(),
        }

    def signed(self, key: signing.SigningKey) -> Ask:
        """The same with a signature."""
        return evolve(self, signature=key.sign(_statement(self._bare())))

    def verifies(self, keys: Iterable[signing.PublicKey]) -> bool:
        """Whether the holder of one of the keys signed it."""
        return _verifies(self._bare(), self.signature, keys)

    def to_bytes(self) -> bytes:
        """The file."""
        return hash_chain.canonical(self._bare() | {"signature": self.signature}).encode() + b"\n"


@frozen
class Answer:
    """Letters of a node that another hands back, as the node itself signed them.

    Attributes:
        node: who answers; `to` whose letters they are.
        ask: id of the question.
        part, parts: which file of how many.
        letters: each with the seal of the part that was sealed for the other node, and with
            personal data sealed anew for this one, where it goes with a case.
        yours: the last head that `to` told, in its own signed words.
        sent: ids of the letters to `to` that lie there once more; in the first part.
    """

    node: str
    to: str
    ask: str
    part: int
    parts: int
    letters: tuple[Letter, ...] = ()
    yours: SignedHead | None = None
    sent: tuple[str, ...] = ()
    signature: str = field(default="", repr=False)

    @property
    def file(self) -> str:
        """Its name in the other's folder."""
        return f"{self.node}.answer-{self.ask}-{self.part:06}.json"

    def _bare(self) -> dict[str, Any]:
        return {
            "format": _FORMAT,
            "kind": "answer",
            "node": self.node,
            "to": self.to,
            "ask": self.ask,
            "part": self.part,
            "parts": self.parts,
            "letters": [
                {"message": one.message.to_dict(), "seal": one.seal, "personal": one.sealed}
                for one in self.letters
            ],
            "yours": self.yours.to_dict() if self.yours else None,
            **({"sent": list(self.sent)} if self.sent else {}),
        }

    def signed(self, key: signing.SigningKey) -> Answer:
        """The same with a signature."""
        return evolve(self, signature=key.sign(_statement(self._bare())))

    def verifies(self, keys: Iterable[signing.PublicKey]) -> bool:
        """Whether the holder of one of the keys signed it."""
        return _verifies(self._bare(), self.signature, keys)

    def to_bytes(self) -> bytes:
        """The file."""
        return hash_chain.canonical(self._bare() | {"signature": self.signature}).encode() + b"\n"


def _statement(bare: Mapping[str, Any]) -> str:
    return f"{_FORMAT}\n{hash_chain.canonical(bare)}"


def _verifies(bare: Mapping[str, Any], signature: str, keys: Iterable[signing.PublicKey]) -> bool:
    statement = _statement(bare)
    return any(key.verifies(statement, signature) for key in keys)


def read_handed_back(content: bytes) -> Ask | Answer:
    """The question or answer that `to_bytes` wrote; its signature is not looked at yet.

    Raises:
        NodeError: where it is anything else.
    """
    wrong = NodeError("不是恢复核对文件 (no question or answer about lost letters)")
    try:
        raw = untrusted.read_json(content, LARGEST)
    except untrusted.UnreadableError as error:
        raise NodeError(f"{wrong}: {error}") from None
    if not isinstance(raw, dict) or raw.get("format") != _FORMAT:
        raise wrong
    names = [raw.get(name) for name in ("node", "to")]
    id = raw.get("id" if raw.get("kind") == "ask" else "ask")
    texts = all(isinstance(one, str) and _NAME.fullmatch(one) for one in names)
    if not texts or not isinstance(id, str) or not _ID.fullmatch(id):
        raise wrong
    if not isinstance(raw.get("signature"), str):
        raise wrong
    try:
        return _ask(raw, id) if raw["kind"] == "ask" else _answer(raw, id)
    except (KeyError, TypeError, ValueError, protocol.FormatError):
        raise wrong from None


def _ask(raw: Mapping[str, Any], id: str) -> Ask:
    since = datetime.fromisoformat(raw["since"])
    if since.tzinfo is None or since.isoformat() != raw["since"]:
        raise ValueError("since")
    return Ask(raw["node"], raw["to"], id, since, raw["signature"])


def _answer(raw: Mapping[str, Any], id: str) -> Answer:
    part, parts, listed = raw["part"], raw["parts"], raw["letters"]
    if raw["kind"] != "answer" or not isinstance(listed, list):
        raise ValueError("kind")
    if type(part) is not int or type(parts) is not int or not 1 <= part <= parts <= _MOST_PARTS:
        raise ValueError("part")
    letters = []
    for one in listed:
        message, seal = protocol.Message.from_dict(one["message"]), one["seal"]
        wrong = set(one) != {"message", "seal", "personal"} or not _SEAL.fullmatch(seal)
        if wrong or not isinstance(one["personal"], str):
            raise ValueError("letter")
        letters.append(Letter(raw["to"], raw["node"], message, one["personal"], seal=seal))
    yours = read_head(raw["yours"]) if raw["yours"] is not None else None
    sent = raw.get("sent", [])
    if not isinstance(sent, list) or not all(isinstance(one, str) for one in sent):
        raise ValueError("sent")
    made = Answer(raw["node"], raw["to"], id, part, parts, tuple(letters), yours, tuple(sent))
    return evolve(made, signature=raw["signature"])
