"""What lies in the folders: letters with a message, and receipts for them; signed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Literal, TypeAlias

from attrs import evolve, field, frozen

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain, signing, untrusted
from tongban.plugins.exchange.addresses import NodeError
from tongban.plugins.exchange.heads import SignedHead, read_head
from tongban.plugins.exchange.spool import LARGEST

_LETTER, _RECEIPT = "tongban.envelope/1", "tongban.receipt/1"
_NAME, _ID, _REASON = 60, 200, 2_000
"""The longest name of a node, id of a message, and reason."""

Outcome: TypeAlias = Literal["taken", "refused", "rejected"]
"""`taken`: kept, with its effect; `refused`: kept, and the protocol refused the command;
`rejected`: not kept."""


@frozen
class Letter:
    """A message on its way from one node to another.

    Attributes:
        node: who sends it; `to` who receives it.
        message: with the sender's signature.
        sealed: personal data that goes with it, readable for `to` alone; "" for none.
        head: how far the sender's log goes, in its own signed words.
        seal: SHA-256 of the sealed part: the letter's signature covers no more of it, so that
            a letter can be proved where that part was not kept.
    """

    node: str
    to: str
    message: protocol.Message
    sealed: str = field(default="", repr=False)
    head: SignedHead | None = None
    seal: str = field()

    @seal.default
    def _seal(self) -> str:
        return sha256(self.sealed.encode()).hexdigest()

    def _statement(self) -> str:
        bare = hash_chain.canonical(evolve(self.message, signature="").to_dict())
        hashed = sha256(bare.encode()).hexdigest()
        return "\n".join((_LETTER, self.node, self.to, hashed, self.seal))

    def signed(self, key: signing.SigningKey) -> Letter:
        """The same with a signature over all of it, which the message carries."""
        return evolve(self, message=evolve(self.message, signature=key.sign(self._statement())))

    def verifies(self, keys: Iterable[signing.PublicKey]) -> bool:
        """Whether the holder of one of the keys signed it."""
        statement = self._statement()
        return any(key.verifies(statement, self.message.signature) for key in keys)

    def to_bytes(self) -> bytes:
        """The file."""
        return _file(
            {
                "format": _LETTER,
                "node": self.node,
                "to": self.to,
                "message": self.message.to_dict(),
                "personal": self.sealed,
                **_told(head=self.head),
            }
        )


def letter(content: bytes) -> Letter:
    """The letter that `to_bytes` wrote; its signature is not looked at yet.

    Raises:
        NodeError: where it is anything else.
    """
    raw = _read(content, _LETTER, {"node": _NAME, "to": _NAME, "personal": len(content)})
    try:
        message = protocol.Message.from_dict(raw.get("message", {}))
    except protocol.FormatError as error:
        raise NodeError(f"消息格式有误 ({error})") from None
    _bounded("id", message.id, _ID)
    return Letter(raw["node"], raw["to"], message, raw["personal"], _head(raw, "head"))


@frozen
class Receipt:
    """The result of a letter where it came to.

    Attributes:
        node: who writes it; `to` who had sent the letter.
        message: id.
        reason: why, where it was refused or rejected.
        head: how far the log of `node` goes, in its own signed words.
        yours: the last head that `to` told, in its own signed words.
    """

    node: str
    to: str
    message: str
    outcome: Outcome
    reason: str = ""
    signature: str = ""
    head: SignedHead | None = None
    yours: SignedHead | None = None

    def _statement(self) -> str:
        return "\n".join((_RECEIPT, self.node, self.to, self.message, self.outcome, self.reason))

    def signed(self, key: signing.SigningKey) -> Receipt:
        """The same with a signature."""
        return evolve(self, signature=key.sign(self._statement()))

    def verifies(self, keys: Iterable[signing.PublicKey]) -> bool:
        """Whether the holder of one of the keys signed it."""
        statement = self._statement()
        return any(key.verifies(statement, self.signature) for key in keys)

    def to_bytes(self) -> bytes:
        """The file."""
        texts = {name: getattr(self, name) for name in _RECEIPT_TEXTS}
        return _file({"format": _RECEIPT, **texts, **_told(head=self.head, yours=self.yours)})


_RECEIPT_TEXTS: Mapping[str, int] = {
    "node": _NAME,
    "to": _NAME,
    "message": _ID,
    "outcome": _NAME,
    "reason": _REASON,
    "signature": _ID,
}


def receipt(content: bytes) -> Receipt:
    """The receipt that `to_bytes` wrote; its signature is not looked at yet.

    Raises:
        NodeError: where it is anything else.
    """
    raw = _read(content, _RECEIPT, _RECEIPT_TEXTS)
    if raw["outcome"] not in ("taken", "refused", "rejected"):
        raise NodeError("回执格式有误 (an unknown outcome)")
    texts = {name: raw[name] for name in _RECEIPT_TEXTS}
    return Receipt(**texts, head=_head(raw, "head"), yours=_head(raw, "yours"))


def _told(**heads: SignedHead | None) -> dict[str, Any]:
    """Heads beside a letter or receipt; a reader of the first version passes over them."""
    return {name: one.to_dict() for name, one in heads.items() if one is not None}


def _head(raw: Mapping[str, Any], name: str) -> SignedHead | None:
    return read_head(raw[name]) if raw.get(name) is not None else None


def _file(raw: Mapping[str, Any]) -> bytes:
    return hash_chain.canonical(raw).encode() + b"\n"


def _read(content: bytes, form: str, texts: Mapping[str, int]) -> dict[str, Any]:
    """A file's object whose fields are texts of at most this many characters."""
    try:
        raw = untrusted.read_json(content, LARGEST)
    except untrusted.UnreadableError as error:
        raise NodeError(f"文件格式有误 (not a file of the form {form}): {error}") from None
    if not isinstance(raw, dict) or raw.get("format") != form:
        raise NodeError(f"文件格式有误 (not a file of the form {form})")
    for name, longest in texts.items():
        if not isinstance(raw.get(name), str):
            raise NodeError(f"文件格式有误 (the field {name!r} is missing or no text)")
        if name not in ("personal", "reason"):
            _bounded(name, raw[name], longest)
        elif len(raw[name]) > longest:
            raise NodeError(f"文件格式有误 (the field {name!r} is too long)")
    return raw


def _bounded(name: str, text: str, longest: int) -> None:
    if len(text) > longest or not text.isprintable():
        raise NodeError(f"文件格式有误 (the field {name!r} is too long, or cannot be printed)")


def file_name(message: str) -> str:
    """The name of the file for a message: its id, where that can be a name."""
    plain = message.isascii() and message.isalnum() and len(message) <= 64
    return f"{message if plain else protocol.derived_id('file', message)}.json"


def from_node(node: str, message: str) -> str:
    """The name of a file that a node leaves with another: it says whose it is."""
    return f"{node}.{file_name(message)}"
