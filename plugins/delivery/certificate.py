"""A document with its verification code and a signature, as JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from attrs import field, frozen

from tongban.kernel.audit import hash_chain, signing, untrusted
from tongban.kernel.model import printing
from tongban.plugins.delivery.documents import Document, DocumentError

FORMAT = "tongban.document/1"
"""What a signed document says it is."""

_FIELDS = ("format", "document", "code", "key", "signature")
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing in it is mistaken for another when it is read aloud."""

_CODE_LENGTH = 16
_LARGEST = 2_000_000


@frozen
class Signed:
    """A signed document.

    Attributes:
        document: in the form of `Document.to_dict`; holds personal data.
        code: what is compared on paper (验证码).
        key: id of the key that signed it.
        signature: in base64.
    """

    document: Mapping[str, Any] = field(repr=False)
    code: str
    key: str
    signature: str

    def verifies(self, key: signing.PublicKey) -> bool:
        """Whether nothing was changed since the holder of `key` signed it."""
        return (
            key.named(self.key)
            and self.code == code_of(self.document)
            and key.verifies(_statement(self.document, self.code), self.signature)
        )

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "format": FORMAT,
            "document": dict(self.document),
            "code": self.code,
            "key": self.key,
            "signature": self.signature,
        }


def code_of(document: Document | Mapping[str, Any]) -> str:
    """The verification code of a document: 80 bits of its hash, `A1B2-C3D4-E5F6-G7H8`.

    It follows from the content alone, so that anybody who has the document can compute it anew
    and compare it with the one on paper.
    """
    raw = document.to_dict() if isinstance(document, Document) else document
    number = int.from_bytes(sha256(hash_chain.canonical(raw).encode()).digest()[:10], "big")
    chars = [_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_CODE_LENGTH))]
    return "-".join("".join(chars[n : n + 4]) for n in range(0, _CODE_LENGTH, 4))


def _statement(document: Mapping[str, Any], code: str) -> str:
    return f"{FORMAT}\n{code}\n{hash_chain.canonical(document)}"


def sign(document: Document, key: signing.SigningKey) -> Signed:
    """Signs a document.

    Args:
        document: as it is issued.
        key: of the authority, or of the store's keeper.
    """
    raw = document.to_dict()
    code = code_of(raw)
    return Signed(raw, code, key.public.id, key.sign(_statement(raw, code)))


def as_json(signed: Signed) -> str:
    """The file that the applicant gets: readable, and stable."""
    return printing.escaped(json.dumps(signed.to_dict(), ensure_ascii=False, indent=2)) + "\n"


def read(text: str | bytes) -> Signed:
    """The signed document that `as_json` wrote; its signature is not looked at yet.

    Raises:
        DocumentError: where it is anything else.
    """
    wrong = DocumentError("不是签名文书 (this is not a signed document)")
    try:
        raw = untrusted.read_json(text, _LARGEST)
    except untrusted.UnreadableError:
        raise wrong from None
    if not isinstance(raw, dict) or set(raw) != set(_FIELDS) or raw["format"] != FORMAT:
        raise wrong
    texts = [raw[name] for name in ("code", "key", "signature")]
    if not isinstance(raw["document"], dict) or not all(isinstance(one, str) for one in texts):
        raise wrong
    return Signed(raw["document"], *texts)
