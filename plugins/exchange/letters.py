"""What lies in the folders: letters with a message, and receipts for them; signed. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Literal, TypeAlias

from attrs import evolve, field, frozen

from tongban.kernel import chain, protocol, signing
from tongban.plugins.exchange.addresses import NodeError

__all__ = ["Letter", "Outcome", "Receipt", "file_name", "letter", "receipt", "vouches"]

_LETTER, _RECEIPT = "tongban.envelope/1", "tongban.receipt/1"
_LARGEST = 20_000_000

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
    """

    node: str
    to: str
    message: protocol.Message
    sealed: str = field(default="", repr=False)

    def _statement(self) -> str:
        bare = chain.canonical(evolve(self.message, signature="").to_dict())
        parts = (sha256(text.encode()).hexdigest() for text in (bare, self.sealed))
        return "\n".join((_LETTER, self.node, self.to, *parts))

    def signed(self, key: signing.SigningKey) -> Letter:
        """The same with a signature over all of it, which the message carries."""
        return evolve(self, message=evolve(self.message, signature=key.sign(self._statement())))

    def verifies(self, key: signing.PublicKey) -> bool:
        """Whether the holder of `key` signed it."""
        return key.verifies(self._statement(), self.message.signature)

    def to_bytes(self) -> bytes:
        """The file."""
        return _file(
            {
                "format": _LETTER,
                "node": self.node,
                "to": self.to,
                "message": self.message.to_dict(),
                "personal": self.sealed,
            }
        )


def letter(content: bytes) -> Letter:
    """The letter that `to_bytes` wrote; its signature is not looked at yet.

    Raises:
        NodeError: where it is anything else.
    """
    raw = _read(content, _LETTER, ("node", "to", "personal"))
    try:
        message = protocol.Message.from_dict(raw.get("message", {}))
    except protocol.FormatError as error:
        raise NodeError(f"消息格式有误 ({error})") from None
    return Letter(raw["node"], raw["to"], message, raw["personal"])


@frozen
class Receipt:
    """What became of a letter where it came to.

    Attributes:
        node: who writes it; `to` who had sent the letter.
        message: id.
        reason: why, where it was refused or rejected.
    """

    node: str
    to: str
    message: str
    outcome: Outcome
    reason: str = ""
    signature: str = ""

    def _statement(self) -> str:
        return "\n".join((_RECEIPT, self.node, self.to, self.message, self.outcome, self.reason))

    def signed(self, key: signing.SigningKey) -> Receipt:
        """The same with a signature."""
        return evolve(self, signature=key.sign(self._statement()))

    def verifies(self, key: signing.PublicKey) -> bool:
        """Whether the holder of `key` signed it."""
        return key.verifies(self._statement(), self.signature)

    def to_bytes(self) -> bytes:
        """The file."""
        names = ("node", "to", "message", "outcome", "reason", "signature")
        return _file({"format": _RECEIPT, **{name: getattr(self, name) for name in names}})


def receipt(content: bytes) -> Receipt:
    """The receipt that `to_bytes` wrote; its signature is not looked at yet.

    Raises:
        NodeError: where it is anything else.
    """
    names = ("node", "to", "message", "outcome", "reason", "signature")
    raw = _read(content, _RECEIPT, names)
    if raw["outcome"] not in ("taken", "refused", "rejected"):
        raise NodeError("回执格式有误 (an unknown outcome)")
    return Receipt(*(raw[name] for name in names))


def _file(raw: Mapping[str, Any]) -> bytes:
    return chain.canonical(raw).encode() + b"\n"


def _read(content: bytes, form: str, texts: tuple[str, ...]) -> dict[str, Any]:
    raw: Any = None
    if len(content) <= _LARGEST:
        try:
            raw = json.loads(content)
        except (ValueError, RecursionError):
            raw = None
    if not isinstance(raw, dict) or raw.get("format") != form:
        raise NodeError(f"文件格式有误 (not a file of the form {form})")
    if not all(isinstance(raw.get(name), str) for name in texts):
        raise NodeError("文件格式有误 (a field is missing or no text)")
    return raw


def file_name(message: str) -> str:
    """The name of the file for a message: its id, where that can be a name."""
    plain = message.isascii() and message.isalnum() and len(message) <= 64
    return f"{message if plain else protocol.derived_id('file', message)}.json"


def vouches(message: protocol.Message) -> tuple[str, ...]:
    """The addresses for which the sending node must stand.

    A command is relayed with the actor who gave it; a node may speak for the officers of
    the places that it serves, and for no others.

    Raises:
        NodeError: where it relays what only the machine that has the case may do.
        FormatError: where the command is none.
    """
    if message.kind != "command":
        return (message.sender,)
    actor = protocol.Command.from_dict(message.body).actor
    place = actor.division or "-"
    if actor.kind == "system":
        raise NodeError("系统指令不得转交 (a command of the system is never relayed)")
    own = {
        "officer": (f"{place}/{actor.department}",),
        "window": (f"{place}/window",),
        "supervisor": (f"{place}/supervisor",),
    }
    return (message.sender, *own.get(actor.kind, ()))
